/* SPDX-License-Identifier: GPL-2.0-only */
/* The keeper: all it knows, and what its parts do to each other. */
#pragma once

#include <stdbool.h>

#include "keeper/conf.h"
#include "keeper/control.h"
#include "keeper/dm.h"
#include "keeper/exit.h"
#include "keeper/known.h"
#include "keeper/mounts.h"
#include "keeper/place.h"
#include "keeper/search.h"

struct error;

#define KEEPER_FOLDER "/run/ukiblk/keeper"
#define KEEPER_KNOWN_PATH KEEPER_FOLDER "/known"
/* Which device carries the archive, for a keeper after this one: "<major>:<minor> <name>". */
#define KEEPER_CARRIER_PATH KEEPER_FOLDER "/carrier"

enum keeper_state {
	KEEPER_KEPT,
	KEEPER_GONE,	/* the disk is gone; reads wait, or would */
	KEEPER_FAILED,	/* and did not return in time */
	KEEPER_RAM,	/* the archive is in memory, and needs no disk */
};

struct keeper_disk {
	char name[64];	/* sda1; "" when there is none */
	unsigned major, minor;
	bool is_there;
};

struct keeper {
	struct keeper_conf conf;
	struct place place;
	struct dm dm;
	struct known known;
	char *table;	/* parameters with hold */
	int uevents;
	enum keeper_state state;
	struct keeper_disk carrier;
	struct keeper_disk former;	/* what carried it before the last return */
	struct mounts_places places;	/* where the system had it mounted */
	double gone_since;	/* CLOCK_BOOTTIME, as all times here */
	double hold_end;	/* when waiting reads fail; 0: none waits yet */
	double look_at_root;	/* whether it was switched; 0: nothing speaks for it */
	double next_word;	/* to whoever sits there; 0: none */
	unsigned pulls;
	unsigned mount_ms, check_ms, reload_ms, total_ms;
	char refused[320];
	struct search search;
	struct control control;
	struct exit_plan exit;
};

double keeper_now(void);
/* Reads that wait, by the kernel's own count. */
unsigned keeper_waiting(struct keeper *keeper);
/* The disk @name was pulled. */
void keeper_lose(struct keeper *keeper);
/* Device-mapper told of something. */
void keeper_ask_kernel(struct keeper *keeper);
/* The disk that carries the archive is there, and mounted as @mount, which is taken over. When that fails @verdict says so. */
void keeper_take(struct keeper *keeper, const struct look *look, struct verdict *verdict, int mount);
/* A disk that is somebody's concern was refused. @is_first: a person wants to know. */
void keeper_refuse(struct keeper *keeper, const struct look *look, const struct verdict *verdict, bool is_first);
/* A disk is waited for, or asked for. */
bool keeper_is_looking(const struct keeper *keeper);
/* From the files on their disk to a block device of the same length. */
int keeper_go_to_ram(struct keeper *keeper, unsigned major, unsigned minor, struct error *error);
/* The root was switched: mounts that were made or taken away at that moment are put right. */
void keeper_mend_mounts(struct keeper *keeper);
/* The first table that lets reads wait; before the keeper goes into its small root. */
int keeper_begin_hold(struct keeper *keeper, struct error *error);
/* A person is told how long it is still waited for. */
void keeper_say_waiting(struct keeper *keeper);

/* The verb "run". */
int keeper_run(int argc, char **argv);
