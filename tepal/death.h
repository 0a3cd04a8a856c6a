/* SPDX-License-Identifier: MIT */
/* death.h - one death, with names for its addresses; as text and as JSON. */
#pragma once
#include "files.h"
#include "json.h"
#include "source_lines.h"
#include "tepal_trusted/obituary.h"
#include <stdio.h>

#define FUNCTION_MAX 96

/* A slot offset in a domain, as far as it could be named. */
struct place {
    char function[FUNCTION_MAX]; /* empty: not known */
    uint32_t offset;             /* from its start */
    struct source_line source;
};

/* @places: of the frames of the chain; the first is where it died. */
struct death {
    struct obituary obituary;
    char file[FILE_PATH_MAX]; /* printable */
    struct place places[DEATH_CHAIN_MAX];
};

void death_text(const struct death *death, FILE *file);
void death_json(const struct death *death, struct json *json);
