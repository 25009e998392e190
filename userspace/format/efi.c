// SPDX-License-Identifier: GPL-2.0-only
#include "format/efi.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/text.h"

#define LOAD_OPTION_HEAD_BYTES 6u	/* attributes, length of the path list */
#define NODE_HEAD_BYTES 4u
#define NODE_TYPE_MEDIA 4
#define NODE_SUBTYPE_HARD_DRIVE 1
#define NODE_SUBTYPE_FILE_PATH 4
#define NODE_TYPE_END 0x7f
#define HARD_DRIVE_BYTES 42u
#define HARD_DRIVE_NUMBER 4
#define HARD_DRIVE_SIGNATURE 24
#define HARD_DRIVE_SIGNATURE_TYPE 41
#define SIGNATURE_MBR 1
#define SIGNATURE_GUID 2

bool efi_decode_string(const uint8_t *value, size_t length, char *ret_text, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i + 1 < length; i += 2) {
		uint16_t unit = get_le16(value + i);

		if (unit == 0) {
			ret_text[used] = '\0';
			return true;
		}
		if (used + 1 >= size)
			return false;
		ret_text[used++] = unit >= ' ' && unit < 0x7f ? (char)unit : '?';
	}
	return false;
}

bool efi_decode_partuuid(const uint8_t *value, size_t length, char ret_partuuid[static EFI_PARTUUID_BYTES])
{
	char text[EFI_PARTUUID_BYTES];
	uint8_t uuid[16];

	if (!efi_decode_string(value, length, text, sizeof text) || !text_parse_uuid(text, uuid))
		return false;
	text_format_uuid(uuid, ret_partuuid);
	return true;
}

static void to_slashes(char *path)
{
	for (; *path; path++)
		if (*path == '\\')
			*path = '/';
}

bool efi_decode_path(const uint8_t *value, size_t length, char ret_path[static EFI_PATH_BYTES])
{
	if (!efi_decode_string(value, length, ret_path, EFI_PATH_BYTES))
		return false;
	to_slashes(ret_path);
	return ret_path[0] == '/';
}

/* A GUID is stored with its first three fields little-endian (UEFI, appendix A). */
static void format_guid(const uint8_t *guid, char ret_partuuid[static EFI_PARTUUID_BYTES])
{
	const uint8_t uuid[16] = { guid[3], guid[2], guid[1], guid[0], guid[5], guid[4], guid[7], guid[6],
				   guid[8], guid[9], guid[10], guid[11], guid[12], guid[13], guid[14], guid[15] };

	text_format_uuid(uuid, ret_partuuid);
}

static bool decode_hard_drive(const uint8_t *node, size_t length, struct efi_location *location)
{
	if (length != HARD_DRIVE_BYTES)
		return false;
	switch (node[HARD_DRIVE_SIGNATURE_TYPE]) {
	case SIGNATURE_GUID:
		format_guid(node + HARD_DRIVE_SIGNATURE, location->partuuid);
		return true;
	case SIGNATURE_MBR:
		snprintf(location->partuuid, sizeof location->partuuid, "%08x-%02x",
			 get_le32(node + HARD_DRIVE_SIGNATURE), get_le32(node + HARD_DRIVE_NUMBER));
		return true;
	default:
		return false;
	}
}

/* Bytes of the description, its NUL included; 0 when the NUL is missing. */
static size_t description_bytes(const uint8_t *value, size_t length)
{
	for (size_t i = 0; i + 1 < length; i += 2)
		if (get_le16(value + i) == 0)
			return i + 2;
	return 0;
}

bool efi_decode_load_option(const uint8_t *value, size_t length, struct efi_location *ret)
{
	struct efi_location location = { 0 };
	size_t list_bytes, skip;

	if (length < LOAD_OPTION_HEAD_BYTES)
		return false;
	list_bytes = get_le16(value + 4);
	value += LOAD_OPTION_HEAD_BYTES;
	length -= LOAD_OPTION_HEAD_BYTES;
	skip = description_bytes(value, length);
	if (skip == 0 || list_bytes > length - skip)
		return false;
	value += skip;
	while (list_bytes >= NODE_HEAD_BYTES && value[0] != NODE_TYPE_END) {
		size_t node_bytes = get_le16(value + 2);

		if (node_bytes < NODE_HEAD_BYTES || node_bytes > list_bytes)
			return false;
		if (value[0] == NODE_TYPE_MEDIA && value[1] == NODE_SUBTYPE_HARD_DRIVE &&
		    !decode_hard_drive(value, node_bytes, &location))
			return false;
		if (value[0] == NODE_TYPE_MEDIA && value[1] == NODE_SUBTYPE_FILE_PATH &&
		    !efi_decode_path(value + NODE_HEAD_BYTES, node_bytes - NODE_HEAD_BYTES, location.path))
			location.path[0] = '\0';
		value += node_bytes;
		list_bytes -= node_bytes;
	}
	if (location.partuuid[0] == '\0')
		return false;
	*ret = location;
	return true;
}
