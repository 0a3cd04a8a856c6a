/* SPDX-License-Identifier: MIT */
/* accounts.c - see accounts.h. */
#include "accounts.h"
#include "tepal_trusted/audit.h"
#include <string.h>

static struct actor watched[ACCOUNTS_MAX], bystander;
static uint32_t count;
static struct audit audit;

void accounts_open(const struct actor *actors, uint32_t number)
{
    ck_assert_uint_le(number, ACCOUNTS_MAX);
    memcpy(watched, actors, number * sizeof(*actors));
    count = number;
    bystander = actor_new("bystander");
    ck_assert(audit_begin(&audit));
}

/* Who was released is nobody. */
static bool is_alive(const struct actor *actor)
{
    return actor->domain->id != DOMAIN_NOBODY && domain_is_alive(actor->domain);
}

/* The world stands still: only the watchdog may be at work. */
static const char *find_broken(void)
{
    const char *broken;

    host_watchdog_pause(true);
    broken = audit_run(&audit);
    host_watchdog_pause(false);
    return broken;
}

/* What comes from @from, and what it makes, arrives at @to and is dropped. */
static void check_gift(struct actor *from, struct actor *to)
{
    uint64_t cap = actor_link(from, to, "test");
    uint64_t calls = to->order->calls;

    room(from, 0)[0] = actor_apple(from, 77);
    ck_rpc(actor_call(from, TAKE, cap, room_at(from, 0), 0, 0, 0, 0, 0), RPC_OK,
           0);
    ck_assert_uint_eq(to->order->seen[0], 77);
    ck_assert_uint_eq(to->order->calls, calls + 1);
    ck_assert(capability_revoke(from->domain, cap, false));
}

static void check_survivor(struct actor *actor)
{
    actor->order->script = 0;
    check_gift(actor, &bystander);
    check_gift(&bystander, actor);
}

void accounts_close(void)
{
    const char *broken = find_broken();
    uint32_t i;

    ck_assert_msg(!broken, "%s", broken);
    ck_assert_ptr_null(thread_current()->continuation);
    ck_assert_uint_eq(thread_current()->dying, 0);
    for (i = 0; i < count; i++) {
        ck_assert_uint_eq(domain_frames(watched[i].domain), 0);
        if (is_alive(&watched[i]))
            check_survivor(&watched[i]);
    }
    broken = find_broken();
    ck_assert_msg(!broken, "after more calls: %s", broken);
    audit_end(&audit);
}
