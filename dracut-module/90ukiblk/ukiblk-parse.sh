#!/bin/sh
# Sourced by dracut's command line hook, with and without systemd: it refuses a root= that no module
# has claimed.
# shellcheck disable=SC2034,SC2154 # the variables are dracut's
case $root in
ukiblk:*) rootok=1 ;;
esac
