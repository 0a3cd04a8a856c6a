/* SPDX-License-Identifier: MIT */
/*
 * restart.h - dead domains come to life again. Trusted only.
 * Source: design, section 5 (Death).
 */
#pragma once
#include "tepal_trusted/domain.h"

struct thread;

/* Alive, and not just being restarted. */
bool domain_is_ready(const struct domain *domain);

/*
 * Bring @domain to life again, if it is dead, as domain->restart says; waits
 * until it is ready, at most for other threads to leave it and for the delay.
 * Needs:  @thread is the caller's, and may run domain code.
 * Errors: false: its policy is not to, it was restarted too often lately, a few
 *         lives one after the other ended as they began, @thread is inside it
 *         or has no stack left, an affine domain is another thread's, or who
 *         waits was ended.
 * Cost:   two system calls for each mapping, the copy of its data, its tp_main.
 */
bool domain_revive(struct domain *domain, struct thread *thread);

/*
 * End @domain if it is alive, with nobody to blame; whoever needs it next
 * brings it back, once, whatever its policy says. On any thread or none.
 */
void domain_restart(struct domain *domain);

/*
 * The same for the callee of @holder's capability @index, which then names the
 * life that there is now.
 * Returns the callee's generation; 0 when there is no such capability, or the
 * callee is not to be had.
 */
uint32_t capability_reconnect(struct domain *holder, uint64_t index,
                              struct thread *thread);
