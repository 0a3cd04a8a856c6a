/* SPDX-License-Identifier: MIT */
/*
 * inject_memory.h - what all domains but one have, before and after that one
 * has run with a fault in it. The world stands still at both moments.
 */
#pragma once
#include "tepal_trusted/domain.h"
#include <stdbool.h>

/* Copy the private memory of all but @victim, and payloads that it has not. */
bool inject_memory_copy(const struct domain *victim);

/*
 * Whose private memory has changed since; NULL: nobody's.
 * @damaged: payloads of others that have.
 */
const char *inject_memory_compare(uint64_t *damaged);
