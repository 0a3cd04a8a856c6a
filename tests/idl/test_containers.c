/* SPDX-License-Identifier: MIT */
/*
 * test_containers.c - RRefArray and RRefDeque against plain models.
 *
 * Handles are just numbers here; the spines never look behind them. Spines are
 * allocated to the byte, so that a sanitizer sees each step outside.
 * Source: thesis 3.3, 3.4.
 */
#include "containers.h"
#include "suite_run.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

#define OPERATIONS 1000000u

/* Check's own assertions write to a file each time: too slow for millions. */
#define CLAIM(claim)                                                           \
    do {                                                                       \
        if (!(claim))                                                          \
            ck_abort_msg("not so: %s", #claim);                                \
    } while (0)

static uint64_t dropped[2048];
static uint32_t dropped_count;

bool tp_heap_drop(uint64_t handle)
{
    CLAIM(dropped_count < 2048);
    dropped[dropped_count++] = handle;
    return handle % 8 != 5; /* some are not ours to drop */
}

uint64_t tp_heap_alloc(const struct dom_type *type)
{
    ck_assert_uint_eq(type->bytes, sizeof(struct cell));
    return 0x100000040;
}

static uint64_t state = 88172645463325252u;

static uint32_t random_below(uint32_t bound)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 32) % bound;
}

/* What a deque should do: elements in order, and no ring. */
struct model {
    uint64_t element[1024];
    uint32_t length;
};

static void model_insert(struct model *m, uint32_t index, uint64_t element)
{
    memmove(&m->element[index + 1], &m->element[index],
            (m->length - index) * sizeof(m->element[0]));
    m->element[index] = element;
    m->length++;
}

static uint64_t model_remove(struct model *m, uint32_t index)
{
    uint64_t element = m->element[index];

    m->length--;
    memmove(&m->element[index], &m->element[index + 1],
            (m->length - index) * sizeof(m->element[0]));
    return element;
}

struct deque_pair {
    struct rref_deque *deque;
    struct model model;
    uint32_t capacity;
    uint64_t next; /* a number for each element that there ever was */
};

static struct rref_deque *spine_new(uint32_t capacity, uint32_t head)
{
    struct rref_deque *deque = malloc(8 + 8 * (size_t)capacity);

    memset(deque, 0xee, 8 + 8 * (size_t)capacity);
    deque->head = head;
    deque->length = 0;
    return deque;
}

static void check_pop(bool popped, uint64_t element, struct model *m,
                      uint32_t index)
{
    bool expected = index < m->length;
    uint64_t expected_element = 0;

    CLAIM(popped == expected);
    if (expected)
        expected_element = model_remove(m, index);
    CLAIM(element == expected_element);
}

static void check_push(bool pushed, uint64_t element, struct deque_pair *p,
                       uint32_t index)
{
    bool fits = p->model.length < p->capacity && index <= p->model.length;

    CLAIM(pushed == fits);
    CLAIM(element == (fits ? 0 : p->next));
    if (fits)
        model_insert(&p->model, index, p->next);
    p->next++;
}

static void truncate_both(struct deque_pair *p, uint32_t length)
{
    uint32_t i;

    dropped_count = 0;
    rref_deque_truncate(p->deque, p->capacity, length);
    for (i = 0; p->model.length > length; i++) {
        p->model.length--;
        CLAIM(dropped[i] == p->model.element[p->model.length]);
    }
    CLAIM(dropped_count == i);
}

static void swap_both(struct deque_pair *p, uint32_t i, uint32_t j)
{
    bool possible = i < p->model.length && j < p->model.length;
    uint64_t kept;

    CLAIM(rref_deque_swap(p->deque, p->capacity, i, j) == possible);
    if (!possible)
        return;
    kept = p->model.element[i];
    p->model.element[i] = p->model.element[j];
    p->model.element[j] = kept;
}

