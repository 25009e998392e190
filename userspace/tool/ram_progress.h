/* SPDX-License-Identifier: GPL-2.0-only */
/* How far RAM mode has come, for everybody who may look: terminal, consoles, boot splash, systemd, ram.json. */
#pragma once

struct ram_job;

void ram_progress_listen(struct ram_job *job);
void ram_progress_end(void);
