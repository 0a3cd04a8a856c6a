/* SPDX-License-Identifier: MIT */
/*
 * audit.h - the parts of an audit. Each answers whether what it looks at is
 * right, and if not says so in audit->broken.
 */
#pragma once
#include "tepal_trusted/audit.h"
#include "tepal_trusted/crossing.h"

/* Locks first: what somebody is at must not be walked. */
bool audit_locks(struct audit *audit);
bool audit_threads(struct audit *audit);
bool audit_domains(struct audit *audit);
bool audit_capabilities(struct audit *audit);
bool audit_heap(struct audit *audit);
bool audit_tables(struct audit *audit);

/* Of what never changes once @domain is loaded. */
uint64_t audit_hash(const struct domain *domain);

/* Says what is broken; false. */
bool audit_fails(struct audit *audit, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* More than there can be: a list that has as many leads in a circle. */
#define AUDIT_FRAMES_MAX 100000u

/* Threads there are. */
uint32_t audit_count_threads(void);
