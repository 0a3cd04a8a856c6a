/* SPDX-License-Identifier: MIT */
/*
 * counter.c - counters that domains show: names, and where the values are.
 *
 * A counter stays where the domain counts, in its private memory, so counting
 * costs the domain an addition and no call. The kernel reads it when somebody
 * asks. The address was private and mapped when it was given, and private
 * memory is unmapped only with the slot or between two lives, when a read answers
 * 0. Entries are only added, under the lock of the private heap; one whose life
 * has ended shows what was counted until the next life shows it again.
 */
#include "arch/access.h"
#include "tepal_trusted/base.h"
#include "tepal_trusted/domain.h"

static bool is_name(const char *name)
{
    const char *at;

    for (at = name; *at; at++)
        if (!((*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
              (*at >= '0' && *at <= '9') || *at == '.' || *at == '_' ||
              *at == '-'))
            return false;
    return at != name;
}

static struct domain_counter *find(struct domain *domain, const char *name)
{
    uint32_t i;

    for (i = 0; i < domain->counter_count; i++)
        if (text_equal(domain->counters[i].name, name))
            return &domain->counters[i];
    return NULL;
}

static bool is_private(const struct domain *domain, uint32_t address)
{
    return address % sizeof(uint64_t) == 0 &&
           address >= domain->private_start &&
           address <= domain->private_break &&
           domain->private_break - address >= sizeof(uint64_t);
}

static uint32_t address_of(const struct domain_counter *counter)
{
    return __atomic_load_n(&counter->address, __ATOMIC_ACQUIRE);
}

static void show(struct domain_counter *counter, uint32_t address)
{
    __atomic_store_n(&counter->address, address, __ATOMIC_RELEASE);
}

static struct domain_counter *append(struct domain *domain, const char *name)
{
    struct domain_counter *counter = &domain->counters[domain->counter_count];

    if (domain->counter_count == DOMAIN_COUNTERS_MAX)
        return NULL;
    text_copy(counter->name, sizeof(counter->name), name);
    __atomic_store_n(&domain->counter_count, domain->counter_count + 1,
                     __ATOMIC_RELEASE);
    return counter;
}

bool domain_counter_add(struct domain *domain, const char *name,
                        uint32_t address)
{
    struct domain_counter *counter = NULL;

    lock_acquire(&domain->growing);
    if (is_name(name) && is_private(domain, address)) {
        counter = find(domain, name);
        if (!counter)
            counter = append(domain, name);
        else if (address_of(counter))
            counter = NULL; /* taken */
        if (counter)
            show(counter, address);
    }
    lock_release(&domain->growing);
    return counter != NULL;
}

static uint64_t present(const struct domain *domain,
                        const struct domain_counter *counter)
{
    uint32_t address = address_of(counter);
    uint64_t value = 0;

    if (address)
        (void)slot_load64(domain->base, address, &value);
    return value;
}

void domain_counters_carry(struct domain *domain)
{
    uint32_t i;

    for (i = 0; i < domain->counter_count; i++) {
        struct domain_counter *counter = &domain->counters[i];
        uint64_t value = present(domain, counter);

        show(counter, 0);
        __atomic_store_n(&counter->past, counter->past + value,
                         __ATOMIC_RELAXED);
    }
}

uint32_t domain_counters(const struct domain *domain)
{
    return __atomic_load_n(&domain->counter_count, __ATOMIC_ACQUIRE);
}

uint64_t domain_counter_value(const struct domain *domain, uint32_t index)
{
    const struct domain_counter *counter;

    if (index >= domain_counters(domain))
        return 0;
    counter = &domain->counters[index];
    return __atomic_load_n(&counter->past, __ATOMIC_RELAXED) +
           present(domain, counter);
}
