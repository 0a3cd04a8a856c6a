/* SPDX-License-Identifier: MIT */
/*
 * describe.c - interfaces and types that a program adds: copies that the kernel
 * keeps, since objects, obituaries and exports name them ever after.
 *
 * An id is a hash of a structure, so what is there by an id is the same.
 */
#include "embed.h"
#include <stdlib.h>
#include <string.h>

/* What idlc lets a file declare. */
#define PAYLOAD_MAX 0x200000u
#define HANDLES_MAX 1024u
#define NESTING_MAX 64u
#define CAPACITY_MAX 1024u
/* Objects that a call can move, or lend: what its lists have room for. */
#define OBJECTS_MAX 2048u

static struct embed_interface *interfaces;

const struct type *embed_type(const struct tepal_type *type)
{
    return type ? type_find(type->id) : NULL;
}

const struct embed_interface *embed_described(uint64_t interface_id)
{
    const struct embed_interface *one =
        __atomic_load_n(&interfaces, __ATOMIC_ACQUIRE);

    while (one && one->id != interface_id)
        one = one->next;
    return one;
}

static int no_memory(struct tepal_error *error)
{
    return embed_fail(error, TEPAL_NO_MEMORY, "out of memory");
}

static int wrong(struct tepal_error *error, const char *name)
{
    return embed_fail(error, TEPAL_INVALID,
                      "%s is not as idlc describes it", name);
}

static int add_type(const struct tepal_type *from, uint32_t depth,
                    struct tepal_error *error);

static int copy_handles(const struct tepal_type *from,
                        struct type_handle *handles, uint32_t depth,
                        struct tepal_error *error)
{
    uint32_t i;
    int code;

    for (i = 0; i < from->handle_count; i++) {
        if (from->handles[i].offset % 8 ||
            from->handles[i].offset + 8 > from->bytes)
            return wrong(error, from->name);
        code = add_type(from->handles[i].type, depth + 1, error);
        if (code)
            return code;
        handles[i].offset = from->handles[i].offset;
        handles[i].type = embed_type(from->handles[i].type);
    }
    return 0;
}

static int make_type(struct known_type *known, struct type_handle *handles,
                     const struct tepal_type *from, uint32_t depth,
                     struct tepal_error *error)
{
    int code;

    known->type.name = strdup(from->name);
    if (!known->type.name)
        return no_memory(error);
    known->type.id = from->id;
    known->type.bytes = from->bytes;
    known->type.heap_bytes = TYPE_HEAP_BYTES(from->bytes);
    known->type.handle_count = from->handle_count;
    known->type.handles = handles;
    code = copy_handles(from, handles, depth, error);
    if (code)
        free((char *)(uintptr_t)known->type.name);
    return code;
}

static int add_type(const struct tepal_type *from, uint32_t depth,
                    struct tepal_error *error)
{
    struct type_handle *handles;
    struct known_type *known;
    int code;

    if (!from || depth > NESTING_MAX || from->id == 0 || from->bytes == 0 ||
        from->bytes > PAYLOAD_MAX || from->handle_count > HANDLES_MAX)
        return wrong(error, from ? from->name : "a type");
    if (embed_type(from))
        return embed_type(from)->bytes == from->bytes
                   ? 0
                   : wrong(error, from->name);
    known = calloc(1, sizeof(*known));
    handles = calloc(from->handle_count + 1, sizeof(*handles));
    code = known && handles
               ? make_type(known, handles, from, depth, error)
               : no_memory(error);
    if (code) {
        free(known);
        free(handles);
        return code;
    }
    type_add(known);
    return 0;
}

static uint32_t objects_of(const struct type *type)
{
    uint32_t i, objects = 1;

    for (i = 0; i < type->handle_count && objects <= OBJECTS_MAX; i++)
        objects += objects_of(type->handles[i].type);
    return objects;
}

static bool is_scalar(const struct tepal_parameter *p)
{
    return p->kind <= TEPAL_BOOL &&
           (p->bytes == 1 || p->bytes == 2 || p->bytes == 4 || p->bytes == 8);
}

