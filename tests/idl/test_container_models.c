/* SPDX-License-Identifier: MIT */
/*
 * test_container_models.c - generated RRefArray and RRefDeque types against
 * plain models, in random operations; TP_TEST_OPERATIONS sets how many, 10^7
 * of each kind of container if it is not set.
 *
 * Handles are just numbers, each given out once. A player notes the first
 * claim that does not hold and stops: only the suite's thread may assert.
 * Source: thesis 3.3, 3.4; design, section 1 (push gives the element back).
 */
#include "container_kinds.h"
#include "suite_run.h"
#include <check.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define OPERATIONS 10000000u
#define MOST 100

/* Handles that exist, or have gone: how many, and which. */
struct account {
    uint64_t count, sum, mixed;
};

/* What a container should be: elements in order, no ring; 0 = none. */
struct model {
    uint64_t element[MOST];
    uint32_t length;
};

struct twin {
    void *spine;
    struct model model;
};

struct player {
    const struct deque_kind *deques;
    const struct array_kind *arrays;
    struct twin deque[2], array;
    struct shared *shared; /* NULL = none */
    uint64_t state, steps;
    bool greedy; /* rather puts in than takes out */
    uint64_t full, empty, given, taken;
    struct account made, dropped;
    struct model drops; /* of the last operation, in order */
    const char *wrong;
};

/* A deque of both players; the lock is for its model too. */
struct shared {
    pthread_mutex_t lock;
    struct twin deque;
};

static _Thread_local struct player *me;

#define STRING_(x) #x
#define STRING(x) STRING_(x)
#define CLAIM(claim)                                                           \
    do {                                                                       \
        if (!(claim) && !me->wrong)                                            \
            me->wrong = "line " STRING(__LINE__) ": " #claim;                  \
    } while (0)

static void enter(struct account *account, uint64_t handle)
{
    account->count++;
    account->sum += handle;
    account->mixed ^= handle * 0x9e3779b97f4a7c15u;
}

uint64_t tp_heap_alloc(const struct dom_type *type)
{
    uint64_t number = me->made.count + 1, handle;

    CLAIM(type->bytes == sizeof(struct cell));
    handle = number << 32 | (me->state & 1) << 31 | TP_GRANULE;
    enter(&me->made, handle);
    return handle;
}

/* Some are not ours to drop; they are gone from the container all the same. */
bool tp_heap_drop(uint64_t handle)
{
    enter(&me->dropped, handle);
    CLAIM(me->drops.length < MOST);
    if (me->drops.length < MOST)
        me->drops.element[me->drops.length++] = handle;
    return handle >> 32 & 7;
}

static uint32_t below(uint32_t bound)
{
    me->state ^= me->state << 13;
    me->state ^= me->state >> 7;
    me->state ^= me->state << 17;
    return (uint32_t)(me->state * 0x2545f4914f6cdd1du >> 32) % bound;
}

static uint64_t in_model(const struct model *m, uint32_t index)
{
    return index < m->length ? m->element[index] : 0;
}

static void model_insert(struct model *m, uint32_t index, uint64_t element)
{
    memmove(&m->element[index + 1], &m->element[index],
            (m->length - index) * sizeof(m->element[0]));
    m->element[index] = element;
    m->length++;
}

static uint64_t model_remove(struct model *m, uint32_t index)
{
    uint64_t element = in_model(m, index);

    if (index >= m->length)
        return 0;
    m->length--;
    memmove(&m->element[index], &m->element[index + 1],
            (m->length - index) * sizeof(m->element[0]));
    return element;
}

static void compare(const struct twin *t)
{
    const struct deque_kind *k = me->deques;
    const struct model *m = &t->model;
    uint32_t i = below(k->capacity + 1);

    CLAIM(k->len(t->spine) == m->length);
    CLAIM(k->is_empty(t->spine) == (m->length == 0));
    CLAIM(k->is_full(t->spine) == (m->length == k->capacity));
    CLAIM(k->front(t->spine).handle == in_model(m, 0));
    CLAIM(k->back(t->spine).handle == in_model(m, m->length - 1));
    CLAIM(k->get(t->spine, i).handle == in_model(m, i));
    me->full += m->length == k->capacity;
    me->empty += m->length == 0;
}

