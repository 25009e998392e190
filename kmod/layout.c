// SPDX-License-Identifier: GPL-2.0-only
#include <linux/cred.h>
#include <linux/fcntl.h>

#include "compat/compat.h"
#include "layout.h"

/*
 * Never given back for the asking, and so without a time to do it in, and not on its way back either:
 * of a file with such a lease nobody gets another one, not even the next table of the same device.
 */
static bool layout_break(struct file_lease *lease)
{
	lease->fl_break_time = 0;
	ukiblk_lease_core(lease, flags) &= ~FL_UNLOCK_PENDING;
	return false;
}

static const struct lease_manager_operations layout_operations = {
	.lm_break = layout_break,
	.lm_change = lease_modify,
	UKIBLK_LEASE_NO_OPEN_CONFLICT
};

int ukiblk_layout_hold(struct file *file, void *owner)
{
	struct file_lease *lease = locks_alloc_lease();
	int r;

	if (!lease)
		return -ENOMEM;
	locks_init_lease(lease);
	lease->fl_lmops = &layout_operations;
	ukiblk_lease_core(lease, flags) = FL_LAYOUT;
	ukiblk_lease_core(lease, type) = F_RDLCK;
	ukiblk_lease_core(lease, owner) = owner;
	ukiblk_lease_core(lease, pid) = current->tgid;
	ukiblk_lease_core(lease, file) = file;
	r = vfs_setlease(file, F_RDLCK, &lease, NULL);
	if (r) {
		locks_free_lease(lease);
		return r;
	}
	/* Who asked when there was no lease may be moving blocks right now, with the inode locked. */
	inode_lock_shared(file_inode(file));
	inode_unlock_shared(file_inode(file));
	return 0;
}

/*
 * Now, for the lease needs this module, and the last fput() may come later. In the name of who opened
 * the file: what was allowed then is allowed now.
 */
void ukiblk_layout_release(struct file *file, void *owner)
{
	const struct cred *old = override_creds(file->f_cred);
	int r = vfs_setlease(file, F_UNLCK, NULL, &owner);

	revert_creds(old);
	WARN_ON_ONCE(r);
}
