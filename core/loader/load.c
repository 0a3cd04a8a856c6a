/* SPDX-License-Identifier: MIT */
/*
 * load.c - a .dom file becomes a domain: its segments are copied into the
 * slot, the function table gets absolute addresses, and the text is verified
 * in the copy that will run, before it becomes executable. From then on no
 * writable mapping of it exists.
 * Source: thesis 2 (Domains); design, sections 2 and 6; docs/ABI.md.
 */
#include "../domain/services.h"
#include "arch/access.h"
#include "arch/gate.h"
#include "arch/pages.h"
#include "tepal_trusted/base.h"
#include "tepal_trusted/loader.h"
#include "tepal_trusted/sha256.h"
#include "tepal_trusted/watchdog.h"
#include "tepal_trusted/proxy.h"
#include "tepal_trusted/trace.h"
#include "tepal_trusted/verify.h"

#define DATA_STACK_DEFAULT 0x40000u
#define PRIVATE_QUOTA_DEFAULT 0x4000000u
#define SHARED_QUOTA_DEFAULT 0x4000000u
#define INT3 0xcc

bool load_refuse(struct load_error *error, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    text_format_list(error->text, sizeof(error->text), format, list);
    va_end(list);
    return false;
}

static size_t whole_pages(size_t bytes)
{
    return (bytes + TP_PAGE - 1) & ~(size_t)(TP_PAGE - 1);
}

static bool no_memory(struct load_error *error)
{
    return load_refuse(error, "out of memory");
}

static bool report_rule(const struct image *image,
                        struct verify_result result, struct load_error *error)
{
    uint32_t offset = 0;
    const char *symbol = image_symbol(image, result.address, &offset);

    return load_refuse(error, "refused by the verifier: %s, at 0x%x (%s+0x%x)",
                  verify_rule_name(result.rule), result.address,
                  symbol ? symbol : "no symbol", offset);
}

static void fill_unreached(const struct image *image, uint8_t *text,
                           const void *scratch)
{
    uint32_t i;

    for (i = 0; i < image->text.file_bytes; i++)
        if (!verify_reached(scratch, i))
            text[i] = INT3;
}

bool load_verify(const struct image *image, uint8_t *text,
                 struct load_error *error)
{
    size_t scratch_bytes = verify_scratch_bytes(image->text.file_bytes);
    void *scratch = pages_alloc(scratch_bytes);
    uint32_t *entries = pages_alloc(image->ftab_bytes);
    struct verify_input input;
    struct verify_result result = {VERIFY_OK, 0};
    bool fine = false;

    if (scratch && entries) {
        input = image_verify_input(image, text, entries);
        result = verify_text(&input, scratch);
        fine = result.rule == VERIFY_OK;
        if (fine)
            fill_unreached(image, text, scratch);
        else
            report_rule(image, result, error);
    } else {
        no_memory(error);
    }
    pages_free(scratch, scratch_bytes);
    pages_free(entries, image->ftab_bytes);
    return fine;
}

static void copy_segment(struct domain *domain,
                         const struct image_segment *segment)
{
    __builtin_memcpy((void *)(domain->base + segment->address),
                     domain->image.file + segment->file_offset,
                     segment->file_bytes);
}

/* Map and copy a segment; the caller sets the final protection. */
static uint8_t *map_segment(struct domain *domain,
                            const struct image_segment *segment)
{
    uintptr_t address = domain->base + segment->address;

    if (!pages_map(address, whole_pages(segment->memory_bytes),
                   PAGES_READ_WRITE))
        return NULL;
    copy_segment(domain, segment);
    return (uint8_t *)address;
}

static bool protect_segment(struct domain *domain,
                            const struct image_segment *segment,
                            enum pages_access access)
{
    return pages_protect(domain->base + segment->address,
                         whole_pages(segment->memory_bytes), access);
}

