/* SPDX-License-Identifier: MIT */
/* services.h - the gates of the kernel's services, for function tables. */
#pragma once
#include "tepal/abi.h"

extern void (*const service_gates[TP_SERVICE_COUNT])(void);
