/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What went wrong, as a sentence. No stage prints: it fills one of these and returns a negative
 * errno; the tool turns the errno into an exit code (tool/exit.c) and prints the sentence.
 *
 * errno vocabulary between the stages:
 *   -EKEYREJECTED  verification failed         -ETIMEDOUT  not found in time
 *   -EBUSY         somebody uses it            -ENOENT     no archive there
 *   -EBADMSG       damaged or foreign bytes    -EINVAL     the caller's parameter
 *   -EINTR         the person stopped it
 */
#pragma once

struct error {
	char text[1024];
};

/* Stores the sentence and returns @code (a negative errno), so that both stay on one line. */
int fail(struct error *error, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
