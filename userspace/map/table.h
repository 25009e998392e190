/* SPDX-License-Identifier: GPL-2.0-only */
/* The text of a device-mapper table line for the target "ukiblk" (kmod/README.md). Pure. */
#pragma once

#include <stdbool.h>

#include "locate/archive.h"

#define MAP_TARGET "ukiblk"

/* Sectors (512 bytes) of the mapped device. */
uint64_t map_table_sectors(const struct found_archive *archive);
/* The target's parameters, without start, length and type. Caller frees; NULL: out of memory, or a path longer than any. */
char *map_table_params(const struct found_archive *archive);

/*
 * Where byte @offset of the mapped device lies, by the target's parameters as the kernel shows them: the chunk file's
 * path (decoded, at most @size bytes with its NUL) and the byte in it. False: nowhere, or they are not understood.
 */
bool map_table_find(const char *params, uint64_t offset, char *ret_path, size_t size, uint64_t *ret_file_offset);
/* The other way round. */
bool map_table_find_file(const char *params, const char *path, uint64_t file_offset, uint64_t *ret_offset);
/* File @index of the parameters: its path, and the range of it that is mapped, in bytes. False: there is no such one. */
bool map_table_file(const char *params, unsigned index, char *ret_path, size_t size, uint64_t *ret_first, uint64_t *ret_length);
