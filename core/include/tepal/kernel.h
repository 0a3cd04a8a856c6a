/* SPDX-License-Identifier: MIT */
/*
 * kernel.h - the services that the kernel offers to every domain.
 *
 * Domain code only. Each service is one entry of the domain's function table;
 * the stubs below load the registers and call through it (docs/ABI.md,
 * "Calling an import").
 */
#pragma once
#include "tepal/abi.h"
#include "tepal/types.h"

#define TP_STRING_(x) #x
#define TP_STRING(x) TP_STRING_(x)

/*
 * Reserve a function-table entry named @symbol for method @number of the
 * interface with id @id. In one group, so that files of one domain share it.
 */
#define TP_IMPORT_ENTRY(symbol, id, number)                                    \
    __asm__(".pushsection .tepal.ftab.import." symbol                          \
            ",\"aG\",@progbits," symbol ",comdat\n"                            \
            ".globl " symbol "\n" symbol ": .quad 0\n"                         \
            ".popsection\n"                                                    \
            ".pushsection .tepal.methods." symbol                              \
            ",\"aG\",@progbits," symbol ",comdat\n"                            \
            ".quad " TP_STRING(id) ", " TP_STRING(number) "\n"                 \
            ".popsection\n")

#define TP_SERVICE_ENTRY(number)                                               \
    TP_IMPORT_ENTRY("__tepal_service_" TP_STRING(number), TP_KERNEL_ID, number)

TP_SERVICE_ENTRY(0);
TP_SERVICE_ENTRY(1);
TP_SERVICE_ENTRY(2);
TP_SERVICE_ENTRY(3);
TP_SERVICE_ENTRY(4);
TP_SERVICE_ENTRY(5);
TP_SERVICE_ENTRY(6);
TP_SERVICE_ENTRY(7);
TP_SERVICE_ENTRY(8);
TP_SERVICE_ENTRY(9);
TP_SERVICE_ENTRY(10);
TP_SERVICE_ENTRY(11);
TP_SERVICE_ENTRY(12);
TP_SERVICE_ENTRY(13);
TP_SERVICE_ENTRY(14);
TP_SERVICE_ENTRY(15);
TP_SERVICE_ENTRY(16);
TP_SERVICE_ENTRY(17);
TP_SERVICE_ENTRY(18);
TP_SERVICE_ENTRY(19);
TP_SERVICE_ENTRY(20);
TP_SERVICE_ENTRY(21);
TP_SERVICE_ENTRY(22);
TP_SERVICE_ENTRY(23);
TP_SERVICE_ENTRY(24);
TP_SERVICE_ENTRY(25);

/* Through the table entry of the import @symbol: docs/ABI.md. */
#ifdef __TEPAL_GS__
#define TP_IMPORT_CALL_INSN(symbol) "addr32 call *%%gs:" symbol
#else
#define TP_IMPORT_CALL_INSN(symbol) "call *" symbol "(%%r14)"
#endif

/*
 * Call the import @symbol with up to six 64-bit arguments and the capability
 * @cap. Every caller-saved register is gone afterwards.
 */
#define TP_IMPORT_CALL(symbol, cap, a, b, c, d, e, f)                          \
    ({                                                                         \
        uint64_t rax_ = (cap), rdi_ = (a), rsi_ = (b), rdx_ = (c), rcx_ = (d); \
        register uint64_t r8_ __asm__("r8") = (e);                             \
        register uint64_t r9_ __asm__("r9") = (f);                             \
        __asm__ volatile(TP_IMPORT_CALL_INSN(symbol)                           \
                         : "+a"(rax_), "+D"(rdi_), "+S"(rsi_), "+d"(rdx_),     \
                           "+c"(rcx_), "+r"(r8_), "+r"(r9_)                    \
                         :                                                     \
                         : "r10", "r11", "xmm0", "xmm1", "xmm2", "xmm3",       \
                           "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9",     \
                           "xmm10", "xmm11", "xmm12", "xmm13", "xmm14",        \
                           "xmm15", "memory", "cc");                           \
        rax_;                                                                  \
    })

#define TP_SERVICE_CALL(number, a, b, c)                                       \
    TP_IMPORT_CALL("__tepal_service_" TP_STRING(number), 0, a, b, c, 0, 0, 0)

/* A pointer as the 64-bit argument that carries it. */
#define TP_POINTER(p) ((uint64_t)(uintptr_t)(p))

/*
 * For the domain to define, if there is something to do: where its own thread
 * starts. The kernel calls it once, when all domains are loaded and wired.
 * Returns 0 when all is well; anything else is reported as a failure.
 */
int tp_main(void);

/*
 * End this domain: it is dead when this would return, its caller's proxy
 * answers RPC_CRASHED. @message is logged with the report.
 */
static inline _Noreturn void tp_panic(const char *message, size_t bytes)
{
    TP_SERVICE_CALL(0, TP_POINTER(message), bytes, 0);
    __builtin_trap();
}

/* Write one line to the kernel's log. Longer ones are cut at 512 bytes. */
static inline void tp_log(const char *text, size_t bytes)
{
    TP_SERVICE_CALL(1, TP_POINTER(text), bytes, 0);
}

/* The CPU's cycle counter. Units: TSC cycles. */
static inline uint64_t tp_cycles(void)
{
    return TP_SERVICE_CALL(2, 0, 0, 0);
}

/* Monotonic time. Units: nanoseconds. */
static inline uint64_t tp_nanoseconds(void)
{
    return TP_SERVICE_CALL(3, 0, 0, 0);
}

/* 64 random bits; from a seeded generator when the system has a seed. */
static inline uint64_t tp_random(void)
{
    return TP_SERVICE_CALL(4, 0, 0, 0);
}

