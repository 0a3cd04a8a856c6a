/* SPDX-License-Identifier: MIT */
/*
 * fuzz_idl.c - an interface description, through all of the compiler: what it
 * accepts is emitted in every form, what it refuses is said in plain text.
 */
#include "check.h"
#include "compile.h"
#include "emit.h"
#include "fuzz.h"
#include <string.h>

static void emit_everything(struct compiled *compiled)
{
    struct text text = {0};

    emit_header(&text, compiled->unit, &compiled->arena);
    emit_import(&text, compiled->unit, &compiled->arena);
    emit_proxy(&text, compiled->unit, &compiled->arena);
    emit_traced(&text, compiled->unit, &compiled->arena);
    emit_types(&text, compiled->unit);
    emit_table(&text, &compiled->unit, 1);
    emit_description(&text, compiled->unit);
    CLAIM(text.length > 0 && memchr(text.bytes, 0, text.length) == NULL);
    text_free(&text);
}

static void look_at_declarations(const struct unit *unit)
{
    const struct method *method;
    const struct decl *decl;

    for (decl = unit->decls; decl; decl = decl->next) {
        CLAIM(!decl->bad);
        if (decl_is_payload(decl)) {
            CLAIM(decl->bytes >= 1 && decl->bytes <= PAYLOAD_BYTES_MAX);
            CLAIM(decl->handles <= PAYLOAD_HANDLES_MAX && decl->id != 0);
        }
        if (decl->kind != DECL_INTERFACE)
            continue;
        for (method = decl->methods; method; method = method->next) {
            CLAIM(method->parameter_count <= TP_PARAMETERS_MAX);
            CLAIM(method->frame_bytes % 16 == 0);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct compiled *compiled;
    const char *at;

    if (size > SOURCE_BYTES_MAX)
        return 0;
    compiled = compile_bytes((const char *)data, size);
    if (compiled->errors == 0) {
        CLAIM(compiled->messages[0] == 0);
        look_at_declarations(compiled->unit);
        emit_everything(compiled);
    } else {
        CLAIM(strncmp(compiled->messages, "t.idl:", 6) == 0);
        for (at = compiled->messages; *at; at++)
            CLAIM((*at >= ' ' && *at <= '~') || *at == '\n');
    }
    compile_free(compiled);
    return 0;
}
