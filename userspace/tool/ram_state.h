/* SPDX-License-Identifier: GPL-2.0-only */
/* What is known of RAM mode: a file that is replaced as a whole, and a lock that the one process at work holds. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "tool/json.h"

struct error;

#define RAM_STATE_PATH "/run/ukiblk/ram.json"
#define RAM_LOCK_PATH "/run/ukiblk/ram.lock"

enum ram_phase {
	RAM_NONE,	/* nobody has asked for it */
	RAM_WAITING,	/* for the switch of the root */
	RAM_COPYING,
	RAM_VERIFYING,
	RAM_MEMORY,	/* the system runs from memory */
	RAM_FAILED,
	RAM_STOPPED,
};

struct ram_state {
	enum ram_phase phase;
	uint64_t bytes, done;	/* of the archive; of the phase */
	char disk[8], device[32];	/* ramdisk_name(), its node; "": none */
	/* Seconds since the kernel's start; 0: not yet. */
	double switched, first_read, removable;
	double copy_seconds, verify_seconds, swap_seconds;
	int exit_code;	/* of an end without success */
	char sentence[1024];	/* its reason */
};

const char *ram_phase_name(enum ram_phase phase);
/* 0 to 100, of copying and verifying; else -1. */
int ram_state_percent(const struct ram_state *state);
json_object *ram_state_json(const struct ram_state *state);
/* Where it cannot be written there is no status; that stops nothing. */
void ram_state_write(const struct ram_state *state, const char *path);
/* RAM_NONE when there is no file, or none that is understood. */
void ram_state_read(const char *path, struct ram_state *ret);

/* Until the process ends or closes what is returned. -EBUSY: another one is at work. */
int ram_state_lock(const char *path, struct error *error);
/* The process that is at work, or 0. */
pid_t ram_state_owner(const char *path);
