/* SPDX-License-Identifier: MIT */
/* bad_handles.c - see bad_handles.h. */
#include "bad_handles.h"

static uint64_t state = 1;

void chance_seed(uint64_t seed)
{
    state = seed ? seed : 1;
}

uint64_t chance(void)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * 0x2545f4914f6cdd1du;
}

uint32_t chance_below(uint32_t bound)
{
    return (uint32_t)((chance() >> 32) * bound >> 32);
}

static void lend_by_hand(uint64_t handle)
{
    registry_find(handle)->word += OWNER_ONE_BORROW;
}

void orchard_plant(struct orchard *o, struct actor *owner, struct actor *other,
                   struct actor *third)
{
    uint32_t i;

    o->owner = owner;
    o->others[0] = other;
    o->others[1] = third;
    for (i = 0; i < ORCHARD_EACH; i++) {
        struct actor *stranger = o->others[i & 1];

        o->apples[i] = actor_apple(owner, i);
        o->pears[i] = actor_pear(owner, i, actor_apple(owner, i));
        o->foreign_apples[i] = actor_apple(stranger, i);
        o->foreign_pears[i] = actor_pear(stranger, i, 0);
        o->stale[i] = i & 1 ? actor_apple(owner, i) : actor_pear(owner, i, 0);
    }
    for (i = 0; i < 4; i++) {
        o->lent_apples[i] = actor_apple(owner, i);
        lend_by_hand(o->lent_apples[i]);
        o->lent_pears[i] = actor_pear(owner, i, 0);
        lend_by_hand(o->lent_pears[i]);
    }
    for (i = 0; i < ORCHARD_EACH; i++)
        ck_assert(rref_drop(thread_current(), owner->domain, o->stale[i]));
    for (i = 0; i < 4; i++) {
        o->reused[i] = actor_apple(owner, i);
        ck_assert(!is_live(o->stale[ORCHARD_EACH - 1 - i]));
    }
}

static uint64_t pick(const uint64_t *from, uint32_t count)
{
    return from[chance_below(count)];
}

/* A good handle, spoilt. */
static uint64_t spoil(uint64_t handle)
{
    switch (chance_below(6)) {
    case 0:
        return handle + 1 + chance_below(63);
    case 1: /* beyond the heap, also after multiplication by a record's size */
        return (handle & OWNER_GENERATION) |
               (uint32_t)(handle + (1u << (24 + chance_below(8))));
    case 2:
        return handle + (1ull << 32);
    case 3:
        return handle - (1ull << 32);
    case 4: /* the next granules: most have never been handed out */
        return handle + 64 * 1024 * (1 + chance_below(8));
    default:
        return handle ^ 1ull << (32 + chance_below(32));
    }
}

static uint64_t any_bad(const struct orchard *o, bool pear)
{
    const uint64_t *good = pear ? o->pears : o->apples;

    switch (chance_below(8)) {
    case 0:
        return chance();
    case 1: /* a stale or free record's generation guessed right, and low */
        return (uint64_t)chance_below(4) << 32 |
               chance_below(0x1000000 / 64) * 64;
    case 2:
        return pick(o->stale, ORCHARD_EACH);
    case 3:
        return pick(pear ? o->foreign_pears : o->foreign_apples, ORCHARD_EACH);
    case 4: /* of the other type */
        return pick(pear ? o->apples : o->pears, ORCHARD_EACH);
    case 5: /* the generation that comes next, of a free record */
        return pick(o->stale, ORCHARD_EACH) + (1ull << 32);
    default:
        return spoil(pick(good, ORCHARD_EACH));
    }
}

bool orchard_accepts(const struct orchard *o, uint64_t handle, bool pear,
                     enum wanted wanted)
{
    uint32_t offset = (uint32_t)handle;
    const struct registry_record *record;

    if (offset % TP_GRANULE || offset / TP_GRANULE >= registry.granules)
        return false;
    record = &registry.records[offset / TP_GRANULE];
    if (record->word >> 32 != handle >> 32 ||
        owner_of(record->word) != o->owner->domain->id)
        return false;
    if (record->type != (pear ? &type_test_pear : &type_test_apple))
        return false;
    return wanted == WANTED_TO_LEND || owner_borrows(record->word) == 0;
}

uint64_t orchard_bad(const struct orchard *o, bool pear, enum wanted wanted,
                     bool null_is_bad)
{
    uint64_t handle;

    do {
        if (wanted == WANTED_TO_MOVE && chance_below(8) == 0)
            handle = pick(pear ? o->lent_pears : o->lent_apples, 4);
        else if (null_is_bad && chance_below(16) == 0)
            handle = 0;
        else
            handle = any_bad(o, pear);
    } while (orchard_accepts(o, handle, pear, wanted) ||
             (handle == 0 && !null_is_bad));
    return handle;
}

uint64_t bad_pointer(const struct actor *actor, uint32_t bytes)
{
    const struct domain *domain = actor->domain;
    uint32_t end = domain->private_break;

    switch (chance_below(9)) {
    case 0:
        return chance_below(0x10000 - bytes);
    case 1:
        return TP_FTAB_START + chance_below(0x1000 - bytes);
    case 2:
        return TP_TEXT_START + chance_below(0x1000 - bytes);
    case 3:
        return domain->image.rodata.address + chance_below(64);
    case 4: /* its first bytes can be written, its last cannot */
        return end - 1 - chance_below(bytes - 1);
    case 5:
        return end + chance_below(0x10000);
    case 6: /* across the end of the slot */
        return 0x100000000ull - 1 - chance_below(bytes - 1);
    case 7: /* the first page that is written, from below */
        return domain->private_start - 1 - chance_below(bytes - 1);
    default: /* whatever the upper half says */
        return chance() << 32 | chance_below(0x10000 - bytes);
    }
}
