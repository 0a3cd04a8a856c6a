/* SPDX-License-Identifier: MIT */
/*
 * inject_faults.c - see inject_faults.h. Every fault is one that the domain, or
 * its device, could have had by itself: nothing here reaches what the kernel
 * keeps for itself.
 */
#include "inject_faults.h"
#include "arch/access.h"
#include "arch/platform.h"
#include "stop.h"
#include "tepal_trusted/base.h"
#include "tepal_trusted/crossing.h"
#include "tepal_trusted/device.h"

#define KILL_LATER_NS 40000u
#define STALL_MAX_NS 200000000u

static void say(struct inject_target *target, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void say(struct inject_target *target, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    text_format_list(target->what, INJECT_WHAT_MAX, format, list);
    va_end(list);
}

bool inject_needs_thread(enum inject_kind kind)
{
    return kind == INJECT_REGISTER || kind == INJECT_RESULT ||
           kind == INJECT_STALL;
}

static bool strike_register(struct inject_target *target)
{
    const uint64_t *random = target->plan->random;
    uint32_t number = (uint32_t)(random[0] % STOP_REGISTERS), i;
    uint32_t flips = 1 + (random[1] % 4 == 0) * (uint32_t)(random[1] >> 8 & 3);

    if (target->thread == UINT32_MAX)
        return false;
    for (i = 0; i < flips; i++)
        if (!stop_flip(target->thread, number,
                       (uint32_t)(random[2 + i] % stop_register_bits(number))))
            return false;
    say(target, "%u bits of %s", flips, stop_register_name(number));
    return true;
}

/* Up to eight bits of a byte of the domain's at @address. */
static bool flip_byte(struct inject_target *target, uint32_t address,
                      uint64_t random, const char *where)
{
    uint8_t byte, mask = (uint8_t)(random & 1 ? 1u << (random >> 8 & 7)
                                              : random >> 8);

    mask = mask ? mask : 1;
    if (!slot_copy_in(&byte, target->domain->base, address, 1))
        return false;
    byte ^= mask;
    say(target, "bits 0x%x at 0x%x, %s", mask, address, where);
    return slot_copy_out(target->domain->base, address, &byte, 1);
}

static bool flip_in_stack(struct inject_target *target, uint64_t random)
{
    const struct thread *thread = stop_at(target->thread).thread;
    uint32_t end = thread->data_stack[target->domain->slot];
    uint32_t start = stop_data_stack(target->thread) & ~7u;

    if (!end)
        return false;
    if (thread->domain != target->domain || start >= end ||
        end - start > 0x4000)
        start = end - 0x400;
    return flip_byte(target, start + (uint32_t)(random % (end - start)),
                     target->plan->random[1], "data stack");
}

static bool strike_memory(struct inject_target *target)
{
    const struct domain *domain = target->domain;
    const uint64_t *random = target->plan->random;
    uint32_t bytes = domain->private_break - domain->private_start;
    uint32_t initial = domain->image_end - domain->private_start;

    if (target->thread != UINT32_MAX && random[0] % 2 &&
        flip_in_stack(target, random[2]))
        return true;
    if (bytes == 0)
        return false;
    /* Half of them in data and bss, which is small beside a heap. */
    if (random[3] % 2 && initial)
        bytes = initial;
    return flip_byte(target, domain->private_start +
                                 (uint32_t)(random[2] % bytes),
                     random[1], "private memory");
}

/* A handle of somebody's, live or not, or just other bits. */
static uint64_t wrong_word(uint64_t word, const uint64_t *random)
{
    uint32_t granule = (uint32_t)(random[2] % 4096);

    switch (random[1] % 6) {
    case 0:
        return 0;
    case 1:
        return word ^ 1ull << (random[2] % 64);
    case 2: /* another generation of the same */
        return word + (1ull << 32);
    case 3: /* another object that there is */
        return registry_handle(&registry.records[granule],
                               registry.records[granule].word);
    case 4:
        return word + TP_GRANULE;
    default:
        return random[2];
    }
}

static bool strike_result(struct inject_target *target)
{
    const uint64_t *random = target->plan->random;
    const struct thread *thread;
    const struct crossing *x;
    uint32_t start, end, at;
    uint64_t word;

    if (target->thread == UINT32_MAX)
        return false;
    thread = stop_at(target->thread).thread;
    x = thread->continuation->crossing;
    if (x->caller->id == DOMAIN_NOBODY || x->callee != target->domain)
        return false;
    start = (uint32_t)x->data_stack;
    end = thread->data_stack[target->domain->slot];
    if (start >= end || end - start > 0x2000)
        return false;
    at = start + (uint32_t)(random[0] % (end - start)) / 8 * 8;
    if (!slot_load64(target->domain->base, at, &word))
        return false;
    say(target, "word %u of the frame of a call", (at - start) / 8);
    return slot_store64(target->domain->base, at, wrong_word(word, random));
}

/* A second one, in one of four. */
static void kill_others(const struct inject_target *target)
{
    const uint64_t *random = target->plan->random;
    struct running *running = target->running;

    if (random[1] % 4 == 0)
        domain_end(running->domains[random[2] % running->loaded].domain,
                   "killed by inject");
}

/* Half of them later, wherever its threads are then. */
static bool strike_kill(struct inject_target *target)
{
    target->is_late = target->plan->random[0] % 2;
    say(target, target->is_late ? "ended from outside, while it runs"
                                : "ended from outside, in its text");
    if (target->is_late)
        return true;
    domain_end(target->domain, "killed by inject");
    kill_others(target);
    return true;
}

void inject_strike_late(const struct inject_target *target)
{
    uint64_t end =
        clock_nanoseconds() + target->plan->random[3] % KILL_LATER_NS;

    if (!target->is_late)
        return;
    while (clock_nanoseconds() < end)
        ;
    domain_end(target->domain, "killed by inject");
    kill_others(target);
}

static bool strike_stall(struct inject_target *target)
{
    if (target->thread == UINT32_MAX)
        return false;
    say(target, "an endless loop");
    stop_stall(target->thread, STALL_MAX_NS);
    return true;
}

/* The 82599 of the domain, or any that there is. */
static struct running_nic *find_nic(const struct inject_target *target)
{
    struct running *running = target->running;
    struct running_nic *any = NULL;
    uint32_t i;

    for (i = 0; i < running->system.device_count; i++) {
        struct running_nic *nic = &running->nics[i];

        if (nic->device != &nic->nic.device)
            continue;
        if (nic->device == target->domain->driven)
            return nic;
        any = nic;
    }
    return any;
}

static bool strike_device(struct inject_target *target)
{
    const uint64_t *random = target->plan->random;
    struct running_nic *nic = find_nic(target);
    enum nic82599_fault fault =
        (enum nic82599_fault)(random[0] % NIC82599_FAULTS);

    if (!nic || !nic->device->driver)
        return false;
    if (fault == NIC82599_FAULT_GONE && random[1] % 16)
        fault = NIC82599_FAULT_LINK_FLAP;
    target->domain = nic->device->driver;
    target->nic = nic;
    target->is_final = fault == NIC82599_FAULT_GONE;
    say(target, "%s", nic82599_fault_name(fault));
    nic82599_inject(&nic->nic, fault, random[2] % 4, 1 + random[3] % 2);
    /* Only a driver that begins meets these. */
    if (fault == NIC82599_FAULT_ENABLE_STUCK ||
        fault == NIC82599_FAULT_RESET_STUCK ||
        fault == NIC82599_FAULT_EEPROM_BAD)
        domain_end(target->domain, "killed by inject");
    return true;
}

static bool strike_ring(struct inject_target *target)
{
    const uint64_t *random = target->plan->random;
    struct running_nic *nic = find_nic(target);
    const struct dma_window *window;

    if (!nic || !nic->device->owner || nic->device->window_count == 0)
        return false;
    target->domain = nic->device->owner;
    window = &nic->device->windows[random[0] % nic->device->window_count];
    return flip_byte(target,
                     window->start +
                         (uint32_t)(random[2] % (window->end - window->start)),
                     random[1], "a descriptor ring");
}

static bool strike_irq(struct inject_target *target)
{
    const uint64_t *random = target->plan->random;
    struct running_nic *nic = find_nic(target);

    if (!nic || !nic->device->driver)
        return false;
    target->domain = nic->device->driver;
    target->nic = nic;
    switch (random[0] % 4) {
    case 0:
        say(target, "interrupts that nobody raised");
        nic->device->irq_pending |= random[1];
        break;
    case 1:
        say(target, "interrupts that were lost");
        nic->device->irq_pending = 0;
        break;
    default:
        say(target, "an interrupt that comes twice, or never");
        nic82599_inject(&nic->nic, random[0] % 4 == 2
                                       ? NIC82599_FAULT_IRQ_DUPLICATE
                                       : NIC82599_FAULT_IRQ_MISSED,
                        0, 1);
    }
    return true;
}

/* The limits that the manifest gave come back in inject_relent(). */
static int64_t shared_quota;
static uint32_t private_limit;

static bool strike_alloc(struct inject_target *target)
{
    shared_quota = target->domain->shared_quota;
    private_limit = target->domain->private_limit;
    say(target, "no memory for a while");
    target->domain->shared_quota = 0;
    target->domain->private_limit = target->domain->private_break;
    return true;
}

/* Its threads look at the limits whenever they like. */
__attribute__((no_sanitize("thread"))) void
inject_relent(struct inject_target *target)
{
    if (target->plan->kind == INJECT_ALLOC) {
        target->domain->shared_quota = shared_quota;
        target->domain->private_limit = private_limit;
    }
}

void inject_call_off(struct inject_target *target)
{
    if (target->nic)
        target->nic->nic.faults_waiting = 0;
}

bool inject_strike(struct inject_target *target)
{
    static bool (*const strikes[INJECT_KINDS])(struct inject_target *) = {
        [INJECT_REGISTER] = strike_register, [INJECT_MEMORY] = strike_memory,
        [INJECT_RESULT] = strike_result,     [INJECT_KILL] = strike_kill,
        [INJECT_STALL] = strike_stall,       [INJECT_DEVICE] = strike_device,
        [INJECT_RING] = strike_ring,         [INJECT_IRQ] = strike_irq,
        [INJECT_ALLOC] = strike_alloc,
    };

    return strikes[target->plan->kind](target);
}
