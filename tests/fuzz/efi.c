// SPDX-License-Identifier: GPL-2.0-only
/* Every kind of variable is read from the same bytes: a lying firmware gives any for any. */
#include "format/efi.h"

#include <ctype.h>

#include "fuzz.h"

static void promise_text(const char *text, size_t size)
{
	size_t length = strnlen(text, size);

	PROMISE(length < size);
	for (size_t i = 0; i < length; i++)
		PROMISE(text[i] >= ' ' && text[i] < 0x7f);
}

/* "signature-number" of 8 and 2 or more digits, or a GUID; lower case. */
static void promise_partuuid(const char *partuuid)
{
	size_t length = strlen(partuuid);

	promise_text(partuuid, EFI_PARTUUID_BYTES);
	PROMISE(strspn(partuuid, "0123456789abcdef-") == length);
	PROMISE(partuuid[8] == '-' && (length == 36 || (length >= 11 && length <= 17)));
}

static void promise_path(const char *path)
{
	promise_text(path, EFI_PATH_BYTES);
	PROMISE(path[0] == '/' && !strchr(path, '\\'));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	char text[EFI_PATH_BYTES], tiny[4], partuuid[EFI_PARTUUID_BYTES];
	struct efi_location location;

	if (efi_decode_string(bytes, length, text, sizeof text))
		promise_text(text, sizeof text);
	if (efi_decode_string(bytes, length, tiny, sizeof tiny))
		promise_text(tiny, sizeof tiny);
	if (efi_decode_partuuid(bytes, length, partuuid)) {
		promise_partuuid(partuuid);
		PROMISE(strlen(partuuid) == 36);
	}
	if (efi_decode_path(bytes, length, text))
		promise_path(text);
	if (efi_decode_load_option(bytes, length, &location)) {
		promise_partuuid(location.partuuid);
		if (*location.path)
			promise_path(location.path);
	}
	return 0;
}
