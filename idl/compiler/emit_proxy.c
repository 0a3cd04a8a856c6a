/* SPDX-License-Identifier: MIT */
/*
 * emit_proxy.c - trusted code: a proxy for each method, flat and without
 * loops, made of the operations in tepal_trusted/proxy.h and nothing else.
 *
 * What a proxy does, in order: begin; each argument, refused by its number;
 * clear what moves and where results go; call; each result; end.
 */
#include "check.h"
#include "emit.h"

/* What one method's code is written from. */
struct proxy {
    struct text *out;
    const struct unit *unit;
    const struct decl *interface;
    const struct method *method;
    struct arena *arena;
    const char *kind; /* "proxy" or "traced", the word in names */
    bool is_traced;
};

/* Has a place in the callee's frame. */
static bool has_frame(const struct parameter *p)
{
    return p->is_out || p->transfer == BY_MOVE || type_is_container(p->type);
}

/* The container's or the reference's word in the operations' names. */
static const char *shape(const struct type *type)
{
    return type->kind == TYPE_RREF         ? "rref"
           : type->kind == TYPE_RREF_ARRAY ? "array"
                                           : "deque";
}

static void add_capacity(const struct proxy *proxy, const struct type *type)
{
    if (type_is_container(type))
        text_add(proxy->out, ", %u", (unsigned)type->count);
}

static void add_type(const struct proxy *proxy, const struct type *type)
{
    text_add(proxy->out, "&type_%s_%s", proxy->unit->source->unit,
             type->element->decl->name);
    add_capacity(proxy, type);
}

static void add_frame(const struct proxy *proxy, const struct parameter *p)
{
    text_add(proxy->out, "FRAME_%s", emit_upper(proxy->arena, p->name));
}

/* What proxy_clear() empties: of a deque its head and length suffice. */
static uint32_t clear_bytes(const struct type *type)
{
    return type->kind == TYPE_RREF_DEQUE ? 8 : type_room(type);
}

static void add_interface_id(const struct proxy *proxy, const struct decl *decl)
{
    text_add(proxy->out, "INTERFACE_%s", emit_upper(proxy->arena, decl->name));
}

static void add_reference_argument(const struct proxy *proxy,
                                   const struct parameter *p)
{
    text_add(proxy->out, "    if (!proxy_%s_%s(&crossing, %s, ",
             p->transfer == BY_MOVE ? "move" : "lend", shape(p->type), p->name);
    if (has_frame(p)) {
        add_frame(proxy, p);
        text_add(proxy->out, ",\n            ");
    }
    add_type(proxy, p->type);
    text_add(proxy->out, "))\n");
}

/* false: nothing can be wrong with it. */
static bool add_argument_check(const struct proxy *proxy,
                               const struct parameter *p)
{
    const struct type *type = p->type;

    if (!p->is_in) {
        text_add(proxy->out, "    if (!proxy_expect(&crossing, %s, ", p->name);
        add_frame(proxy, p);
        text_add(proxy->out, ", %u))\n", type_room(type));
        return true;
    }
    if (type_is_reference(type)) {
        add_reference_argument(proxy, p);
        return true;
    }
    if (type->kind == TYPE_ENUM) {
        text_add(proxy->out, "    if ((uint32_t)%s >= %u)\n", p->name,
                 type->decl->count);
        return true;
    }
    if (type->kind == TYPE_CAP) {
        text_add(proxy->out, "    if (!proxy_pass_cap(&crossing, &%s, ",
                 p->name);
        add_interface_id(proxy, type->decl);
        text_add(proxy->out, "))\n");
        return true;
    }
    return false;
}

static void add_arguments(const struct proxy *proxy)
{
    uint32_t i;

    for (i = 0; i < proxy->method->parameter_count; i++)
        if (add_argument_check(proxy, proxy->method->parameters[i]))
            text_add(proxy->out,
                     "        return %s_refuse(&crossing, %u);\n",
                     proxy->kind, i);
}

static bool has_results(const struct method *method)
{
    uint32_t i;

    for (i = 0; i < method->parameter_count; i++)
        if (method->parameters[i]->is_out)
            return true;
    return false;
}

