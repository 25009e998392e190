/* SPDX-License-Identifier: GPL-2.0-only */
/* Scope-bound ownership: a variable so marked is released when it leaves its scope. */
#pragma once

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void cleanup_free(void *pointer) { free(*(void **)pointer); }
static inline void cleanup_close(int *fd) { if (*fd >= 0) close(*fd); }
static inline void cleanup_fclose(FILE **file) { if (*file) fclose(*file); }
static inline void cleanup_closedir(DIR **dir) { if (*dir) closedir(*dir); }

#define autofree __attribute__((cleanup(cleanup_free)))
#define autoclose __attribute__((cleanup(cleanup_close)))
#define autofclose __attribute__((cleanup(cleanup_fclose)))
#define autoclosedir __attribute__((cleanup(cleanup_closedir)))

/* Hands the value over to the caller: the variable no longer owns it. */
#define take_pointer(pointer) ({ __typeof__(pointer) taken_ = (pointer); (pointer) = NULL; taken_; })
#define take_fd(fd) ({ int taken_ = (fd); (fd) = -1; taken_; })
