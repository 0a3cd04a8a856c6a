/* SPDX-License-Identifier: MIT */
/*
 * check_generated.c - no two generated C names are the same.
 *
 * Generated names are longer forms of those in the file, so that a deque
 * "queue" and an interface "queue_push" with a method "back" would meet.
 */
#include "check.h"
#include <stdlib.h>
#include <string.h>

struct made_name {
    const char *text;
    struct span from;
};

struct made_names {
    struct made_name *list;
    size_t count, room;
    struct arena *arena;
};

static void add(struct made_names *names, const char *prefix,
                const char *middle, const char *suffix, struct span from)
{
    if (names->count == names->room) {
        size_t room = names->room * 2 + 64;
        struct made_name *list =
            arena_alloc(names->arena, room * sizeof(*list));

        if (names->count)
            memcpy(list, names->list, names->count * sizeof(*list));
        names->list = list;
        names->room = room;
    }
    names->list[names->count++] =
        (struct made_name){arena_format(names->arena, "%s%s%s", prefix, middle,
                                        suffix),
                           from};
}

static void add_upper(struct made_names *names, const char *prefix,
                      const char *suffix, struct span from)
{
    char *text = arena_format(names->arena, "%s_%s", prefix, suffix);
    char *c;

    for (c = text; *c; c++)
        if (*c >= 'a' && *c <= 'z')
            *c = (char)(*c - 'a' + 'A');
    add(names, text, "", "", from);
}

static void add_container(struct made_names *names, const struct decl *decl)
{
    static const char *const operations[] = {
        "_append",    "_back",       "_capacity", "_clear",    "_const_spine",
        "_front",     "_get",        "_has",      "_insert",   "_is_empty",
        "_is_full",   "_len",        "_next",     "_peek",     "_pop_back",
        "_pop_front", "_push_back",  "_push_front", "_remove", "_set",
        "_spine",     "_swap",       "_truncate",
    };
    size_t i;

    for (i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
        add(names, decl->name, operations[i], "", decl->span);
}

static void add_interface(struct made_names *names, const struct decl *decl)
{
    const struct method *method;

    add(names, decl->name, "_cap", "", decl->span);
    add(names, decl->name, "_cap_is_null", "", decl->span);
    add(names, decl->name, "_cap_narrow", "", decl->span);
    add(names, decl->name, "_cap_revoke", "", decl->span);
    add(names, decl->name, "_cap_generation", "", decl->span);
    add(names, decl->name, "_cap_reconnect", "", decl->span);
    add(names, decl->name, "_cap_take_back", "", decl->span);
    add(names, decl->name, "_impl_cap", "", decl->span);
    add(names, decl->name, "_port", "", decl->span);
    add(names, decl->name, "_port_find", "", decl->span);
    add_upper(names, decl->name, "id", decl->span);
    add_upper(names, decl->name, "cap", decl->span);
    add_upper(names, decl->name, "export", decl->span);
    add(names, decl->name, "_impl_table", "", decl->span);
    add(names, decl->name, "_impl_record", "", decl->span);
    for (method = decl->methods; method; method = method->next) {
        add(names, decl->name, "_", method->name, method->span);
        add(names, decl->name, "_impl_", method->name, method->span);
        add_upper(names, arena_format(names->arena, "%s_may", decl->name),
                  method->name, method->span);
        add(names, "proxy_", decl->name,
            arena_format(names->arena, "_%s", method->name), method->span);
    }
}

/* Names of hand-written headers, where a generated one could land. */
static void add_taken(struct made_names *names, struct span from)
{
    static const char *const taken[] = {
        "proxy_move_rref",   "proxy_move_array",      "proxy_move_deque",
        "proxy_lend_rref",   "proxy_lend_array",      "proxy_lend_deque",
        "proxy_frame_store", "proxy_hand_back",       "proxy_give_back",
        "proxy_begin_slow",  "proxy_begin_fails",     "proxy_end_slow",
        "proxy_begin_dead",
        "proxy_has_room",    "proxy_callee_has_room", "proxy_caller_has_room",
        "proxy_pass_cap",    "proxy_keep_passed",     "proxy_return_cap",
        "proxy_take_passed_back",                     "rref_deque",
    };
    size_t i;

    for (i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
        add(names, taken[i], "", "", from);
}

static void add_decl(struct made_names *names, const struct decl *decl)
{
    const struct member *member;

    if (decl_is_container(decl))
        add_container(names, decl);
    if (decl->kind == DECL_INTERFACE)
        add_interface(names, decl);
    else
        add(names, decl->name, "", "", decl->span);
    if (decl_is_payload(decl))
        add(names, "rref_", decl->name, "", decl->span);
    for (member = decl->members; member; member = member->next)
        add_upper(names, decl->name, member->name, member->span);
}

static int compare(const void *a, const void *b)
{
    const struct made_name *x = a, *y = b;
    int order = strcmp(x->text, y->text);

    if (order)
        return order;
    return x->from.start < y->from.start ? -1 : x->from.start > y->from.start;
}

void check_generated_names(struct checker *checker)
{
    struct made_names names = {NULL, 0, 0, checker->arena};
    const struct decl *decl;
    size_t i;

    add_taken(&names, (struct span){0, 1});
    for (decl = checker->unit->decls; decl; decl = decl->next)
        add_decl(&names, decl);
    qsort(names.list, names.count, sizeof(*names.list), compare);
    for (i = 1; i < names.count; i++) {
        if (strcmp(names.list[i].text, names.list[i - 1].text))
            continue;
        diag_error(checker->diag, names.list[i].from,
                   "this makes the C name '%s' a second time",
                   names.list[i].text);
        if (names.list[i - 1].from.length > 1)
            diag_note_at(checker->diag, names.list[i - 1].from,
                         "the first comes from here");
        else
            diag_note(checker->diag, "the headers have it already");
    }
}