/* "(&crossing, packets, count)": every result's pointer. */
static void add_result_list(const struct proxy *proxy, const char *first,
                            const char *separator)
{
    uint32_t i;

    text_add(proxy->out, "(%s", first);
    for (i = 0; i < proxy->method->parameter_count; i++)
        if (proxy->method->parameters[i]->is_out)
            text_add(proxy->out, "%s%s", separator,
                     proxy->method->parameters[i]->name);
    text_add(proxy->out, ")");
}

/* A function that empties every result of the caller. */
static void add_clear_function(const struct proxy *proxy)
{
    uint32_t i;

    if (!has_results(proxy->method))
        return;
    text_add(proxy->out, "\nstatic inline void clear_%s_%s",
             proxy->interface->name, proxy->method->name);
    add_result_list(proxy, "struct crossing *crossing", ",\n        uint64_t ");
    text_add(proxy->out, "\n{\n");
    for (i = 0; i < proxy->method->parameter_count; i++) {
        const struct parameter *p = proxy->method->parameters[i];

        if (p->is_out)
            text_add(proxy->out, "    proxy_clear(crossing, %s, %u);\n",
                     p->name, clear_bytes(p->type));
    }
    text_add(proxy->out, "}\n");
}

static void add_clear_call(const struct proxy *proxy, const char *indent)
{
    text_add(proxy->out, "%sclear_%s_%s", indent, proxy->interface->name,
             proxy->method->name);
    add_result_list(proxy, "&crossing", ", ");
    text_add(proxy->out, ";\n");
}

static void add_clearing(const struct proxy *proxy)
{
    uint32_t i;

    for (i = 0; i < proxy->method->parameter_count; i++) {
        const struct parameter *p = proxy->method->parameters[i];

        if (p->transfer == BY_MOVE && !p->is_out)
            text_add(proxy->out, "    proxy_clear(&crossing, %s, %u);\n",
                     p->name, clear_bytes(p->type));
    }
    if (has_results(proxy->method))
        add_clear_call(proxy, "    ");
}

/* What the callee gets: values in their width, pointers into its frame. */
static void add_callee_argument(const struct proxy *proxy,
                                const struct parameter *p)
{
    const struct type *type = p->type;
    const struct scalar_info *info = &scalar_info[type->scalar];

    if (has_frame(p)) {
        text_add(proxy->out, "crossing.data_stack + ");
        add_frame(proxy, p);
    } else if (type->kind == TYPE_RREF || type->kind == TYPE_CAP) {
        text_add(proxy->out, "%s", p->name);
    } else if (type->kind == TYPE_ENUM) {
        text_add(proxy->out, "(uint32_t)%s", p->name);
    } else if (type->scalar == SCALAR_BOOL) {
        text_add(proxy->out, "(uint8_t)%s != 0", p->name);
    } else if (info->bytes == 8) {
        text_add(proxy->out, "%s", p->name);
    } else if (info->is_signed) {
        text_add(proxy->out, "(uint64_t)(%s)%s", info->c_name, p->name);
    } else {
        text_add(proxy->out, "(%s)%s", info->c_name, p->name);
    }
}

static void add_call(const struct proxy *proxy)
{
    uint32_t i, count = proxy->method->parameter_count;

    text_add(proxy->out, "    if (!%s_call(&crossing", proxy->kind);
    for (i = 0; i < TP_PARAMETERS_MAX; i++) {
        text_add(proxy->out, i < count ? ",\n                    " : ", ");
        if (i < count)
            add_callee_argument(proxy, proxy->method->parameters[i]);
        else
            text_add(proxy->out, "0");
    }
    text_add(proxy->out, "))\n        return %s_crashed(&crossing);\n",
             proxy->kind);
    for (i = 0; i < count; i++) {
        const struct parameter *p = proxy->method->parameters[i];

        if (p->is_in && p->type->kind == TYPE_CAP) {
            text_add(proxy->out, "    proxy_keep_passed(&crossing);\n");
            break;
        }
    }
}

