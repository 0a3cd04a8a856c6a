/* SPDX-License-Identifier: MIT */
/*
 * system.c - reads a manifest: which devices and domains a system has, and who
 * may call whom. docs/MANIFEST.md describes the format.
 *
 * The text may be anything: each word is bounded, each count is checked, and
 * the first mistake is reported with its line.
 * Source: design, section 6.
 */
#include "tepal_trusted/base.h"
#include "tepal_trusted/loader.h"
#include "tepal_trusted/watchdog.h"

#define WORD_MAX 256
#define WORDS_MAX 16
#define MANIFEST_MAX 0x10000

/* Where the manifest does not say how often. */
static const struct domain_restart restart_default = {
    .policy = RESTART_NEVER, .limit = 10, .window_nanoseconds = 1000000000};

struct words {
    char text[WORDS_MAX][WORD_MAX];
    uint32_t count;
};

struct parser {
    struct system *system;
    struct load_error *error;
    uint32_t line;
    struct words words;
};

static bool wrong(struct parser *parser, const char *what, const char *word)
{
    text_format(parser->error->text, sizeof(parser->error->text),
                "line %u: %s '%s'", parser->line, what, word);
    return false;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Words of one line; "..." keeps spaces together. */
static bool split(struct parser *parser, const char *at, const char *end)
{
    struct words *words = &parser->words;

    words->count = 0;
    for (;;) {
        uint32_t length = 0;
        bool quoted = false;
        char *word;

        while (at < end && is_space(*at))
            at++;
        if (at == end || *at == '#')
            return true;
        if (words->count == WORDS_MAX)
            return wrong(parser, "too many words after", words->text[0]);
        word = words->text[words->count++];
        for (; at < end && (quoted || !is_space(*at)); at++) {
            if (*at == '"')
                quoted = !quoted;
            else if (length + 1 < WORD_MAX && *at >= ' ' && *at <= '~')
                word[length++] = *at;
            else
                return wrong(parser, "bad or too long word", words->text[0]);
        }
        word[length] = 0;
        if (quoted)
            return wrong(parser, "missing \" after", word);
    }
}

/* Copy a name of letters, digits, - and _ . */
static bool take_name(struct parser *parser, char *to, size_t room,
                      const char *from)
{
    size_t i;

    for (i = 0; from[i]; i++) {
        char c = from[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
              (c >= '0' && c <= '9') || c == '-' || c == '_'))
            return wrong(parser, "not a name:", from);
    }
    if (i == 0 || i >= room)
        return wrong(parser, "name is empty or too long:", from);
    text_copy(to, room, from);
    return true;
}

