/* SPDX-License-Identifier: MIT */
/*
 * Several small programs in one; prints what the same source prints when it
 * is compiled for the host.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t seed = 88172645463325252u;

static uint64_t next_random(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

/* A byte-code machine: a table of functions that change a stack. */
struct machine {
    int64_t stack[32];
    unsigned top;
};

typedef void (*instruction)(struct machine *, int64_t);

static void push(struct machine *machine, int64_t value)
{
    machine->stack[machine->top++ % 32] = value;
}

static int64_t pop(struct machine *machine)
{
    return machine->stack[--machine->top % 32];
}

static void do_push(struct machine *machine, int64_t value)
{
    push(machine, value);
}

static void do_add(struct machine *machine, int64_t value)
{
    uint64_t sum = (uint64_t)pop(machine) + (uint64_t)pop(machine);

    push(machine, (int64_t)(sum + (uint64_t)value));
}

static void do_divide(struct machine *machine, int64_t value)
{
    int64_t divisor = (pop(machine) & 0xff) + 1 + (value & 0);

    push(machine, pop(machine) / divisor);
}

static void do_swap(struct machine *machine, int64_t value)
{
    int64_t one = pop(machine), two = pop(machine);

    push(machine, one ^ value);
    push(machine, two);
}

static int64_t interpret(int steps)
{
    static const instruction table[] = {do_push, do_add, do_divide, do_swap};
    struct machine machine = {.top = 1000};

    while (steps-- > 0)
        table[next_random() % 4](&machine, (int64_t)next_random());
    return pop(&machine);
}

/* Sorting structures that travel by value. */
struct item {
    char name[20];
    double weight;
    short rank;
};

static struct item make_item(int number)
{
    struct item item = {.rank = (short)(next_random() % 100)};

    snprintf(item.name, sizeof item.name, "item-%d-%d", number, item.rank);
    item.weight = (double)(next_random() % 1000) / 7.0;
    return item;
}

static int by_rank(const void *one, const void *two)
{
    const struct item *a = one, *b = two;

    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    return strcmp(a->name, b->name);
}

static double weigh(struct item item, double factor)
{
    return item.weight * factor + item.rank;
}

static void sort_items(void)
{
    struct item items[60];
    double total = 0;

    for (int i = 0; i < 60; i++)
        items[i] = make_item(i);
    qsort(items, 60, sizeof *items, by_rank);
    for (int i = 0; i < 60; i += 7) {
        total += weigh(items[i], 1.5);
        printf("%-16s %3d %9.3f\n", items[i].name, items[i].rank, total);
    }
}

/* Numbers: primes, a matrix, a checksum over bytes. */
static int count_primes(int limit)
{
    static unsigned char composite[20000];
    int count = 0;

    for (int i = 2; i < limit; i++) {
        if (composite[i])
            continue;
        count++;
        for (int j = 2 * i; j < limit; j += i)
            composite[j] = 1;
    }
    return count;
}

static double trace_of_power(int power)
{
    double one[8][8], two[8][8], trace = 0;

    for (int i = 0; i < 64; i++)
        one[i / 8][i % 8] = (i * 37 % 11) / 16.0;
    while (power-- > 1) {
        memcpy(two, one, sizeof two);
        for (int i = 0; i < 8; i++) {
            for (int j = 0; j < 8; j++) {
                double sum = 0;

                for (int k = 0; k < 8; k++)
                    sum += two[i][k] * two[k][j];
                one[i][j] = sum / 8;
            }
        }
    }
    for (int i = 0; i < 8; i++)
        trace += one[i][i];
    return trace;
}

static uint32_t crc_of(const unsigned char *bytes, size_t count)
{
    uint32_t crc = ~0u;

    while (count--) {
        crc ^= *bytes++;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    }
    return ~crc;
}

int tp_main(void);

int tp_main(void)
{
    unsigned char noise[1000];

    printf("machine %lld\n", (long long)interpret(100000));
    sort_items();
    printf("primes %d\n", count_primes(20000));
    printf("trace %.9f\n", trace_of_power(5));
    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (unsigned char)next_random();
    printf("crc %08x\n", crc_of(noise, sizeof noise));
    return 0;
}