/* Counts the objects that go with it in @objects. */
static bool is_parameter(const struct tepal_parameter *p, uint64_t *objects)
{
    const struct type *type = embed_type(p->type);
    bool is_container = p->kind == TEPAL_ARRAY || p->kind == TEPAL_DEQUE;

    if (!(p->way & (TEPAL_IN | TEPAL_OUT)))
        return false;
    if (p->kind == TEPAL_CAP || p->kind == TEPAL_ENUM || is_scalar(p))
        return true;
    if (!type || (p->kind != TEPAL_RREF && !is_container) ||
        (is_container && (p->count == 0 || p->count > CAPACITY_MAX)))
        return false;
    *objects += (uint64_t)objects_of(type) * (is_container ? p->count : 1);
    return true;
}

static bool is_method(const struct tepal_method *method)
{
    uint64_t objects = 0;
    uint32_t i;

    if (method->parameter_count > TP_PARAMETERS_MAX)
        return false;
    for (i = 0; i < method->parameter_count; i++)
        if (!is_parameter(&method->parameters[i], &objects))
            return false;
    return objects <= OBJECTS_MAX;
}

static bool copy_method(struct embed_method *to,
                        const struct tepal_method *from)
{
    uint32_t i;

    to->name = strdup(from->name);
    to->parameter_count = from->parameter_count;
    for (i = 0; i < from->parameter_count; i++) {
        to->parameters[i] = from->parameters[i];
        to->parameters[i].type = NULL;
        to->types[i] = embed_type(from->parameters[i].type);
    }
    return to->name != NULL;
}

static bool copy_interface(struct embed_interface *to,
                           const struct tepal_interface *from)
{
    uint32_t i;

    to->id = from->id;
    to->method_count = from->method_count;
    for (i = 0; i < from->method_count; i++) {
        if (!copy_method(&to->methods[i], &from->methods[i]))
            return false;
        to->names[i] = to->methods[i].name;
    }
    to->known.interface.id = from->id;
    to->known.interface.name = strdup(from->name);
    to->known.interface.method_count = from->method_count;
    to->known.interface.methods = to->names;
    return to->known.interface.name != NULL;
}

static void drop_copy(struct embed_interface *copy)
{
    uint32_t i;

    for (i = 0; copy && i < copy->method_count; i++)
        free((char *)(uintptr_t)copy->methods[i].name);
    free(copy);
}

static void publish(struct embed_interface *copy)
{
    copy->next = interfaces;
    __atomic_store_n(&interfaces, copy, __ATOMIC_RELEASE);
    if (!interface_find(copy->id))
        interface_add(&copy->known);
}

static int add_interface(const struct tepal_interface *from,
                         struct tepal_error *error)
{
    struct embed_interface *copy;
    uint32_t i;

    if (embed_described(from->id))
        return 0;
    if (from->id == 0 || from->id == TP_KERNEL_ID ||
        from->method_count > DOMAIN_METHODS_MAX)
        return wrong(error, from->name);
    for (i = 0; i < from->method_count; i++)
        if (!is_method(&from->methods[i]))
            return wrong(error, from->name);
    copy = calloc(1, sizeof(*copy));
    if (!copy || !copy_interface(copy, from)) {
        drop_copy(copy);
        return no_memory(error);
    }
    publish(copy);
    return 0;
}

static int add_unit(const struct tepal_unit *unit, struct tepal_error *error)
{
    uint32_t i;
    int code = 0;

    if (!embed.program)
        return embed_fail(error, TEPAL_INVALID, "not started");
    if (unit->version != TEPAL_VERSION)
        return embed_fail(error, TEPAL_INVALID,
                          "made by an idlc for another libtepal");
    for (i = 0; !code && unit->types[i]; i++)
        code = add_type(unit->types[i], 0, error);
    for (i = 0; !code && unit->interfaces[i]; i++)
        code = add_interface(unit->interfaces[i], error);
    return code;
}

EMBED_API int tepal_add_unit(const struct tepal_unit *unit,
                             struct tepal_error *error)
{
    int code;

    pthread_mutex_lock(&embed.lock);
    code = add_unit(unit, error);
    pthread_mutex_unlock(&embed.lock);
    return code;
}
