/* SPDX-License-Identifier: MIT */
/* json.h - a report as one JSON object. */
#pragma once
#include <stdint.h>
#include <stdio.h>

struct json {
    FILE *file;
    int depth;
    int first; /* nothing yet in the innermost object or array */
};

void json_begin(struct json *json, FILE *file);
void json_end(struct json *json);

/* @key NULL inside an array. */
void json_open(struct json *json, const char *key, char bracket);
void json_close(struct json *json, char bracket);
void json_number(struct json *json, const char *key, uint64_t value);
void json_real(struct json *json, const char *key, double value);
void json_text(struct json *json, const char *key, const char *text);