/* Every element, in order, and none after them. */
static void compare_all(const struct twin *t)
{
    const struct deque_kind *k = me->deques;
    uint32_t i;

    compare(t);
    for (i = 0; i <= k->capacity; i++)
        CLAIM(k->get(t->spine, i).handle == in_model(&t->model, i));
    CLAIM(k->get(t->spine, UINT32_MAX).handle == 0);
    CLAIM(k->capacity_of() == k->capacity);
}

/* A push into a full one gives the element back, as it was. */
static void put(struct twin *t, struct rref_cell *element)
{
    const struct deque_kind *k = me->deques;
    uint32_t way = below(4), length = t->model.length;
    uint32_t index = way == 0 ? 0 : way == 1 ? below(k->capacity + 2) : length;
    bool fits = length < k->capacity && index <= length, done;
    uint64_t before = element->handle;

    if (way == 0)
        done = k->push_front(t->spine, element);
    else if (way == 1)
        done = k->insert(t->spine, index, element);
    else
        done = k->push_back(t->spine, element);
    CLAIM(done == fits);
    CLAIM(element->handle == (fits ? 0 : before));
    if (fits)
        model_insert(&t->model, index, before);
}

/* What was asked for, or null. */
static void take(struct twin *t, struct rref_cell *element)
{
    const struct deque_kind *k = me->deques;
    uint32_t way = below(4), length = t->model.length;
    uint32_t index = way == 0   ? length - 1
                     : way == 1 ? below(k->capacity + 2)
                                : 0;
    bool there = index < length, done;

    element->handle = 77;
    if (way == 0)
        done = k->pop_back(t->spine, element);
    else if (way == 1)
        done = k->remove(t->spine, index, element);
    else
        done = k->pop_front(t->spine, element);
    CLAIM(done == there);
    CLAIM(element->handle == model_remove(&t->model, index));
}

static void put_new(struct twin *t)
{
    struct rref_cell element = rref_cell_new();
    uint64_t handle = element.handle;

    put(t, &element);
    if (rref_cell_is_null(element))
        return;
    CLAIM(rref_cell_drop(&element) == ((handle >> 32 & 7) != 0));
}

static void take_and_drop(struct twin *t)
{
    struct rref_cell element;

    take(t, &element);
    (void)rref_cell_drop(&element);
}

static void swap_two(struct twin *t)
{
    uint32_t bound = me->deques->capacity + 1, i = below(bound),
             j = below(bound), length = t->model.length;
    uint64_t kept = in_model(&t->model, i);
    bool there = i < length && j < length;

    CLAIM(me->deques->swap(t->spine, i, j) == there);
    if (!there)
        return;
    t->model.element[i] = t->model.element[j];
    t->model.element[j] = kept;
}

static void append(struct twin *to, struct twin *from)
{
    me->deques->append(to->spine, from->spine);
    while (from->model.length && to->model.length < me->deques->capacity)
        model_insert(&to->model, to->model.length,
                     model_remove(&from->model, 0));
    compare_all(from);
}

/* From the back, each dropped once. */
static void truncate(struct twin *t, uint32_t length)
{
    uint32_t i;

    me->drops.length = 0;
    if (length)
        me->deques->truncate(t->spine, length);
    else
        me->deques->clear(t->spine);
    for (i = 0; t->model.length > length; i++)
        CLAIM(in_model(&me->drops, i) ==
              t->model.element[--t->model.length]);
    CLAIM(me->drops.length == i);
}

static void step_deque(void)
{
    uint32_t which = below(2), what = below(64);
    struct twin *t = &me->deque[which];

    me->drops.length = 0;
    if (what == 0)
        truncate(t, below(me->deques->capacity + 2));
    else if (what < 3)
        append(t, &me->deque[1 - which]);
    else if (what < 8)
        swap_two(t);
    else if (me->greedy ? what < 44 : what < 27)
        put_new(t);
    else
        take_and_drop(t);
    compare(t);
    if (below(256) == 0)
        me->greedy = !me->greedy;
    if (me->steps % 1024 == 0)
        compare_all(t);
}

