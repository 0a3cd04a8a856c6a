/* SPDX-License-Identifier: MIT */
/*
 * proxy.h - in place of tepal_trusted/proxy.h: the operations write down that
 * they were called, and fail when the test says so.
 */
#pragma once
#include "tepal/types.h"
#include "tepal_trusted/type.h"

struct proxy_interface {
    uint64_t id;
    const char *name;
    uint32_t method_count;
    void (*const *gates)(void);
    const char *const *methods;
};
struct gate_frame;
struct registry_record;
struct flip {
    void *record;
};
struct crossing {
    uint64_t data_stack;
};

/* One more line of the log. True unless this is the one to fail. */
__attribute__((format(printf, 1, 2))) bool double_step(const char *format, ...);

#define U(x) ((unsigned long long)(x))

static inline bool proxy_begin(struct crossing *x,
                               const struct gate_frame *frame, uint64_t cap,
                               uint64_t interface_id,
                               uint32_t method, uint32_t frame_bytes,
                               struct flip *moves,
                               struct registry_record **loans)
{
    (void)frame, (void)interface_id, (void)moves, (void)loans;
    x->data_stack = 0x1000;
    return double_step("begin cap %llu method %u frame %u", U(cap), method,
                       frame_bytes);
}

static inline struct rpc proxy_answer(struct crossing *x)
{
    (void)x;
    double_step("answer");
    return (struct rpc){RPC_NO_CAP, 0};
}

#define DOUBLE_SPINE(verb)                                                     \
    static inline bool proxy_##verb(struct crossing *x, uint64_t pointer,      \
                                    uint32_t frame, const struct type *type,   \
                                    uint32_t capacity)                         \
    {                                                                          \
        (void)x;                                                               \
        return double_step(#verb " %llu at %u %s %u", U(pointer), frame,       \
                           type->name, capacity);                              \
    }
DOUBLE_SPINE(move_array)
DOUBLE_SPINE(move_deque)
DOUBLE_SPINE(lend_array)
DOUBLE_SPINE(lend_deque)

#define DOUBLE_RETURN_SPINE(verb)                                              \
    static inline bool proxy_##verb(struct crossing *x, uint32_t frame,        \
                                    uint64_t pointer, const struct type *type, \
                                    uint32_t capacity)                         \
    {                                                                          \
        (void)x;                                                               \
        return double_step(#verb " %u to %llu %s %u", frame, U(pointer),       \
                           type->name, capacity);                              \
    }
DOUBLE_RETURN_SPINE(return_array)
DOUBLE_RETURN_SPINE(return_deque)

static inline bool proxy_move_rref(struct crossing *x, uint64_t pointer,
                                   uint32_t frame, const struct type *type)
{
    (void)x;
    return double_step("move_rref %llu at %u %s", U(pointer), frame,
                       type->name);
}

static inline bool proxy_lend_rref(struct crossing *x, uint64_t handle,
                                   const struct type *type)
{
    (void)x;
    return double_step("lend_rref %llu %s", U(handle), type->name);
}

static inline bool proxy_expect(struct crossing *x, uint64_t pointer,
                                uint32_t frame, uint32_t bytes)
{
    (void)x;
    return double_step("expect %llu at %u, %u bytes", U(pointer), frame, bytes);
}

static inline void proxy_clear(struct crossing *x, uint64_t pointer,
                               uint32_t bytes)
{
    (void)x;
    double_step("clear %llu, %u bytes", U(pointer), bytes);
}

static inline struct rpc proxy_refuse(struct crossing *x, uint32_t parameter)
{
    (void)x;
    double_step("refuse %u", parameter);
    return (struct rpc){RPC_REFUSED, parameter};
}

static inline bool proxy_call(struct crossing *x, uint64_t a, uint64_t b,
                              uint64_t c, uint64_t d, uint64_t e, uint64_t f)
{
    (void)x;
    return double_step("call %llx %llx %llx %llx %llx %llx", U(a), U(b), U(c),
                       U(d), U(e), U(f));
}

static inline struct rpc proxy_crashed(struct crossing *x)
{
    (void)x;
    double_step("crashed");
    return (struct rpc){RPC_CRASHED, 0};
}

static inline bool proxy_return_rref(struct crossing *x, uint32_t frame,
                                     uint64_t pointer, const struct type *type)
{
    (void)x;
    return double_step("return_rref %u to %llu %s", frame, U(pointer),
                       type->name);
}

static inline bool proxy_return_scalar(struct crossing *x, uint32_t frame,
                                       uint64_t pointer, uint32_t bytes)
{
    (void)x;
    return double_step("return_scalar %u to %llu, %u bytes", frame, U(pointer),
                       bytes);
}

static inline bool proxy_return_bool(struct crossing *x, uint32_t frame,
                                     uint64_t pointer)
{
    (void)x;
    return double_step("return_bool %u to %llu", frame, U(pointer));
}

static inline bool proxy_return_enum(struct crossing *x, uint32_t frame,
                                     uint64_t pointer, uint32_t count)
{
    (void)x;
    return double_step("return_enum %u to %llu, %u values", frame, U(pointer),
                       count);
}

static inline bool shadow_repeats(struct rpc rpc, uint32_t calls,
                                  uint64_t index)
{
    return double_step("repeats %u after %u by %llu", rpc.result, calls,
                       U(index));
}

static inline bool shadow_refill(uint64_t pointer, const struct type *type)
{
    return double_step("refill %llu %s", U(pointer), type->name);
}

static inline struct rpc proxy_end(struct crossing *x)
{
    (void)x;
    double_step("end");
    return (struct rpc){RPC_OK, 0};
}