static bool load_text(struct domain *domain, struct load_error *error)
{
    const struct image_segment *segment = &domain->image.text;
    uint8_t *text = map_segment(domain, segment);

    if (!text)
        return no_memory(error);
    __builtin_memset(text + segment->file_bytes, INT3,
                     whole_pages(segment->file_bytes) - segment->file_bytes);
    if (!load_verify(&domain->image, text, error))
        return false;
    domain->text_end = segment->address + segment->file_bytes;
    return protect_segment(domain, segment, PAGES_READ_EXECUTE) ||
           no_memory(error);
}

/* The gate of import @index, or NULL when the kernel has no such thing. */
static void (*find_gate(const struct image *image, uint32_t index))(void)
{
    struct dom_method method = image_method(image, index);
    uint32_t i;

    if (method.interface_id == TP_KERNEL_ID)
        return method.method < TP_SERVICE_COUNT
                   ? service_gates[method.method]
                   : NULL;
    for (i = 0; i < tp_interface_count; i++) {
        const struct proxy_interface *interface = tp_interfaces[i];

        if (interface->id == method.interface_id)
            return method.method < interface->method_count
                       ? (tracing ? tp_traced_gates[i]
                                  : interface->gates)[method.method]
                       : NULL;
    }
    return NULL;
}

static bool fill_imports(const struct image *image, uintptr_t *table,
                         struct load_error *error)
{
    uint32_t i;

    for (i = 0; i < image->import_count; i++) {
        void (*gate)(void) = find_gate(image, i);
        struct dom_method method = image_method(image, i);

        if (!gate)
            return load_refuse(error,
                          "imports method %lu of interface %016lx, which this "
                          "kernel does not have; rebuild the file with its "
                          "interfaces",
                          method.method, method.interface_id);
        table[1 + i] = (uintptr_t)gate;
    }
    return true;
}

static bool load_ftab(struct domain *domain, struct load_error *error)
{
    const struct image *image = &domain->image;
    uintptr_t address = domain->base + TP_FTAB_START;
    uintptr_t *table = (uintptr_t *)address;
    uint32_t i;

    if (!pages_map(address, image->ftab_bytes, PAGES_READ_WRITE))
        return no_memory(error);
    for (i = 0; i < image->ftab_bytes / sizeof(*table); i++)
        table[i] = (uintptr_t)gate_trap;
    for (i = 1 + image->import_count; i < image_ftab_count(image); i++)
        table[i] = domain->base + image_ftab_target(image, i);
    return fill_imports(image, table, error) &&
           (pages_protect(address, image->ftab_bytes, PAGES_READ) ||
            no_memory(error));
}

static void limit_private(struct domain *domain)
{
    uint32_t room = TP_PRIVATE_END - domain->image_end;

    domain->private_limit =
        domain->image_end +
        (uint32_t)(domain->private_quota < room ? domain->private_quota : room);
}

void domain_set_private_quota(struct domain *domain, uint64_t bytes)
{
    domain->private_quota = bytes;
    limit_private(domain);
}

static bool load_data(struct domain *domain, struct load_error *error)
{
    const struct image *image = &domain->image;
    const struct image_segment *last =
        image->data.memory_bytes ? &image->data : &image->rodata;

    if (!map_segment(domain, &image->rodata) ||
        !protect_segment(domain, &image->rodata, PAGES_READ))
        return no_memory(error);
    if (image->data.memory_bytes && !map_segment(domain, &image->data))
        return no_memory(error);
    domain->image_end =
        last->address + (uint32_t)whole_pages(last->memory_bytes);
    domain->private_break = domain->image_end;
    domain->private_start = image->data.memory_bytes ? image->data.address
                                                     : domain->private_break;
    if (!domain->private_quota)
        domain->private_quota = PRIVATE_QUOTA_DEFAULT;
    if (!domain->shared_quota)
        domain->shared_quota = SHARED_QUOTA_DEFAULT;
    limit_private(domain);
    domain->data_stack_bytes = (uint32_t)whole_pages(
        image->header.data_stack_bytes ? image->header.data_stack_bytes
                                       : DATA_STACK_DEFAULT);
    if (domain->data_stack_bytes < DOMAIN_DATA_STACK_MIN)
        domain->data_stack_bytes = DOMAIN_DATA_STACK_MIN;
    return pages_map_shared(domain->base) || no_memory(error);
}

