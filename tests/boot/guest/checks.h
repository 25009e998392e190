/* SPDX-License-Identifier: GPL-2.0-only */
/* What a test root asserts from inside about how it was booted. TAP on the result port. */
#pragma once

#include <stdbool.h>

/* What follows @word on the kernel command line, up to a blank, or NULL; one buffer for all calls. */
const char *checks_word(const char *word);
/* The root is on loop devices, because the test asked for it or the kernel does not take the module. */
bool checks_on_loop_devices(void);
/* Opens the result port; without one the machine is powered off. */
void checks_begin(void);
void check(bool good, const char *what);
void checks_note(const char *text);
/* Overlay on erofs on verity on the target "ukiblk". */
void check_stack(void);
void check_writable(void);
/* @manifest: sha256sum's own lines, made when the tree was built; at least 100. @except: a path to leave out, or NULL. */
void check_files(const char *manifest, const char *except);
/*
 * The number of files that differ or, not @hashed, cannot be read to their end; -1 when the list is too short. Says
 * nothing but their names.
 */
int checks_count_bad_files(const char *manifest, const char *except, bool hashed);
void check_carrier(void);
/* The carrier is one and the same device everywhere; disks that must not be taken have a file "wrong". */
void check_carrier_disk(void);
/* The system runs from memory: the archive is linear on the ramdisk @node, whose sha256 is noted. */
void check_memory_table(const char *node);
/* @disk: a folder of /sys/dev/block. */
void check_disk_is_free(const char *disk);
/* boot.json as it is, for the test's second half on the host. */
void checks_show_report(void);
/* An archive in several chunks reads where one chunk ends and the next begins. */
void check_seams(void);
/* Where the command line names a disk: efibootmgr makes an entry for EFI/mine/tiny.efi on its first partition. */
void check_entry(void);
/* Where the command line asks for it: the kernel is in lockdown. */
void check_lockdown(void);
/* The test spoilt a file of this root, and asks by a word on the command line. */
void check_errors(void);
/* boot.json has the times of all phases, and they are plausible. */
void check_report(void);
bool checks_asked(const char *word);
/* A note of the firmware's variable BootCurrent, four hexadecimal digits. */
void checks_boot_current(void);
/* Where the command line asks for it: stays a while, so that the test can act on the machine. */
void checks_linger(void);
/* Writes the plan and powers the machine off. */
_Noreturn void checks_end(void);
