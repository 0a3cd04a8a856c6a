/* SPDX-License-Identifier: MIT */
/* main.c - counts the words of each argument in a domain, and survives it. */
#include "words_host.h"
#include <stdio.h>
#include <string.h>

static struct tepal_error error;
static struct tepal_domain *domain;
static struct words_port words;

static void say_why(void)
{
    struct tepal_death death;

    if (!tepal_death(domain, &death))
        return;
    (void)tepal_death_find_line(domain, &death);
    printf("  %s in %s(), %s:%u\n", death.cause, death.function, death.file,
           death.line);
}

static int count(const char *string, struct rref_text text)
{
    struct text *t = rref_text_value(text);
    size_t length = strlen(string);
    uint32_t number = 0;
    struct rpc rpc;

    t->length = (uint32_t)length;
    memcpy(t->bytes, string, length < sizeof(t->bytes) ? length + 1 : 0);
    rpc = words_count(words, text, &number);
    if (rpc_is_ok(rpc))
        return printf("%s: %u words\n", string, number) < 0;
    printf("%.20s: failed (%u, %u)\n", string, rpc.result, rpc.detail);
    say_why();
    return rpc.result == RPC_CRASHED ? tepal_restart(domain, &error) : 0;
}

int main(int argc, char **argv)
{
    const struct tepal_domain_options limits = {.private_bytes = 1 << 20,
                                                .budget_ms = 100};
    int i, code = tepal_start(NULL, &error) ||
                  tepal_add_unit(&tepal_unit_words, &error) ||
                  tepal_load(&domain, "words.dom", &limits, &error) ||
                  words_port_find(&words, domain, &error);
    struct rref_text text = rref_text_new();

    for (i = 1; !code && i < argc; i++)
        code = count(argv[i], text);
    if (code)
        fprintf(stderr, "%s\n", error.text);
    tepal_stop();
    return code;
}
