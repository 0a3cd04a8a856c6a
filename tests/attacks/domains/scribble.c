/* SPDX-License-Identifier: MIT */
/*
 * scribble.c - one thread trades: it moves and lends fruit to the neighbour
 * out of spines in its private memory. Others, in this domain and in the
 * neighbour, rewrite those spines, the neighbour's copies and the handles in
 * payloads all the while, and drop, move and lend what they find.
 *
 * On the board, which all domains know, stand the handles that were last in
 * use, so that what is written is often alive, or only just not.
 */
#include "intruder.h"

#define BOARD 16
#define BOARD_SCRIBBLES 16 /* beyond the handles: counts, more or less */
#define SOUGHT_MAX 32

/* What the calls are made from: all of it is scribbled over. */
static volatile struct {
    struct crate crate;
    struct belt belt;
    struct rref_apple apple;
    struct rref_pear pear;
} stall;
#define STALL_WORDS (sizeof(stall) / 8)
#define STALL_BELT (sizeof(struct crate) / 8)

/* The handles of this round, where nobody scribbles. */
struct purse {
    uint64_t handle[SOUGHT_MAX];
    uint32_t count;
};

static volatile uint64_t *board(void)
{
    return (volatile uint64_t *)(uintptr_t)mischief.posted;
}

static uint64_t next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state * 0x2545f4914f6cdd1du >> 16;
}

static uint32_t below(uint64_t *state, uint64_t bound)
{
    return (uint32_t)(next(state) % bound);
}

static uint64_t seed(uint64_t number)
{
    return (number + mischief.seed * 2 + 1) * 88172645463325252u;
}

static uint64_t keep(struct purse *purse, uint64_t *state, uint64_t handle)
{
    if (handle && purse->count < SOUGHT_MAX) {
        purse->handle[purse->count++] = handle;
        board()[next(state) % BOARD] = handle;
    }
    return handle;
}

static uint64_t new_apple(struct purse *purse, uint64_t *state)
{
    return keep(purse, state, rref_apple_new().handle);
}

static uint64_t new_pear(struct purse *purse, uint64_t *state)
{
    struct rref_pear pear = rref_pear_new();

    if (!rref_pear_is_null(pear))
        rref_pear_value(pear)->seed.handle = new_apple(purse, state);
    return keep(purse, state, pear.handle);
}

static void stock_up(struct purse *purse, uint64_t *state)
{
    uint32_t i, count = 1 + below(state, 4), head = below(state, 8);

    for (i = 0; i < 4; i++)
        stall.crate.handle[i] = i < count ? new_apple(purse, state) : 0;
    for (i = 0; i < count; i++)
        stall.belt.handle[(head + i) % 8] = new_pear(purse, state);
    stall.belt.head = head;
    stall.belt.length = count;
    stall.apple.handle = new_apple(purse, state);
    stall.pear.handle = new_pear(purse, state);
}

/*
 * Until somebody has scribbled a little. Where threads have to take turns on
 * one CPU that is long; so a domain waits for so long only in all.
 */
void let_them_scribble(void)
{
    uint64_t seen;

    if (!mischief.posted)
        return;
    seen = board()[BOARD_SCRIBBLES];
    /* Two may take the last of it. */
    while (board()[BOARD_SCRIBBLES] - seen < 3 && !mischief.stop &&
           mischief.patience > 0)
        mischief.patience--;
}

/* Pointers into the stall as the stubs want them; what is there may change. */
static struct rpc call_one(uint64_t what)
{
    struct crate *crate = (struct crate *)(uintptr_t)&stall.crate;
    struct belt *belt = (struct belt *)(uintptr_t)&stall.belt;
    struct rref_apple *apple = (struct rref_apple *)(uintptr_t)&stall.apple;
    struct rref_pear *pear = (struct rref_pear *)(uintptr_t)&stall.pear;
    struct rref_apple lent = {stall.crate.handle[0]};
    struct rref_pear lent_pear = {stall.pear.handle};
    uint64_t weight;

    switch (what % 14) {
    case 0:
        return test_take(neighbour, apple);
    case 1:
        return test_pass(neighbour, apple);
    case 2:
        return test_look(neighbour, lent, &weight);
    case 3:
        return test_take_pear(neighbour, pear);
    case 4:
        return test_look_pear(neighbour, lent_pear, &weight);
    case 5:
        return test_take_crate(neighbour, crate);
    case 6:
        return test_pass_crate(neighbour, crate);
    case 7:
        return test_look_crate(neighbour, crate, &weight);
    case 8:
        return test_make_crate(neighbour, 4, crate);
    case 9:
        return test_pass_belt(neighbour, belt);
    case 10:
        return test_look_belt(neighbour, belt, &weight);
    case 11:
        return test_make_belt(neighbour, 3, belt);
    case 12:
        return test_take_both(neighbour, apple, pear);
    default:
        return test_lend_and_take(neighbour, lent, apple);
    }
}

