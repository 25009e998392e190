// SPDX-License-Identifier: GPL-2.0-only
/*
 * In the test's initrd, after ukiblk-boot.service: when it failed, its report goes to the result port
 * as it is, and the machine ends. systemd sets SERVICE_RESULT and EXIT_STATUS (systemd.exec(5)).
 * With arguments it is a witness: "report page" sends the page that a person is shown, and the machine
 * goes on; "report shell" tells that a shell would follow, and the machine ends.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "port.h"

/*
 * The layers that stand on an archive are modules which are loaded when somebody asks for them: one that
 * is not here was never used since the kernel started.
 */
static void report_layers(FILE *port)
{
	static const char *const layers[] = { "ukiblk", "loop", "dm_verity", "erofs" };
	char path[64];

	fputs("used:", port);
	for (size_t i = 0; i < sizeof layers / sizeof *layers; i++) {
		snprintf(path, sizeof path, "/sys/module/%s/refcnt", layers[i]);
		if (access(path, F_OK) == 0)
			fprintf(port, " %s", layers[i]);
	}
	fputs("\n", port);
}

static int witness(const char *what)
{
	FILE *port = port_open(), *page = strcmp(what, "page") == 0 ? fopen("/run/ukiblk/boot.txt", "re") : NULL;
	char line[4096];

	if (!port)
		port_power_off(NULL);
	fprintf(port, "reached: %s\n", what);
	while (page && fgets(line, sizeof line, page))
		fprintf(port, "page: %s", line);
	if (!page)
		port_power_off(port);
	fclose(page);
	fclose(port);
	return 0;
}

int main(int argc, char **argv)
{
	const char *result = getenv("SERVICE_RESULT"), *status = getenv("EXIT_STATUS");
	char line[4096];
	FILE *port, *report;

	if (argc > 1)
		return witness(argv[1]);
	if (result && strcmp(result, "success") == 0)
		return 0;
	port = port_open();
	if (!port)
		port_power_off(NULL);
	fprintf(port, "exit-status: %s\n", status ? status : "none");
	report_layers(port);
	report = fopen("/run/ukiblk/boot.json", "re");
	while (report && fgets(line, sizeof line, report))
		fputs(line, port);
	fputs("\n# end of the report\n", port);
	port_power_off(port);
}
