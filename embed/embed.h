/* SPDX-License-Identifier: MIT */
/*
 * embed.h - libtepal's own: what the functions of tepal/tepal.h share.
 *
 * The program is a domain without code, the caller of all calls: it owns
 * objects, has memory in its slot for parameters, and is checked by the same
 * operations of proxies as any caller. It is open: many threads are in it.
 * Source: docs/decisions/0019-a-program-is-a-domain-without-code.md.
 */
#pragma once
#include "host.h"
#include "include/tepal/tepal.h"
#include "tepal_trusted/loader.h"
#include "tepal_trusted/proxy.h"
#include <pthread.h>

#define EMBED_API __attribute__((visibility("default")))

/* As it was described, with types as the kernel knows them. */
struct embed_method {
    const char *name;
    uint32_t parameter_count;
    struct tepal_parameter parameters[TP_PARAMETERS_MAX];
    const struct type *types[TP_PARAMETERS_MAX];
};

struct embed_interface {
    struct embed_interface *next;
    uint64_t id;
    uint32_t method_count;
    struct embed_method methods[DOMAIN_METHODS_MAX];
    const char *names[DOMAIN_METHODS_MAX];
    struct known_interface known;
};

struct tepal_domain {
    struct tepal_domain *next;
    struct domain *domain;
    uint8_t *file;
    size_t file_bytes;
    const struct embed_interface *described[DOMAIN_EXPORTS_MAX];
    uint32_t life; /* atomic: the one that ports lead to */
    uint32_t died; /* a bool: @death is one */
    struct tepal_death death;
    pthread_mutex_t turn; /* of a thread to be in it, unless it is open */
};

struct embed {
    pthread_mutex_t lock; /* of all that follows, and of loading */
    bool reserved;        /* host_start() was called, once in a process */
    struct domain *program; /* atomic; NULL: not started */
    struct tepal_domain *domains;
};
extern struct embed embed;

/* Say why in @error, if there is one; always @code. */
int embed_fail(struct tepal_error *error, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Printable, and cut to what fits. */
void embed_copy(char *to, size_t room, const char *from);

/*
 * Be a kernel thread that works for the program until embed_leave(); or NULL:
 * not started, or no memory.
 */
struct host_thread *embed_enter(void);
void embed_leave(void);

/* Take obituaries out of the kernel, each to its domain. */
void embed_take_deaths(void);

/* @domain ends, with nobody to blame, and nothing is left of that life. */
void embed_retire(struct domain *domain);

/* If @domain is dead, until nothing is left of that life. */
void embed_wait_until_gone(const struct domain *domain);

/* A turn to be in @domain. */
void embed_take_turn(struct tepal_domain *domain);
void embed_give_turn(struct tepal_domain *domain);

/*
 * Give an affine domain up, with no call in it: the next thread may have it.
 * Needs: the turn.
 */
void embed_let_go(struct domain *domain, struct thread *thread);

/* A type or interface as it was described, if it was added. */
const struct type *embed_type(const struct tepal_type *type);
const struct embed_interface *embed_described(uint64_t interface_id);
