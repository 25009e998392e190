#!/bin/sh
# Sourced by dracut's last hook in an initrd without systemd: when the root is switched.
# shellcheck disable=SC2034,SC2154
read -r time rest </proc/uptime && echo "$time" >/run/before-switch
