/* SPDX-License-Identifier: MIT */
/*
 * trace_proxy.h - the operations of which a traced proxy is made where it
 * differs from the other: proxy.h's, with a hook before or after. Included by
 * generated code only.
 */
#pragma once
#include "tepal_trusted/proxy.h"
#include "tepal_trusted/trace.h"

/* @name: "interface.method". */
static inline bool traced_begin(struct crossing *x,
                                const struct gate_frame *frame, uint64_t cap,
                                uint64_t interface_id, uint32_t method,
                                uint32_t frame_bytes, struct flip *moves,
                                struct registry_record **loans,
                                const char *name)
{
    if (!proxy_begin(x, frame, cap, interface_id, method, frame_bytes, moves,
                     loans)) {
        trace_failed(thread_current(), name, (uint32_t)x->answer);
        return false;
    }
    trace_enter(x, name);
    return true;
}

static inline struct rpc traced_refuse(struct crossing *x, uint32_t parameter)
{
    return trace_leave(x, proxy_refuse(x, parameter));
}

static inline bool traced_call(struct crossing *x, uint64_t a, uint64_t b,
                               uint64_t c, uint64_t d, uint64_t e, uint64_t f)
{
    trace_arguments(x);
    return proxy_call(x, a, b, c, d, e, f);
}

static inline struct rpc traced_crashed(struct crossing *x)
{
    return trace_leave(x, proxy_crashed(x));
}

static inline struct rpc traced_end(struct crossing *x)
{
    trace_results(x);
    return trace_leave(x, proxy_end(x));
}
