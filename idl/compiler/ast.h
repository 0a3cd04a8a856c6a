/* SPDX-License-Identifier: MIT */
/*
 * ast.h - an IDL file as a tree.
 *
 * The parser makes it; the checks resolve its names and fill in the members
 * marked "checked"; the emitters only read it. A tree without errors has no
 * TYPE_NAME, TYPE_POINTER, TYPE_FUNCTION or TYPE_BAD left.
 */
#pragma once
#include "source.h"
#include "tepal/abi.h"

/* Limits that keep any input's work and output bounded. */
#define NAME_LENGTH_MAX 48u
#define DECLS_MAX 1024u
#define FIELDS_MAX 1024u
#define METHODS_MAX 64u /* a capability has a bit for each */
#define NESTING_MAX 16u
#define CAPACITY_MAX 1024u
#define PAYLOAD_BYTES_MAX 0x200000u /* the shared heap's largest object */
#define PAYLOAD_HANDLES_MAX 1024u
#define METHOD_HANDLES_MAX 2048u /* lists on the trusted stack: 32 KiB */

enum scalar {
    SCALAR_BOOL,
    SCALAR_U8,
    SCALAR_U16,
    SCALAR_U32,
    SCALAR_U64,
    SCALAR_I8,
    SCALAR_I16,
    SCALAR_I32,
    SCALAR_I64,
    SCALAR_COUNT
};

struct scalar_info {
    const char *name, *c_name;
    uint32_t bytes;
    bool is_signed;
};
extern const struct scalar_info scalar_info[SCALAR_COUNT];

enum type_kind {
    TYPE_BAD,  /* reported already */
    TYPE_NAME, /* not resolved yet */
    TYPE_SCALAR,
    TYPE_ENUM,    /* @decl */
    TYPE_PAYLOAD, /* @decl: a struct, or a named fixed array */
    TYPE_FIXED,   /* @count of @element */
    TYPE_RREF,    /* of @element */
    TYPE_RREF_ARRAY,
    TYPE_RREF_DEQUE,
    TYPE_CAP, /* @decl: an interface, called @name */
    TYPE_POINTER,
    TYPE_FUNCTION, /* pointer to one */
};

struct decl;

struct type {
    enum type_kind kind;
    struct span span;
    const char *name;
    enum scalar scalar;
    struct type *element;
    uint64_t count;
    struct span count_span;
    struct decl *decl; /* checked; containers: their named type */
};

struct field {
    struct field *next;
    const char *name;
    struct span span;
    struct type *type;
    uint64_t offset; /* checked */
};

/* A value of an enum or of an error. */
struct member {
    struct member *next;
    const char *name;
    struct span span;
    uint32_t value;
};

enum transfer { BY_VALUE, BY_MOVE, BY_BORROW };

struct parameter {
    struct parameter *next;
    const char *name;
    struct span span;
    struct type *type;
    enum transfer transfer;
    struct span transfer_span;
    bool is_in, is_out;
    uint32_t number; /* checked: its place among the registers */
    uint32_t frame;  /* checked: offset of its copy in the callee's frame */
};

struct method {
    struct method *next;
    const char *name;
    struct span span;
    struct parameter *in, *out; /* as written */
    const char *error_name;
    struct span error_span;
    bool retry;
    uint32_t number;
    struct decl *error;                              /* checked */
    struct parameter *parameters[TP_PARAMETERS_MAX]; /* checked: merged */
    uint32_t parameter_count;                        /* checked */
    uint32_t frame_bytes, move_count, loan_count;    /* checked */
};

enum decl_kind {
    DECL_STRUCT,
    DECL_TYPE,
    DECL_ENUM,
    DECL_ERROR,
    DECL_INTERFACE,
};

struct decl {
    struct decl *next;
    enum decl_kind kind;
    const char *name;
    struct span span;
    struct field *fields;   /* struct */
    struct type *type;      /* type */
    struct member *members; /* enum, error */
    struct method *methods; /* interface */
    uint32_t count;         /* of those */
    bool bad;               /* checked: reported, do not build on it */
    uint64_t bytes;         /* checked: payloads */
    uint32_t align;         /* checked: payloads */
    uint64_t handles;       /* checked: payloads: handles inside */
    uint64_t objects;       /* checked: payloads: itself and all it holds */
    uint64_t id;            /* checked: payloads, interfaces */
};

struct unit {
    const struct source *source;
    struct decl *decls;
};

static inline bool type_is_container(const struct type *type)
{
    return type->kind == TYPE_RREF_ARRAY || type->kind == TYPE_RREF_DEQUE;
}

/* Carries handles, so it is moved or lent. */
static inline bool type_is_reference(const struct type *type)
{
    return type->kind == TYPE_RREF || type_is_container(type);
}

/* An object of the shared heap can be one. */
static inline bool decl_is_payload(const struct decl *decl)
{
    return decl->kind == DECL_STRUCT ||
           (decl->kind == DECL_TYPE && decl->type->kind == TYPE_FIXED);
}

static inline bool decl_is_container(const struct decl *decl)
{
    return decl->kind == DECL_TYPE && type_is_container(decl->type);
}

/* Bytes of a parameter where it lies in memory; of a container, its spine. */
static inline uint32_t type_room(const struct type *type)
{
    if (type->kind == TYPE_SCALAR)
        return scalar_info[type->scalar].bytes;
    if (type->kind == TYPE_RREF_ARRAY)
        return (uint32_t)(8 * type->count);
    if (type->kind == TYPE_RREF_DEQUE)
        return (uint32_t)(8 + 8 * type->count);
    return type->kind == TYPE_ENUM || type->kind == TYPE_CAP ? 4 : 8;
}
