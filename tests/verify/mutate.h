/* SPDX-License-Identifier: MIT */
/* mutate.h - texts that come near to what the verifier accepts. */
#pragma once
#include "mutant.h"
#include "listings.h"

/* The mutant that @seed stands for. */
void mutant_make(struct mutant *mutant, const struct listings *listings,
                 uint32_t flavour, uint64_t seed);