/* One element into the shared deque, or out of it; with the model. */
static void exchange(struct shared *shared)
{
    struct twin *own = &me->deque[below(2)];
    struct rref_cell element;

    me->drops.length = 0;
    pthread_mutex_lock(&shared->lock);
    if (below(2)) {
        take(own, &element);
        if (!rref_cell_is_null(element))
            put(&shared->deque, &element);
        me->given += rref_cell_is_null(element);
    } else {
        take(&shared->deque, &element);
        me->taken += !rref_cell_is_null(element);
        if (!rref_cell_is_null(element))
            put(own, &element);
    }
    compare(&shared->deque);
    pthread_mutex_unlock(&shared->lock);
    (void)rref_cell_drop(&element);
    compare(own);
}

static void set_element(uint32_t index)
{
    struct twin *t = &me->array;
    struct rref_cell element = rref_cell_new();
    uint64_t handle = element.handle;
    bool fits = index < me->arrays->capacity && !t->model.element[index];

    CLAIM(me->arrays->set(t->spine, index, &element) == fits);
    CLAIM(element.handle == (fits ? 0 : handle));
    if (fits)
        t->model.element[index] = handle;
    (void)rref_cell_drop(&element);
}

static void get_element(uint32_t index)
{
    struct twin *t = &me->array;
    uint64_t kept = in_model(&t->model, index);
    struct rref_cell element = {77};

    CLAIM(me->arrays->get(t->spine, index, &element) == (kept != 0));
    CLAIM(element.handle == kept);
    if (kept)
        t->model.element[index] = 0;
    (void)rref_cell_drop(&element);
}

/* In order, each dropped once. */
static void clear_array(void)
{
    struct twin *t = &me->array;
    uint32_t i, dropped = 0;

    me->drops.length = 0;
    me->arrays->clear(t->spine);
    for (i = 0; i < me->arrays->capacity; i++)
        if (t->model.element[i])
            CLAIM(in_model(&me->drops, dropped++) == t->model.element[i]);
    CLAIM(me->drops.length == dropped);
    memset(t->model.element, 0, sizeof(t->model.element));
}

static void compare_array(void)
{
    const struct array_kind *k = me->arrays;
    const struct twin *t = &me->array;
    uint32_t i, occupied = 0;

    for (i = 0; i <= k->capacity; i++) {
        CLAIM(k->has(t->spine, i) == (in_model(&t->model, i) != 0));
        CLAIM(k->peek(t->spine, i).handle == in_model(&t->model, i));
        occupied += in_model(&t->model, i) != 0;
    }
    CLAIM(k->len(t->spine) == occupied);
    CLAIM(k->capacity_of() == k->capacity);
    CLAIM(!k->has(t->spine, UINT32_MAX));
    me->full += occupied == k->capacity;
    me->empty += occupied == 0;
}

static void step_array(void)
{
    uint32_t index = below(me->arrays->capacity + 2), what = below(1024);

    me->drops.length = 0;
    if (what == 0)
        clear_array();
    else if (me->greedy ? what < 900 : what < 124)
        set_element(index);
    else
        get_element(index);
    if (below(256) == 0)
        me->greedy = !me->greedy;
    if (me->steps % 16 == 0)
        compare_array();
}

/* Allocated to the byte, so that a sanitizer sees each step outside. */
static void twin_begin(struct twin *t, size_t bytes, uint32_t length)
{
    memset(t, 0, sizeof(*t));
    t->spine = calloc(1, bytes);
    t->model.length = length;
}

static void player_begin(struct player *p, const struct deque_kind *deques,
                         const struct array_kind *arrays, uint64_t seed)
{
    memset(p, 0, sizeof(*p));
    p->deques = deques;
    p->arrays = arrays;
    p->state = seed * 88172645463325252u;
    twin_begin(&p->deque[0], deques->bytes, 0);
    twin_begin(&p->deque[1], deques->bytes, 0);
    twin_begin(&p->array, arrays->bytes, arrays->capacity);
    me = p;
}

static void twin_end(struct twin *t, struct account *left)
{
    uint32_t i;

    for (i = 0; i < t->model.length; i++)
        if (t->model.element[i])
            enter(left, t->model.element[i]);
    free(t->spine);
}

/* No element was lost or doubled: what was made is dropped, or left. */
static void players_end(struct player *players, uint32_t count,
                        struct shared *shared)
{
    struct account made = {0}, gone = {0};
    uint32_t i;

