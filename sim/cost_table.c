/* SPDX-License-Identifier: MIT */
/*
 * cost_table.c - reads what work costs on the virtual clock.
 * The text may be a user's: every word is bounded, every number checked.
 */
#include "cost_table.h"
#include "tepal_trusted/base.h"

const char cost_table_default[] =
    "# kernel services\n"
    "register_read 1500\n"
    "register_write 150\n"
    "idle 60\n"
    "irq_wait 3000\n"
    "nanoseconds 60\n"
    "cycles 40\n"
    "random 100\n"
    "log 2000\n"
    "# calls between domains, objects of the shared heap\n"
    "crossing 50\n"
    "allocation 50\n"
    "# a frame's way through each domain\n"
    "ixgbe.rx_frames 32\n"
    "ixgbe.tx_frames 32\n"
    "forward.frames 2\n"
    "macswap.frames 8\n"
    "maglev.frames 60\n"
    "firewall.frames 70\n"
    "tap.frames 20\n"
    "recorder.recorded 30\n";

static const struct {
    const char *name;
    enum tp_service service;
} services[] = {
    {"register_read", TP_SERVICE_REGISTER_READ},
    {"register_write", TP_SERVICE_REGISTER_WRITE},
    {"idle", TP_SERVICE_IDLE},
    {"irq_wait", TP_SERVICE_IRQ_WAIT},
    {"nanoseconds", TP_SERVICE_NANOSECONDS},
    {"cycles", TP_SERVICE_CYCLES},
    {"random", TP_SERVICE_RANDOM},
    {"log", TP_SERVICE_LOG},
};

#define SERVICES (sizeof(services) / sizeof(services[0]))

/* Where the cost of @name is kept; NULL when there is no room for another. */
static uint32_t *place_of(struct cost_table *table, const char *name)
{
    uint32_t i;

    for (i = 0; i < SERVICES; i++)
        if (text_equal(name, services[i].name))
            return &table->service[services[i].service];
    if (text_equal(name, "crossing"))
        return &table->crossing;
    if (text_equal(name, "allocation"))
        return &table->allocation;
    for (i = 0; i < table->counter_count; i++)
        if (text_equal(name, table->counters[i].name))
            return &table->counters[i].cycles;
    if (i == COST_COUNTERS_MAX)
        return NULL;
    text_copy(table->counters[i].name, COST_NAME_MAX, name);
    table->counter_count++;
    return &table->counters[i].cycles;
}

/* Whether @name is one of the fixed ones, or DOMAIN.COUNTER. */
static bool is_name(const char *name)
{
    bool dot = false;
    uint32_t i;

    for (i = 0; i < SERVICES; i++)
        if (text_equal(name, services[i].name))
            return true;
    if (text_equal(name, "crossing") || text_equal(name, "allocation"))
        return true;
    for (i = 0; name[i]; i++)
        dot = dot || (name[i] == '.' && i > 0 && name[i + 1]);
    return dot;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* The next word of the line, into @word; false when it is too long. */
static bool take_word(const char **at, const char *end, char *word)
{
    uint32_t length = 0;

    while (*at < end && is_blank(**at))
        (*at)++;
    for (; *at < end && !is_blank(**at) && **at != '#'; (*at)++) {
        if (length + 1 == COST_NAME_MAX || **at < '!' || **at > '~')
            return false;
        word[length++] = **at;
    }
    word[length] = 0;
    return true;
}

static bool take_number(const char *word, uint32_t *number)
{
    uint64_t value = 0;

    if (!*word)
        return false;
    for (; *word; word++) {
        if (*word < '0' || *word > '9')
            return false;
        value = value * 10 + (uint64_t)(*word - '0');
        if (value > COST_CYCLES_MAX)
            return false;
    }
    *number = (uint32_t)value;
    return true;
}

static bool read_line(struct cost_table *table, const char *at, const char *end)
{
    char name[COST_NAME_MAX], number[COST_NAME_MAX], rest[COST_NAME_MAX];
    uint32_t cycles, *place;

    if (!take_word(&at, end, name))
        return false;
    if (!name[0])
        return true;
    if (!take_word(&at, end, number) || !take_word(&at, end, rest) || rest[0] ||
        !is_name(name) || !take_number(number, &cycles))
        return false;
    place = place_of(table, name);
    if (place)
        *place = cycles;
    return place;
}

bool cost_table_read(struct cost_table *table, const char *text, size_t bytes,
                     uint32_t *line)
{
    const char *at = text, *end = text + bytes, *stop;

    for (*line = 1; at < end; (*line)++) {
        for (stop = at; stop < end && *stop != '\n'; stop++)
            continue;
        if (!read_line(table, at, stop))
            return false;
        at = stop + (stop < end);
    }
    return true;
}

void cost_table_init(struct cost_table *table)
{
    uint32_t line;

    __builtin_memset(table, 0, sizeof(*table));
    tp_assert(cost_table_read(table, cost_table_default,
                              text_length(cost_table_default), &line));
}

/* Whether @counter is @name, or @name.N. */
static bool is_counter(const char *name, const char *counter)
{
    while (*name && *name == *counter)
        name++, counter++;
    if (*name || (*counter && *counter != '.'))
        return false;
    for (counter += *counter == '.'; *counter; counter++)
        if (*counter < '0' || *counter > '9')
            return false;
    return true;
}

uint32_t cost_of_counter(const struct cost_table *table, const char *domain,
                         const char *counter)
{
    size_t length = text_length(domain);
    uint32_t i;

    for (i = 0; i < table->counter_count; i++) {
        const char *name = table->counters[i].name;

        if (text_length(name) > length && name[length] == '.' &&
            __builtin_memcmp(name, domain, length) == 0 &&
            is_counter(name + length + 1, counter))
            return table->counters[i].cycles;
    }
    return 0;
}