static void random_operation(struct deque_pair *p)
{
    uint32_t index = random_below(p->capacity + 2);
    uint32_t length = p->model.length;
    uint64_t element = p->next;
    bool done;

    switch (random_below(16)) {
    case 0:
    case 1:
    case 2:
    case 3:
        done = rref_deque_push_back(p->deque, p->capacity, &element);
        check_push(done, element, p, length);
        break;
    case 4:
    case 5:
    case 6:
        done = rref_deque_push_front(p->deque, p->capacity, &element);
        check_push(done, element, p, 0);
        break;
    case 7:
    case 8:
    case 9:
        done = rref_deque_pop_front(p->deque, p->capacity, &element);
        check_pop(done, element, &p->model, 0);
        break;
    case 10:
    case 11:
        done = rref_deque_pop_back(p->deque, p->capacity, &element);
        check_pop(done, element, &p->model, length ? length - 1 : 0);
        break;
    case 12:
        done = rref_deque_insert(p->deque, p->capacity, index, &element);
        check_push(done, element, p, index);
        break;
    case 13:
        done = rref_deque_remove(p->deque, p->capacity, index, &element);
        check_pop(done, element, &p->model, index);
        break;
    case 14:
        swap_both(p, index, random_below(p->capacity + 2));
        break;
    default:
        if (random_below(p->capacity) == 0)
            truncate_both(p, index);
        break;
    }
}

static void compare(const struct deque_pair *p)
{
    const struct model *m = &p->model;
    uint32_t index = random_below(p->capacity + 1);

    CLAIM(rref_deque_len(p->deque, p->capacity) == m->length);
    CLAIM(p->deque->head < p->capacity);
    CLAIM(rref_deque_is_full(p->deque, p->capacity) ==
          (m->length == p->capacity));
    CLAIM(rref_deque_get(p->deque, p->capacity, index) ==
          (index < m->length ? m->element[index] : 0));
}

static const uint32_t capacities[] = {1, 2, 3, 5, 8, 32, 1000, 1024};
#define CAPACITIES (sizeof(capacities) / sizeof(capacities[0]))

/* Thesis 3.4 (RRefDeque): a deque of fixed capacity with fallible insertion. */
START_TEST(deque_behaves_like_its_model)
{
    struct deque_pair p = {.capacity = capacities[_i], .next = 1};
    uint32_t i;

    p.deque = spine_new(p.capacity, random_below(p.capacity));
    for (i = 0; i < OPERATIONS / CAPACITIES; i++) {
        random_operation(&p);
        compare(&p);
    }

    for (i = 0; i < p.capacity; i++)
        CLAIM(rref_deque_get(p.deque, p.capacity, i) ==
              (i < p.model.length ? p.model.element[i] : 0));
    free(p.deque);
}
END_TEST

/* Thesis 3.4 (RRefDeque): insertion fails when there is no room. */
START_TEST(append_moves_while_there_is_room)
{
    struct deque_pair to = {.capacity = capacities[_i], .next = 1};
    uint32_t round, i;

    to.deque = spine_new(to.capacity, 0);
    for (round = 0; round < 200; round++) {
        struct rref_deque *from = spine_new(to.capacity, to.capacity / 2);
        uint32_t count = random_below(to.capacity + 1);
        uint32_t room = to.capacity - to.model.length;
        uint32_t moved = count < room ? count : room;

        for (i = 0; i < count; i++) {
            uint64_t element = to.next + i;

            rref_deque_push_back(from, to.capacity, &element);
        }
        rref_deque_append(to.deque, to.capacity, from);

        CLAIM(from->length == (count - moved));
        CLAIM(rref_deque_get(from, to.capacity, 0) ==
              (moved < count ? to.next + moved : 0));
        for (i = 0; i < moved; i++)
            model_insert(&to.model, to.model.length, to.next + i);
        compare(&to);
        truncate_both(&to, random_below(to.capacity + 1));
        to.next += count;
        free(from);
    }
    free(to.deque);
}
END_TEST