static bool is_bool(const struct type *type)
{
    return type->kind == TYPE_SCALAR && type->scalar == SCALAR_BOOL;
}

static const char *result_shape(const struct type *type)
{
    if (type_is_reference(type))
        return shape(type);
    if (type->kind == TYPE_ENUM)
        return "enum";
    if (type->kind == TYPE_CAP)
        return "cap";
    return is_bool(type) ? "bool" : "scalar";
}

/* What else the operation must know: type, values, interface, or bytes. */
static void add_result_limit(const struct proxy *proxy, const struct type *type)
{
    if (type_is_reference(type)) {
        text_add(proxy->out, ",\n            ");
        add_type(proxy, type);
    } else if (type->kind == TYPE_ENUM) {
        text_add(proxy->out, ", %u", type->decl->count);
    } else if (type->kind == TYPE_CAP) {
        text_add(proxy->out, ", ");
        add_interface_id(proxy, type->decl);
    } else if (!is_bool(type)) {
        text_add(proxy->out, ", %u", type_room(type));
    }
}

static void add_result(const struct proxy *proxy, const struct parameter *p)
{
    text_add(proxy->out, "    if (!proxy_return_%s(&crossing, ",
             result_shape(p->type));
    add_frame(proxy, p);
    text_add(proxy->out, ", %s", p->name);
    add_result_limit(proxy, p->type);
    text_add(proxy->out, ")) {\n");
    add_clear_call(proxy, "        ");
    text_add(proxy->out, "        return %s_refuse(&crossing, %u);\n    }\n",
             proxy->kind, p->number);
}

/* Where parameters lie in the callee's frame. */
static void add_frame_layout(const struct proxy *proxy)
{
    uint32_t i;

    text_add(proxy->out, "    enum {\n");
    for (i = 0; i < proxy->method->parameter_count; i++) {
        const struct parameter *p = proxy->method->parameters[i];

        if (!has_frame(p))
            continue;
        text_add(proxy->out, "        ");
        add_frame(proxy, p);
        text_add(proxy->out, " = %u,\n", p->frame);
    }
    text_add(proxy->out, "        FRAME_BYTES_ = %u,\n    };\n",
             proxy->method->frame_bytes);
}

/* The six registers; those that carry nothing are called so. */
static void add_signature(const struct proxy *proxy, const char *prefix)
{
    uint32_t i;

    text_add(proxy->out, "struct rpc %s_%s_%s(\n        ", prefix,
             proxy->interface->name, proxy->method->name);
    for (i = 0; i < TP_PARAMETERS_MAX; i++) {
        const char *space = i % 2 ? "\n        " : " ";

        if (i < proxy->method->parameter_count)
            text_add(proxy->out, "uint64_t %s,%s",
                     proxy->method->parameters[i]->name, space);
        else
            text_add(proxy->out, "uint64_t unused%u_,%s", i, space);
    }
    text_add(proxy->out, "uint64_t cap, const struct gate_frame *gate)");
}

/* Room for what a call can move or lend; no array has no element. */
static void add_room(const struct proxy *proxy, const char *type,
                     const char *name, uint32_t count)
{
    if (count)
        text_add(proxy->out, "    %s%s[%u];\n", type, name, count);
    else
        text_add(proxy->out, "    %s*const %s = NULL;\n", type, name);
}

static void add_body(const struct proxy *proxy)
{
    const struct method *method = proxy->method;
    uint32_t i;

    text_add(proxy->out, "\n{\n");
    add_frame_layout(proxy);
    add_room(proxy, "struct flip ", "moves", method->move_count);
    add_room(proxy, "struct registry_record *", "loans", method->loan_count);
    text_add(proxy->out, "    struct crossing crossing;\n\n");
    for (i = method->parameter_count; i < TP_PARAMETERS_MAX; i++)
        text_add(proxy->out, "    (void)unused%u_;\n", i);
    text_add(proxy->out,
             "    if (!%s_begin(&crossing, gate, cap, INTERFACE_%s,\n"
             "                     %u, FRAME_BYTES_, moves, loans",
             proxy->kind, emit_upper(proxy->arena, proxy->interface->name),
             method->number);
    if (proxy->is_traced)
        text_add(proxy->out, ",\n                     \"%s.%s\"",
                 proxy->interface->name, method->name);
    text_add(proxy->out, "))\n        return proxy_answer(&crossing);\n");
    add_arguments(proxy);
    add_clearing(proxy);
    add_call(proxy);
    for (i = 0; i < method->parameter_count; i++)
        if (method->parameters[i]->is_out)
            add_result(proxy, method->parameters[i]);
    text_add(proxy->out, "    return %s_end(&crossing);\n}\n", proxy->kind);
}

