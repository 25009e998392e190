// SPDX-License-Identifier: GPL-2.0-only
/*
 * In the test's initrd, after ukiblk-boot.service: when it failed, its report goes to the result port
 * as it is, and the machine ends. systemd sets SERVICE_RESULT and EXIT_STATUS (systemd.exec(5)).
 * With arguments it is a witness: "report page" sends the page that a person is shown, and the machine
 * goes on; "report shell" tells that a shell would follow, and the machine ends; "report screen TEXT"
 * sends what stands on the first virtual terminal when TEXT does, and ten seconds later the machine ends.
 */
#include <fcntl.h>
#include <stdbool.h>
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

/* Its characters, a line feed after each row (vcs(4)); false when it cannot be read. */
static bool read_screen(char *text, size_t size)
{
	int fd = open("/dev/vcsa1", O_RDONLY | O_CLOEXEC);
	unsigned char head[4], cell[2];	/* rows, columns, cursor */
	size_t used = 0;

	if (fd < 0 || read(fd, head, sizeof head) != sizeof head || head[0] * (head[1] + 1U) >= size) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	for (unsigned int at = 1; at <= (unsigned int)head[0] * head[1] && read(fd, cell, sizeof cell) == sizeof cell; at++) {
		text[used++] = (char)(cell[0] < ' ' || cell[0] > '~' ? '?' : cell[0]);
		if (at % head[1] == 0)
			text[used++] = '\n';
	}
	text[used] = '\0';
	close(fd);
	return true;
}

static void witness_screen(FILE *port, const char *wanted)
{
	static char text[65536];
	bool has_it = false;

	for (int i = 0; i < 300 && !has_it; i++) {
		usleep(200000);
		has_it = read_screen(text, sizeof text) && strstr(text, wanted);
	}
	fprintf(port, "reached: %s\n", has_it ? "screen" : "no such screen");
	for (char *rest = text, *line; (line = strsep(&rest, "\n"));)
		if (line[strspn(line, " ")])
			fprintf(port, "screen: %s\n", line);
	fflush(port);
	sleep(10);
	port_power_off(port);
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

	if (argc > 2) {
		port = port_open();
		witness_screen(port ? port : stderr, argv[2]);
	}
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
