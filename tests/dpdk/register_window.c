/* SPDX-License-Identifier: MIT */
/*
 * register_window.c - loads and stores of a device's registers, one SIGSEGV
 * each. Zydis says what the instruction is, the signal frame what its source
 * holds and where the next one begins.
 */
#include "register_window.h"
#include <Zydis/Zydis.h>
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

/* No longer instruction exists. */
#define INSTRUCTION_BYTES 15

static struct {
    struct device *device;
    uint8_t *start; /* NULL while there is no window */
    ZydisDecoder decoder;
    struct register_accesses accesses;
    struct sigaction before;
} window;

/* The register file of a signal frame, by the numbers of the encoding. */
static greg_t *register_of(mcontext_t *machine, ZydisRegister name)
{
    static const int frame_index[16] = {
        REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
        REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15,
    };

    return &machine->gregs[frame_index[ZydisRegisterGetId(name)]];
}

static _Noreturn void refuse(const mcontext_t *machine, uint64_t offset,
                             const char *why)
{
    const uint8_t *code = (const uint8_t *)machine->gregs[REG_RIP];
    char line[160];
    int n, i;

    n = snprintf(line, sizeof(line),
                 "register 0x%05llx: %s:", (unsigned long long)offset, why);
    for (i = 0; i < INSTRUCTION_BYTES; i++)
        n += snprintf(line + n, sizeof(line) - (size_t)n, " %02x", code[i]);
    line[n++] = '\n';
    (void)!write(STDERR_FILENO, line, (size_t)n);
    abort();
}

static bool is_register(const ZydisDecodedOperand *operand)
{
    return operand->type == ZYDIS_OPERAND_TYPE_REGISTER &&
           ZydisRegisterGetClass(operand->reg.value) == ZYDIS_REGCLASS_GPR32;
}

static bool is_register_memory(const ZydisDecodedOperand *operand)
{
    return operand->type == ZYDIS_OPERAND_TYPE_MEMORY && operand->size == 32;
}

static void device_load(mcontext_t *machine, uint32_t offset,
                        ZydisRegister target)
{
    struct device *device = window.device;

    lock_acquire(&device->lock);
    *register_of(machine, target) = device->ops->read(device, offset);
    window.accesses.reads++;
    lock_release(&device->lock);
}

static void device_store(mcontext_t *machine, uint32_t offset,
                         const ZydisDecodedOperand *source)
{
    struct device *device = window.device;
    uint32_t value;

    if (source->type == ZYDIS_OPERAND_TYPE_IMMEDIATE)
        value = (uint32_t)source->imm.value.u;
    else
        value = (uint32_t)*register_of(machine, source->reg.value);
    lock_acquire(&device->lock);
    device->ops->write(device, offset, value);
    window.accesses.writes++;
    lock_release(&device->lock);
}

/* Source: Intel's manual, volume 2: MOV, and MOVDIRI, a direct store. */
static void carry_out(mcontext_t *machine, uint64_t offset)
{
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
    ZydisDecodedInstruction instruction;

    if (!ZYAN_SUCCESS(
            ZydisDecoderDecodeFull(&window.decoder,
                                   (const void *)machine->gregs[REG_RIP],
                                   INSTRUCTION_BYTES, &instruction, operands)))
        refuse(machine, offset, "no instruction that Zydis knows");
    if (instruction.mnemonic != ZYDIS_MNEMONIC_MOV &&
        instruction.mnemonic != ZYDIS_MNEMONIC_MOVDIRI)
        refuse(machine, offset, "no plain move");
    if (offset % 4 != 0)
        refuse(machine, offset, "not aligned");
    if (is_register(&operands[0]) && is_register_memory(&operands[1]))
        device_load(machine, (uint32_t)offset, operands[0].reg.value);
    else if (is_register_memory(&operands[0]) &&
             (is_register(&operands[1]) ||
              operands[1].type == ZYDIS_OPERAND_TYPE_IMMEDIATE))
        device_store(machine, (uint32_t)offset, &operands[1]);
    else
        refuse(machine, offset, "not 32 bits");
    machine->gregs[REG_RIP] += instruction.length;
}

static void fault_handle(int signal, siginfo_t *info, void *context)
{
    ucontext_t *frame = context;
    uint64_t offset = (uint64_t)((uint8_t *)info->si_addr - window.start);

    if (!window.start || offset >= window.device->register_bytes) {
        /* somebody's bug: it happens again, and nobody catches it */
        sigaction(signal, &window.before, NULL);
        return;
    }
    carry_out(&frame->uc_mcontext, offset);
}

void *register_window_open(struct device *device)
{
    struct sigaction action = {
        .sa_sigaction = fault_handle,
        .sa_flags = SA_SIGINFO,
    };

    ck_assert_ptr_null(window.start);
    ck_assert(ZYAN_SUCCESS(ZydisDecoderInit(&window.decoder,
                                            ZYDIS_MACHINE_MODE_LONG_64,
                                            ZYDIS_STACK_WIDTH_64)));
    window.device = device;
    window.accesses = (struct register_accesses){0};
    window.start = mmap(NULL, device->register_bytes, PROT_NONE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    ck_assert_ptr_ne(window.start, MAP_FAILED);
    ck_assert_int_eq(sigaction(SIGSEGV, &action, &window.before), 0);
    return window.start;
}

void register_window_close(void)
{
    if (!window.start)
        return;
    sigaction(SIGSEGV, &window.before, NULL);
    munmap(window.start, window.device->register_bytes);
    window.start = NULL;
}

struct register_accesses register_window_accesses(void)
{
    return window.accesses;
}
