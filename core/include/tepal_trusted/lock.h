/* SPDX-License-Identifier: MIT */
/* lock.h - a spin lock. Trusted only. */
#pragma once
#include "arch/cpu.h"

/* A spin lock, for slow paths; never held while domain code runs. */
struct lock {
    uint32_t held;
};

static inline void lock_acquire(struct lock *lock)
{
    while (__atomic_exchange_n(&lock->held, 1, __ATOMIC_ACQUIRE))
        cpu_relax();
}

static inline void lock_release(struct lock *lock)
{
    __atomic_store_n(&lock->held, 0, __ATOMIC_RELEASE);
}
