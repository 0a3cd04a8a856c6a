/* SPDX-License-Identifier: MIT */
/*
 * tepal.h - run C code that may crash, hang or be hostile in domains of your
 * own program: libtepal. C only.
 *
 *     tepal_start(NULL, &error);
 *     tepal_add_unit(&tepal_unit_words, &error);    made by idlc --host
 *     tepal_load(&domain, "words.dom", &options, &error);
 *     words_port_find(&words, domain, &error);
 *     rpc = words_count(words, text, &count);       RPC_CRASHED when it died
 *     tepal_death(domain, &death);                  why, and where
 *     tepal_restart(domain, &error);
 *     tepal_stop();
 *
 * What your program gives a domain lies in the shared heap: it makes an object
 * with rref_T_new(), fills it in, and moves it to a domain or lends it for one
 * call. What a domain gave back is its word: judge it like any other input. An
 * object that was lent may have been written to meanwhile, and domains can read
 * and write all payloads in the shared heap at any time, whosever they are:
 * copy what you judge, before you do, and keep no secrets there.
 *
 * Threads. Every function may be called on any thread, but not in a signal
 * handler or in a child after fork(). Calls of one domain by several threads
 * wait for each other, unless it is open. A thread gives up what it holds here
 * when it ends. A call may not be left by longjmp() or cancelled.
 *
 * What libtepal takes of the process, from tepal_start() until its end:
 *   - the signals SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP and SIGURG. Faults
 *     of code outside domains go on to whoever handled them before
 *     tepal_start(); whoever changes these handlers later takes the faults of
 *     domains away from it. A thread that calls a domain has these signals let
 *     through, and gets an alternate signal stack unless it has one of at least
 *     16 KiB.
 *   - address space: 8 GiB for each domain that there may be at one time, with
 *     nothing in it, so a limit on it (ulimit -v) does not go with libtepal; a
 *     file in memory of the shared heap's size, which is filled as it is used;
 *   - one thread, which keeps time budgets and sleeps when there are none; and
 *     2 MiB of stack for each thread that calls domains, used as needed;
 *   - in each thread that calls domains, the base of %gs, if a domain is of the
 *     gs flavour.
 * It writes to no standard stream. When its own data is found damaged it says
 * so on standard error and ends the process with abort().
 *
 * Errors: what returns int returns 0, or one of enum tepal_error_code with the
 * reason in @error, if that is not NULL. Calls of a domain return struct rpc.
 * Only what is in this header and in those of idlc --host is stable; what is
 * called reserved must be zero.
 */
#pragma once
#include <tepal/types.h>

#ifdef __cplusplus
#error "tepal.h is for C: include it in a C file"
#endif

#define TEPAL_VERSION 1

enum tepal_error_code {
    TEPAL_NO_MEMORY = 1, /* or no other resource of the process */
    TEPAL_NO_FILE,       /* the file cannot be read, or has over 64 MiB */
    TEPAL_REFUSED,       /* damaged, or not what it should be */
    TEPAL_INVALID,       /* an argument, or not at this time */
};

/* In words, and one line of printable characters. */
struct tepal_error {
    char text[256];
};

/* All zero: as in brackets. */
struct tepal_options {
    uint64_t heap_bytes; /* the shared heap's: a multiple of 2 MiB [256 MiB] */
    uint32_t domains;    /* there may be at one time [256] */
    uint32_t log_to;     /* a file descriptor for what domains log [none] */
    uint64_t reserved[4];
};

/*
 * Begin. @options: NULL for none.
 * Errors: TEPAL_NO_MEMORY; TEPAL_INVALID: twice, or an option.
 */
int tepal_start(const struct tepal_options *options, struct tepal_error *error);

/*
 * Unload every domain and drop every object. tepal_start() may be called again;
 * the heap and the domains that there may be are those of the first time.
 * Needs: no other thread is in a function of libtepal.
 */
void tepal_stop(void);

/* --- domains -------------------------------------------------------------- */

struct tepal_domain;

/* All zero: as in brackets. */
struct tepal_domain_options {
    const char *name;          /* for reports [the file's, without .dom] */
    uint64_t private_bytes;    /* of its private heap, at most [64 MiB] */
    uint64_t shared_bytes;     /* of shared objects that it owns [64 MiB] */
    uint32_t budget_ms;        /* that one call may take, to 60000 [any time] */
    uint32_t is_open;          /* 1: several threads may be in it [0] */
    const char *arguments;     /* what tp_arguments() gives it [none] */
    const void *data;          /* what tp_data() gives it; yours, and stays */
    size_t data_bytes;
    uint64_t reserved[4];
};

/*
 * Load the domain file at @path, or @file, which is copied; verify it; run its
 * tp_main() if it has one, until that returns.
 * Owns:   the caller, until tepal_unload() or tepal_stop().
 * Errors: TEPAL_NO_FILE; TEPAL_REFUSED: damaged, refused by the verifier, asks
 *         for other domains or for interfaces and types that were not added, or
 *         its tp_main() died or failed; TEPAL_NO_MEMORY; TEPAL_INVALID. Then
 *         *@domain is NULL.
 */
int tepal_load(struct tepal_domain **domain, const char *path,
               const struct tepal_domain_options *options,
               struct tepal_error *error);
int tepal_load_bytes(struct tepal_domain **domain, const void *file,
                     size_t bytes, const struct tepal_domain_options *options,
                     struct tepal_error *error);

/*
 * End it, and forget it; NULL is nothing.
 * Needs: no thread is in a call of it.
 */
void tepal_unload(struct tepal_domain *domain);

/* Whether it can be called. */
bool tepal_is_alive(const struct tepal_domain *domain);

