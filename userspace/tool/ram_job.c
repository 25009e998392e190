// SPDX-License-Identifier: GPL-2.0-only
#include "tool/ram_job.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/major.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/io.h"
#include "base/text.h"
#include "mount/root.h"
#include "ram/copy.h"
#include "ram/memory.h"
#include "tool/console.h"
#include "tool/keeper_client.h"
#include "tool/ram_progress.h"
#include "tool/verb.h"
#include "verify/offline.h"
#include "verify/veritytable.h"

#define KEEPER_SECONDS 30.0	/* longer than any table takes to be replaced */
#define KEEPER_START_SECONDS 3.0	/* it may have been started at the same time, or again */
#define ASK_SECONDS 1	/* between two questions to the keeper whether the disk is back */
#define ASK_TRIES 5	/* of a read that fails although the disk is there */

/* Whatever number they got: the verity device is the one below the root's filesystem. */
int ram_find_root(struct device_names *ret, struct error *error)
{
	static const char start[] = "ukiblk-", end[] = "-verity\n";
	char path[64];
	autofree char *name = NULL;
	struct stat st;

	if (stat(ROOT_LOWER, &st) < 0)
		return fail(error, -ENXIO, "This system was not started by ukiblk");
	snprintf(path, sizeof path, "/sys/dev/block/%u:%u/dm/name", major(st.st_dev), minor(st.st_dev));
	if (io_read_file(path, MAP_NAME_BYTES, &name, NULL) < 0 || !text_after(name, start) || !text_has_suffix(name, end))
		return fail(error, -ENXIO, "The root is not on an archive's device");
	name[strlen(name) - (sizeof end - 1)] = '\0';
	device_names_make(text_after(name, start), ret);
	return 0;
}

/* @ret_node: the kernel's own, which is there whatever this system's udev knows. */
static int describe(struct ram_job *job, char ret_node[static 32], struct error *error)
{
	autofree char *verity = NULL;
	struct map_device device;
	int r = map_get_device(job->names.archive, &device, error);

	if (r < 0)
		return r;
	job->state.bytes = device.sectors * SECTOR_BYTES;
	snprintf(ret_node, 32, "/dev/dm-%u", device.minor);
	map_release_device(&device);
	r = map_get_params(job->names.verity, "verity", &verity, error);
	if (r < 0)
		return r;
	if (verity_table_parse(verity, &job->id) < 0)
		return fail(error, -EBADMSG, "The table of %s is not understood", job->names.verity);
	snprintf(job->id.name, sizeof job->id.name, "%s", job->names.archive);
	job->id.total_length = job->id.chunk_length = job->state.bytes;
	return 0;
}

int ram_job_prepare(struct ram_job *job, struct error *error)
{
	uint64_t available;
	char node[32];
	int r;

	r = describe(job, node, error);
	if (r >= 0)
		r = ram_read_available(&available, error);
	if (r >= 0)
		r = memory_check(job->state.bytes, available, error);
	if (r < 0)
		return r;
	job->reserve = memory_reserve(available);
	job->source = open(node, O_RDONLY | O_DIRECT | O_CLOEXEC);
	if (job->source < 0)
		return fail(error, -errno, "Cannot open %s: %s", node, strerror(errno));
	r = ramdisk_create(job->state.bytes, &job->disk, error);
	if (r >= 0)
		snprintf(job->state.disk, sizeof job->state.disk, "%s", ramdisk_name(job->disk.kind));
	return r;
}

/* @tries: of reads that failed one after another at one place. */
struct patience {
	uint64_t offset;
	unsigned tries;
};

/* While the keeper waits for a disk that was pulled, so does the copy. */
static int read_failed(void *context, uint64_t offset, int code, struct error *error)
{
	struct patience *patience = context;
	struct keeper_reply reply;
	char state[16];

	if (patience->offset != offset)
		*patience = (struct patience){ .offset = offset };
	do {
		sleep(ASK_SECONDS);
		if (io_interrupted)
			return fail(error, -EINTR, "Stopped");
		if (keeper_ask(KEEPER_REQUEST_STATUS, KEEPER_SECONDS, &reply, error) < 0)
			break;
	} while (keeper_reply_value(&reply, "state", state, sizeof state) && strcmp(state, "gone") == 0);
	if (code == -EIO && ++patience->tries < ASK_TRIES)
		return 0;
	return fail(error, code, "The archive cannot be read at byte %" PRIu64 ": %s. The copy was given up, and the system stays on its disk",
		    offset, strerror(-code));
}

static int copy(struct ram_job *job, struct error *error)
{
	struct patience patience = { .offset = UINT64_MAX };
	const struct ram_copy work = { .source = job->source, .disk = &job->disk,
				       .carrier = job->comes_first ? NULL : ROOT_CARRIER, .reserve = job->reserve,
				       .read_failed = read_failed, .context = &patience };
	struct ram_copied times;
	int r = ram_copy(&work, &times, error);

	if (r < 0)
		return r;
	job->state.first_read = times.begin;
	job->state.copy_seconds = times.end - times.begin;
	return ramdisk_seal(&job->disk, error);
}

