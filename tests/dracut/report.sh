#!/bin/sh
# In the test's initrd without systemd, when dracut gives up: the same report as systemd's units send.
# shellcheck disable=SC2154 # dracut's
EXIT_STATUS=$(sed -n 's/.*ukiblk boot ended with exit code \([0-9]*\).*/\1/p' "$hookdir/emergency/01-die.sh")
export EXIT_STATUS
ukiblk-test-report
