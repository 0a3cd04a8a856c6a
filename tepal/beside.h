/* SPDX-License-Identifier: MIT */
/* beside.h - threads of the program that are none of the kernel's. */
#pragma once
#include <pthread.h>
#include <stdbool.h>

/*
 * Start a thread that does @body(@context). Signals that end the program are
 * for other threads; faults are its own.
 * Errors: false, with errno set.
 */
bool beside_start(pthread_t *thread, void *(*body)(void *context),
                  void *context);