static void add_once(const struct proxy *proxy)
{
    uint32_t i;

    text_add(proxy->out, "once_%s_%s(", proxy->interface->name,
             proxy->method->name);
    for (i = 0; i < TP_PARAMETERS_MAX; i++)
        if (i < proxy->method->parameter_count)
            text_add(proxy->out, "%s, ", proxy->method->parameters[i]->name);
        else
            text_add(proxy->out, "unused%u_, ", i);
    text_add(proxy->out, "cap, gate);\n");
}

/* A method that may be repeated is: core/crossing/shadow.c. */
static void add_shadow(const struct proxy *proxy)
{
    uint32_t i;

    text_add(proxy->out, "\n{\n    uint32_t calls_ = 1;\n"
                         "    struct rpc rpc_ = ");
    add_once(proxy);
    text_add(proxy->out, "\n    while (rpc_.result != RPC_OK &&\n"
                         "           shadow_repeats(rpc_, calls_++, cap)) {\n");
    for (i = 0; i < proxy->method->parameter_count; i++) {
        const struct parameter *p = proxy->method->parameters[i];

        if (p->transfer == BY_MOVE && p->is_in && p->type->kind == TYPE_RREF) {
            text_add(proxy->out,
                     "        if (rpc_.result == RPC_CRASHED &&\n"
                     "            !shadow_refill(%s, ",
                     p->name);
            add_type(proxy, p->type);
            text_add(proxy->out, "))\n            break;\n");
        }
    }
    text_add(proxy->out, "        rpc_ = ");
    add_once(proxy);
    text_add(proxy->out, "    }\n    return rpc_;\n}\n");
}

static void add_proxy(struct proxy *proxy)
{
    const char *interface = proxy->interface->name;
    const char *method = proxy->method->name;

    add_clear_function(proxy);
    if (proxy->method->retry) {
        text_add(proxy->out, "\nstatic inline __attribute__((always_inline)) ");
        add_signature(proxy, "once");
        add_body(proxy);
    }
    text_add(proxy->out, "\n");
    add_signature(proxy, proxy->kind);
    text_add(proxy->out, ";\n\n");
    add_signature(proxy, proxy->kind);
    if (proxy->method->retry)
        add_shadow(proxy);
    else
        add_body(proxy);
    text_add(proxy->out,
             "\nvoid gate_%s_%s_%s(void);\nGATE_ENTRY(%s_%s_%s);\n",
             proxy->kind, interface, method, proxy->kind, interface, method);
}

/* What reports call its methods. */
static void add_method_names(const struct proxy *proxy,
                             const struct decl *decl)
{
    const struct method *method;

    text_add(proxy->out, "\nstatic const char *const methods_%s[] = {\n",
             decl->name);
    for (method = decl->methods; method; method = method->next)
        text_add(proxy->out, "    \"%s\",\n", method->name);
    text_add(proxy->out, "};\n");
}

/* Its methods' proxies, and the table of their gates. */
static void add_gates(struct proxy *proxy, const struct decl *decl)
{
    const struct method *method;

    proxy->interface = decl;
    text_add(proxy->out, "\n#define INTERFACE_%s 0x%016llxu\n",
             emit_upper(proxy->arena, decl->name),
             (unsigned long long)decl->id);
    for (method = decl->methods; method; method = method->next) {
        proxy->method = method;
        add_proxy(proxy);
    }
    text_add(proxy->out, "\n%svoid (*const %sgates_%s[])(void) = {\n",
             proxy->is_traced ? "" : "static ",
             proxy->is_traced ? "traced_" : "", decl->name);
    for (method = decl->methods; method; method = method->next)
        text_add(proxy->out, "    gate_%s_%s_%s,\n", proxy->kind, decl->name,
                 method->name);
    text_add(proxy->out, "};\n");
}

