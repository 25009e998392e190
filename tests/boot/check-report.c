// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compares the report of a refused boot with what it must say:
 *   check-report FILE EXIT_CODE SENTENCE {OBJECT FINDING}...
 * FILE is what tests/boot/guest/report.c sent. Every sentence is compared whole, except that "..." at
 * its end stands for the rest. Exit 0 when all is there; else 1, and what differs is printed.
 */
#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool matches(const char *text, const char *wanted)
{
	size_t length = strlen(wanted);

	if (length > 3 && strcmp(wanted + length - 3, "...") == 0)
		return strncmp(text, wanted, length - 3) == 0;
	return strcmp(text, wanted) == 0;
}

static const char *get(json_object *object, const char *key)
{
	const char *text = json_object_get_string(json_object_object_get(object, key));

	return text ? text : "";
}

static bool has_finding(json_object *report, const char *file, const char *sentence)
{
	json_object *list = json_object_object_get(report, "findings");

	for (size_t i = 0; list && i < json_object_array_length(list); i++) {
		json_object *finding = json_object_array_get_idx(list, i);

		if (strcmp(get(finding, "file"), file) == 0 && matches(get(finding, "sentence"), sentence))
			return true;
	}
	return false;
}

int main(int argc, char **argv)
{
	static char text[65536];
	FILE *file = argc > 3 ? fopen(argv[1], "r") : NULL;
	size_t length = file ? fread(text, 1, sizeof text - 1, file) : 0;
	char *brace = memchr(text, '{', length);
	json_object *report = brace ? json_tokener_parse(brace) : NULL;
	bool good = true;
	char status[32];

	if (!report || !strstr(text, "# end of the report")) {
		printf("no complete report arrived: %s\n", text);
		return 1;
	}
	snprintf(status, sizeof status, "exit-status: %s\n", argv[2]);
	if (strncmp(text, status, strlen(status)) != 0 || strcmp(get(report, "exit-code"), argv[2]) != 0 ||
	    !matches(get(report, "sentence"), argv[3])) {
		printf("wanted exit code %s and \"%s\"\n", argv[2], argv[3]);
		good = false;
	}
	for (int i = 4; i + 1 < argc; i += 2)
		if (!has_finding(report, argv[i], argv[i + 1])) {
			printf("no finding for %s: \"%s\"\n", argv[i], argv[i + 1]);
			good = false;
		}
	if (!good)
		printf("the report was:\n%s\n", text);
	return good ? 0 : 1;
}