/* A number with an optional K, M or G. */
static bool take_bytes(struct parser *parser, uint64_t *to, const char *from)
{
    const char *at = from;
    uint64_t value = 0;

    while (*at >= '0' && *at <= '9' && value < 1u << 24)
        value = value * 10 + (uint64_t)(*at++ - '0');
    if (at != from && (*at == 'K' || *at == 'M' || *at == 'G')) {
        value <<= *at == 'K' ? 10 : *at == 'M' ? 20 : 30;
        at++;
    }
    if (at == from || *at || value == 0)
        return wrong(parser, "not a number of bytes:", from);
    *to = value;
    return true;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A number with us, ms or s. */
static bool take_time(struct parser *parser, uint64_t *nanoseconds,
                      const char *from)
{
    static const struct {
        const char *name;
        uint64_t nanoseconds;
    } units[] = {{"us", 1000}, {"ms", 1000000}, {"s", 1000000000}};
    const char *at = from;
    uint64_t value = 0;
    uint32_t i;

    while (is_digit(*at) && value < 1u << 24)
        value = value * 10 + (uint64_t)(*at++ - '0');
    for (i = 0; at != from && value && i < 3; i++)
        if (text_equal(at, units[i].name)) {
            *nanoseconds = value * units[i].nanoseconds;
            return true;
        }
    return wrong(parser, "not a time as 20us, 5ms or 1s:", from);
}

static bool take_budget(struct parser *parser, struct system_domain *domain,
                        const char *value)
{
    uint64_t nanoseconds, ticks;

    if (!take_time(parser, &nanoseconds, value))
        return false;
    ticks = (nanoseconds + WATCHDOG_TICK_NANOSECONDS - 1) /
            WATCHDOG_TICK_NANOSECONDS;
    if (ticks > WATCHDOG_TICKS_MAX)
        return wrong(parser, "a budget is at most 60s, not", value);
    domain->budget_ticks = (uint32_t)ticks;
    return true;
}

const char *restart_policy_name(enum restart_policy policy)
{
    static const char *const names[] = {[RESTART_NEVER] = "never",
                                        [RESTART_ON_CRASH] = "on-crash",
                                        [RESTART_ALWAYS] = "always"};

    return names[policy];
}

static bool take_restart(struct parser *parser, struct system_domain *domain,
                         const char *value)
{
    enum restart_policy policy;

    for (policy = RESTART_NEVER; policy <= RESTART_ALWAYS; policy++)
        if (text_equal(value, restart_policy_name(policy))) {
            domain->restart.policy = policy;
            return true;
        }
    return wrong(parser, "restart is never, on-crash or always, not", value);
}

/* N/TIME: at most N restarts in TIME. */
static bool take_limit(struct parser *parser, struct system_domain *domain,
                       const char *value)
{
    uint32_t limit = 0;
    const char *at;

    for (at = value; is_digit(*at) && limit < 100000; at++)
        limit = limit * 10 + (uint32_t)(*at - '0');
    if (limit == 0 || *at != '/')
        return wrong(parser, "a limit is N/TIME, as 10/1s, not", value);
    domain->restart.limit = limit;
    return take_time(parser, &domain->restart.window_nanoseconds, at + 1);
}

static bool take_wire(struct parser *parser, struct system_domain *domain,
                      const char *cap, char *value)
{
    struct system_wire *wire = &domain->wires[domain->wire_count];
    char *dot = value;

    while (*dot && *dot != '.')
        dot++;
    if (!*dot)
        return wrong(parser, "a capability is wired as NAME=DOMAIN.EXPORT, not",
                     value);
    if (domain->wire_count == SYSTEM_WIRES_MAX)
        return wrong(parser, "too many capabilities:", cap);
    *dot = 0;
    domain->wire_count++;
    return take_name(parser, wire->cap, sizeof(wire->cap), cap) &&
           take_name(parser, wire->domain, sizeof(wire->domain), value) &&
           take_name(parser, wire->export, sizeof(wire->export), dot + 1);
}

static bool take_file(struct parser *parser, struct system_domain *domain,
                      const char *value)
{
    if (text_length(value) >= sizeof(domain->file))
        return wrong(parser, "file name too long:", value);
    text_copy(domain->file, sizeof(domain->file), value);
    return true;
}

static bool take_data(struct parser *parser, struct system_domain *domain,
                      const char *value)
{
    if (!*value || text_length(value) >= sizeof(domain->data))
        return wrong(parser, "file name empty or too long:", value);
    text_copy(domain->data, sizeof(domain->data), value);
    return true;
}

static bool take_threads(struct parser *parser, struct system_domain *domain,
                         const char *value)
{
    domain->open = text_equal(value, "open");
    return domain->open || text_equal(value, "affine") ||
           wrong(parser, "threads is affine or open, not", value);
}

/* Whether an earlier word of the line, its = made 0, is the same option. */
static bool is_repeated(const struct parser *parser, const char *word)
{
    uint32_t i;

    for (i = 2; parser->words.text[i] != word; i++)
        if (text_equal(parser->words.text[i], word))
            return true;
    return false;
}

static bool parse_option(struct parser *parser, struct system_domain *domain,
                         char *word)
{
    char *value = word;

    while (*value && *value != '=')
        value++;
    if (!*value)
        return wrong(parser, "expected NAME=VALUE, not", word);
    *value++ = 0;
    if (is_repeated(parser, word))
        return wrong(parser, "a second option", word);
    if (text_equal(word, "file"))
        return take_file(parser, domain, value);
    if (text_equal(word, "data"))
        return take_data(parser, domain, value);
    if (text_equal(word, "device"))
        return take_name(parser, domain->device, sizeof(domain->device),
                         value);
    if (text_equal(word, "threads"))
        return take_threads(parser, domain, value);
    if (text_equal(word, "budget"))
        return take_budget(parser, domain, value);
    if (text_equal(word, "restart"))
        return take_restart(parser, domain, value);
    if (text_equal(word, "restart-limit"))
        return take_limit(parser, domain, value);
    if (text_equal(word, "restart-delay"))
        return take_time(parser, &domain->restart.delay_nanoseconds, value);
    if (text_equal(word, "shared"))
        return take_bytes(parser, &domain->shared_quota, value);
    if (text_equal(word, "private"))
        return take_bytes(parser, &domain->private_quota, value);
    if (text_equal(word, "args")) {
        text_copy(domain->arguments, sizeof(domain->arguments), value);
        return true;
    }
    return take_wire(parser, domain, word, value);
}

static bool domain_is_known(const struct system *system, const char *name)
{
    uint32_t i;

    for (i = 0; i < system->domain_count; i++)
        if (text_equal(system->domains[i].name, name))
            return true;
    return false;
}

static bool parse_domain(struct parser *parser)
{
    struct system *system = parser->system;
    struct system_domain *domain = &system->domains[system->domain_count];
    uint32_t i;

    if (system->domain_count == SYSTEM_DOMAINS_MAX)
        return wrong(parser, "too many domains:", parser->words.text[1]);
    __builtin_memset(domain, 0, sizeof(*domain));
    domain->line = parser->line;
    domain->restart = restart_default;
    if (!take_name(parser, domain->name, sizeof(domain->name),
                   parser->words.text[1]))
        return false;
    if (domain_is_known(system, domain->name))
        return wrong(parser, "a second domain called", domain->name);
    for (i = 2; i < parser->words.count; i++)
        if (!parse_option(parser, domain, parser->words.text[i]))
            return false;
    if (!domain->file[0])
        return wrong(parser, "file=NAME.dom is missing for", domain->name);
    for (i = 0; i < domain->wire_count; i++)
        if (!domain_is_known(system, domain->wires[i].domain))
            return wrong(parser, "no domain before this one is called",
                         domain->wires[i].domain);
    system->domain_count++;
    return true;
}

static bool device_is_known(const struct system *system, const char *name)
{
    uint32_t i;

    for (i = 0; i < system->device_count; i++)
        if (text_equal(system->devices[i].name, name))
            return true;
    return false;
}

static bool parse_device(struct parser *parser)
{
    struct system *system = parser->system;
    struct system_device *device = &system->devices[system->device_count];

    if (parser->words.count != 3)
        return wrong(parser, "expected 'device NAME MODEL', not",
                     parser->words.text[0]);
    if (system->device_count == SYSTEM_DEVICES_MAX)
        return wrong(parser, "too many devices:", parser->words.text[1]);
    if (device_is_known(system, parser->words.text[1]))
        return wrong(parser, "a second device called", parser->words.text[1]);
    system->device_count++;
    device->line = parser->line;
    return take_name(parser, device->name, sizeof(device->name),
                     parser->words.text[1]) &&
           take_name(parser, device->model, sizeof(device->model),
                     parser->words.text[2]);
}

static bool parse_name(struct parser *parser)
{
    struct system *system = parser->system;

    if (parser->words.count != 2 || system->name[0])
        return wrong(parser, "expected 'system NAME' once, not",
                     parser->words.text[parser->words.count - 1]);
    return take_name(parser, system->name, sizeof(system->name),
                     parser->words.text[1]);
}

static bool parse_line(struct parser *parser, const char *at, const char *end)
{
    const char *keyword = parser->words.text[0];

    if (!split(parser, at, end))
        return false;
    if (parser->words.count == 0)
        return true;
    if (parser->words.count < 2)
        return wrong(parser, "a name must follow", keyword);
    if (text_equal(keyword, "system"))
        return parse_name(parser);
    if (text_equal(keyword, "device"))
        return parse_device(parser);
    if (text_equal(keyword, "domain"))
        return parse_domain(parser);
    return wrong(parser, "expected system, device or domain, not", keyword);
}

bool system_parse(struct system *system, const char *text, size_t bytes,
                  struct load_error *error)
{
    struct parser parser = {.system = system, .error = error};
    const char *at = text, *end = text + bytes, *stop;

    __builtin_memset(system, 0, sizeof(*system));
    if (bytes > MANIFEST_MAX)
        return wrong(&parser, "a manifest has at most 64 KiB", "");
    while (at < end) {
        parser.line++;
        for (stop = at; stop < end && *stop != '\n'; stop++)
            ;
        if (!parse_line(&parser, at, stop))
            return false;
        at = stop + (stop < end);
    }
    if (system->domain_count == 0)
        return wrong(&parser, "no domain in the manifest", "");
    return true;
}