/* Rule: a spine that its domain has spoiled harms nothing beside it. */
START_TEST(garbage_in_a_spine_stays_inside)
{
    struct deque_pair p = {.capacity = capacities[_i], .next = 1};
    uint64_t element;
    uint32_t i;

    p.deque = spine_new(p.capacity, 0);
    for (i = 0; i < 20000; i++) {
        p.deque->head = random_below(UINT32_MAX);
        p.deque->length = random_below(UINT32_MAX);
        element = 1;
        switch (random_below(6)) {
        case 0:
            rref_deque_push_back(p.deque, p.capacity, &element);
            break;
        case 1:
            rref_deque_push_front(p.deque, p.capacity, &element);
            break;
        case 2:
            rref_deque_pop_back(p.deque, p.capacity, &element);
            break;
        case 3:
            rref_deque_pop_front(p.deque, p.capacity, &element);
            break;
        case 4:
            rref_deque_remove(p.deque, p.capacity, random_below(2000),
                              &element);
            break;
        default:
            rref_deque_swap(p.deque, p.capacity, random_below(2000),
                            random_below(2000));
            rref_deque_get(p.deque, p.capacity, random_below(2000));
            break;
        }
    }
    free(p.deque);
}
END_TEST

/* Thesis 3.3 (RRefArray): elements are taken out and put in again. */
START_TEST(array_behaves_like_its_model)
{
    uint32_t capacity = capacities[_i], i, j;
    uint64_t *spine = calloc(capacity, sizeof(*spine));
    uint64_t model[1024] = {0};

    for (i = 0; i < OPERATIONS / CAPACITIES; i++) {
        uint32_t index = random_below(capacity + 2);
        uint64_t element = i + 1, kept = index < capacity ? model[index] : 0;
        bool put = index < capacity && kept == 0;

        CLAIM(rref_array_has(spine, capacity, index) == (kept != 0));
        if (random_below(2)) {
            CLAIM(rref_array_set(spine, capacity, index, &element) == put);
            CLAIM(element == (put ? 0 : i + 1));
            if (put)
                model[index] = i + 1;
        } else {
            CLAIM(rref_array_get(spine, capacity, index, &element) ==
                  (kept != 0));
            CLAIM(element == kept);
            if (kept)
                model[index] = 0;
        }
    }
    for (i = 0, j = 0; i < capacity; i++)
        j += model[i] != 0;
    CLAIM(rref_array_len(spine, capacity) == j);

    dropped_count = 0;
    rref_array_clear(spine, capacity);
    CLAIM(dropped_count == j);
    CLAIM(rref_array_len(spine, capacity) == 0);
    free(spine);
}
END_TEST

/* Thesis 3.4 (RRefDeque): the typed wrappers reach the operation and the
 * capacity they name. */
START_TEST(typed_deque_is_a_deque_of_its_capacity)
{
    struct ring ring = {0}, other = {0};
    struct rref_cell cells[4] = {{1}, {2}, {3}, {4}}, cell;

    ck_assert(ring_is_empty(&ring) && ring_capacity() == 3);
    ck_assert(rref_cell_is_null(ring_front(&ring)));
    ck_assert(rref_cell_is_null(ring_back(&ring)));
    ck_assert(ring_push_back(&ring, &cells[1]));
    ck_assert(ring_push_front(&ring, &cells[0]));
    ck_assert(ring_insert(&ring, 2, &cells[2]));
    ck_assert(rref_cell_is_null(cells[0]) && rref_cell_is_null(cells[2]));
    ck_assert(ring_is_full(&ring) && ring_len(&ring) == 3);
    ck_assert(!ring_push_back(&ring, &cells[3]));
    ck_assert_uint_eq(cells[3].handle, 4);

    ck_assert_uint_eq(ring_front(&ring).handle, 1);
    ck_assert_uint_eq(ring_get(&ring, 1).handle, 2);
    ck_assert_uint_eq(ring_back(&ring).handle, 3);
    ck_assert(ring_swap(&ring, 0, 2));
    ck_assert(ring_remove(&ring, 1, &cell) && cell.handle == 2);
    ck_assert(ring_pop_front(&ring, &cell) && cell.handle == 3);
    ring_append(&other, &ring);
    ck_assert(ring_is_empty(&ring));
    ck_assert(ring_pop_back(&other, &cell) && cell.handle == 1);
    ck_assert(!ring_pop_back(&other, &cell) && cell.handle == 0);
}
END_TEST

