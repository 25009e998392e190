// SPDX-License-Identifier: GPL-2.0-only
#include "keeper/roster.h"

/* An index; the count when it is not noted. */
static size_t find(const struct roster *roster, unsigned major, unsigned minor)
{
	size_t i = 0;

	while (i < roster->count && (roster->disks[i].major != major || roster->disks[i].minor != minor))
		i++;
	return i;
}

void roster_note(struct roster *roster, unsigned major, unsigned minor, bool is_new)
{
	if (find(roster, major, minor) == roster->count && roster->count < ROSTER_MAX_DISKS)
		roster->disks[roster->count++] = (struct roster_disk){ .major = major, .minor = minor, .is_new = is_new };
}

void roster_strike(struct roster *roster, unsigned major, unsigned minor)
{
	size_t i = find(roster, major, minor);

	if (i < roster->count)
		roster->disks[i] = roster->disks[--roster->count];
}

bool roster_is_new(const struct roster *roster, unsigned major, unsigned minor)
{
	size_t i = find(roster, major, minor);

	return i == roster->count || roster->disks[i].is_new;
}

bool roster_tell(struct roster *roster, unsigned major, unsigned minor)
{
	size_t i = find(roster, major, minor);
	bool is_first = i == roster->count || !roster->disks[i].was_told;

	if (i < roster->count)
		roster->disks[i].was_told = true;
	return is_first;
}

void roster_settle(struct roster *roster)
{
	for (size_t i = 0; i < roster->count; i++)
		roster->disks[i].is_new = roster->disks[i].was_told = false;
}
