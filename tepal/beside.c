/* SPDX-License-Identifier: MIT */
/* beside.c - see beside.h. */
#include "beside.h"
#include <errno.h>
#include <signal.h>

bool beside_start(pthread_t *thread, void *(*body)(void *context),
                  void *context)
{
    sigset_t all, before;

    sigfillset(&all);
    sigdelset(&all, SIGSEGV);
    sigdelset(&all, SIGBUS);
    sigdelset(&all, SIGILL);
    sigdelset(&all, SIGFPE);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    errno = pthread_create(thread, NULL, body, context);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return errno == 0;
}
