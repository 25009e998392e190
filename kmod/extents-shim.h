/* SPDX-License-Identifier: GPL-2.0-only */
/* All that extents.c needs from its surroundings: types and an allocator, in the kernel and on the host. */
#ifndef UKIBLK_EXTENTS_SHIM_H
#define UKIBLK_EXTENTS_SHIM_H

#ifdef __KERNEL__

#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/types.h>

#define ukiblk_alloc_array(count, size) kvmalloc_array(count, size, GFP_KERNEL)
#define ukiblk_free_array(array) kvfree(array)

#else

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef uint32_t u32;
typedef uint64_t u64;

/* A test may define these before the include to let allocations fail. */
#ifndef ukiblk_alloc_array
#define ukiblk_alloc_array(count, size) calloc(count, size)
#define ukiblk_free_array(array) free(array)
#endif

#endif
#endif