/*
 * A new shared object, payload zeroed.
 * @type: address of the type's record; use the generated rref_T_new().
 * Owns:   on success the calling domain.
 * Errors: 0 when the quota or the heap is exhausted, or the type is unknown.
 */
static inline uint64_t tp_heap_alloc(const struct dom_type *type)
{
    return TP_SERVICE_CALL(5, TP_POINTER(type), 0, 0);
}

/*
 * Free a shared object and what it holds.
 * Errors: false when the handle is stale, of another domain, or lent.
 */
static inline bool tp_heap_drop(uint64_t handle)
{
    return TP_SERVICE_CALL(6, handle, 0, 0) != 0;
}

/*
 * Grow the private heap by @bytes, rounded up to whole pages.
 * Returns the slot offset of the new, zeroed memory, which follows on what was
 * there before; 0 over quota.
 */
static inline void *tp_private_grow(size_t bytes)
{
    return (void *)(uintptr_t)TP_SERVICE_CALL(7, bytes, 0, 0);
}

/*
 * The domain's argument string from the manifest, without a final 0.
 * Returns its whole length; copies at most @bytes of it.
 */
static inline size_t tp_arguments(char *buffer, size_t bytes)
{
    return TP_SERVICE_CALL(8, TP_POINTER(buffer), bytes, 0);
}

/*
 * Nothing to do just now: let devices and other threads go on.
 * Returns true when the system is to end, and the domain should return.
 */
static inline bool tp_idle(void)
{
    return TP_SERVICE_CALL(9, 0, 0, 0) != 0;
}

/*
 * A capability to what this domain itself exports by @record, to be passed on.
 * Use the generated I_impl_cap().
 * Errors: 0: no such export, or the table of capabilities is full.
 */
static inline uint32_t tp_cap_own(const struct dom_export *record)
{
    return (uint32_t)TP_SERVICE_CALL(14, TP_POINTER(record), 0, 0);
}

/*
 * A capability derived from @index that allows only those of its methods whose
 * bits are set in @methods. Use the generated I_cap_narrow().
 * Errors: 0: there is none, no method is left, or the table is full.
 */
static inline uint32_t tp_cap_narrow(uint32_t index, uint64_t methods)
{
    return (uint32_t)TP_SERVICE_CALL(15, index, methods, 0);
}

/*
 * Take back all that was derived from @index, in whatever domain, and @index
 * itself unless @keep. Use the generated I_cap_revoke(), I_cap_take_back().
 * Unless @keep, @index is free for another afterwards, and not before: do this
 * also with one that others have taken back.
 * Errors: false: there is no such capability, or no longer.
 */
static inline bool tp_cap_revoke(uint32_t index, bool keep)
{
    return TP_SERVICE_CALL(16, index, keep, 0) != 0;
}

/*
 * Which life of the callee @index leads to: 1 for its first one, one more each
 * time it is restarted. Use the generated I_cap_generation().
 * Returns 0 when that life has ended, or there is no such capability.
 */
static inline uint32_t tp_cap_generation(uint32_t index)
{
    return (uint32_t)TP_SERVICE_CALL(21, index, 0, 0);
}

/*
 * After RPC_DEAD or RPC_CRASHED: let @index lead to the callee's present life;
 * it is restarted first if the manifest says that it may be. Methods marked
 * "retry" do so by themselves. Use the generated I_cap_reconnect().
 * Returns the callee's generation; 0 when it is dead for good, or, an affine
 * one, another thread's.
 */
static inline uint32_t tp_cap_reconnect(uint32_t index)
{
    return (uint32_t)TP_SERVICE_CALL(22, index, 0, 0);
}

/*
 * What @handle names is for the next life of this domain, which finds it by
 * tp_inherit() as @name (at most 23 characters). Until this one ends it is an
 * object as any other; one that is not this domain's own and unlent then is not
 * left. 0: nothing is left under @name any more. Use the generated
 * rref_T_keep().
 * Errors: false: not our own, of a type that holds other references, eight
 *         names are kept already, or nothing is to be taken back.
 */
static inline bool tp_keep(const char *name, size_t bytes, uint64_t handle)
{
    return TP_SERVICE_CALL(24, TP_POINTER(name), bytes, handle) != 0;
}

/*
 * What an earlier life left, or this one keeps, as @name. Use the generated
 * rref_T_inherit().
 * Errors: 0: nothing, or nothing of this type.
 */
static inline uint64_t tp_inherit(const char *name, size_t bytes,
                                  const struct dom_type *type)
{
    return TP_SERVICE_CALL(25, TP_POINTER(name), bytes, TP_POINTER(type));
}

/*
 * Show *@counter, in private memory, in reports of this domain under @name:
 * letters, digits and . _ -, at most 23 of them. The kernel reads it whenever
 * it wants; counting costs an addition.
 * Errors: false: no such name, one that is taken, no private memory, or the
 *         table is full (64).
 */
static inline bool tp_counter(const char *name, size_t bytes,
                              const uint64_t *counter)
{
    return TP_SERVICE_CALL(17, TP_POINTER(name), bytes, TP_POINTER(counter)) !=
           0;
}

/* The same from a literal. */
#define TP_COUNTER(name, counter) tp_counter(name, sizeof(name) - 1, counter)

/* Whether another domain holds a capability to what this one exports. */
static inline bool tp_is_called(void)
{
    return TP_SERVICE_CALL(18, 0, 0, 0) != 0;
}

/*
 * The file that the manifest gives this domain by data=: copies @bytes from
 * @offset on, less where it ends.
 * Returns its whole length; 0 when there is none.
 */
static inline size_t tp_data(size_t offset, void *buffer, size_t bytes)
{
    return TP_SERVICE_CALL(20, offset, TP_POINTER(buffer), bytes);
}
