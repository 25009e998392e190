// SPDX-License-Identifier: GPL-2.0-only
/*
 * In the test's initrd, after ukiblk-boot.service: when it failed, its report goes to the result port
 * as it is, and the machine ends. systemd sets SERVICE_RESULT and EXIT_STATUS (systemd.exec(5)).
 */
#include <stdlib.h>
#include <string.h>

#include "port.h"

int main(void)
{
	const char *result = getenv("SERVICE_RESULT"), *status = getenv("EXIT_STATUS");
	char line[4096];
	FILE *port, *report;

	if (result && strcmp(result, "success") == 0)
		return 0;
	port = port_open();
	if (!port)
		port_power_off(NULL);
	fprintf(port, "exit-status: %s\n", status ? status : "none");
	report = fopen("/run/ukiblk/boot.json", "re");
	while (report && fgets(line, sizeof line, report))
		fputs(line, port);
	fputs("\n# end of the report\n", port);
	port_power_off(port);
}
