/* SPDX-License-Identifier: MIT */
/* devices.h - the device models that a manifest may name, and their captures. */
#pragma once
#include "running.h"

/* What the models are called, for messages. */
#define DEVICES_MODELS "82599 and recorder"

/* A recorder: nothing arrives from it, and what it is given is a copy. */
bool devices_is_recorder(const struct running *running, uint32_t i);

/*
 * Device number @i of the manifest, made and among the system's.
 * Errors: false: there is no such model.
 */
bool devices_make(struct running *running, uint32_t i);

/*
 * What recorders keep carries time stamps of the first controller's frames.
 * Needs: all captures are open.
 */
void devices_stamp(struct running *running);

/*
 * Whether each device has the captures that it needs.
 * Errors: an exit code, said on standard error.
 */
int devices_check_captures(const struct running *running);
