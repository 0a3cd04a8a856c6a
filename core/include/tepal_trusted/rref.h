/* SPDX-License-Identifier: MIT */
/*
 * rref.h - remote references for the kernel itself: what the heap services and
 * the tests use. Calls between domains go through proxy.h. Trusted only.
 * Source: thesis 3.2; design, section 4.
 */
#pragma once
#include "tepal_trusted/registry.h"
#include "tepal_trusted/thread.h"
#include "tepal/types.h"

struct domain;

/*
 * A new object for @domain, within its quota.
 * Errors: 0.
 */
uint64_t rref_new(struct thread *thread, struct domain *domain,
                  const struct type *type);

/*
 * The same, of the type that stands at @index in @domain's file, and counted
 * there.
 */
uint64_t rref_new_listed(struct thread *thread, struct domain *domain,
                         uint32_t index);

/*
 * Free @handle's object, and whatever its payload holds that @domain may drop.
 * Errors: false: stale, not @domain's, or lent.
 */
bool rref_drop(struct thread *thread, struct domain *domain, uint64_t handle);

/* Bytes that came to @domain, or left it, in calls of @thread that are not
 * settled yet. */
int64_t rref_in_flight(const struct thread *thread,
                       const struct domain *domain);

/* @delta more bytes (or fewer) are @domain's. */
void rref_account(const struct thread *thread, struct domain *domain,
                  int64_t delta);

/*
 * Whether @holder has @record's object on loan from a call that @thread is
 * serving in it. Then the object stays what it is until that call ends.
 * Cost: all loans of all calls that the thread is in.
 */
bool rref_is_on_loan(const struct thread *thread, const struct domain *holder,
                     const struct registry_record *record);
