/* SPDX-License-Identifier: MIT */
/*
 * ctl_server.h - a run takes orders from "tepal ctl": through a Unix socket of
 * packets, tepal-PID.ctl in the folder of status.h, which only its user can
 * open. One packet asks (ctl_request.h) and one answers: the digit of an exit
 * code, then text.
 */
#pragma once
#include "ctl_request.h"
#include "running.h"
#include <sys/socket.h>
#include <sys/un.h>

#define CTL_REQUEST_MAX (FILE_PATH_MAX + 256)
#define CTL_ANSWER_MAX 0x10000

/* The socket of process @pid, whose folder is the open descriptor @folder. */
struct sockaddr_un ctl_address(int folder, pid_t pid);

/*
 * Take orders for @running, whose domains are loaded, and no more.
 * Errors: false, with errno set: it runs as well without.
 */
bool ctl_begin(struct running *running);
/* Before any domain is released. Harmless when it was not begun. */
void ctl_end(void);
/* Safe in a signal handler that ends the program. */
void ctl_remove(void);
