/* SPDX-License-Identifier: MIT */
/* json.h - a report as one JSON object. */
#pragma once
#include <stdint.h>
#include <stdio.h>

/* Room that @length bytes take at most, as a string. */
#define JSON_QUOTED(length) (6 * (length) + 2)
/*
 * @text in quotes, whatever it holds: what JSON does not allow is escaped, and
 * bytes that are not UTF-8 are replaced by U+FFFD. Returns its end; no 0
 * follows.
 */
char *json_quote(char *to, const char *text);

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
/* As json_real(), and one digit more. */
void json_ratio(struct json *json, const char *key, double value);
void json_text(struct json *json, const char *key, const char *text);
