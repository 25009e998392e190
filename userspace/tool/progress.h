/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

/* Shows the progress of long work on standard error, when that is a terminal. */
void progress_show_on_terminal(void);
