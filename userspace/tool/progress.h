/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

/* Shows the progress of long work on standard error, when that is a terminal. */
void progress_show_on_terminal(void);
/* The same for a listener that does more: it hands on what it hears. NULL: not a terminal. */
const struct progress_listener *progress_of_terminal(void);
