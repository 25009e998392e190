// SPDX-License-Identifier: GPL-2.0-only
#include "locate/queue.h"

#include <stdio.h>
#include <string.h>

static bool names(const struct boot_hint *hint, const struct carrier_device *device)
{
	return *device->partuuid && strcmp(hint->location.partuuid, device->partuuid) == 0;
}

/* The first hint that names the device and has not had its turn; hint_count when there is none. */
static size_t rank(const struct carrier_queue *queue, const struct carrier_device *device)
{
	size_t i = 0;

	while (i < queue->hint_count && (queue->used[i] || !names(&queue->hints[i], device)))
		i++;
	return i;
}

/* Two variables may name the partition, and only the second one the file. */
static void describe(const struct carrier_queue *queue, struct candidate *candidate)
{
	for (size_t i = queue->hint_count; i-- > 0;) {
		const struct boot_hint *hint = &queue->hints[i];

		if (!names(hint, &candidate->device))
			continue;
		candidate->hint = hint->source;
		if (*hint->location.path)
			snprintf(candidate->uki_path, sizeof candidate->uki_path, "%s", hint->location.path);
	}
}

void carrier_queue_remove(struct carrier_queue *queue, const char *node)
{
	size_t kept = 0;

	for (size_t i = 0; i < queue->count; i++)
		if (strcmp(queue->waiting[i].device.node, node) != 0)
			queue->waiting[kept++] = queue->waiting[i];
	queue->count = kept;
}

void carrier_queue_add(struct carrier_queue *queue, const struct carrier_device *device, double seen, bool plugged)
{
	struct candidate candidate = { .device = *device, .seen = seen, .plugged = plugged };
	size_t place;

	carrier_queue_remove(queue, device->node);
	if (queue->count == QUEUE_MAX_DEVICES && rank(queue, device) == queue->hint_count)
		return;
	queue->count -= queue->count == QUEUE_MAX_DEVICES;
	place = queue->count;
	describe(queue, &candidate);
	while (place > 0 && rank(queue, device) < rank(queue, &queue->waiting[place - 1].device))
		place--;
	memmove(queue->waiting + place + 1, queue->waiting + place, (queue->count - place) * sizeof *queue->waiting);
	queue->waiting[place] = candidate;
	queue->count++;
}

void carrier_queue_note_slow(struct carrier_queue *queue, const char *disk)
{
	char *place = queue->slow_disks[queue->slow_count++ % QUEUE_MAX_SLOW];

	snprintf(place, sizeof *queue->slow_disks, "%s", disk);
}

static bool is_slow(const struct carrier_queue *queue, const struct carrier_device *device)
{
	for (size_t i = 0; i < QUEUE_MAX_SLOW; i++)
		if (*device->disk && strcmp(queue->slow_disks[i], device->disk) == 0)
			return true;
	return false;
}

bool carrier_queue_take(struct carrier_queue *queue, struct candidate *ret)
{
	size_t place = 0;

	if (queue->count == 0)
		return false;
	while (place < queue->count && is_slow(queue, &queue->waiting[place].device))
		place++;
	if (place == queue->count)
		place = 0;
	*ret = queue->waiting[place];
	queue->count--;
	memmove(queue->waiting + place, queue->waiting + place + 1, (queue->count - place) * sizeof *queue->waiting);
	for (size_t i = 0; i < queue->hint_count; i++)
		if (names(&queue->hints[i], &ret->device))
			queue->used[i] = true;
	return true;
}