static int verify(struct ram_job *job, struct error *error)
{
	struct chunkfile file = { .path = job->disk.node, .file_bytes = job->disk.bytes, .id = job->id };
	const struct found_archive archive = { &file, 1 };
	struct verify_result result = { 0 };
	double begin = clock_seconds(CLOCK_MONOTONIC);
	int r = verify_archive(&archive, job->id.root_hash, &result, error);

	job->state.verify_seconds = clock_seconds(CLOCK_MONOTONIC) - begin;
	if (r != -EKEYREJECTED || result.bad_blocks == 0)
		return r;
	return fail(error, r, "The copy in memory does not match the root hash: %" PRIu64 " block%s, the first is %s block %" PRIu64
		    " at byte %" PRIu64 " of the archive. The disk gave wrong bytes; the system stays on it. Look at it with \"ukiblk verify\"",
		    result.bad_blocks, result.bad_blocks == 1 ? "" : "s", result.in_tree ? "hash tree" : "data", result.block, result.file_offset);
}

/* Its state, also while it is being started, or started again. */
static int ask_state(char *ret, size_t size, struct error *error)
{
	double end = clock_seconds(CLOCK_MONOTONIC) + KEEPER_START_SECONDS;
	struct keeper_reply reply;
	int r;

	while ((r = keeper_ask(KEEPER_REQUEST_STATUS, KEEPER_SECONDS, &reply, error)) < 0) {
		if ((r != -ENOENT && r != -ECONNREFUSED && r != -ECONNRESET && r != -EINTR) || clock_seconds(CLOCK_MONOTONIC) > end)
			return r;
		usleep(100000);
	}
	return keeper_reply_value(&reply, "state", ret, size) ? 0 : fail(error, -EPROTO, "The keeper does not tell its state");
}

/* An answer that did not come is no refusal: a signal, or the keeper's own end, may have come between. */
static bool runs_from_memory(void)
{
	struct error ignored;
	char state[16];

	return ask_state(state, sizeof state, &ignored) >= 0 && strcmp(state, "ram") == 0;
}

static int change_over(struct ram_job *job, struct error *error)
{
	struct keeper_reply reply;
	char request[64];
	double begin = clock_seconds(CLOCK_MONOTONIC);
	struct error reason;
	int r;

	snprintf(request, sizeof request, KEEPER_REQUEST_RAM " %u:%u", job->disk.major, job->disk.minor);
	r = keeper_ask(request, KEEPER_SECONDS, &reply, &reason);
	if (r < 0 && !runs_from_memory())
		return fail(error, -EIO, "The copy is complete, but the system cannot change over to it: %s", reason.text);
	job->state.swap_seconds = clock_seconds(CLOCK_MONOTONIC) - begin;
	job->state.removable = clock_seconds(CLOCK_BOOTTIME);
	return 0;
}

/* Without a keeper there would be no end to it; and who has changed over already need not again. */
static int ask_keeper(struct error *error)
{
	struct error reason;
	char state[16];

	if (ask_state(state, sizeof state, &reason) < 0)
		return fail(error, -ENOTCONN, "The archive cannot be copied to memory. %s", reason.text);
	return strcmp(state, "ram") == 0 ? fail(error, -EALREADY, "The system runs from memory already") : 0;
}

int ram_job_run(struct ram_job *job, struct error *error)
{
	int r = ask_keeper(error);

	if (r < 0)
		return r;
	ram_progress_listen(job);
	r = copy(job, error);
	if (r >= 0)
		r = verify(job, error);
	ram_progress_end();
	if (r < 0)
		return r;
	snprintf(job->state.device, sizeof job->state.device, "%s", job->disk.node);
	return change_over(job, error);
}

int ram_job_end(struct ram_job *job, int code, const struct error *error)
{
	struct ram_state *state = &job->state;

	if (job->source >= 0)
		close(job->source);
	if (code < 0 && job->disk.fd >= 0)
		ramdisk_release(&job->disk);
	ramdisk_let_go(&job->disk);
	if (job->lock < 0 || code == -EALREADY)
		return code;
	state->phase = code >= 0 ? RAM_MEMORY : code == -EINTR ? RAM_STOPPED : RAM_FAILED;
	if (code < 0) {
		state->disk[0] = state->device[0] = '\0';
		state->exit_code = verb_exit_code(code);
		snprintf(state->sentence, sizeof state->sentence, "%s", error->text);
	}
	ram_state_write(state, RAM_STATE_PATH);
	/* The process itself may have to wait for a disk that is gone. */
	close(take_fd(job->lock));
	return code;
}

int ram_job_undo(struct error *error)
{
	struct keeper_reply reply;
	struct ram_state state, end;
	struct error reason;
	int r;

	ram_state_read(RAM_STATE_PATH, &state);
	if (state.phase != RAM_MEMORY)
		return fail(error, -ENOENT, "The system does not run from memory, and nothing is being copied");
	r = keeper_ask(KEEPER_REQUEST_CARRIER, KEEPER_SECONDS, &reply, &reason);
	if (r < 0)
		return fail(error, r == -ETIMEDOUT ? -EIO : r, "The system stays in memory. %s", reason.text);
	r = ramdisk_free(strcmp(state.disk, ramdisk_name(RAMDISK_BRD)) == 0 ? RAMDISK_MAJOR : LOOP_MAJOR, error);
	end = (struct ram_state){ .phase = RAM_STOPPED, .bytes = state.bytes };
	if (r < 0)	/* the next start tries again */
		snprintf(end.disk, sizeof end.disk, "%s", state.disk);
	ram_state_write(&end, RAM_STATE_PATH);
	return r;
}
