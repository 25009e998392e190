// SPDX-License-Identifier: GPL-2.0-only
/*
 * Preloaded into ukiblk: the allocation with a given number fails. FAIL_AT=N, FAIL_HOW=once|on (that
 * one, or all from there on), FAIL_TOLD=FILE (made when it failed). Counted are those of the program, of
 * what it calls in libc for memory, and of json-c, which hands every NULL on to its caller. Other libraries
 * are left alone: libcrypto's first allocation, for one, waits for ever when it fails. Counting begins with
 * main(); programs it starts are not counted.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CALLER __builtin_return_address(0)
#define REAL(name) static __typeof__(name) *real; if (!real) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

static bool is_armed, goes_on;
static unsigned long count, fail_at;
static const char *told;
static struct { uintptr_t start, end; } counted[2];	/* code of the program and of json-c */

static int note_code(struct dl_phdr_info *info, size_t size, void *context)
{
	(void)size;
	(void)context;
	int which = !counted[0].end ? 0 : strstr(info->dlpi_name, "/libjson-c.so") ? 1 : -1;	/* the program comes first */

	for (int i = 0; which >= 0 && i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_LOAD && (info->dlpi_phdr[i].p_flags & PF_X)) {
			counted[which].start = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
			counted[which].end = counted[which].start + info->dlpi_phdr[i].p_memsz;
		}
	return 0;
}

static bool is_own(const void *caller)
{
	for (int i = 0; i < 2; i++)
		if ((uintptr_t)caller >= counted[i].start && (uintptr_t)caller < counted[i].end)
			return true;
	return false;
}

/* Counts an allocation; true when it has to fail. */
static bool fails(const void *caller)
{
	int fd;

	if (!is_armed || !is_own(caller))
		return false;
	count++;
	if (goes_on ? count < fail_at : count != fail_at)
		return false;
	fd = open(told, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0)
		close(fd);
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size) { return fails(CALLER) ? NULL : __libc_malloc(size); }
void *calloc(size_t n, size_t size) { return fails(CALLER) ? NULL : __libc_calloc(n, size); }
void *realloc(void *old, size_t size) { return fails(CALLER) ? NULL : __libc_realloc(old, size); }

void *reallocarray(void *old, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes) || fails(CALLER)) {
		errno = ENOMEM;
		return NULL;
	}
	return __libc_realloc(old, bytes);
}

/* What gets memory from libc, whose own calls are not counted. */

char *strdup(const char *text)
{
	REAL(strdup);
	return fails(CALLER) ? NULL : real(text);
}

char *realpath(const char *restrict path, char *restrict resolved)
{
	static __typeof__(realpath) *real;

	/* The older one of that name takes no NULL. */
	if (!real)
		real = (__typeof__(realpath) *)dlvsym(RTLD_NEXT, "realpath", "GLIBC_2.3");
	return !resolved && fails(CALLER) ? NULL : real(path, resolved);
}

DIR *opendir(const char *path)
{
	REAL(opendir);
	return fails(CALLER) ? NULL : real(path);
}

FILE *open_memstream(char **text, size_t *length)
{
	REAL(open_memstream);
	return fails(CALLER) ? NULL : real(text, length);
}

int vasprintf(char **restrict text, const char *restrict format, va_list arguments)
{
	REAL(vasprintf);
	return fails(CALLER) ? -1 : real(text, format, arguments);
}

int asprintf(char **restrict text, const char *restrict format, ...)
{
	REAL(vasprintf);
	va_list arguments;
	int r;

	if (fails(CALLER))
		return -1;
	va_start(arguments, format);
	r = real(text, format, arguments);
	va_end(arguments);
	return r;
}

typedef int start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void), void (*fini)(void),
		       void (*rtld_fini)(void), void *stack);

int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void), void (*fini)(void),
		      void (*rtld_fini)(void), void *stack);
int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void), void (*fini)(void),
		      void (*rtld_fini)(void), void *stack)
{
	start_main *real = (start_main *)dlsym(RTLD_NEXT, "__libc_start_main");
	const char *at = getenv("FAIL_AT"), *how = getenv("FAIL_HOW");

	told = getenv("FAIL_TOLD");
	if (at && how && told) {
		told = strdup(told);
		fail_at = strtoul(at, NULL, 10);
		goes_on = strcmp(how, "on") == 0;
		dl_iterate_phdr(note_code, NULL);
		unsetenv("LD_PRELOAD");
		is_armed = true;
	}
	return real(main, argc, argv, init, fini, rtld_fini, stack);
}
