/* SPDX-License-Identifier: MIT */
/* json.c - a report as one JSON object. */
#include "json.h"
#include <string.h>

/* Bytes of the UTF-8 character at @text; 0 when it is none (RFC 3629). */
static int character_bytes(const unsigned char *text)
{
    static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
    int bytes = *text < 0x80   ? 1
                : *text < 0xc0 ? 0
                : *text < 0xe0 ? 2
                : *text < 0xf0 ? 3
                : *text < 0xf8 ? 4
                               : 0;
    unsigned value = *text & (0xffu >> (bytes + 1));
    int i;

    if (bytes < 2)
        return bytes;
    for (i = 1; i < bytes; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (text[i] & 0x3f);
    }
    return value < least[bytes] || value > 0x10ffff || value >> 11 == 0x1b
               ? 0
               : bytes;
}

/* The character at @text as it stands in a string; returns what follows it. */
static const char *quote_character(char **to, const char *text)
{
    static const char digits[] = "0123456789abcdef";
    int bytes = character_bytes((const unsigned char *)text), i;

    if (*text == '"' || *text == '\\') {
        *(*to)++ = '\\';
        *(*to)++ = *text;
    } else if (bytes == 1 && *text < ' ') {
        memcpy(*to, "\\u00", 4);
        (*to)[4] = digits[*text >> 4];
        (*to)[5] = digits[*text & 15];
        *to += 6;
    } else if (bytes == 0) {
        memcpy(*to, "\\ufffd", 6);
        *to += 6;
    } else {
        for (i = 0; i < bytes; i++)
            *(*to)++ = text[i];
    }
    return text + (bytes ? bytes : 1);
}

char *json_quote(char *to, const char *text)
{
    *to++ = '"';
    while (*text)
        text = quote_character(&to, text);
    *to++ = '"';
    return to;
}

static void put_string(FILE *file, const char *text)
{
    char character[8], *end;

    fputc('"', file);
    while (*text) {
        end = character;
        text = quote_character(&end, text);
        fwrite(character, 1, (size_t)(end - character), file);
    }
    fputc('"', file);
}

static void put_key(struct json *json, const char *key)
{
    fprintf(json->file, "%s\n%*s", json->first ? "" : ",", 2 * json->depth,
            "");
    json->first = 0;
    if (key) {
        put_string(json->file, key);
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

void json_ratio(struct json *json, const char *key, double value)
{
    put_key(json, key);
    fprintf(json->file, "%.5f", value);
}

void json_text(struct json *json, const char *key, const char *text)
{
    put_key(json, key);
    put_string(json->file, text);
}
