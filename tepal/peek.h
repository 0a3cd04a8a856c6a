/* SPDX-License-Identifier: MIT */
/*
 * peek.h - what another thread counts meanwhile. Each count is one aligned word
 * that one thread at a time changes, so what is read is true, if a moment old.
 */
#pragma once
#include <stdint.h>

__attribute__((no_sanitize("thread"))) static inline uint64_t
peek(const uint64_t *count)
{
    return __atomic_load_n(count, __ATOMIC_RELAXED);
}

__attribute__((no_sanitize("thread"))) static inline uint32_t
peek_word(const uint32_t *word)
{
    return __atomic_load_n(word, __ATOMIC_RELAXED);
}
