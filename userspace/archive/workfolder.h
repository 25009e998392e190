/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Results appear whole or not at all: everything is written to a hidden folder beside its final
 * place and renamed at the end. The folder and what is left in it go away with the variable.
 */
#pragma once

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>

struct error;

struct work_folder {
	char output[PATH_MAX];	/* where results go */
	char path[PATH_MAX];	/* the hidden folder; "" when there is none */
	DIR *dir;	/* the same, open: what is in it can be taken away even without memory */
};

int work_folder_open(const char *output, struct work_folder *ret, struct error *error);
void work_folder_close(struct work_folder *folder);
#define autowork __attribute__((cleanup(work_folder_close)))

/*
 * Whether results of that name may be written: -EEXIST when they are there already and @force is not
 * given. To be asked before long work; publishing asks again.
 */
int work_folder_check(struct work_folder *folder, const char *name, bool force, struct error *error);
/* Path of @name inside the folder. False when it would be too long. */
bool work_folder_path(const struct work_folder *folder, const char *name, char ret_path[static PATH_MAX]);

/*
 * Moves NAME.efi and NAME.erofs[.NNN] from the folder to the output folder. When results of that
 * name are there already: with @force they are replaced, and chunks of an older, longer archive go;
 * without, nothing is touched and -EEXIST comes back.
 */
int work_folder_publish(struct work_folder *folder, const char *name, bool force, struct error *error);
/* The same for the single file @file of the folder. */
int work_folder_publish_file(struct work_folder *folder, const char *file, bool force, struct error *error);
