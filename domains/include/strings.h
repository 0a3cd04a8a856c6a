/* SPDX-License-Identifier: MIT */
/* strings.h - comparing without regard to case, ASCII (POSIX.1). */
#pragma once
#include <stddef.h>

int strcasecmp(const char *one, const char *two);
int strncasecmp(const char *one, const char *two, size_t limit);
