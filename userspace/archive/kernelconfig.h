/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel that is to read an archive can do, by the text of its .config. Pure. */
#pragma once

#include <stdbool.h>

bool kernel_config_has(const char *config, const char *option);
