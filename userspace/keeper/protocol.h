/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How to speak with the keeper: a socket of SOCK_SEQPACKET, for root alone. One packet of text asks, one answers: its
 * first line is "ok", or "error <errno> <sentence>"; lines "key=value" follow. Then the connection is at its end.
 *
 *   status              how things are: the keys below
 *   ram MAJOR:MINOR     from now on the archive is that block device, which is as long; the carrier is let go of
 *   carrier             the reverse: the carrier must be there; ENODEV: it is not, or why the one that could have been meant is not;
 *                       EBUSY: somebody has it for himself. The answer may take ten seconds.
 *   exit KIND           the machine is to go down: poweroff, reboot, halt or kexec
 */
#pragma once

#define KEEPER_SOCKET "/run/ukiblk/keeper.sock"
#define KEEPER_PACKET_BYTES 4096u

#define KEEPER_REQUEST_STATUS "status"
#define KEEPER_REQUEST_RAM "ram"
#define KEEPER_REQUEST_CARRIER "carrier"
#define KEEPER_REQUEST_EXIT "exit"

/*
 * Keys of the answer to "status":
 *   state            kept, gone (a disk is waited for), failed (it did not return in time), ram
 *   device           device-mapper name of the archive
 *   carrier          node of the disk or partition it lies on; empty: none
 *   hold             seconds that reads wait for a disk that is gone
 *   left             of these, while a read waits
 *   waiting          reads that wait
 *   pulls            times the disk was gone since the keeper started
 *   last-mount-ms    of the last return: opening and mounting, comparing, changing the table, and all from the
 *   last-check-ms    event of the disk on
 *   last-reload-ms
 *   last-total-ms
 *   refused          the last disk that was not taken and why: one that was plugged in after the pull, or could have been meant
 *   locked-kib       memory the keeper has locked
 *   pid
 */