/* Thesis 3.4 (RRefDeque): what is cleared is dropped, each element once. */
START_TEST(typed_clear_drops_everything)
{
    struct ring32 ring = {.head = 30};
    struct rref_cell cell;
    uint64_t i;

    for (i = 1; i <= 32; i++) {
        cell.handle = i;
        ck_assert(ring32_push_back(&ring, &cell));
    }
    ring32_truncate(&ring, 31);
    ring32_clear(&ring);

    ck_assert(ring32_is_empty(&ring));
    ck_assert_uint_eq(dropped_count, 32);
}
END_TEST

/* Thesis 3.3 (RRefArray): the typed wrappers, with their own capacity. */
START_TEST(typed_array_takes_out_and_puts_in)
{
    struct pair pair = {{0}};
    struct rref_cell a = {7}, b = {8}, out;

    ck_assert(pair_set(&pair, 1, &a) && rref_cell_is_null(a));
    ck_assert(!pair_set(&pair, 1, &b) && b.handle == 8);
    ck_assert(!pair_set(&pair, 2, &b));
    ck_assert_uint_eq(pair_len(&pair), 1);
    ck_assert(!pair_has(&pair, 0) && pair_has(&pair, 1));
    ck_assert_uint_eq(pair_peek(&pair, 1).handle, 7);
    ck_assert(rref_cell_is_null(pair_peek(&pair, 2)));
    ck_assert(pair_get(&pair, 1, &out) && out.handle == 7);
    ck_assert(!pair_get(&pair, 1, &out) && rref_cell_is_null(out));
    ck_assert_uint_eq(pair_capacity(), 2);

    ck_assert(pair_set(&pair, 0, &b));
    pair_clear(&pair);
    ck_assert_uint_eq(dropped_count, 1);
    ck_assert_uint_eq(dropped[0], 8);
}
END_TEST

/* docs/ABI.md, "Handles and spines". */
START_TEST(a_reference_points_into_the_shared_window)
{
    struct rref_cell cell = rref_cell_new();

    ck_assert_ptr_eq(rref_cell_value(cell), (void *)0x80000040);
    ck_assert(rref_cell_drop(&cell));
    ck_assert(rref_cell_is_null(cell));
    ck_assert(!rref_cell_drop(&cell));
    ck_assert_uint_eq(dropped_count, 1);

    cell.handle = 5; /* which the kernel refuses */
    ck_assert(!rref_cell_drop(&cell));
    ck_assert_uint_eq(cell.handle, 5);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("idl containers");
    TCase *tests = tcase_create("containers");
    int count = (int)CAPACITIES;

    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, deque_behaves_like_its_model, 0, count);
    tcase_add_loop_test(tests, append_moves_while_there_is_room, 0, count);
    tcase_add_loop_test(tests, garbage_in_a_spine_stays_inside, 0, count);
    tcase_add_loop_test(tests, array_behaves_like_its_model, 0, count);
    tcase_add_test(tests, typed_deque_is_a_deque_of_its_capacity);
    tcase_add_test(tests, typed_clear_drops_everything);
    tcase_add_test(tests, typed_array_takes_out_and_puts_in);
    tcase_add_test(tests, a_reference_points_into_the_shared_window);
    suite_add_tcase(suite, tests);
    return suite_run(suite, CK_FORK_GETENV);
}
