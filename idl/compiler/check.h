/* SPDX-License-Identifier: MIT */
/*
 * check.h - what the grammar cannot say: names, RRefable types, layouts,
 * parameters.
 *
 * A declaration may only use what stands before it, so one pass in file order
 * resolves everything and a type can never contain itself.
 * Source: thesis 3.2.5 (RRefable); docs/ABI.md.
 */
#pragma once
#include "ast.h"
#include "diag.h"

struct checker {
    struct unit *unit;
    struct arena *arena;
    struct diag *diag;
    struct decl *current; /* the declaration being checked */
    struct decl **link;   /* what points to @current: types that have no name
                             of their own are declared here, before it */
};

/* Errors: counted in @diag. Without any, every "checked" member is set. */
void check_unit(struct unit *unit, struct arena *arena, struct diag *diag);

/* Turn @type's names into what they name. Errors: its kind is TYPE_BAD. */
void check_resolve(struct checker *checker, struct type *type);

/* What an object, or a part of one, takes. */
struct measure {
    uint64_t bytes, handles, objects;
    uint32_t align;
};
/* Needs: @type is resolved and may stand in a payload. */
struct measure check_measure(const struct type *type);

/* Resolve and lay out a struct, or a type; check the rules for payloads. */
void check_struct(struct checker *checker, struct decl *decl);
void check_type(struct checker *checker, struct decl *decl);

void check_interface(struct checker *checker, struct decl *decl);

/* Every name can be used in C, and no two mean the same there. */
void check_names(struct checker *checker);
void check_generated_names(struct checker *checker);

/*
 * Ids: hashes of what a caller and a callee must agree on. Never 0, never the
 * id of the kernel's services. Needs: what they are made of is checked.
 */
void id_of_payload(const struct unit *unit, struct decl *decl);
void id_of_interface(struct decl *decl);
