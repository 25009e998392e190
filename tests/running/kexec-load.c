// SPDX-License-Identifier: GPL-2.0-only
/* kexec-load KERNEL INITRD WORDS: the kernel that "systemctl kexec" is to start, as kexec(8) -s -l does. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	int kernel, initrd;

	if (argc != 4)
		return 2;
	kernel = open(argv[1], O_RDONLY | O_CLOEXEC);
	initrd = open(argv[2], O_RDONLY | O_CLOEXEC);
	if (kernel < 0 || initrd < 0 || syscall(SYS_kexec_file_load, kernel, initrd, strlen(argv[3]) + 1, argv[3], 0UL) < 0) {
		perror("kexec-load");
		return 1;
	}
	return 0;
}
