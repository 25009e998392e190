/* SPDX-License-Identifier: GPL-2.0-only */
/* What the fuzz targets share: promises that are kept or end the run, and numbers taken from the input. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "format/identifier.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* A broken promise is a find, as a crash is. */
#define PROMISE(what) ((what) ? (void)0 : fuzz_broken(#what, __FILE__, __LINE__))
_Noreturn void fuzz_broken(const char *what, const char *file, int line);

struct input {
	const uint8_t *bytes;
	size_t left;
};

/* Beyond the end of the input everything is 0. */
uint8_t take_byte(struct input *input);
uint64_t take_number(struct input *input, unsigned bytes);
/* At most @limit bytes up to a NUL or the end, as a string that the caller frees. */
char *take_string(struct input *input, size_t limit);

/* What identifier_decode says of an identifier it takes, written down a second time. */
bool is_consistent(const struct identifier *id);
/* An identifier made of ten bytes of input, of one of four archives or of a fifth with wild sizes: is_consistent()? */
#define TAKEN_IDENTIFIER_BYTES 10u
bool take_identifier(struct input *input, struct identifier *ret);
/* The checksum over bytes anybody may have changed. */
void seal_block(uint8_t block[static IDENTIFIER_BYTES]);
/* An error that was filled has a sentence. */
void promise_sentence(const struct error *error);
