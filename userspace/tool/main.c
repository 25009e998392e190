// SPDX-License-Identifier: GPL-2.0-only
/* ukiblk: the verb table, which makes the help as well, and the way from a command line to a verb. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "map/device.h"
#include "tool/verb.h"
#include "verify/verity.h"

static const struct verb *const verbs[] = {
	&verb_pack, &verb_embed, &verb_build, &verb_inspect, &verb_verify, &verb_locate,
	&verb_attach, &verb_detach, &verb_status, &verb_boot, &verb_ram,
};
#define VERB_COUNT (sizeof verbs / sizeof *verbs)

const char *verb_value(const struct verb_call *call, const char *option)
{
	for (unsigned i = 0; i < VERB_MAX_OPTIONS && call->verb->options[i].name; i++)
		if (strcmp(call->verb->options[i].name, option) == 0)
			return call->values[i];
	abort();	/* a verb asked for an option that its own table does not have */
}

int verb_exit_code(int code)
{
	switch (code) {
	case 0:
		return EXIT_DONE;
	case -EKEYREJECTED:
		return EXIT_VERIFICATION;
	case -ETIMEDOUT:
		return EXIT_NOT_FOUND;
	case -EBUSY:
	case -ETXTBSY:
		return EXIT_BUSY;
	default:
		return EXIT_FAILED;
	}
}

int verb_report(int code, const struct error *error)
{
	if (code < 0)
		fprintf(stderr, "ukiblk: %s.\n", error->text);
	return verb_exit_code(code < 0 ? code : 0);
}

int verb_usage_error(const struct verb_call *call, const char *format, ...)
{
	va_list arguments;

	fprintf(stderr, "ukiblk %s: ", call->verb->name);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fprintf(stderr, ". See \"ukiblk %s --help\".\n", call->verb->name);
	return EXIT_USAGE;
}

static void print_help(FILE *out)
{
	fputs("Usage: ukiblk VERB [OPTION...] [ARGUMENT...]\n\n"
	      "Boots a whole, verified Linux system from ordinary files on a FAT partition.\n\nVerbs:\n", out);
	for (size_t i = 0; i < VERB_COUNT; i++)
		fprintf(out, "  %-8s  %s\n", verbs[i]->name, verbs[i]->summary);
	fputs("\n\"ukiblk VERB --help\" lists a verb's options, \"ukiblk --version\" the version.\n"
	      "Exit codes: 0 done, 1 failed, 2 usage, 3 not found in time, 4 verification failed, 5 busy.\n", out);
}

void verb_print_help_line(const char *term, const char *value, const char *help)
{
	int width = printf("  %s%s", term, value);

	printf("%*s%s\n", width < 30 ? 30 - width : 2, "", help);
}

static int kind_of_argument(const struct verb_option *option)
{
	if (!option->argument)
		return no_argument;
	return *option->argument == '[' ? optional_argument : required_argument;
}

static void print_verb_help(const struct verb *verb)
{
	char term[64];

	printf("Usage: ukiblk %s [OPTION...]%s%s\n\n%s.\n\nOptions:\n", verb->name, *verb->arguments ? " " : "", verb->arguments,
	       verb->summary);
	for (unsigned i = 0; i < VERB_MAX_OPTIONS && verb->options[i].name; i++) {
		const struct verb_option *option = &verb->options[i];

		snprintf(term, sizeof term, "--%s%s", option->name, kind_of_argument(option) == required_argument ? " " : "");
		verb_print_help_line(term, option->argument ? option->argument : "", option->help);
	}
	verb_print_help_line("--help", "", "this text");
	if (verb->more_help)
		verb->more_help();
}

static void fill_getopt(const struct verb *verb, struct option options[static VERB_MAX_OPTIONS + 2])
{
	unsigned n = 0;

	for (; n < VERB_MAX_OPTIONS && verb->options[n].name; n++)
		options[n] = (struct option){ verb->options[n].name, kind_of_argument(&verb->options[n]), NULL, 256 + (int)n };
	options[n] = (struct option){ "help", no_argument, NULL, 'h' };
}

static int run_verb(const struct verb *verb, int argc, char **argv)
{
	struct option options[VERB_MAX_OPTIONS + 2] = { 0 };
	struct verb_call call = { .verb = verb };
	int c;

	fill_getopt(verb, options);
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
		if (c == 'h') {
			print_verb_help(verb);
			return EXIT_DONE;
		}
		if (c == ':')
			return verb_usage_error(&call, "%s needs a value", argv[optind - 1]);
		/* One letter of "-xyz": optind does not point behind it yet. */
		if (c < 256 && optopt > 0 && optopt < 256 && optopt != 'h')
			return verb_usage_error(&call, "There is no option -%c", optopt);
		if (c < 256)
			return verb_usage_error(&call, "There is no option %s", argv[optind - 1]);
		call.values[c - 256] = optarg ? optarg : "";
	}
	call.arguments = argv + optind;
	call.count = (unsigned)(argc - optind);
	if (call.count < verb->min_arguments || call.count > verb->max_arguments)
		return verb_usage_error(&call, *verb->arguments ? "Wrong number of arguments: it takes %s"
							       : "It takes no arguments%s", verb->arguments);
	return verb->run(&call);
}

static void on_signal(int number)
{
	(void)number;
	io_interrupted = 1;
}

/* Long work ends at its next step and cleans up; a second signal of the kind ends it at once. */
static void catch_signals(void)
{
	const struct sigaction action = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0 || strcmp(argv[1], "-h") == 0) {
		print_help(stdout);
		return EXIT_DONE;
	}
	if (strcmp(argv[1], "--version") == 0) {
		puts("ukiblk " UKIBLK_VERSION);
		return EXIT_DONE;
	}
	catch_signals();
	map_init();
	verify_init();
	for (size_t i = 0; i < VERB_COUNT; i++)
		if (strcmp(verbs[i]->name, argv[1]) == 0)
			return run_verb(verbs[i], argc - 1, argv + 1);
	fprintf(stderr, "ukiblk: There is no verb \"%s\". See \"ukiblk --help\".\n", argv[1]);
	return EXIT_USAGE;
}
