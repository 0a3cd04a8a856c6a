/* SPDX-License-Identifier: MIT */
/*
 * proxy.h - what generated proxies are made of. Trusted only.
 *
 * A proxy runs on the caller's thread, between the import gate and
 * gate_enter(). It begins a crossing, takes each parameter, clears what it
 * took, calls, settles each result, ends. Until the call, any refusal puts
 * everything back; pointers that results go to are proved writable before the
 * call, so that delivery cannot fail.
 *
 * "pointer" is a raw argument of the caller, a slot offset not yet believed;
 * "frame" the offset of the parameter's copy in the callee's frame.
 * Source: design, section 4; docs/ABI.md, "Calling an import".
 */
#pragma once
#include "tepal_trusted/crossing.h"

/* One method of an interface, as the loader wires it. */
struct proxy_interface {
    uint64_t id;
    const char *name;
    uint32_t method_count;
    void (*const *gates)(void); /* the import gate of each method */
    const char *const *methods; /* and its name */
};
/* Every interface the kernel was built with; made by the IDL compiler. */
extern const struct proxy_interface *const tp_interfaces[];
extern const uint32_t tp_interface_count;
/* By the same index: the gates of its methods for runs that are traced. */
extern void (*const *const tp_traced_gates[])(void);

/* The interface with this id, or NULL. */
const struct proxy_interface *interface_find(uint64_t id);

/*
 * An interface that the kernel was not built with: it has no gates, so domains
 * may export it, and none may import it.
 */
struct known_interface {
    struct proxy_interface interface;
    const struct known_interface *next;
};

/* Needs: interface_find() does not find it. Owns: the kernel, for good. */
void interface_add(struct known_interface *interface);

/*
 * Start a crossing: capability, affinity, liveness, stacks.
 * @frame: of the import gate. @frame_bytes: what the callee's frame takes, a
 * multiple of 16. @moves, @loans: NULL for a method that has none.
 * Errors: false; return proxy_answer(x) at once.
 */
static inline bool proxy_begin(struct crossing *x,
                               const struct gate_frame *frame, uint64_t cap,
                               uint64_t interface_id,
                               uint32_t method, uint32_t frame_bytes,
                               struct flip *moves,
                               struct registry_record **loans);

/*
 * Arguments, in the order of the parameters. false: return
 * proxy_refuse(x, number of the parameter).
 */
static inline bool proxy_move_rref(struct crossing *x, uint64_t pointer,
                                   uint32_t frame, const struct type *type);
bool proxy_move_array(struct crossing *x, uint64_t pointer, uint32_t frame,
                      const struct type *type, uint32_t capacity);
bool proxy_move_deque(struct crossing *x, uint64_t pointer, uint32_t frame,
                      const struct type *type, uint32_t capacity);
bool proxy_lend_rref(struct crossing *x, uint64_t handle,
                     const struct type *type);
bool proxy_lend_array(struct crossing *x, uint64_t pointer, uint32_t frame,
                      const struct type *type, uint32_t capacity);
bool proxy_lend_deque(struct crossing *x, uint64_t pointer, uint32_t frame,
                      const struct type *type, uint32_t capacity);
/*
 * Pass on the capability whose index in the caller's table is in @index: the
 * callee has one derived from it, whose index is in @index then.
 */
bool proxy_pass_cap(struct crossing *x, uint64_t *index,
                    uint64_t interface_id);
/* A pure out parameter of @bytes: prove the caller's, zero the callee's. */
static inline bool proxy_expect(struct crossing *x, uint64_t pointer,
                                uint32_t frame, uint32_t bytes);

/*
 * After the last argument was accepted: empty the caller's copies of what
 * moves (rref: 8 bytes; array: 8 * capacity; deque: its first 8, head and
 * length) and its out parameters.
 */
static inline void proxy_clear(struct crossing *x, uint64_t pointer,
                               uint32_t bytes);

/* Undo everything; the answer is RPC_REFUSED with @parameter. */
struct rpc proxy_refuse(struct crossing *x, uint32_t parameter);

/* Call. false: the callee died; return proxy_crashed(x) at once. */
static inline bool proxy_call(struct crossing *x, uint64_t a, uint64_t b,
                              uint64_t c, uint64_t d, uint64_t e, uint64_t f);
struct rpc proxy_crashed(struct crossing *x);
/* After the call: what was passed is the callee's, whatever it answers. */
static inline void proxy_keep_passed(struct crossing *x);

/*
 * Results, from the callee's frame to the caller. false: return
 * proxy_refuse(x, parameter) after proxy_clear() of every out parameter.
 */
static inline bool proxy_return_rref(struct crossing *x, uint32_t frame,
                                     uint64_t pointer,
                                     const struct type *type);
bool proxy_return_array(struct crossing *x, uint32_t frame, uint64_t pointer,
                        const struct type *type, uint32_t capacity);
bool proxy_return_deque(struct crossing *x, uint32_t frame, uint64_t pointer,
                        const struct type *type, uint32_t capacity);
/* @bytes: 1, 2, 4 or 8. */
static inline bool proxy_return_scalar(struct crossing *x, uint32_t frame,
                                       uint64_t pointer, uint32_t bytes);

/* As bool or enum: 0 or 1; false at @count and above. */
static inline bool proxy_return_bool(struct crossing *x, uint32_t frame,
                                     uint64_t pointer);
static inline bool proxy_return_enum(struct crossing *x, uint32_t frame,
                                     uint64_t pointer, uint32_t count);

/* As an index in the callee's table, which becomes one in the caller's. */
bool proxy_return_cap(struct crossing *x, uint32_t frame, uint64_t pointer,
                      uint64_t interface_id);

/* The end of a call that came back: loans returned, frames left. */
static inline struct rpc proxy_end(struct crossing *x);

/* Calls that a shadow makes for one, the first included. */
#define SHADOW_CALLS_MAX 8

/*
 * After call number @calls by capability @index of the current thread's domain
 * was answered with @rpc: whether to repeat it. Then the callee is alive again.
 */
bool shadow_repeats(struct rpc rpc, uint32_t calls, uint64_t index);

/*
 * A fresh object of @type for the repetition, in the place of one that the
 * callee died with.
 * Errors: false: no room in the caller's quota, or @pointer cannot be written.
 */
bool shadow_refill(uint64_t pointer, const struct type *type);

#include "tepal_trusted/proxy_inline.h"
