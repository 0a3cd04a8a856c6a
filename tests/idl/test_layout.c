/* SPDX-License-Identifier: MIT */
/*
 * test_layout.c - layouts, frames and ids that the IDL compiler works out.
 */
#include "compile.h"
#include "suite_run.h"
#include <check.h>
#include <string.h>

#define PAYLOADS                                                               \
    "struct apple { u64 weight; }\n"                                           \
    "struct pear { u8 tag; rref<apple> seed; rref<apple> more[2]; }\n"         \
    "type block = u8[4096];\n"

/* Compile what must be right. */
static struct compiled *good(const char *text)
{
    struct compiled *compiled = compile_text(text);

    ck_assert_msg(compiled->errors == 0, "%s", compiled->messages);
    return compiled;
}

static uint64_t id_in(const char *text, const char *name)
{
    struct compiled *compiled = good(text);
    uint64_t id = compile_find(compiled, name)->id;

    compile_free(compiled);
    return id;
}

/* Rule: a shared struct lies as C lays it out, so domains and kernel agree. */
START_TEST(fields_lie_at_their_natural_alignment)
{
    struct compiled *compiled = good("enum e { a, }\n"
                                     "struct in { u8 a; u16 b; }\n"
                                     "struct s { u8 a; u64 b; bool c; in d[3];"
                                     " e f; u8 g; }\n");
    static const uint64_t offsets[] = {0, 8, 16, 18, 32, 36};
    struct decl *decl = compile_find(compiled, "s");
    struct field *field;
    size_t i = 0;

    for (field = decl->fields; field; field = field->next)
        ck_assert_uint_eq(field->offset, offsets[i++]);
    ck_assert_uint_eq(i, 6);
    ck_assert_uint_eq(decl->bytes, 40);
    ck_assert_uint_eq(decl->align, 8);
    compile_free(compiled);
}
END_TEST

/* Design, section 4 (Containers): handles inside a payload are walked. */
START_TEST(a_payload_counts_what_it_holds)
{
    struct compiled *compiled =
        good(PAYLOADS "struct tree { rref<pear> left; pear right; }\n");
    struct decl *pear = compile_find(compiled, "pear");
    struct decl *tree = compile_find(compiled, "tree");

    ck_assert_uint_eq(pear->handles, 3);
    ck_assert_uint_eq(pear->objects, 4);
    ck_assert_uint_eq(tree->handles, 4);
    ck_assert_uint_eq(tree->objects, 1 + 4 + 3);
    compile_free(compiled);
}
END_TEST

/* Rule: 2 MiB is one chunk of the shared heap, and its largest object. */
START_TEST(a_payload_may_have_two_mebibytes)
{
    struct compiled *compiled = good("type most = u8[0x200000];\n");

    ck_assert_uint_eq(compile_find(compiled, "most")->bytes, 0x200000);
    compile_free(compiled);
}
END_TEST

/* docs/ABI.md, "Calling an import": what has a copy, and where. */
START_TEST(frames_hold_what_is_passed_by_pointer)
{
    struct compiled *compiled =
        good(PAYLOADS "type q = rref_deque<pear, 3>;\n"
                      "interface i { m(u8 v, move rref<block> r, borrow q lent,"
                      " borrow rref<block> b, move q both)"
                      " returns (move q both, u16 out); }\n");
    const struct method *method = compile_find(compiled, "i")->methods;

    ck_assert_uint_eq(method->parameter_count, 6);
    ck_assert_uint_eq(method->parameters[1]->frame, 0);
    ck_assert_uint_eq(method->parameters[2]->frame, 16);
    ck_assert_uint_eq(method->parameters[4]->frame, 48);
    ck_assert_uint_eq(method->parameters[5]->frame, 80);
    ck_assert_uint_eq(method->frame_bytes, 96);
    ck_assert_uint_eq(method->move_count, 1 + 3 * 4);
    ck_assert_uint_eq(method->loan_count, 3 * 4 + 1);
    compile_free(compiled);
}
END_TEST

/* docs/ABI.md, "Calling an import": names on both sides stand once. */
START_TEST(a_name_on_both_sides_keeps_its_first_place)
{
    struct compiled *compiled =
        good(PAYLOADS "interface i { m(move rref<block> a, u8 b)"
                      " returns (u64 c, move rref<block> a); }\n");
    const struct method *method = compile_find(compiled, "i")->methods;

    ck_assert_uint_eq(method->parameter_count, 3);
    ck_assert_str_eq(method->parameters[0]->name, "a");
    ck_assert(method->parameters[0]->is_in && method->parameters[0]->is_out);
    ck_assert_str_eq(method->parameters[1]->name, "b");
    ck_assert_str_eq(method->parameters[2]->name, "c");
    ck_assert(!method->parameters[2]->is_in && method->parameters[2]->is_out);
    compile_free(compiled);
}
END_TEST

