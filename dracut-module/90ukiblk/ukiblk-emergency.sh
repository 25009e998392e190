#!/bin/sh
# Sourced in an initrd without systemd before dracut gives a shell or, with rd.shell=0, the machine up.
# Under Secure Boot it does not return unless the signed command line asks for a shell.
until ukiblk boot --failed; do
	sleep 10
done
