/* SPDX-License-Identifier: MIT */
/*
 * check_names.c - names that work in C.
 *
 * Every name of an IDL file turns up in generated C, alone or as a part of a
 * longer one. A name that C, the headers or another name already uses is
 * refused here, so that accepted files always compile.
 */
#include "check.h"
#include <string.h>

/* Words of C (with gcc's and the preprocessor's), as of gnu11. */
static const char *const c_words[] = {
    "asm",      "auto",     "bool",     "break",    "case",   "char",
    "const",    "continue", "default",  "do",       "double", "else",
    "enum",     "extern",   "false",    "float",    "for",    "goto",
    "i386",     "if",       "inline",   "int",      "linux",  "long",
    "offsetof", "register", "restrict", "return",   "short",  "signed",
    "sizeof",   "static",   "struct",   "switch",   "true",   "typedef",
    "typeof",   "union",    "unix",     "unsigned", "void",   "volatile",
    "while",
};

/* Words of this language. */
static const char *const idl_words[] = {
    "borrow",     "cap",        "error", "fails", "i16",     "i32",
    "i64",        "i8",         "interface", "move",  "retry",   "returns",
    "rref",       "rref_array", "rref_deque", "type", "u16",     "u32",
    "u64",        "u8",
};

/* Variables of the generated stubs and proxies, and of their headers. */
static const char *const stub_words[] = {
    "crossing", "gate", "host_thread", "loans", "moves", "rax", "registry",
};

/* Enums of these names could make macros of <stdint.h>, like SIZE_MAX. */
static const char *const stdint_words[] = {
    "int16",       "int32",        "int64",        "int8",
    "int_fast16",  "int_fast32",   "int_fast64",   "int_fast8",
    "int_least16", "int_least32",  "int_least64",  "int_least8",
    "intmax",      "intptr",       "ptrdiff",      "sig_atomic",
    "size",        "uint16",       "uint32",       "uint64",
    "uint8",       "uint_fast16",  "uint_fast32",  "uint_fast64",
    "uint_fast8",  "uint_least16", "uint_least32", "uint_least64",
    "uint_least8", "uintmax",      "uintptr",      "wchar",
    "wint",
};

/* What the headers declare themselves, by prefix. */
static const char *const prefixes[] = {
    "tp_",
    "rpc_",
    "dom_",
    "rref_",
    "tepal_",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool is_one_of(const char *name, const char *const *words, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++)
        if (strcmp(name, words[i]) == 0)
            return true;
    return false;
}

static bool has_prefix(const char *name)
{
    size_t i;

    for (i = 0; i < COUNT(prefixes); i++)
        if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
            return true;
    return false;
}

/* A name's form: lower case, so that macros are out of the way. */
static bool has_form(const char *name)
{
    size_t length = strlen(name);

    return name[0] >= 'a' && name[0] <= 'z' && name[length - 1] != '_' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == length &&
           strstr(name, "__") == NULL;
}

static bool check_word(struct checker *checker, const char *name,
                       struct span span)
{
    size_t length = strlen(name);

    if (!has_form(name)) {
        diag_error(checker->diag, span, "'%s' is not a name here", name);
        diag_note(checker->diag, "names are lower case: a letter, then "
                                 "letters, digits and single '_' between");
        return false;
    }
    if (is_one_of(name, c_words, COUNT(c_words)) ||
        is_one_of(name, idl_words, COUNT(idl_words))) {
        diag_error(checker->diag, span, "'%s' is a word of %s", name,
                   is_one_of(name, c_words, COUNT(c_words)) ? "C"
                                                            : "the language");
        diag_note(checker->diag, "choose another name");
        return false;
    }
    if (length > 2 && strcmp(name + length - 2, "_t") == 0) {
        diag_error(checker->diag, span, "'%s' ends like a C type", name);
        diag_note(checker->diag, "leave '_t' to the C library");
        return false;
    }
    return true;
}

static void check_decl_name(struct checker *checker, struct decl *decl)
{
    struct decl *other = checker->unit->decls;
    const char *stem = arena_format(checker->arena, "%s_", decl->name);

    if (!check_word(checker, decl->name, decl->span))
        return;
    /* What is made of "tp" would begin with "tp_"; services have entries. */
    if (has_prefix(stem) || strcmp(decl->name, "service") == 0 ||
        is_one_of(decl->name, stdint_words, COUNT(stdint_words))) {
        diag_error(checker->diag, decl->span, "'%s' is taken by the C headers",
                   decl->name);
        diag_note(checker->diag, "so is all that begins with tp_, rpc_, "
                                 "dom_, rref_ or tepal_");
        return;
    }
    while (strcmp(other->name, decl->name))
        other = other->next;
    if (other != decl) {
        diag_error(checker->diag, decl->span, "'%s' is declared twice",
                   decl->name);
        diag_note_at(checker->diag, other->span, "the first time");
        decl->bad = true;
    }
}

static void check_fields(struct checker *checker, const struct decl *decl)
{
    const struct field *field, *other;

    for (field = decl->fields; field; field = field->next) {
        check_word(checker, field->name, field->span);
        for (other = decl->fields; strcmp(other->name, field->name);)
            other = other->next;
        if (other != field) {
            diag_error(checker->diag, field->span, "a second field '%s'",
                       field->name);
            diag_note_at(checker->diag, other->span, "the first");
        }
    }
}

static void check_members(struct checker *checker, const struct decl *decl)
{
    const struct member *member, *other;

    if (!decl->members && !decl->bad) {
        diag_error(checker->diag, decl->span, "'%s' has no values", decl->name);
        diag_note(checker->diag, "name at least one");
    }
    for (member = decl->members; member; member = member->next) {
        check_word(checker, member->name, member->span);
        for (other = decl->members; strcmp(other->name, member->name);)
            other = other->next;
        if (other != member) {
            diag_error(checker->diag, member->span, "a second value '%s'",
                       member->name);
            diag_note_at(checker->diag, other->span, "the first");
        }
    }
}

/* Would a parameter hide what its proxy or its stub refers to? */
static bool hides(struct checker *checker, const char *name)
{
    const char *type =
        arena_format(checker->arena, "type_%s_", checker->unit->source->unit);

    return is_one_of(name, stub_words, COUNT(stub_words)) || has_prefix(name) ||
           strncmp(name, "proxy_", 6) == 0 || strncmp(name, "clear_", 6) == 0 ||
           strncmp(name, "once_", 5) == 0 ||
           strncmp(name, "shadow_", 7) == 0 ||
           strncmp(name, type, strlen(type)) == 0;
}

static void check_parameter_names(struct checker *checker,
                                  const struct parameter *p)
{
    for (; p; p = p->next) {
        if (!check_word(checker, p->name, p->span) || !hides(checker, p->name))
            continue;
        diag_error(checker->diag, p->span,
                   "generated code has a '%s' of its own", p->name);
        diag_note(checker->diag, "choose another name");
    }
}

static void check_method_names(struct checker *checker, const struct decl *decl)
{
    const struct method *method;

    for (method = decl->methods; method; method = method->next) {
        check_word(checker, method->name, method->span);
        check_parameter_names(checker, method->in);
        check_parameter_names(checker, method->out);
    }
}

void check_names(struct checker *checker)
{
    struct decl *decl;

    for (decl = checker->unit->decls; decl; decl = decl->next) {
        if (diag_is_full(checker->diag))
            return;
        check_decl_name(checker, decl);
        check_fields(checker, decl);
        if (decl->kind == DECL_ENUM || decl->kind == DECL_ERROR)
            check_members(checker, decl);
        check_method_names(checker, decl);
    }
}