/* Rule: what is written in place is the same as what has a name. */
START_TEST(what_has_no_name_gets_one)
{
    struct compiled *compiled =
        good("interface i { m(move rref_deque<u8[1514], 32> q,"
             " move rref<u8[1514]> r); }\n");
    const struct method *method = compile_find(compiled, "i")->methods;

    ck_assert_ptr_nonnull(compile_find(compiled, "u8_1514"));
    ck_assert_ptr_eq(method->parameters[0]->type->decl,
                     compile_find(compiled, "rref_deque_u8_1514_32"));
    ck_assert_ptr_eq(method->parameters[1]->type->element->decl,
                     compile_find(compiled, "u8_1514"));
    compile_free(compiled);
}
END_TEST

/* docs/ABI.md, "File": files that agree on an id agree on the layout. */
START_TEST(ids_follow_the_structure)
{
    uint64_t s = id_in("struct s { u8 a; u8 b; }\n", "s");

    ck_assert_uint_eq(s, id_in("/* x */ struct s {u8 a; u8 b;};", "s"));
    ck_assert_uint_ne(s, id_in("struct s { u8 a; u8 c; }\n", "s"));
    ck_assert_uint_ne(s, id_in("struct s { u8 b; u8 a; }\n", "s"));
    ck_assert_uint_ne(s, id_in("struct s { u8 a; i8 b; }\n", "s"));
    ck_assert_uint_ne(s, id_in("struct s { u8 a; bool b; }\n", "s"));
    ck_assert_uint_ne(s, id_in("struct t { u8 a; u8 b; }\n", "t"));
    ck_assert_uint_ne(id_in("struct a { u64 x; }\nstruct b { a y; }\n", "b"),
                      id_in("struct a { i64 x; }\nstruct b { a y; }\n", "b"));
    ck_assert_uint_ne(id_in("enum e { a, b, }\nstruct s { e x; }\n", "s"),
                      id_in("enum e { b, a, }\nstruct s { e x; }\n", "s"));
}
END_TEST

/* docs/ABI.md, "File": files that agree on an id agree on the methods. */
START_TEST(ids_of_interfaces_follow_their_methods)
{
    uint64_t i = id_in(PAYLOADS "interface i { m(move rref<apple> a); }", "i");

    ck_assert_uint_eq(i,
                      id_in(PAYLOADS "interface i { m(move rref<apple> b); }",
                            "i"));
    ck_assert_uint_ne(i,
                      id_in(PAYLOADS "interface i { m(borrow rref<apple> a); }",
                            "i"));
    ck_assert_uint_ne(i, id_in(PAYLOADS "interface i { m(move rref<pear> a); }",
                               "i"));
    ck_assert_uint_ne(i, id_in(PAYLOADS "interface i { m() returns "
                                        "(move rref<apple> a); }",
                               "i"));
    ck_assert_uint_ne(i, id_in(PAYLOADS "interface i { m(move rref<apple> a) "
                                        "returns (move rref<apple> a); }",
                               "i"));
    ck_assert_uint_ne(id_in("error e { a, }\ninterface i { m() fails e; }",
                            "i"),
                      id_in("interface i { m(); }", "i"));
    ck_assert_uint_ne(id_in(PAYLOADS
                            "interface i { m(move rref_deque<pear, 3> q); }",
                            "i"),
                      id_in(PAYLOADS
                            "interface i { m(move rref_deque<pear, 4> q); }",
                            "i"));
}
END_TEST

/* Rule: ids are FNV-1a as published, so that other tools can compute them. */
START_TEST(ids_are_fnv_1a)
{
    static const char text[] = "type t.s 1 {a@0:u8;}";
    uint64_t hash = 0xcbf29ce484222325u;
    const char *c;

    for (c = text; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 0x100000001b3u;
    ck_assert_uint_eq(id_in("struct s { u8 a; }\n", "s"), hash);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("idl layout");
    TCase *tests = tcase_create("layout");

    tcase_add_test(tests, fields_lie_at_their_natural_alignment);
    tcase_add_test(tests, a_payload_counts_what_it_holds);
    tcase_add_test(tests, a_payload_may_have_two_mebibytes);
    tcase_add_test(tests, frames_hold_what_is_passed_by_pointer);
    tcase_add_test(tests, a_name_on_both_sides_keeps_its_first_place);
    tcase_add_test(tests, what_has_no_name_gets_one);
    tcase_add_test(tests, ids_follow_the_structure);
    tcase_add_test(tests, ids_of_interfaces_follow_their_methods);
    tcase_add_test(tests, ids_are_fnv_1a);
    suite_add_tcase(suite, tests);
    return suite_run(suite, CK_FORK_GETENV);
}
