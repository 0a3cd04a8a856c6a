/* SPDX-License-Identifier: MIT */
/* address.h - IP addresses as text. Source: RFC 4291, 2.2; RFC 5952. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An address is its first word, or four, most significant first. */
struct prefix {
    bool is_ipv6;
    uint32_t length; /* bits */
    uint32_t word[4];
};

/*
 * An address, and "/LENGTH" if it is not one host's.
 * Returns NULL, or what is wrong with it and how it is put right.
 */
const char *prefix_read(struct prefix *prefix, const char *text, size_t length);

/* A decimal number of at most @limit, without superfluous zeros. */
bool number_read(uint32_t *number, const char *text, size_t length,
                 uint32_t limit);
