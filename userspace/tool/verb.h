/* SPDX-License-Identifier: GPL-2.0-only */
/* The verb table's rows and what a verb's code gets to see of the command line. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Exit codes of the tool; the man page and the tests say the same. */
enum {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_NOT_FOUND = 3,	/* not found in time */
	EXIT_VERIFICATION = 4,
	EXIT_BUSY = 5,
};

#define VERB_MAX_OPTIONS 24

struct verb_option {
	const char *name;	/* without the dashes */
	const char *argument;	/* what the help calls its value; NULL: a flag; "[=VALUE]": may be left out, and is then "" */
	const char *help;
};

struct verb_call;

struct verb {
	const char *name;
	const char *arguments;	/* of the help: "FILE..." */
	const char *summary;
	unsigned min_arguments, max_arguments;
	int (*run)(const struct verb_call *call);	/* returns an exit code */
	void (*more_help)(void);	/* prints what comes after the options; or NULL */
	struct verb_option options[VERB_MAX_OPTIONS];
};

struct verb_call {
	const struct verb *verb;
	const char *values[VERB_MAX_OPTIONS];	/* per option; flags: "" when given; NULL: not given */
	char **arguments;
	unsigned count;
};

/* A line of the help: the term, and from column 30 on what it means. */
void verb_print_help_line(const char *term, const char *value, const char *help);
/* The value of an option, or NULL; the name must be one of the verb's. */
const char *verb_value(const struct verb_call *call, const char *option);
static inline bool verb_flag(const struct verb_call *call, const char *option) { return verb_value(call, option) != NULL; }

/* The exit code that belongs to a negative errno, or to 0. */
int verb_exit_code(int code);
/* Print a sentence on standard error and return the exit code that belongs to it. */
int verb_report(int code, const struct error *error);
int verb_usage_error(const struct verb_call *call, const char *format, ...) __attribute__((format(printf, 2, 3)));

extern const struct verb verb_pack, verb_embed, verb_build, verb_inspect, verb_verify, verb_locate,
	verb_attach, verb_detach, verb_status, verb_boot, verb_ram;