/*
 * End it from outside, whatever it does: a call that is in it answers
 * RPC_CRASHED. Returns when nothing is left of that life.
 */
void tepal_kill(struct tepal_domain *domain);

/*
 * A new life, with memory as its file has it; one that is alive ends first.
 * What it owned is gone; ports to it lead to the new life.
 * Errors: TEPAL_REFUSED: its tp_main() died or failed; TEPAL_NO_MEMORY. It is
 *         dead then.
 */
int tepal_restart(struct tepal_domain *domain, struct tepal_error *error);

/* How a domain died. Texts are printable, and empty if nothing is known. */
struct tepal_death {
    char cause[80];          /* "bad memory access", "time budget used up" */
    uint32_t life;           /* which of its lives, from 1 */
    uint32_t address;        /* of the instruction, in its file; 0: unknown */
    uint64_t fault_address;  /* a pointer of the domain; after a bad access */
    char function[128];      /* @address is in */
    uint32_t function_offset;
    uint32_t line;           /* 0: unknown; see tepal_death_find_line() */
    char file[256];          /* of source code */
    char interface[64];      /* that was being called */
    char method[64];
    uint64_t freed_objects;  /* shared objects that it owned, and their size */
    uint64_t freed_bytes;
    uint64_t reserved[4];
};

/*
 * Its last death that was not asked for by tepal_restart() or tepal_unload().
 * Returns false when there was none.
 */
bool tepal_death(struct tepal_domain *domain, struct tepal_death *death);

/*
 * Fill in @death's file and line, if the domain was compiled with -g.
 * Cost:   runs the program addr2line of the binutils, for a second at most.
 * Errors: false: nothing came of it.
 */
bool tepal_death_find_line(struct tepal_domain *domain,
                           struct tepal_death *death);

/* --- shared objects ------------------------------------------------------- */

/* Made by idlc --host, as are typed functions that use what follows. */
struct tepal_type;

/*
 * A new object, all zero, of a type that was added.
 * Owns:   the program, until it is dropped or moved.
 * Errors: 0: no memory, or the type was not added.
 */
uint64_t tepal_object_new(const struct tepal_type *type);

/*
 * Where its payload lies. Domains can write there too: read a value once.
 * Errors: NULL: null, stale, or not the program's.
 */
void *tepal_object_payload(uint64_t handle);

/* Errors: false, and nothing changed: not the program's, or lent. */
bool tepal_object_drop(uint64_t handle);

/* --- for what idlc --host makes ------------------------------------------- */

enum tepal_kind {
    TEPAL_UNSIGNED, /* of @bytes */
    TEPAL_SIGNED,
    TEPAL_BOOL,
    TEPAL_ENUM,  /* of @count values */
    TEPAL_RREF,  /* to @type */
    TEPAL_ARRAY, /* of @count references to @type */
    TEPAL_DEQUE,
    TEPAL_CAP, /* a method with one cannot be called by a program */
};

enum tepal_way {
    TEPAL_IN = 1,
    TEPAL_OUT = 2,
    TEPAL_LENT = 4,
};

struct tepal_type_handle {
    uint32_t offset;
    const struct tepal_type *type;
};

struct tepal_type {
    uint64_t id;
    const char *name;
    uint32_t bytes, handle_count;
    const struct tepal_type_handle *handles;
};

struct tepal_parameter {
    uint8_t kind, way; /* enum tepal_kind; bits of enum tepal_way */
    uint16_t bytes;
    uint32_t count;
    const struct tepal_type *type;
};

struct tepal_method {
    const char *name;
    uint32_t parameter_count;
    struct tepal_parameter parameters[6];
};

struct tepal_interface {
    uint64_t id;
    const char *name;
    uint32_t method_count;
    const struct tepal_method *methods;
};

/* What an .idl file declares; both lists end with NULL. */
struct tepal_unit {
    uint32_t version; /* TEPAL_VERSION */
    const struct tepal_type *const *types;
    const struct tepal_interface *const *interfaces;
};

/* An interface that a domain exports. Good until the domain is unloaded. */
struct tepal_port {
    struct tepal_domain *domain;
    uint32_t export_number;
};

/*
 * Domains that are loaded from now on may use what @unit declares. Adding it
 * again is nothing. Copied.
 * Errors: TEPAL_NO_MEMORY; TEPAL_INVALID: not started, or made by another idlc.
 */
int tepal_add_unit(const struct tepal_unit *unit, struct tepal_error *error);

/*
 * What @domain exports as @interface under @name; NULL: any name.
 * Errors: TEPAL_INVALID: no such export.
 */
int tepal_find(struct tepal_port *port, struct tepal_domain *domain,
               const struct tepal_interface *interface, const char *name,
               struct tepal_error *error);

/*
 * Call method number @method of @interface. An argument is a value, or a
 * pointer for what is moved, what comes back, and spines; none may be NULL.
 * Owns:   what was moved in is the domain's once the call is made, and the
 *         reference to it is cleared; after RPC_REFUSED on the way in, RPC_DEAD
 *         and RPC_NO_STACK nothing has changed.
 * Errors: RPC_CRASHED: it died in the call; what was moved in is gone, what was
 *         lent is the program's again. RPC_DEAD: it was dead. RPC_REFUSED:
 *         argument number detail was not acceptable, going in or coming back.
 *         RPC_NO_STACK: no memory for a call. RPC_NO_CAP: the port is not of
 *         this interface, or the method passes capabilities. After RPC_OK
 *         detail is the interface's own error.
 */
struct rpc tepal_call(struct tepal_port port,
                      const struct tepal_interface *interface, uint32_t method,
                      const uint64_t arguments[6]);
