// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compares the report of a boot with what it must say:
 *   check-report FILE EXIT_CODE SENTENCE {OBJECT FINDING}...
 *   check-report --within SECONDS FILE 0 "" {OBJECT FINDING}...
 * FILE is what tests/boot/guest/report.c sent, or with exit code 0 what root.c did. Every sentence is
 * compared whole, except that "..." at its end stands for the rest. An object that begins with a slash is
 * a file on any device, another one is the device itself; "DEVICE/FILE" is a file on that device,
 * "DEVICE*" anything there; "*" is anything anywhere. "=KEY" is no object but a value of the report itself: a text,
 * or "<3", a number below 3. With --within
 * the search must have ended in that time. Exit 0 when all is there; else 1, and what differs is printed.
 */
#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool matches(const char *text, const char *wanted)
{
	size_t length = strlen(wanted);

	if (length >= 3 && strcmp(wanted + length - 3, "...") == 0)
		return strncmp(text, wanted, length - 3) == 0;
	return strcmp(text, wanted) == 0;
}

static const char *get(json_object *object, const char *key)
{
	const char *text = json_object_get_string(json_object_object_get(object, key));

	return text ? text : "";
}

static bool is_object(json_object *finding, const char *wanted)
{
	const char *device = get(finding, "device"), *file = get(finding, "file");
	size_t length = strlen(device);

	if (*wanted != '/' || strncmp(wanted, "/dev/", 5) == 0)
		return strncmp(wanted, device, length) == 0 &&
		       (strcmp(wanted + length, "*") == 0 || strcmp(wanted + length, file) == 0);
	return strcmp(file, wanted) == 0;
}

static bool has_value(json_object *report, const char *key, const char *wanted)
{
	json_object *value = json_object_object_get(report, key);

	if (*wanted == '<')
		return value && json_object_get_double(value) < strtod(wanted + 1, NULL);
	return value && matches(json_object_get_string(value), wanted);
}

static bool has_finding(json_object *report, const char *object, const char *sentence)
{
	json_object *list = json_object_object_get(report, "findings");

	for (size_t i = 0; list && i < json_object_array_length(list); i++) {
		json_object *finding = json_object_array_get_idx(list, i);

		if ((strcmp(object, "*") == 0 || is_object(finding, object)) && matches(get(finding, "sentence"), sentence))
			return true;
	}
	return false;
}

static bool in_time(json_object *report, double seconds)
{
	double took = json_object_get_double(json_object_object_get(report, "seconds"));

	printf("the search took %.1f s\n", took);
	return took <= seconds;
}

/* The whole file in @text, or nothing. */
static void read_text(const char *path, char *text, size_t size)
{
	FILE *file = fopen(path, "r");
	size_t length = file ? fread(text, 1, size - 1, file) : 0;

	text[length] = '\0';
	if (file)
		fclose(file);
}

/* Only a boot that failed tells its exit status beside its report: the service's. */
static bool has_status(const char *text, const char *code)
{
	char status[32];

	snprintf(status, sizeof status, "exit-status: %s\n", code);
	return strcmp(code, "0") == 0 || strncmp(text, status, strlen(status)) == 0;
}

int main(int argc, char **argv)
{
	static char text[1 << 20];
	double seconds = 0;
	json_object *report;
	const char *brace;
	bool good = true;

	if (argc > 3 && strcmp(argv[1], "--within") == 0) {
		seconds = strtod(argv[2], NULL);
		argc -= 2;
		argv += 2;
	}
	if (argc < 4)
		return 2;
	read_text(argv[1], text, sizeof text);
	brace = *text == '{' ? text : strstr(text, "\n{");	/* other lines may have braces of their own */
	report = brace ? json_tokener_parse(brace) : NULL;
	if (!report || !strstr(text, "# end of the report")) {
		printf("no complete report arrived: %s\n", text);
		return 1;
	}
	if (!has_status(text, argv[2]) || strcmp(get(report, "exit-code"), argv[2]) != 0 || !matches(get(report, "sentence"), argv[3])) {
		printf("wanted exit code %s and \"%s\"\n", argv[2], argv[3]);
		good = false;
	}
	if (seconds > 0 && !in_time(report, seconds))
		good = false;
	for (int i = 4; i + 1 < argc; i += 2)
		if (*argv[i] == '=' ? !has_value(report, argv[i] + 1, argv[i + 1]) : !has_finding(report, argv[i], argv[i + 1])) {
			printf("no finding for %s: \"%s\"\n", argv[i], argv[i + 1]);
			good = false;
		}
	if (!good)
		printf("the report was:\n%s\n", text);
	return good ? 0 : 1;
}
