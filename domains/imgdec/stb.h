/* SPDX-License-Identifier: MIT */
/*
 * stb.h - what of stb_image is used, and how it is configured. Debian's
 * libstb-dev has it. The native program that tests compare with includes this
 * as well, so both are the same code.
 *
 * Not here: HDR, which is no picture of bytes; files and threads, of which a
 * domain has none.
 */
#pragma once
#define STBI_NO_HDR
#define STBI_NO_LINEAR
#define STBI_NO_STDIO
#define STBI_NO_THREAD_LOCALS
#include <stb_image.h>