    if (shared)
        twin_end(&shared->deque, &gone);
    for (i = 0; i < count; i++) {
        ck_assert_msg(!players[i].wrong, "step %lu, not so: %s",
                      (unsigned long)players[i].steps, players[i].wrong);
        twin_end(&players[i].deque[0], &gone);
        twin_end(&players[i].deque[1], &gone);
        twin_end(&players[i].array, &gone);
        made.count += players[i].made.count;
        made.sum += players[i].made.sum;
        made.mixed ^= players[i].made.mixed;
        gone.count += players[i].dropped.count;
        gone.sum += players[i].dropped.sum;
        gone.mixed ^= players[i].dropped.mixed;
        ck_assert_uint_gt(players[i].full, 0);
        ck_assert_uint_gt(players[i].empty, 0);
    }
    ck_assert_uint_eq(made.count, gone.count);
    ck_assert_uint_eq(made.sum, gone.sum);
    ck_assert_uint_eq(made.mixed, gone.mixed);
}

static uint64_t operations(void)
{
    const char *wanted = getenv("TP_TEST_OPERATIONS");
    uint64_t count = wanted ? strtoull(wanted, NULL, 0) : 0;

    return count ? count : OPERATIONS;
}

/* Thesis 3.4, Listing 9. */
START_TEST(every_deque_agrees_with_its_model)
{
    static struct player player;

    player_begin(&player, &deque_kinds[_i], &array_kinds[0],
                 (uint64_t)_i + 1);
    player.array.model.length = 0;

    for (; player.steps < operations() / DEQUE_KINDS && !player.wrong;
         player.steps++)
        step_deque();

    compare_all(&player.deque[0]);
    compare_all(&player.deque[1]);
    players_end(&player, 1, NULL);
}
END_TEST

/* Thesis 3.3, Listing 8. */
START_TEST(every_array_agrees_with_its_model)
{
    static struct player player;

    player_begin(&player, &deque_kinds[0], &array_kinds[_i],
                 (uint64_t)_i + 1);

    for (; player.steps < operations() / ARRAY_KINDS && !player.wrong;
         player.steps++)
        step_array();

    compare_array();
    players_end(&player, 1, NULL);
}
END_TEST

static void *play(void *context)
{
    struct player *p = me = context;

    for (; p->steps < operations() / 2 && !p->wrong; p->steps++) {
        if (below(4) == 0)
            exchange(p->shared);
        else if (below(4))
            step_deque();
        else
            step_array();
    }
    return NULL;
}

/*
 * Design, section 4: a spine is private to its domain, so containers need no
 * lock but the domain's own. What crosses between threads under one arrives
 * once, and containers of two threads have nothing in common.
 */
START_TEST(two_threads_exchange_elements_and_lose_none)
{
    static struct player players[2];
    static struct shared shared = {.lock = PTHREAD_MUTEX_INITIALIZER};
    pthread_t second;
    uint32_t i;

    for (i = 0; i < 2; i++) {
        player_begin(&players[i], &deque_kinds[2], &array_kinds[2], i + 1);
        players[i].shared = &shared;
    }
    twin_begin(&shared.deque, deque_kinds[2].bytes, 0);

    ck_assert_int_eq(pthread_create(&second, NULL, play, &players[1]), 0);
    play(&players[0]);
    ck_assert_int_eq(pthread_join(second, NULL), 0);

    compare_all(&shared.deque);
    for (i = 0; i < 2; i++) {
        ck_assert_uint_gt(players[i].given, players[i].steps / 100);
        ck_assert_uint_gt(players[i].taken, players[i].steps / 100);
    }
    players_end(players, 2, &shared);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("container models");
    TCase *tests = tcase_create("container models");

    tcase_add_loop_test(tests, every_deque_agrees_with_its_model, 0,
                        (int)DEQUE_KINDS);
    tcase_add_loop_test(tests, every_array_agrees_with_its_model, 0,
                        (int)ARRAY_KINDS);
    tcase_add_test(tests, two_threads_exchange_elements_and_lose_none);
    suite_add_tcase(suite, tests);
    return suite_run(suite, CK_NOFORK);
}
