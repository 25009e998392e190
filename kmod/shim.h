/* SPDX-License-Identifier: GPL-2.0-only */
/* All that extents.c and path.c need around them, in the kernel and on the host: types, digits, an allocator. */
#ifndef UKIBLK_SHIM_H
#define UKIBLK_SHIM_H

#ifdef __KERNEL__

#include <linux/build_bug.h>
#include <linux/errno.h>
#ifdef UKIBLK_HAS_HEX_H
#include <linux/hex.h>
#endif
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/types.h>

#define ukiblk_alloc_array(count, size) kvmalloc_array(count, size, GFP_KERNEL)
#define ukiblk_free_array(array) kvfree(array)

#else

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef uint32_t u32;
typedef uint64_t u64;

/* The value of a hexadecimal digit, or -1. */
static inline int hex_to_bin(unsigned char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)((at - digits) % 16) : -1;
}

/* A test may define these before the include to let allocations fail. */
#ifndef ukiblk_alloc_array
#define ukiblk_alloc_array(count, size) calloc(count, size)
#define ukiblk_free_array(array) free(array)
#endif

#endif
#endif