/* The absolute address behind a function pointer that image_parse() checked. */
static uintptr_t function_address(const struct domain *domain, uint32_t pointer)
{
    return domain->base +
           image_ftab_target(&domain->image, (pointer - TP_FTAB_START) / 8);
}

static bool load_export(struct domain *domain, uint32_t index,
                        struct load_error *error)
{
    struct dom_export record = image_export(&domain->image, index);
    struct domain_export *export = &domain->exports[domain->export_count++];
    uint32_t i;

    if (record.method_count > DOMAIN_METHODS_MAX - domain->method_count)
        return load_refuse(error, "exports more than %u methods",
                      DOMAIN_METHODS_MAX);
    export->interface_id = record.interface_id;
    export->name = image_export_name(&domain->image, index);
    export->entries = &domain->methods[domain->method_count];
    export->count = (uint32_t)record.method_count;
    for (i = 0; i < export->count; i++)
        domain->methods[domain->method_count++] = function_address(
            domain, image_export_method(&domain->image, index, i));
    return true;
}

/* A proxy indexes an export's methods: there must be as many as it knows. */
static bool check_export(const struct domain_export *export,
                         struct load_error *error)
{
    const struct proxy_interface *interface =
        interface_find(export->interface_id);

    if (interface && interface->method_count == export->count)
        return true;
    return load_refuse(error,
                  "exports %s as interface %016lx, which this kernel does not "
                  "have; rebuild the file with its interfaces",
                  export->name, export->interface_id);
}

static bool load_exports(struct domain *domain, struct load_error *error)
{
    uint32_t i;

    if (domain->image.export_count > DOMAIN_EXPORTS_MAX)
        return load_refuse(error, "exports more than %u interfaces",
                      DOMAIN_EXPORTS_MAX);
    for (i = 0; i < domain->image.export_count; i++)
        if (!load_export(domain, i, error) ||
            !check_export(&domain->exports[i], error))
            return false;
    return true;
}

static bool load_types(struct domain *domain, struct load_error *error)
{
    uint32_t i;

    if (domain->image.type_count > DOMAIN_TYPES_MAX)
        return load_refuse(error, "allocates more than %u types",
                      DOMAIN_TYPES_MAX);
    for (i = 0; i < domain->image.type_count; i++) {
        struct dom_type record = image_type(&domain->image, i);

        domain->types[i] = type_find(record.type_id);
        if (!domain->types[i] || domain->types[i]->bytes != record.bytes)
            return load_refuse(error,
                          "allocates type %016lx, which this kernel does not "
                          "have; rebuild the file with its interfaces",
                          record.type_id);
    }
    return true;
}

/* domain->wired has a bit for each. */
static bool check_caps(const struct domain *domain, struct load_error *error)
{
    _Static_assert(CAPABILITIES_MAX <= 64, "bits of domain->wired");
    return domain->image.cap_count < CAPABILITIES_MAX ||
           load_refuse(error, "asks for more than %u capabilities",
                  CAPABILITIES_MAX - 1);
}

static bool set_flavour(struct domain *domain, struct load_error *error)
{
    bool is_gs = domain->image.header.flavour == TP_FLAVOUR_GS;

    domain->gs_base = is_gs ? domain->base : 0;
    return !is_gs || gate_has_gs() ||
           load_refuse(error, "of the gs flavour, which this machine cannot "
                       "run: it has no FSGSBASE; build it without "
                       "--flavour=gs");
}

static bool load_all(struct domain *domain, struct load_error *error)
{
    uint32_t main_entry = domain->image.header.main_entry;

    domain->mapped = true;
    if (!set_flavour(domain, error) || !load_ftab(domain, error) ||
        !load_text(domain, error) || !load_data(domain, error) ||
        !load_exports(domain, error) || !load_types(domain, error) ||
        !check_caps(domain, error))
        return false;
    if (main_entry)
        domain->main_entry = function_address(domain, main_entry);
    return true;
}

