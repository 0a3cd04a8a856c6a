/* SPDX-License-Identifier: MIT */
/*
 * stb.c - stb_image itself, compiled for a domain as it stands in Debian's
 * package: a header that becomes code where this is defined. An assertion of
 * its that fails ends the domain (assert.h), as it would end a process.
 */
#define STB_IMAGE_IMPLEMENTATION
#include "stb.h"
