// SPDX-License-Identifier: GPL-2.0-only
/* The first sector of a disk and, behind it, the volume descriptor of iso9660. */
#include "keeper/fsid.h"

#include <errno.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	uint8_t disk[FSID_BOOT_BYTES + FSID_VOLUME_BYTES] = { 0 };
	char text[FSID_TEXT_BYTES];

	memcpy(disk, bytes, length < sizeof disk ? length : sizeof disk);
	for (unsigned with_volume = 0; with_volume < 2; with_volume++) {
		int r;

		memset(text, 0x5a, sizeof text);
		r = fsid_parse(disk, with_volume ? disk + FSID_BOOT_BYTES : NULL, text);
		PROMISE(r == 0 || r == -EINVAL);
		/* It is shown to a person as it is. */
		PROMISE(r < 0 || (strnlen(text, sizeof text) < sizeof text && strspn(text, "0123456789ABCDEFvfatexiso- ") == strlen(text)));
		PROMISE(r == 0 || text[0] == 0x5a);
	}
	return 0;
}
