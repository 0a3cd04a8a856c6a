/* SPDX-License-Identifier: MIT */
/* sha256.h - the digest by which logs name a file. Trusted only. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#define SHA256_TEXT 65 /* hexadecimal digits and a 0 */

/* Of @size bytes at @bytes. Source: FIPS 180-4. */
void sha256_text(char text[SHA256_TEXT], const uint8_t *bytes, size_t size);