static void add_interface(struct proxy *proxy, const struct decl *decl)
{
    add_gates(proxy, decl);
    add_method_names(proxy, decl);
    text_add(proxy->out,
             "\nconst struct proxy_interface interface_%s = {\n"
             "    .id = INTERFACE_%s,\n    .name = \"%s\",\n"
             "    .method_count = %u,\n    .gates = gates_%s,\n"
             "    .methods = methods_%s,\n};\n",
             decl->name, emit_upper(proxy->arena, decl->name), decl->name,
             decl->count, decl->name, decl->name);
}

void emit_traced_gates(struct text *out, const struct unit *unit,
                       const struct decl *interface, struct arena *arena)
{
    struct proxy proxy = {.out = out,
                          .unit = unit,
                          .arena = arena,
                          .kind = "traced",
                          .is_traced = true};

    add_gates(&proxy, interface);
}

/* Every handle in @type, which lies at @offset of the payload. */
static void add_handles(const struct proxy *proxy, const struct type *type,
                        uint64_t offset)
{
    const struct field *field;
    uint64_t i;

    if (check_measure(type).handles == 0)
        return;
    if (type->kind == TYPE_RREF) {
        text_add(proxy->out, "    {%llu, &type_%s_%s},\n",
                 (unsigned long long)offset, proxy->unit->source->unit,
                 type->element->decl->name);
    } else if (type->kind == TYPE_FIXED) {
        for (i = 0; i < type->count; i++)
            add_handles(proxy, type->element,
                        offset + i * check_measure(type->element).bytes);
    } else if (type->decl->kind == DECL_TYPE) {
        add_handles(proxy, type->decl->type, offset);
    } else {
        for (field = type->decl->fields; field; field = field->next)
            add_handles(proxy, field->type, offset + field->offset);
    }
}

static void add_descriptor(const struct proxy *proxy, struct decl *decl)
{
    const char *unit = proxy->unit->source->unit;
    struct type whole = {.kind = TYPE_PAYLOAD, .decl = decl};

    if (decl->handles) {
        text_add(proxy->out,
                 "\nstatic const struct type_handle handles_%s_%s[] = {\n",
                 unit, decl->name);
        add_handles(proxy, &whole, 0);
        text_add(proxy->out, "};\n");
    }
    text_add(proxy->out,
             "\nconst struct type type_%s_%s = {\n    .id = 0x%016llxu,\n"
             "    .name = \"%s.%s\",\n    .bytes = %llu,\n"
             "    .heap_bytes = TYPE_HEAP_BYTES(%llu),\n",
             unit, decl->name, (unsigned long long)decl->id, unit, decl->name,
             (unsigned long long)decl->bytes, (unsigned long long)decl->bytes);
    if (decl->handles)
        text_add(proxy->out,
                 "    .handle_count = %llu,\n    .handles = handles_%s_%s,\n",
                 (unsigned long long)decl->handles, unit, decl->name);
    text_add(proxy->out, "};\n");
}

void emit_proxy(struct text *out, const struct unit *unit, struct arena *arena)
{
    struct proxy proxy = {
        .out = out, .unit = unit, .arena = arena, .kind = "proxy"};
    struct decl *decl;

    emit_opening(out, unit,
                 "Trusted: shared types as the kernel knows them, "
                 "and a proxy for each method.");
    text_add(out, "#include \"arch/gate.h\"\n"
                  "#include \"tepal_trusted/proxy.h\"\n");
    for (decl = unit->decls; decl; decl = decl->next)
        if (decl_is_payload(decl))
            add_descriptor(&proxy, decl);
    for (decl = unit->decls; decl; decl = decl->next)
        if (decl->kind == DECL_INTERFACE)
            add_interface(&proxy, decl);
}
