/* SPDX-License-Identifier: GPL-2.0-only */
/* Roots whose archive the test has damaged; the command line says where and what is to be seen. */
#pragma once

/* test_damaged=PATH: a file that cannot be read; NULL: none. */
const char *damage_file(void);
/* Reading it is an error, and the kernel says why; unless the policy ends the machine at that. */
void check_damage(const char *path);
/* Not with the kernel's plain one: a module of its own that must have come first. */
void check_hashing(void);
/* test_repaired: the kernel has repaired what was read before. */
void check_repairs(void);