struct domain *domain_load(const char *name, const uint8_t *file, size_t bytes,
                           struct load_error *error)
{
    struct image_error why;
    struct image image;
    struct domain *domain;

    if (!image_parse(&image, file, bytes, &why)) {
        load_refuse(error, "not a domain file: %s, at byte 0x%lx", why.text,
               (unsigned long)why.offset);
        return NULL;
    }
    domain = domain_create(name);
    if (!domain) {
        load_refuse(error, "all %u slots are taken", slot_count() - 1);
        return NULL;
    }
    domain->image = image;
    if (!load_all(domain, error)) {
        domain_release(domain);
        return NULL;
    }
    return domain;
}

/* How many objects of each type it has made. */
struct made {
    const struct type *types[DOMAIN_TYPES_MAX];
    uint64_t allocated[DOMAIN_TYPES_MAX];
    uint32_t count;
};

static void note_made(const struct domain *domain, struct made *made)
{
    made->count = domain->image.type_count;
    __builtin_memcpy(made->types, domain->types, sizeof(made->types));
    __builtin_memcpy(made->allocated, domain->allocated,
                     sizeof(made->allocated));
}

/* Of types that the version before did not make, there are none so far. */
static void carry_made(struct domain *domain, const struct made *made)
{
    uint32_t i, j;

    for (i = 0; i < domain->image.type_count; i++) {
        domain->allocated[i] = 0;
        for (j = 0; j < made->count; j++)
            if (made->types[j] == domain->types[i])
                domain->allocated[i] += made->allocated[j];
    }
}

/* The version before is gone. After an error the next life tries it again. */
static bool load_next(struct domain *domain, struct load_error *error)
{
    struct made made;

    note_made(domain, &made);
    pages_unmap_slot(domain->base);
    domain->image = domain->next;
    domain->export_count = domain->method_count = 0;
    domain->main_entry = 0;
    if (!load_all(domain, error))
        return false;
    carry_made(domain, &made);
    if (!domain_map_data_stacks(domain))
        return no_memory(error);
    domain->version++;
    __atomic_store_n(&domain->has_next, 0, __ATOMIC_RELEASE);
    return true;
}

bool domain_reload(struct domain *domain, struct load_error *error)
{
    const struct image_segment *data = &domain->image.data;

    if (__atomic_load_n(&domain->has_next, __ATOMIC_ACQUIRE))
        return load_next(domain, error);
    if (domain->private_break > domain->image_end)
        pages_unmap(domain->base + domain->image_end,
                    domain->private_break - domain->image_end);
    domain->private_break = domain->image_end;
    domain_clear_data_stacks(domain);
    if (data->memory_bytes) {
        pages_clear(domain->base + data->address,
                    whole_pages(data->memory_bytes));
        copy_segment(domain, data);
    }
    return true;
}

void load_log(const struct domain *domain, const char *name,
              const uint8_t *file, size_t bytes)
{
    char digest[SHA256_TEXT];

    sha256_text(digest, file, bytes);
    log_line("load", "%s runs %s, %zu bytes, sha256 %s", domain->name, name,
             bytes, digest);
}

void system_give_settings(const struct system_domain *wanted,
                          struct domain *domain)
{
    if (wanted->shared_quota)
        domain->shared_quota = (int64_t)wanted->shared_quota;
    if (wanted->private_quota)
        domain_set_private_quota(domain, wanted->private_quota);
    domain->open = wanted->open;
    domain->restart = wanted->restart;
    __atomic_store_n(&domain->budget_ticks, wanted->budget_ticks,
                     __ATOMIC_RELAXED);
    watchdog_wake(); /* of the budget */
    text_copy(domain->arguments, sizeof(domain->arguments), wanted->arguments);
}
