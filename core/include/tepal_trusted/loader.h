/* SPDX-License-Identifier: MIT */
/*
 * loader.h - from files to running domains. Trusted only.
 * Source: thesis 2 (Domains); design, section 6.
 */
#pragma once
#include "tepal_trusted/device.h"
#include "tepal_trusted/domain.h"

/* A refusal in words: rule, address and symbol where there are any. */
struct load_error {
    char text[256];
};

/* Say why in @error; always false, for "return load_refuse(...)". */
bool load_refuse(struct load_error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Load @file into a new domain called @name: parse, map, verify. It is not
 * alive yet: wire its capabilities, then domain_open_up().
 * Needs:  @file lives and does not change as long as the domain does.
 * Errors: NULL, and @error says why; nothing is left behind.
 */
struct domain *domain_load(const char *name, const uint8_t *file, size_t bytes,
                           struct load_error *error);

/* Say in the log which file @domain runs: its size and its SHA-256. */
void load_log(const struct domain *domain, const char *name,
              const uint8_t *file, size_t bytes);

/* @bytes of private heap, not 0, in this life and those that follow. */
void domain_set_private_quota(struct domain *domain, uint64_t bytes);

/*
 * The memory of @domain as it was when it was loaded. Text and read-only data
 * never change, so they stay; unless another version of its file is to take
 * the place of this one (domain_set_next()), which is loaded and verified now.
 * Needs:  it is gone.
 * Errors: false, with @error.
 */
bool domain_reload(struct domain *domain, struct load_error *error);

/*
 * The next life of @domain runs @file: domain_restart() makes that come at once.
 * The file is loaded, verified and compared with the running version first, in a
 * slot of its own: its exports and capabilities must be the same, since others
 * hold on to them.
 * What the manifest gave stays: wires, quotas, arguments, data, device; so does
 * what it keeps from life to life.
 * Needs:  one thread at a time; @file as for domain_load().
 * Errors: false, and @error says why; the running version goes on.
 * Cost:   that of domain_load(), and once more by whoever brings it back.
 */
bool domain_set_next(struct domain *domain, const uint8_t *file, size_t bytes,
                     struct load_error *error);

/*
 * Verify the text of a parsed image, without a domain.
 * @text: a copy of its text that nobody else can change; unreached bytes
 * become int3.
 */
bool load_verify(const struct image *image, uint8_t *text,
                 struct load_error *error);

/*
 * Wire the capability that @domain's file calls @cap_name to an export.
 * Errors: false, with @error.
 */
bool domain_wire(struct domain *domain, const char *cap_name,
                 struct domain *callee, const char *export_name,
                 struct load_error *error);

/*
 * Give a new incarnation of @domain the capabilities that were wired to it
 * before. Errors: false, with @error.
 */
bool domain_wire_again(struct domain *domain, struct load_error *error);

/*
 * Whether @fresh, another version of @domain's file, has a place for each of
 * @domain's wires, and asks for no more. Errors: false, with @error.
 */
bool domain_wires_fit(const struct domain *domain, const struct domain *fresh,
                      struct load_error *error);

/* Every capability in the file has been wired; false names one that is not. */
bool domain_is_wired(const struct domain *domain, struct load_error *error);

#define SYSTEM_DOMAINS_MAX 16
#define SYSTEM_DEVICES_MAX 4
#define SYSTEM_WIRES_MAX 8
#define SYSTEM_FILE_MAX 128

/* A manifest, parsed. */
struct system_wire {
    char cap[DOMAIN_NAME_MAX], domain[DOMAIN_NAME_MAX],
        export[DOMAIN_NAME_MAX];
};

struct system_domain {
    char name[DOMAIN_NAME_MAX];
    char file[SYSTEM_FILE_MAX];
    char data[SYSTEM_FILE_MAX]; /* empty = none */
    char device[DEVICE_NAME_MAX];
    char arguments[256];
    struct system_wire wires[SYSTEM_WIRES_MAX];
    uint32_t wire_count;
    uint64_t shared_quota, private_quota; /* bytes; 0 = default */
    struct domain_restart restart;
    uint32_t budget_ticks;
    bool open;
    uint32_t line;
};

struct system_device {
    char name[DEVICE_NAME_MAX], model[DEVICE_NAME_MAX];
    uint32_t line;
};

struct system {
    char name[DOMAIN_NAME_MAX];
    struct system_device devices[SYSTEM_DEVICES_MAX];
    uint32_t device_count;
    struct system_domain domains[SYSTEM_DOMAINS_MAX];
    uint32_t domain_count;
};

/*
 * Give @domain what its line @wanted says of quotas, threads, restarts, budget
 * and arguments. Its wires, data and device are for who has the others.
 */
void system_give_settings(const struct system_domain *wanted,
                          struct domain *domain);

/* As manifests write it. */
const char *restart_policy_name(enum restart_policy policy);

/*
 * Parse the manifest @text; docs/MANIFEST.md describes the format.
 * Errors: false; @error begins with "line N: ".
 */
bool system_parse(struct system *system, const char *text, size_t bytes,
                  struct load_error *error);
