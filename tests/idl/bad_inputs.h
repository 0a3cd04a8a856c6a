/* SPDX-License-Identifier: MIT */
/*
 * bad_inputs.h - what the IDL compiler refuses: the file, the error with its
 * place, and what the remedy says. Each is the only error of its file.
 */
#pragma once

struct bad_input {
    const char *claim, *text, *error, *remedy;
};

static const struct bad_input bad_inputs[] = {
    {"a pointer cannot be shared",
     "struct node {\n"
     "    u32 size;\n"
     "    u8 *data;\n"
     "}\n",
     "t.idl:3:8: error: field 'data' of 'node' is a pointer, "
     "which cannot be shared",
     "an address means nothing in another domain; use rref<...>, "
     "or put the data in place"},
    {"a function pointer cannot be shared",
     "struct node {\n"
     "    void (*call)(int);\n"
     "}\n",
     "t.idl:2:10: error: field 'call' of 'node' is a function "
     "pointer, which cannot be shared",
     "code is private to its domain; make it a method of an "
     "interface"},
    {"an array of pointers cannot be shared",
     "struct inner {\n"
     "    u64 *p[4];\n"
     "}\n"
     "struct outer {\n"
     "    inner in;\n"
     "}\n",
     "t.idl:2:9: error: field 'p' of 'inner' is a pointer, which "
     "cannot be shared",
     "an address means nothing in another domain; use rref<...>, "
     "or put the data in place"},
    {"a C type has a name here",
     "struct s {\n"
     "    int x;\n"
     "}\n",
     "t.idl:2:5: error: there is no type 'int'", "write i32"},
    {"a type has to be declared",
     "struct s {\n"
     "    widget x;\n"
     "}\n",
     "t.idl:2:5: error: there is no type 'widget'",
     "types are bool, u8 to u64, i8 to i64, arrays of them, "
     "rref<...> and what was declared before"},
    {"there is no floating point",
     "struct s {\n"
     "    double x;\n"
     "}\n",
     "t.idl:2:5: error: there is no type 'double'",
     "there is no floating point in interfaces"},
    {"a type is declared before it is used",
     "struct a {\n"
     "    rref<b> next;\n"
     "}\n"
     "struct b {\n"
     "    u8 x;\n"
     "}\n",
     "t.idl:2:10: error: 'b' is used before it is declared",
     "move this declaration up"},
    {"a type cannot contain itself",
     "struct node {\n"
     "    u64 v;\n"
     "    rref<node> next;\n"
     "}\n",
     "t.idl:3:10: error: 'node' contains itself",
     "recursive types cannot be shared: a crossing walks all that "
     "is moved; use an rref_array or rref_deque"},
    {"a struct has fields",
     "struct s {\n"
     "}\n",
     "t.idl:1:8: error: struct 's' has no fields",
     "shared types have a size above 0"},
    {"an array has elements", "type z = u8[0];\n",
     "t.idl:1:13: error: an array of no elements",
     "shared types have a size above 0"},
    {"a payload fits into 2 MiB",
     "struct s {\n"
     "    u64 x[262145];\n"
     "}\n",
     "t.idl:1:8: error: 's' is larger than 2 MiB",
     "a shared object has at most 2097152 bytes"},
    {"an array's size cannot overflow",
     "struct s {\n"
     "    u8 x[18446744073709551615];\n"
     "}\n",
     "t.idl:2:10: error: an array beyond 2 MiB",
     "a shared object has at most 2097152 bytes"},
    {"a number fits into 64 bits",
     "struct s {\n"
     "    u8 x[18446744073709551616];\n"
     "}\n",
     "t.idl:2:10: error: number beyond 64 bits",
     "the largest size of anything is 2 MiB"},
    {"a spine stays private",
     "struct p {\n"
     "    u8 x;\n"
     "}\n"
     "struct s {\n"
     "    rref_deque<p, 4> q;\n"
     "}\n",
     "t.idl:5:5: error: field 'q' of 's' puts a container into "
     "the shared heap, where anybody could write its handles",
     "containers are parameters; in a struct use an array of "
     "rref<...>"},
    {"a container has room",
     "struct p {\n"
     "    u8 x;\n"
     "}\n"
     "type q = rref_deque<p, 0>;\n",
     "t.idl:4:24: error: a container's capacity is 1 to 1024",
     "every crossing looks at each element"},
    {"a container has at most 1024 places",
     "struct p {\n"
     "    u8 x;\n"
     "}\n"
     "type q = rref_array<p, 1025>;\n",
     "t.idl:4:24: error: a container's capacity is 1 to 1024",
     "every crossing looks at each element"},
    {"a reference refers to a payload",
     "interface i {\n"
     "    m(move rref<u64> x);\n"
     "}\n",
     "t.idl:2:17: error: only structs and arrays live in the "
     "shared heap",
     "wrap it: struct NAME { ... }"},
    {"a reference is no payload",
     "struct p {\n"
     "    u8 x;\n"
     "}\n"
     "interface i {\n"
     "    m(move rref<rref<p>> x);\n"
     "}\n",
     "t.idl:5:17: error: a reference to a reference",
     "put the inner rref into a struct"},
    {"a struct does not travel by value",
     "struct p {\n"
     "    u8 x;\n"
     "}\n"
     "interface i {\n"
     "    m(p x);\n"
     "}\n",
     "t.idl:5:7: error: parameter 'x' would be copied between "
     "domains",
     "share it: move rref<...> or borrow rref<...>"},
    {"a reference says who owns it",
     "struct p {\n"
     "    u8 x;\n"
     "}\n"
     "interface i {\n"
     "    m(rref<p> x);\n"
     "}\n",
     "t.idl:5:7: error: who owns 'x' after the call?",
     "write 'move' to give it away, 'borrow' to lend it for the "
     "call"},
    {"a value is not moved",
     "interface i {\n"
     "    m(move u32 x);\n"
     "}\n",
     "t.idl:2:7: error: 'x' is a value, nothing to move", "leave the word out"},
    {"a result is not borrowed",
     "struct p {\n"
     "    u8 x;\n"
     "}\n"
     "interface i {\n"
     "    m() returns (borrow rref<p> x);\n"
     "}\n",
     "t.idl:5:18: error: result 'x' cannot be borrowed",
     "a loan ends when the call returns; move it"},
    {"what comes back was moved",
     "struct p {\n"
     "    u8 x;\n"
     "}\n"
     "interface i {\n"
     "    m(borrow rref<p> x) returns (move rref<p> x);\n"
     "}\n",
     "t.idl:5:47: error: 'x' goes in and comes back, but is not "
     "moved",
     "write 'move' on both sides"},
    {"a value does not come back",
     "interface i {\n"
     "    m(u32 x) returns (u32 x);\n"
     "}\n",
     "t.idl:2:27: error: 'x' goes in and comes back, but is not "
     "moved",
     "values do not come back; give the result a name of its own"},
    {"what comes back has its type",
     "struct p {\n"
     "    u8 x;\n"
     "}\n"
     "struct q {\n"
     "    u8 x;\n"
     "}\n"
     "interface i {\n"
     "    m(move rref<p> x) returns (move rref<q> x);\n"
     "}\n",
     "t.idl:8:37: error: 'x' comes back with another type",
     "it goes in with this one"},
    {"six parameters travel",
     "interface i {\n"
     "    m(u8 a, u8 b, u8 c, u8 d, u8 e, u8 f) returns (u8 g);\n"
     "}\n",
     "t.idl:2:55: error: 'g' is one parameter too many for 'm'",
     "at most 6 travel, in and out together; put more into a "
     "struct behind an rref"},
    {"parameters differ in name",
     "interface i {\n"
     "    m(u8 a, u8 a);\n"
     "}\n",
     "t.idl:2:16: error: a second parameter 'a'", "the first"},
    {"fields differ in name",
     "struct s {\n"
     "    u8 a;\n"
     "    u8 a;\n"
     "}\n",
     "t.idl:3:8: error: a second field 'a'", "the first"},
    {"declarations differ in name",
     "struct s {\n"
     "    u8 a;\n"
     "}\n"
     "struct s {\n"
     "    u8 a;\n"
     "}\n",
     "t.idl:4:8: error: 's' is declared twice", "the first time"},
    {"methods differ in name",
     "interface i {\n"
     "    m();\n"
     "    m();\n"
     "}\n",
     "t.idl:3:5: error: a second method 'm'", "the first"},
    {"values differ in name",
     "enum e {\n"
     "    a,\n"
     "    a,\n"
     "}\n",
     "t.idl:3:5: error: a second value 'a'", "the first"},
    {"an error is declared",
     "interface i {\n"
     "    m() fails bad;\n"
     "}\n",
     "t.idl:2:15: error: there is no error 'bad'",
     "declare it before: error bad { ... }"},
    {"an error is no type",
     "error bad {\n"
     "    a,\n"
     "}\n"
     "struct s {\n"
     "    bad x;\n"
     "}\n",
     "t.idl:5:5: error: 'bad' is an error, not a type",
     "errors stand after 'fails'"},
    {"an interface is no type",
     "interface i {\n"
     "    m();\n"
     "}\n"
     "interface j {\n"
     "    n(i x);\n"
     "}\n",
     "t.idl:5:7: error: 'i' is an interface, not a type",
     "cap<i> is the right to call one"},
    {"a word of C is no name",
     "struct s {\n"
     "    u8 while;\n"
     "}\n",
     "t.idl:2:8: error: 'while' is a word of C", "choose another name"},
    {"names are lower case",
     "struct Packet {\n"
     "    u8 a;\n"
     "}\n",
     "t.idl:1:8: error: 'Packet' is not a name here",
     "names are lower case: a letter, then letters, digits and "
     "single '_' between"},
    {"the system's prefixes are taken",
     "struct rref_x {\n"
     "    u8 a;\n"
     "}\n",
     "t.idl:1:8: error: 'rref_x' is taken by the C headers",
     "so is all that begins with tp_, rpc_, dom_ or rref_"},
    {"names do not look like C types",
     "struct s {\n"
     "    u8 size_t;\n"
     "}\n",
     "t.idl:2:8: error: 'size_t' ends like a C type",
     "leave '_t' to the C library"},
    {"stubs have names of their own",
     "interface i {\n"
     "    m(u8 gate);\n"
     "}\n",
     "t.idl:2:10: error: generated code has a 'gate' of its own",
     "choose another name"},
    {"generated names differ",
     "struct p {\n"
     "    u8 x;\n"
     "}\n"
     "type queue = rref_deque<p, 4>;\n"
     "interface queue_push {\n"
     "    back();\n"
     "}\n",
     "t.idl:6:5: error: this makes the C name 'queue_push_back' a "
     "second time",
     "the first comes from here"},
    {"an interface has methods",
     "interface i {\n"
     "}\n",
     "t.idl:1:11: error: interface 'i' has no methods", "nobody could call it"},
    {"an enum has values",
     "enum e {\n"
     "}\n",
     "t.idl:1:6: error: 'e' has no values", "name at least one"},
    {"a field ends with a semicolon",
     "struct s {\n"
     "    u8 a\n"
     "    u8 b;\n"
     "}\n",
     "t.idl:2:9: error: expected ';' after the field",
     "fields, methods and types end with ';'"},
    {"a comment ends",
     "struct s {\n"
     "    u8 a;\n"
     "}\n"
     "/* never\n",
     "t.idl:4:1: error: this comment never ends", "end it with '*/'"},
    {"text is ASCII",
     "struct s {\n"
     "    u8 a;\n"
     "    \001\002 u8 b;\n"
     "}\n",
     "t.idl:3:5: error: stray character 0x01",
     "outside comments an IDL file is plain ASCII"},
    {"a number is a number",
     "struct s {\n"
     "    u8 a[12ab];\n"
     "}\n",
     "t.idl:2:10: error: '12ab' is not a number",
     "numbers are like 4096 or 0x1000"},
    {"a file ends after its last brace",
     "struct s {\n"
     "    u8 a;\n",
     "t.idl:2:10: error: expected '}' after the fields",
     "the file ends too early"},
    {"a file consists of declarations",
     "u8 a;\n"
     "struct s {\n"
     "    u8 a;\n"
     "}\n",
     "t.idl:1:1: error: expected a declaration, found 'u8'",
     "struct, type, enum, error and interface declare something"},
    {"a type has one name",
     "type a = u32;\n"
     "struct s {\n"
     "    u8 x;\n"
     "}\n"
     "type b = s;\n",
     "t.idl:5:10: error: 'b' would be a second name for a type",
     "'type' names an integer, an array, an rref_array or an "
     "rref_deque; use the first name"},
    {"C's struct keyword is not repeated",
     "struct s {\n"
     "    u8 x;\n"
     "}\n"
     "struct t {\n"
     "    struct s x;\n"
     "}\n",
     "t.idl:5:5: error: expected the name of a type, found "
     "'struct'",
     "'struct' stands only where it is declared"},
    {"a parameter is no pointer",
     "interface i {\n"
     "    m(u8 *x);\n"
     "}\n",
     "t.idl:2:10: error: parameter 'x' is a pointer, which cannot "
     "cross",
     "an address means nothing in another domain; pass an "
     "rref<...>, or a result after 'returns'"},
    {"a call carries at most 2048 objects",
     "struct p {\n"
     "    u8 x;\n"
     "}\n"
     "type q = rref_deque<p, 1024>;\n"
     "interface i {\n"
     "    m(move q a, move q b, move q c);\n"
     "}\n",
     "t.idl:6:5: error: a call of 'm' could carry more than 2048 "
     "objects",
     "use smaller containers, or structs that hold fewer "
     "references"},
    {"a payload holds at most 1024 references",
     "struct p {\n"
     "    u8 x;\n"
     "}\n"
     "struct s {\n"
     "    rref<p> r[1025];\n"
     "}\n",
     "t.idl:4:8: error: 's' holds more than 1024 references",
     "every crossing has to look at each of them"},
    {"names are short",
     "struct aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa {\n"
     "    u8 x;\n"
     "}\n",
     "t.idl:1:8: error: a name of 49 characters",
     "names have at most 48 characters"},
    {"an array does not travel by value",
     "interface i {\n"
     "    m(u8 x[4]);\n"
     "}\n",
     "t.idl:2:7: error: parameter 'x' would be copied between "
     "domains",
     "share it: move rref<...> or borrow rref<...>"},
    {"nesting is bounded",
     "type t = rref_array<rref_array<rref_array<rref_array<rref_ar"
     "ray<rref_array<rref_array<rref_array<rref_array<rref_array<r"
     "ref_array<rref_array<rref_array<rref_array<rref_array<rref_a"
     "rray<rref_array<rref_array<rref_array<rref_array<u8, 1>, "
     "1>, 1>, 1>, 1>, 1>, 1>, 1>, 1>, 1>, 1>, 1>, 1>, 1>, 1>, 1>, "
     "1>, 1>, 1>, 1>;\n",
     "t.idl:1:186: error: types nest more than 16 deep",
     "name the inner ones first"},
};
