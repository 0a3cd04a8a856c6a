/* SPDX-License-Identifier: MIT */
/*
 * rig.h - loads the test domain as many times as a test wants, and lets each
 * make the calls that the test orders.
 *
 * Everything runs on one kernel thread, the suite's own, so that every domain
 * is affine to it. Check must not fork: the shared heap would be shared with
 * the child.
 */
#pragma once
#include "domains/order.h"
#include "host.h"
#include "tepal_trusted/loader.h"
#include "tepal_trusted/proxy.h"
#include "tepal_trusted/rref.h"
#include "test_types.h"
#include <check.h>

/* Methods of interface test, in the order of test.idl. */
enum method {
    TAKE,
    PASS,
    MAKE,
    LOOK,
    TAKE_PEAR,
    LOOK_PEAR,
    TAKE_CRATE,
    PASS_CRATE,
    LOOK_CRATE,
    MAKE_CRATE,
    PASS_BELT,
    LOOK_BELT,
    MAKE_BELT,
    TAKE_BOTH,
    LEND_AND_TAKE,
    NARROW,
    WIDTHS,
    JUDGE,
    FORGE,
    FORGE_BELT,
    CRASH,
    CRASH_LENT,
    DRIVER_STEP = 32, /* of interface test_driver */
    KEEPER_KEEP = 40, /* of interface keeper */
    KEEPER_HAND_OUT,
    KEEPER_KEEP_BOTH,
    KEEPER_GIVE_BOTH,
    KEEPER_SELF,
    KEEPER_INTRODUCE,
};

/* A loaded domain, and its order as the kernel sees it. */
struct actor {
    struct domain *domain;
    struct order *order;
    uint32_t where; /* slot offset of the order */
    uintptr_t step; /* entry of test_driver.step() */
};

/*
 * Run @suite on a kernel thread; the exit status. @heap_bytes: 0 = 16 MiB.
 * argv[1], or TEPAL_BUILD in the environment, names the build folder.
 */
int rig_main(Suite *suite, int argc, char **argv, uint64_t heap_bytes);
/* The same with slots and a heap as @options say. */
int rig_run(Suite *suite, int argc, char **argv,
            const struct host_options *options);

/* A file of the build folder, read once, or the process ends. */
struct rig_file {
    uint8_t *bytes;
    size_t size;
};
struct rig_file rig_file(const char *path);

/*
 * The domain file @path.dom, or in a run of the gs flavour @path-gs.dom. Such a
 * run has TP_TEST_FLAVOUR=gs; with "mixed" every other actor is of that flavour.
 */
struct rig_file rig_domain(const char *path);

/* Bytes of data stack for actors that are loaded; 0 = as the file says. */
extern uint32_t actor_stack_bytes;

/* Load the test domain, alive and with nothing wired. */
struct actor actor_new(const char *name);
/* Kill and release. */
void actor_end(struct actor *actor);
/* All actors there are; for teardown. */
void actors_end(void);

/* Give @caller a capability to @callee's export; its index. */
uint64_t actor_link(struct actor *caller, struct actor *callee,
                    const char *export);

/* Run step(what, value) in @actor; what it returned is in @value. */
struct rpc actor_step(struct actor *actor, enum step what, uint64_t value,
                      uint32_t *returned);

/* Order the call: method, capability and raw arguments. */
void actor_order(struct actor *actor, enum method method, uint64_t cap,
                 const uint64_t arguments[6]);
/* Make it; the answer that the domain got. */
struct rpc actor_call(struct actor *actor, enum method method, uint64_t cap,
                      uint64_t a, uint64_t b, uint64_t c, uint64_t d,
                      uint64_t e, uint64_t f);

/* @from will make this call whenever a method of it runs: SCRIPT_CALL is set,
 * and a capability to @callee's interface test given. */
void actor_will_call(struct actor *from, struct actor *callee,
                     enum method method, uint64_t p, uint64_t q, uint64_t r);
/* What the last call that it made came to. */
struct rpc actor_answer(const struct actor *actor);

/* @actor's slot offset of byte @offset of its room, and the kernel's view. */
uint64_t room_at(const struct actor *actor, uint32_t offset);
uint64_t *room(const struct actor *actor, uint32_t offset);

/* What an object counts for in its owner's quota. */
#define APPLE_BYTES ((int64_t)type_test_apple.heap_bytes)
#define PEAR_BYTES ((int64_t)type_test_pear.heap_bytes)

/* A new object of @actor's. */
uint64_t actor_apple(struct actor *actor, uint64_t weight);
uint64_t actor_pear(struct actor *actor, uint64_t weight, uint64_t seed);

/* What stands in the registry and in payloads. */
owner_word_t word_of(uint64_t handle);
domain_id_t owner_of_handle(uint64_t handle);
uint32_t borrows_of(uint64_t handle);
bool is_live(uint64_t handle);
uint64_t *payload_of(uint64_t handle);
uint64_t live_objects(void);

#define ck_rpc(got, wanted, wanted_detail)                                     \
    do {                                                                       \
        struct rpc rpc_ = (got);                                               \
        ck_assert_uint_eq(rpc_.result, (wanted));                              \
        ck_assert_uint_eq(rpc_.detail, (wanted_detail));                       \
    } while (0)