/* Whatever is still ours, wherever its handle went. */
static void sweep(struct purse *purse)
{
    volatile uint64_t *words = (volatile uint64_t *)&stall;
    uint32_t i;

    for (i = 0; i < STALL_WORDS; i++)
        if (i != STALL_BELT)
            (void)tp_heap_drop(words[i]);
    for (i = 0; i < purse->count; i++)
        (void)tp_heap_drop(purse->handle[i]);
    purse->count = 0;
}

static void sweep_board(void)
{
    uint32_t i;

    for (i = 0; i < BOARD; i++)
        (void)tp_heap_drop(board()[i]);
}

uint32_t trade(uint64_t rounds)
{
    struct purse purse = {.count = 0};
    uint64_t state = seed(1);
    uint32_t done;

    for (done = 0; done < rounds; done++) {
        struct rpc answer;

        stock_up(&purse, &state);
        if (done % 2)
            let_them_scribble();
        answer = call_one(next(&state));
        (void)note(answer);
        sweep(&purse);
        if (done % 16 == 0)
            sweep_board();
        if (answer.result != RPC_OK && answer.result != RPC_REFUSED)
            break;
    }
    mischief.stop = 1;
    return done;
}

/* A handle that is alive, was, will be, or never. */
static uint64_t any_handle(uint64_t *state)
{
    uint64_t random = next(state), handle = board()[random % BOARD];

    switch (random >> 8 & 15) {
    case 0:
        return next(state);
    case 1:
        return handle + (1ull << 32);
    case 2:
        return handle - (1ull << 32);
    case 3:
        return handle + 8;
    case 4:
        return handle + 0x1000000;
    case 5:
        return 0;
    default:
        return handle;
    }
}

/* Mostly one that might pass. */
static uint64_t any_head_and_length(uint64_t *state)
{
    uint64_t random = next(state);

    if ((random & 7) == 0)
        return next(state);
    return (random >> 8 & 15) | (random >> 16 & 7) << 32;
}

static void scribble_on_payload(uint64_t *state)
{
    uint64_t handle = board()[next(state) % BOARD];
    struct rref_pear pear = {handle};

    if (handle)
        *(volatile uint64_t *)&rref_pear_value(pear)->seed.handle =
            any_handle(state);
}

static void scribble_on_stall(uint64_t *state)
{
    uint32_t index = below(state, STALL_WORDS);

    ((volatile uint64_t *)&stall)[index] =
        index == STALL_BELT ? any_head_and_length(state) : any_handle(state);
}

/* In the frame of the method that runs, or ran, on another thread. */
static void scribble_on_frame(uint64_t *state)
{
    volatile uint64_t *words = (volatile uint64_t *)(uintptr_t)mischief.exposed;
    uint64_t count = mischief.exposed_words;
    uint32_t index;

    if (!words || !count)
        return;
    index = below(state, count);
    words[index] = count == sizeof(struct belt) / 8 && index == 0
                       ? any_head_and_length(state)
                       : any_handle(state);
}

/* Both threads are after the same objects: each has one that wins. */
static void meddle(uint64_t *state)
{
    struct rref_apple apple = {any_handle(state)};
    uint64_t weight;

    switch (next(state) & 15) {
    case 0:
    case 1:
        (void)tp_heap_drop(apple.handle);
        break;
    case 2:
        (void)test_look(neighbour, apple, &weight);
        break;
    case 3: /* and if it comes back, it is on the board still */
        (void)test_pass(neighbour, &apple);
        break;
    case 4:
        (void)test_take(neighbour, &apple);
        break;
    default:
        break;
    }
}

uint32_t scribble(void)
{
    uint64_t state = seed(2);
    volatile uint32_t delay;

    while (!mischief.stop) {
        scribble_on_payload(&state);
        scribble_on_stall(&state);
        scribble_on_frame(&state);
        meddle(&state);
        for (delay = 0; delay < (next(&state) & mischief.delay); delay++)
            ;
        mischief.rounds++;
        board()[BOARD_SCRIBBLES]++;
    }
    return 0;
}

/*
 * The neighbour's part. What came is remembered until the next call, since a
 * refused result stays here; then it goes.
 */
void expose(void *spine, uint32_t words)
{
    static uint64_t met[16];
    volatile uint64_t *word = spine;
    uint32_t i;

    if (mischief.trick != TRICK_EXPOSE)
        return;
    mischief.exposed_words = 0;
    mischief.exposed = (uint64_t)(uintptr_t)spine;
    mischief.exposed_words = words;
    for (i = 0; i < 16; i++)
        if (met[i])
            (void)tp_heap_drop(met[i]);
    for (i = 0; i < 16; i++)
        met[i] = i < words ? word[i] : 0;
    let_them_scribble();
}

/* What is taken is not kept. */
void eat(void *spine, uint32_t words)
{
    volatile uint64_t *word = spine;
    uint32_t i;

    if (mischief.trick != TRICK_EXPOSE)
        return;
    expose(spine, words);
    for (i = 0; i < words; i++)
        (void)tp_heap_drop(word[i]);
}
