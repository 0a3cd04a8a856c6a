/* SPDX-License-Identifier: MIT */
/*
 * calls.c - a program of a user's own that tries all of <tepal/tepal.h>, so of
 * embed/, and what idlc --host (idl/compiler/emit_host.c) makes. embed.test
 * builds it with what is installed and nothing else; not with Check, so that it can be
 * linked in every way. Prints one line for each claim that does not hold.
 */
#include "kinds_host.h"
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct tepal_error error;
static struct tepal_domain *domain;
static struct kinds_port kinds;
static int failures;

#define CLAIM(claim)                                                           \
    ((claim) ? (void)0                                                         \
             : (void)(failures++, printf("calls.c:%d: %s (%s)\n", __LINE__,    \
                                         #claim, error.text)))

static bool is(struct rpc rpc, uint32_t result, uint32_t detail)
{
    if (rpc.result == result && rpc.detail == detail)
        return true;
    printf("rpc is %u %u\n", rpc.result, rpc.detail);
    return false;
}

static struct rref_leaf new_leaf(uint64_t weight)
{
    struct rref_leaf leaf = rref_leaf_new();

    rref_leaf_value(leaf)->weight = weight;
    return leaf;
}

static void try_values(void)
{
    enum colour next = COLOUR_BLUE;
    bool answer = false;
    int64_t sum = 0;

    CLAIM(is(kinds_add(kinds, 200, -300, true, COLOUR_GREEN, &sum, &next),
             RPC_OK, 0));
    CLAIM(sum == 200 - 300 + 1 + 1 && next == COLOUR_BLUE);
    next = COLOUR_GREEN;
    CLAIM(is(kinds_add(kinds, 1, 2, true, (enum colour)3, &sum, &next),
             RPC_REFUSED, 3));
    CLAIM(sum == -98 && next == COLOUR_GREEN); /* nothing was changed */
    CLAIM(is(kinds_is_odd(kinds, 3, &answer), RPC_OK, KINDS_ERROR_ODD));
    CLAIM(answer);
    CLAIM(is(kinds_paint(kinds, &next), RPC_REFUSED, 0));
    CLAIM(is(kinds_is_odd(kinds, 3, NULL), RPC_REFUSED, 1));
}

static void try_references(void)
{
    struct rref_tree tree = rref_tree_new(), old;
    struct rref_leaf leaf = new_leaf(5);
    uint64_t weight = 0;

    rref_tree_value(tree)->weight = 10;
    rref_tree_value(tree)->leaf = leaf;
    CLAIM(is(kinds_weigh(kinds, tree, &weight), RPC_OK, 0));
    CLAIM(weight == 15);
    old = tree;
    CLAIM(is(kinds_grow(kinds, &tree), RPC_OK, 0));
    CLAIM(tree.handle && rref_tree_value(tree)->weight == 11);
    CLAIM(rref_tree_drop(&tree) && !tree.handle);
    CLAIM(!rref_tree_value(old) && !rref_leaf_value(leaf));
    CLAIM(is(kinds_weigh(kinds, old, &weight), RPC_REFUSED, 0));
    CLAIM(is(kinds_grow(kinds, &old), RPC_REFUSED, 0) && old.handle);
    CLAIM(!rref_tree_drop(&old));
    leaf = new_leaf(1);
    old.handle = leaf.handle; /* of another type */
    CLAIM(is(kinds_weigh(kinds, old, &weight), RPC_REFUSED, 0));
    old = (struct rref_tree){0};
    CLAIM(!rref_tree_value(old));
    CLAIM(is(kinds_keep(kinds, &leaf), RPC_OK, 0) && !leaf.handle);
}

static void try_containers(void)
{
    struct leaves leaves = {{0}}, made = {{0}};
    struct queue queue = {.head = 3, .length = 2};
    uint64_t weight = 0;
    uint32_t i;

    leaves.handle[0] = new_leaf(1).handle;
    leaves.handle[2] = new_leaf(2).handle;
    CLAIM(is(kinds_grow_all(kinds, &leaves), RPC_OK, 0));
    CLAIM(leaves.handle[0] && !leaves.handle[1] && leaves.handle[2]);
    queue.handle[3] = leaves.handle[0];
    queue.handle[0] = leaves.handle[2];
    CLAIM(is(kinds_sum(kinds, &queue, &weight), RPC_OK, 0) && weight == 5);
    CLAIM(is(kinds_rotate(kinds, &queue), RPC_OK, 0));
    CLAIM(queue.length == 2 && queue.handle[queue.head] == leaves.handle[2]);
    CLAIM(is(kinds_make(kinds, 3, &made), RPC_OK, 0));
    for (i = 0; i < 3; i++)
        CLAIM(((struct leaf *)tepal_object_payload(made.handle[i]))->weight ==
              i);
    CLAIM(!made.handle[3]);
    for (i = 0; i < 4; i++) {
        CLAIM(tepal_object_drop(made.handle[i]) == (i < 3));
        CLAIM(tepal_object_drop(leaves.handle[i]) == (i == 0 || i == 2));
    }
    CLAIM(is(kinds_grow_all(kinds, &leaves), RPC_REFUSED, 0));
}

static void try_crash(uint32_t how, const char *cause)
{
    struct rref_leaf lent = new_leaf(1), moved = new_leaf(2), back = moved;
    struct tepal_death death = {.life = 0};
    bool answer;

    CLAIM(is(kinds_die(kinds, how, lent, &moved), RPC_CRASHED, 0));
    CLAIM(!moved.handle && !rref_leaf_value(back));
    CLAIM(!tepal_is_alive(domain));
    CLAIM(rref_leaf_value(lent) && rref_leaf_value(lent)->weight == 101);
    CLAIM(is(kinds_is_odd(kinds, 2, &answer), RPC_DEAD, 0));
    CLAIM(tepal_death(domain, &death) && strstr(death.cause, cause));
    CLAIM(strcmp(death.method, "die") == 0 &&
          strcmp(death.interface, "kinds") == 0);
    CLAIM(death.freed_objects >= 1 && death.address >= 0x100000);
    if (how != 1) { /* abort() is in a function of its own */
        CLAIM(strcmp(death.function, "kinds_impl_die") == 0);
        CLAIM(tepal_death_find_line(domain, &death) && death.line > 100 &&
              strstr(death.file, "kinds.c"));
    }
    CLAIM(tepal_restart(domain, &error) == 0 && tepal_is_alive(domain));
    CLAIM(is(kinds_is_odd(kinds, 2, &answer), RPC_OK, 0) && !answer);
    CLAIM(rref_leaf_drop(&lent));
}

static void try_kill(void)
{
    struct tepal_death death;
    bool answer;

    tepal_kill(domain);
    CLAIM(is(kinds_is_odd(kinds, 2, &answer), RPC_DEAD, 0));
    CLAIM(tepal_death(domain, &death) &&
          strcmp(death.cause, "killed by the program") == 0);
    CLAIM(tepal_restart(domain, &error) == 0);
    CLAIM(tepal_restart(domain, &error) == 0); /* an alive one, too */
    CLAIM(is(kinds_is_odd(kinds, 2, &answer), RPC_OK, 0));
}

static void *wait_inside(void *others)
{
    uint32_t i, inside = 0, most = 0;

    for (i = 0; i < 3; i++) {
        if (!is(kinds_wait(kinds, 20, &inside), RPC_OK, 0))
            return NULL;
        most = inside > most ? inside : most;
    }
    *(uint32_t *)others = most;
    return NULL;
}

/* The most that were inside at one time. */
static uint32_t crowd(void)
{
    uint32_t others[4] = {0}, i, most = 0;
    pthread_t threads[4];

    for (i = 0; i < 4; i++)
        if (pthread_create(&threads[i], NULL, wait_inside, &others[i]) != 0)
            abort();
    for (i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        CLAIM(others[i] > 0);
        most = others[i] > most ? others[i] : most;
    }
    return most;
}

/* One of each ends while the others are inside. */
static void try_threads(const char *path)
{
    const struct tepal_domain_options open = {.is_open = 1};
    struct tepal_domain *affine = domain;

    CLAIM(crowd() == 1);
    CLAIM(tepal_load(&domain, path, &open, &error) == 0);
    CLAIM(kinds_port_find(&kinds, domain, &error) == 0);
    CLAIM(crowd() > 1);
    tepal_unload(domain);
    domain = affine;
    CLAIM(kinds_port_find(&kinds, domain, &error) == 0);
}

/* A domain has room for two leaves: it is given no third one. */
static void try_quota(const char *path)
{
    const struct tepal_domain_options small = {.shared_bytes = 128};
    struct rref_leaf leaf = new_leaf(1);
    struct tepal_domain *other;
    struct kinds_port port;
    uint32_t i;

    CLAIM(tepal_load(&other, path, &small, &error) == 0);
    CLAIM(kinds_port_find(&port, other, &error) == 0);
    for (i = 0; i < 2; i++) {
        CLAIM(is(kinds_keep(port, &leaf), RPC_OK, 0));
        leaf = new_leaf(1);
    }
    CLAIM(is(kinds_keep(port, &leaf), RPC_REFUSED, 0));
    CLAIM(rref_leaf_drop(&leaf));
    tepal_unload(other);
}

static int load_with(const char *path, const char *arguments, const void *data)
{
    const struct tepal_domain_options options = {
        .arguments = arguments, .data = data, .data_bytes = data ? 4 : 0};
    struct tepal_domain *other;
    int code = tepal_load(&other, path, &options, &error);

    CLAIM(!code == !!other);
    tepal_unload(other);
    return code;
}

static void try_refusals(const char *path)
{
    const struct tepal_domain_options reserved = {.reserved = {1}};
    struct kinds_port none = {{NULL, 0}};
    struct tepal_domain *other;
    bool answer;

    CLAIM(tepal_start(NULL, &error) == TEPAL_INVALID);
    CLAIM(load_with("nowhere.dom", NULL, NULL) == TEPAL_NO_FILE);
    CLAIM(load_with("/", NULL, NULL) == TEPAL_NO_FILE);
    CLAIM(mkfifo("pipe.dom", 0600) == 0); /* that nobody writes to */
    CLAIM(load_with("pipe.dom", NULL, NULL) == TEPAL_NO_FILE);
    CLAIM(unlink("pipe.dom") == 0);
    CLAIM(load_with(path, "fail", NULL) == TEPAL_REFUSED);
    CLAIM(strstr(error.text, "returned 7"));
    CLAIM(load_with(path, "die", NULL) == TEPAL_REFUSED);
    CLAIM(strstr(error.text, "tp_main died"));
    CLAIM(load_with(path, "data", "leaf") == 0);
    CLAIM(load_with(path, "data", "fear") == TEPAL_REFUSED);
    CLAIM(tepal_load(&other, path, &reserved, NULL) == TEPAL_INVALID);
    CLAIM(tepal_load_bytes(&other, "no", 2, NULL, &error) == TEPAL_REFUSED);
    CLAIM(is(kinds_is_odd(none, 1, &answer), RPC_NO_CAP, 0));
    CLAIM(is(tepal_call(kinds.port, &tepal_interface_kinds_kinds, 10,
                        (const uint64_t[6]){0}),
             RPC_NO_CAP, 0)); /* introduce() */
    CLAIM(is(tepal_call(kinds.port, &tepal_interface_kinds_kinds, 13,
                        (const uint64_t[6]){0}),
             RPC_NO_CAP, 0));
}

/* Faults of the program's own. */
static volatile sig_atomic_t own_faults;

static void on_own_fault(int signal, siginfo_t *info, void *context)
{
    (void)signal, (void)info, (void)context;
    own_faults++;
    signal = 0;
    _Exit(failures ? 1 : 0);
}

static void run(const char *path)
{
    const struct tepal_domain_options options = {.budget_ms = 100};
    int round;

    CLAIM(tepal_load(&domain, path, &options, &error) == TEPAL_INVALID);
    CLAIM(tepal_start(NULL, &error) == 0);
    CLAIM(tepal_load(&domain, path, &options, &error) == TEPAL_REFUSED);
    CLAIM(tepal_add_unit(&tepal_unit_kinds, &error) == 0);
    CLAIM(tepal_add_unit(&tepal_unit_kinds, &error) == 0);
    CLAIM(tepal_load(&domain, path, &options, &error) == 0);
    CLAIM(kinds_port_find(&kinds, domain, &error) == 0);
    if (failures)
        return;
    for (round = 0; round < 2; round++) {
        try_values();
        try_references();
        try_containers();
        try_crash(0, "bad memory access");
        try_crash(1, "");
        try_crash(2, "time budget used up");
        try_kill();
    }
    try_threads(path);
    try_quota(path);
    try_refusals(path);
}

/* calls FILE.dom [fault]: with fault, ends in a handler of its own. */
int main(int argc, char **argv)
{
    const struct sigaction own = {.sa_sigaction = on_own_fault,
                                  .sa_flags = SA_SIGINFO};
    static int *volatile nowhere;

    if (argc > 2 && sigaction(SIGSEGV, &own, NULL) != 0)
        return 2;
    run(argv[1]);
    tepal_stop();
    CLAIM(tepal_object_new(&tepal_type_kinds_leaf) == 0);
    if (argc > 2) {
        *nowhere = 1;
        return 3;
    }
    CLAIM(tepal_start(NULL, &error) == 0); /* once more */
    CLAIM(tepal_load(&domain, argv[1], NULL, &error) == 0);
    tepal_stop();
    return failures ? 1 : 0;
}
