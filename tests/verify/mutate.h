/* SPDX-License-Identifier: MIT */
/* mutate.h - texts that come near to what the verifier accepts. */
#pragma once
#include "mutant.h"
#include "pieces.h"

/* The mutant that @seed stands for. */
void mutant_make(struct mutant *mutant, const struct pieces *pieces,
                 uint32_t flavour, uint64_t seed);
