/* SPDX-License-Identifier: MIT */
/* json.c - a report as one JSON object. */
#include "json.h"

static void put_string(struct json *json, const char *text)
{
    fputc('"', json->file);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            fprintf(json->file, "\\%c", *text);
        else if ((unsigned char)*text < ' ')
            fprintf(json->file, "\\u%04x", (unsigned)*text);
        else
            fputc(*text, json->file);
    }
    fputc('"', json->file);
}

static void put_key(struct json *json, const char *key)
{
    fprintf(json->file, "%s\n%*s", json->first ? "" : ",", 2 * json->depth,
            "");
    json->first = 0;
    if (key) {
        put_string(json, key);
        fputs(": ", json->file);
    }
}

void json_begin(struct json *json, FILE *file)
{
    json->file = file;
    json->depth = 1;
    json->first = 1;
    fputc('{', file);
}

void json_end(struct json *json)
{
    fputs("\n}\n", json->file);
}

void json_open(struct json *json, const char *key, char bracket)
{
    put_key(json, key);
    fputc(bracket, json->file);
    json->depth++;
    json->first = 1;
}

void json_close(struct json *json, char bracket)
{
    json->depth--;
    fprintf(json->file, "\n%*s%c", 2 * json->depth, "", bracket);
    json->first = 0;
}

void json_number(struct json *json, const char *key, uint64_t value)
{
    put_key(json, key);
    fprintf(json->file, "%llu", (unsigned long long)value);
}

void json_real(struct json *json, const char *key, double value)
{
    put_key(json, key);
    fprintf(json->file, "%.2f", value);
}

void json_text(struct json *json, const char *key, const char *text)
{
    put_key(json, key);
    put_string(json, text);
}
