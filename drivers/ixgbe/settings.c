/* SPDX-License-Identifier: MIT */
/*
 * settings.c - what the manifest's args= may say, and what reports show.
 *
 *   queues=N          receive and transmit queues, 1 to 8; default 1. Queue 0
 *                     is exported as net, queue N as netN; with threads=open
 *                     each may have a thread of its own.
 *   batch=N           frames that one call hands out at most, 1 to 32
 *   interrupts=on     wait for an interrupt when there is nothing to receive,
 *                     instead of being polled at once again; default off
 */
#include "ixgbe.h"

#define ARGUMENTS_MAX 256

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Whether the word at @word is @name and a value, at *@value. */
static bool is_setting(const char *word, const char *name, const char **value)
{
    while (*name && *word == *name)
        word++, name++;
    *value = word + 1;
    return !*name && *word == '=';
}

/* A decimal number from 1 to @most up to the end of the word; 0 for none. */
static uint32_t read_number(const char *text, uint32_t most)
{
    uint32_t number = 0;

    for (; *text >= '0' && *text <= '9' && number <= most; text++)
        number = number * 10 + (uint32_t)(*text - '0');
    return number <= most && (!*text || is_blank(*text)) ? number : 0;
}

static bool is_word(const char *text, const char *word)
{
    while (*word && *text == *word)
        text++, word++;
    return !*word && (!*text || is_blank(*text));
}

static bool read_setting(const char *word)
{
    const char *value;

    if (is_setting(word, "queues", &value))
        return (ixgbe.queue_count = read_number(value, IXGBE_QUEUES)) != 0;
    if (is_setting(word, "batch", &value))
        return (ixgbe.batch = read_number(value, 32)) != 0;
    if (!is_setting(word, "interrupts", &value))
        return false;
    ixgbe.interrupts = is_word(value, "on");
    return ixgbe.interrupts || is_word(value, "off");
}

bool ixgbe_settings_read(void)
{
    char arguments[ARGUMENTS_MAX + 1] = {0};
    const char *at = arguments;

    ixgbe.queue_count = 1;
    ixgbe.batch = 32;
    (void)tp_arguments(arguments, ARGUMENTS_MAX);
    for (;;) {
        while (is_blank(*at))
            at++;
        if (!*at)
            return true;
        if (!read_setting(at)) {
            IXGBE_LOG("args: expected queues=1..8, batch=1..32 or "
                      "interrupts=on|off");
            return false;
        }
        while (*at && !is_blank(*at))
            at++;
    }
}

static void show(const char *name, size_t bytes, uint32_t queue,
                 const uint64_t *counter)
{
    char text[24];

    __builtin_memcpy(text, name, bytes);
    if (queue > 0) {
        text[bytes++] = '.';
        text[bytes++] = (char)('0' + queue);
    }
    (void)tp_counter(text, bytes, counter);
}

#define SHOW(name, queue, counter) show(name, sizeof(name) - 1, queue, counter)

void ixgbe_counters_show(void)
{
    uint32_t i;

    for (i = 0; i < ixgbe.queue_count; i++) {
        const struct ixgbe_counters *c = &ixgbe.queues[i].counters;

        SHOW("rx_frames", i, &c->rx_frames);
        SHOW("tx_frames", i, &c->tx_frames);
        SHOW("rx_dropped", i, &c->rx_dropped);
        SHOW("tx_dropped", i, &c->tx_dropped);
        SHOW("tx_lost", i, &c->tx_lost);
        if (!ixgbe.interrupts)
            continue;
        SHOW("irqs", i, &c->irqs);
        SHOW("irq_missed", i, &c->irq_missed);
    }
    (void)TP_COUNTER("irq_spurious", &ixgbe.queues[0].counters.irq_spurious);
    (void)TP_COUNTER("resets", &ixgbe.resets);
    (void)TP_COUNTER("missed", &ixgbe.missed);
}
