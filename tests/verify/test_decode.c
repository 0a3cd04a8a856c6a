/* SPDX-License-Identifier: MIT */
/*
 * test_decode.c - the decoder against an independent one.
 *
 * Zydis is the oracle, and takes no part in the product. Whatever our decoder
 * accepts, Zydis must decode to the same length, the same registers and the
 * same memory operand, and to a mnemonic of the list below, which was written
 * apart from the opcode tables. Whatever the memory rules accept too must
 * keep the policy as Zydis sees it.
 *
 * Strings come from a generator with a fixed seed. TP_TEST_STRINGS sets how
 * many; the default takes some seconds.
 */
#include <Zydis/Zydis.h>
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory_rules.h"
#include "suite_run.h"
#include "tepal/abi.h"

#define STRINGS_DEFAULT 2000000
#define STRING_BYTES 15

/* Like ck_assert_msg(), which writes to a file each time it is passed. */
#define expect(claim, ...)                                                     \
    do {                                                                       \
        if (!(claim))                                                          \
            ck_abort_msg(__VA_ARGS__);                                         \
    } while (0)

/* clang-format off */
#define M(name) ZYDIS_MNEMONIC_##name
static const ZydisMnemonic allowed_mnemonics[] = {
    M(ADC), M(ADD), M(AND), M(BSF), M(BSR), M(BSWAP), M(BT), M(BTC), M(BTR),
    M(BTS), M(CALL), M(CBW), M(CDQ), M(CDQE), M(CMOVB), M(CMOVBE), M(CMOVL),
    M(CMOVLE), M(CMOVNB), M(CMOVNBE), M(CMOVNL), M(CMOVNLE), M(CMOVNO),
    M(CMOVNP), M(CMOVNS), M(CMOVNZ), M(CMOVO), M(CMOVP), M(CMOVS), M(CMOVZ),
    M(CMP), M(CMPXCHG), M(CQO), M(CWD), M(CWDE), M(DEC), M(DIV), M(IDIV),
    M(IMUL), M(INC), M(INT3), M(JB), M(JBE), M(JL), M(JLE), M(JMP), M(JNB),
    M(JNBE), M(JNL), M(JNLE), M(JNO), M(JNP), M(JNS), M(JNZ), M(JO), M(JP),
    M(JS), M(JZ), M(LEA), M(LZCNT), M(MOV), M(MOVSX), M(MOVSXD), M(MOVZX),
    M(MUL), M(NEG), M(NOP), M(NOT), M(OR), M(PAUSE), M(POP), M(PUSH), M(RCL),
    M(RCR), M(RET), M(ROL), M(ROR), M(SAR), M(SBB), M(SETB), M(SETBE),
    M(SETL), M(SETLE), M(SETNB), M(SETNBE), M(SETNL), M(SETNLE), M(SETNO),
    M(SETNP), M(SETNS), M(SETNZ), M(SETO), M(SETP), M(SETS), M(SETZ), M(SHL),
    M(SHLD), M(SHR), M(SHRD), M(SUB), M(TEST), M(TZCNT), M(UD2), M(XADD),
    M(XCHG), M(XOR),
    /* fences and hints */
    M(LFENCE), M(MFENCE), M(SFENCE), M(PREFETCHNTA), M(PREFETCHT0),
    M(PREFETCHT1), M(PREFETCHT2),
    /* SSE */
    M(ADDPS), M(ADDSS), M(ANDNPS), M(ANDPS), M(CMPPS), M(CMPSS), M(COMISS),
    M(CVTSI2SS), M(CVTSS2SI), M(CVTTSS2SI), M(DIVPS), M(DIVSS), M(MAXPS),
    M(MAXSS), M(MINPS), M(MINSS), M(MOVAPS), M(MOVHLPS), M(MOVHPS),
    M(MOVLHPS), M(MOVLPS), M(MOVMSKPS), M(MOVNTPS), M(MOVSS), M(MOVUPS),
    M(MULPS), M(MULSS), M(ORPS), M(RCPPS), M(RCPSS), M(RSQRTPS), M(RSQRTSS),
    M(SHUFPS), M(SQRTPS), M(SQRTSS), M(SUBPS), M(SUBSS), M(UCOMISS),
    M(UNPCKHPS), M(UNPCKLPS), M(XORPS),
    /* SSE2 */
    M(ADDPD), M(ADDSD), M(ANDNPD), M(ANDPD), M(CMPPD), M(CMPSD), M(COMISD),
    M(CVTDQ2PD), M(CVTDQ2PS), M(CVTPD2DQ), M(CVTPD2PS), M(CVTPS2DQ),
    M(CVTPS2PD), M(CVTSD2SI), M(CVTSD2SS), M(CVTSI2SD), M(CVTSS2SD),
    M(CVTTPD2DQ), M(CVTTPS2DQ), M(CVTTSD2SI), M(DIVPD), M(DIVSD), M(MAXPD),
    M(MAXSD), M(MINPD), M(MINSD), M(MOVAPD), M(MOVD), M(MOVDQA), M(MOVDQU),
    M(MOVHPD), M(MOVLPD), M(MOVMSKPD), M(MOVNTDQ), M(MOVNTI), M(MOVNTPD),
    M(MOVQ), M(MOVSD), M(MOVUPD), M(MULPD), M(MULSD), M(ORPD), M(PACKSSDW),
    M(PACKSSWB), M(PACKUSWB), M(PADDB), M(PADDD), M(PADDQ), M(PADDSB),
    M(PADDSW), M(PADDUSB), M(PADDUSW), M(PADDW), M(PAND), M(PANDN), M(PAVGB),
    M(PAVGW), M(PCMPEQB), M(PCMPEQD), M(PCMPEQW), M(PCMPGTB), M(PCMPGTD),
    M(PCMPGTW), M(PEXTRW), M(PINSRW), M(PMADDWD), M(PMAXSW), M(PMAXUB),
    M(PMINSW), M(PMINUB), M(PMOVMSKB), M(PMULHUW), M(PMULHW), M(PMULLW),
    M(PMULUDQ), M(POR), M(PSADBW), M(PSHUFD), M(PSHUFHW), M(PSHUFLW),
    M(PSLLD), M(PSLLDQ), M(PSLLQ), M(PSLLW), M(PSRAD), M(PSRAW), M(PSRLD),
    M(PSRLDQ), M(PSRLQ), M(PSRLW), M(PSUBB), M(PSUBD), M(PSUBQ), M(PSUBSB),
    M(PSUBSW), M(PSUBUSB), M(PSUBUSW), M(PSUBW), M(PUNPCKHBW), M(PUNPCKHDQ),
    M(PUNPCKHQDQ), M(PUNPCKHWD), M(PUNPCKLBW), M(PUNPCKLDQ), M(PUNPCKLQDQ),
    M(PUNPCKLWD), M(PXOR), M(SHUFPD), M(SQRTPD), M(SQRTSD), M(SUBPD),
    M(SUBSD), M(UCOMISD), M(UNPCKHPD), M(UNPCKLPD), M(XORPD),
};
/* clang-format on */
#define ALLOWED_COUNT (sizeof(allowed_mnemonics) / sizeof(allowed_mnemonics[0]))

static bool is_allowed[ZYDIS_MNEMONIC_MAX_VALUE + 1];
static uint32_t seen[ZYDIS_MNEMONIC_MAX_VALUE + 1];
static ZydisDecoder decoder;

/* What Zydis says of one string. */
struct oracle {
    ZydisDecodedInstruction insn;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
    uint16_t named, writes; /* as in struct insn */
    const ZydisDecodedOperand *memory;
};

static uint64_t random_state;

static uint64_t random_bits(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

/* The general register that contains @reg, or GPR_NONE. */
static unsigned gpr_of(ZydisRegister reg)
{
    ZydisRegister largest =
        ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, reg);

    if (largest < ZYDIS_REGISTER_RAX || largest > ZYDIS_REGISTER_R15)
        return GPR_NONE;
    return (unsigned)(largest - ZYDIS_REGISTER_RAX);
}

static char *hex(const uint8_t *bytes)
{
    static char text[3 * STRING_BYTES + 1];

    for (size_t i = 0; i < STRING_BYTES; i++)
        snprintf(text + 3 * i, 4, "%02x ", bytes[i]);
    return text;
}

/* Push, pop, call and ret move %rsp and access the stack, as they may. */
static bool moves_stack(const struct oracle *oracle)
{
    ZydisMnemonic m = oracle->insn.mnemonic;

    return m == M(PUSH) || m == M(POP) || m == M(CALL) || m == M(RET);
}

static void collect_operand(struct oracle *oracle, const uint8_t *bytes,
                            const ZydisDecodedOperand *operand)
{
    bool is_hidden = operand->visibility == ZYDIS_OPERAND_VISIBILITY_HIDDEN;

    if (operand->type == ZYDIS_OPERAND_TYPE_REGISTER) {
        unsigned gpr = gpr_of(operand->reg.value);

        if (gpr == GPR_NONE ||
            (is_hidden && gpr == GPR_RSP && moves_stack(oracle)))
            return;
        if (operand->visibility == ZYDIS_OPERAND_VISIBILITY_EXPLICIT &&
            operand->encoding != ZYDIS_OPERAND_ENCODING_NONE)
            oracle->named |= GPR_BIT(gpr);
        if (operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE)
            oracle->writes |= GPR_BIT(gpr);
    } else if (operand->type == ZYDIS_OPERAND_TYPE_MEMORY) {
        if (is_hidden && operand->mem.base == ZYDIS_REGISTER_RSP &&
            moves_stack(oracle))
            return;
        expect(!is_hidden, "implicit memory: %s", hex(bytes));
        expect(oracle->memory == NULL, "two memory operands: %s", hex(bytes));
        oracle->memory = operand;
    }
}

static void ask_oracle(struct oracle *oracle, const uint8_t *bytes)
{
    *oracle = (struct oracle){.memory = NULL};
    expect(ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, bytes, STRING_BYTES,
                                               &oracle->insn,
                                               oracle->operands)),
           "accepted, but no instruction: %s", hex(bytes));
    for (unsigned i = 0; i < oracle->insn.operand_count; i++)
        collect_operand(oracle, bytes, &oracle->operands[i]);
}

static unsigned base_of(ZydisRegister base)
{
    if (base == ZYDIS_REGISTER_RIP || base == ZYDIS_REGISTER_EIP)
        return GPR_RIP;
    return gpr_of(base);
}

/*
 * With mod 0 a SIB byte's base of 5 is none, whatever REX.B says (Intel SDM
 * volume 2, table 2-3); a processor agrees. Zydis 4 makes it %r13d, without the
 * displacement, where the address has 32 bits.
 */
static unsigned oracle_base(const struct oracle *oracle)
{
    bool has_sib = oracle->insn.attributes & ZYDIS_ATTRIB_HAS_SIB;

    if (has_sib && oracle->insn.raw.modrm.mod == 0 &&
        oracle->insn.raw.sib.base == 5)
        return GPR_NONE;
    return base_of(oracle->memory->mem.base);
}

static void compare_memory(const uint8_t *bytes, const struct insn *insn,
                           const struct oracle *oracle)
{
    const ZydisDecodedOperandMem *mem;

    expect(insn->has_memory == (oracle->memory != NULL),
           "memory operand or not: %s", hex(bytes));
    if (!insn->has_memory)
        return;
    mem = &oracle->memory->mem;
    expect(insn->base == oracle_base(oracle), "base: %s", hex(bytes));
    expect(insn->index == gpr_of(mem->index), "index: %s", hex(bytes));
    expect(insn->index == GPR_NONE || insn->scale == mem->scale, "scale: %s",
           hex(bytes));
    expect(insn->displacement == oracle->insn.raw.disp.value, "disp: %s",
           hex(bytes));
    expect((mem->type == ZYDIS_MEMOP_TYPE_AGEN) == (insn->class == INSN_LEA) ||
               insn->class == INSN_NOP,
           "access or address only: %s", hex(bytes));
    expect(oracle->insn.address_width == (insn->in_gs ? 32 : 64),
           "address size: %s", hex(bytes));
    expect((mem->segment == ZYDIS_REGISTER_GS) == insn->in_gs, "segment: %s",
           hex(bytes));
}

/* The class must never claim more than the instruction is. */
static void compare_class(const uint8_t *bytes, const struct insn *insn,
                          const struct oracle *oracle)
{
    static const struct {
        enum insn_class class;
        ZydisMnemonic mnemonics[3];
    } classes[] = {
        {INSN_NOP, {M(NOP), M(PAUSE)}}, {INSN_MOVE, {M(MOV)}},
        {INSN_ADD, {M(ADD), M(SUB)}},   {INSN_AND, {M(AND)}},
        {INSN_LEA, {M(LEA)}},           {INSN_PUSH, {M(PUSH)}},
        {INSN_POP, {M(POP)}},           {INSN_CALL, {M(CALL)}},
        {INSN_JUMP, {M(JMP)}},          {INSN_CALL_INDIRECT, {M(CALL)}},
        {INSN_JUMP_INDIRECT, {M(JMP)}}, {INSN_RETURN, {M(RET)}},
        {INSN_STOP, {M(UD2), M(INT3)}},
    };
    ZydisMnemonic m = oracle->insn.mnemonic;
    bool is_branch = oracle->insn.meta.category == ZYDIS_CATEGORY_COND_BR;

    expect(is_branch == (insn->class == INSN_BRANCH), "jcc: %s", hex(bytes));
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        const ZydisMnemonic *is = classes[i].mnemonics;
        bool is_one = m == is[0] || (is[1] != 0 && m == is[1]);
        bool is_class = insn->class == classes[i].class;

        expect(!is_class || is_one, "class: %s", hex(bytes));
        /* Indirect call and jump have a class of their own. */
        expect(is_class || !is_one || m == M(CALL) || m == M(JMP), "class: %s",
               hex(bytes));
    }
}

static void compare_immediate(const uint8_t *bytes, const struct insn *insn,
                              const struct oracle *oracle)
{
    bool is_direct = insn->class == INSN_CALL || insn->class == INSN_JUMP ||
                     insn->class == INSN_BRANCH;
    bool is_relative =
        (oracle->insn.attributes & ZYDIS_ATTRIB_IS_RELATIVE) != 0;

    if (is_direct)
        expect(is_relative &&
                   oracle->insn.raw.imm[0].value.s == insn->immediate,
               "branch distance: %s", hex(bytes));
    /* The mask of an indirect branch. */
    if (insn->class == INSN_AND && oracle->insn.raw.imm[0].size != 0)
        expect(oracle->insn.raw.imm[0].value.s == insn->immediate,
               "immediate: %s", hex(bytes));
}

/* Base: registers that hold the slot base or a small number keep doing so. */
static void check_writes(const uint8_t *bytes, const struct oracle *oracle)
{
    ZydisMnemonic m = oracle->insn.mnemonic;
    bool keeps_low = m == M(MOV) || m == M(LEA) || m == M(ADD) || m == M(SUB);

    expect(!(oracle->writes & GPR_BIT(GPR_R14)), "r14: %s", hex(bytes));
    if (oracle->writes & GPR_BIT(GPR_RBP))
        expect(keeps_low && oracle->operands[0].size == 32, "rbp: %s",
               hex(bytes));
    if (oracle->writes & GPR_BIT(GPR_R11))
        expect((keeps_low || m == M(AND)) && oracle->operands[0].size == 32,
               "r11: %s", hex(bytes));
}

static bool access_is_bounded(const struct oracle *oracle, uint32_t flavour)
{
    const ZydisDecodedOperandMem *mem = &oracle->memory->mem;

    if (flavour == TP_FLAVOUR_GS)
        return mem->segment == ZYDIS_REGISTER_GS &&
               oracle->insn.address_width == 32;
    return mem->base == ZYDIS_REGISTER_R14 &&
           (mem->index == ZYDIS_REGISTER_NONE ||
            (mem->scale == 1 && (mem->index == ZYDIS_REGISTER_RBP ||
                                 mem->index == ZYDIS_REGISTER_R11))) &&
           mem->segment != ZYDIS_REGISTER_FS &&
           mem->segment != ZYDIS_REGISTER_GS &&
           oracle->insn.address_width == 64;
}

/* The policy again, in Zydis' terms, for what the memory rules accept. */
static void check_policy(const uint8_t *bytes, const struct insn *insn,
                         const struct oracle *oracle, uint32_t flavour)
{
    ZydisMnemonic m = oracle->insn.mnemonic;
    bool is_nop = m == M(NOP);

    expect(is_nop || !(oracle->named & GPR_BIT(GPR_RSP)), "rsp: %s",
           hex(bytes));
    expect(!(oracle->writes & GPR_BIT(GPR_RSP)), "rsp: %s", hex(bytes));
    if (flavour == TP_FLAVOUR_BASE)
        check_writes(bytes, oracle);
    if (oracle->memory == NULL || is_nop)
        return;
    expect(base_of(oracle->memory->mem.base) != GPR_RSP, "rsp: %s", hex(bytes));
    if (m == M(LEA)) {
        expect(base_of(oracle->memory->mem.base) != GPR_RIP, "lea: %s",
               hex(bytes));
        return;
    }
    expect(access_is_bounded(oracle, flavour), "access: %s", hex(bytes));
    expect(oracle->memory->size <= 128, "access size: %s", hex(bytes));
    expect(insn->has_memory, "memory: %s", hex(bytes));
}

/* Returns whether our decoder took the string. */
static bool check_string(const uint8_t *bytes)
{
    struct insn insn;
    struct oracle oracle;

    if (decode_insn(bytes, STRING_BYTES, &insn) != VERIFY_OK)
        return false;
    ask_oracle(&oracle, bytes);
    expect(is_allowed[oracle.insn.mnemonic], "not allowed: %s: %s",
           ZydisMnemonicGetString(oracle.insn.mnemonic), hex(bytes));
    seen[oracle.insn.mnemonic]++;
    expect(insn.length == oracle.insn.length, "length %u, not %u: %s",
           insn.length, oracle.insn.length, hex(bytes));
    expect(insn.writes == oracle.writes, "writes %#x, not %#x: %s", insn.writes,
           oracle.writes, hex(bytes));
    expect(insn.class == INSN_NOP ||
               (insn.named & oracle.named) == oracle.named,
           "names %#x, not %#x: %s", insn.named, oracle.named, hex(bytes));
    compare_memory(bytes, &insn, &oracle);
    compare_class(bytes, &insn, &oracle);
    compare_immediate(bytes, &insn, &oracle);
    for (uint32_t flavour = TP_FLAVOUR_BASE; flavour <= TP_FLAVOUR_GS;
         flavour++)
        if (memory_rules_check(&insn, flavour) == VERIFY_OK)
            check_policy(bytes, &insn, &oracle, flavour);
    return true;
}

static void fill_random(uint8_t *bytes)
{
    uint64_t bits[2] = {random_bits(), random_bits()};

    memcpy(bytes, bits, STRING_BYTES);
}

/* Prefixes, REX, opcode and ModRM as they tend to stand; the rest random. */
static void fill_structured(uint8_t *bytes)
{
    static const uint8_t prefixes[] = {0x66, 0xf2, 0xf3, 0xf0, 0x2e, 0x67,
                                       0x65, 0x66, 0xf3, 0x66, 0xf2, 0xf0};
    uint64_t choice;
    unsigned at = 0;

    fill_random(bytes);
    choice = random_bits();
    for (; (choice & 7) < 3 && at < 3; choice >>= 3)
        bytes[at++] = prefixes[(choice >> 32) % sizeof(prefixes)];
    choice = random_bits();
    if ((choice & 0x30) == 0) {
        bytes[at++] = 0x65;
        bytes[at++] = 0x67;
    }
    if (choice & 1)
        bytes[at++] = (uint8_t)(0x40 | ((choice >> 8) & 15));
    if (choice & 2)
        bytes[at++] = 0x0f;
    at++; /* any opcode */
    if ((choice & 12) == 4)
        bytes[at] = (uint8_t)((bytes[at] & 0x38) | 0x86); /* disp32(%r14) */
    else if ((choice & 12) == 8)
        bytes[at] |= 0xc0;
}

static uint64_t string_count(void)
{
    const char *text = getenv("TP_TEST_STRINGS");

    return text ? strtoull(text, NULL, 10) : STRINGS_DEFAULT;
}

static void set_up(void)
{
    ck_assert(
        ZYAN_SUCCESS(ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64,
                                      ZYDIS_STACK_WIDTH_64)));
    for (size_t i = 0; i < ALLOWED_COUNT; i++)
        is_allowed[allowed_mnemonics[i]] = true;
    memset(seen, 0, sizeof(seen));
    random_state = 0x7e9a1;
}

/* Design, section 9: Zydis is the right oracle. What our decoder takes, of any
 * bytes, has the length, registers, operand and class that Zydis finds. */
START_TEST(accepted_random_strings_decode_as_the_oracle_says)
{
    uint8_t bytes[STRING_BYTES];
    uint64_t count = string_count() / 2, accepted = 0;

    for (uint64_t i = 0; i < count; i++) {
        fill_random(bytes);
        accepted += check_string(bytes);
    }
    ck_assert_uint_gt(accepted, count / 20);
}
END_TEST

/* Design, section 2 ("Whitelist decoding"): nothing but the list is taken, and
 * all of the list is. */
START_TEST(accepted_structured_strings_cover_the_whitelist)
{
    uint8_t bytes[STRING_BYTES];
    uint64_t count = string_count() / 2, accepted = 0;

    for (uint64_t i = 0; i < count; i++) {
        fill_structured(bytes);
        accepted += check_string(bytes);
    }
    ck_assert_uint_gt(accepted, count / 10);
    for (size_t i = 0; count >= 1000000 && i < ALLOWED_COUNT; i++)
        ck_assert_msg(seen[allowed_mnemonics[i]] != 0, "never accepted: %s",
                      ZydisMnemonicGetString(allowed_mnemonics[i]));
}
END_TEST

/*
 * Design, section 2 ("no duplicate prefixes; lock and 67 only where they are
 * meant"): each opcode with each ModRM byte, and the prefixes that change a
 * row.
 */
START_TEST(each_opcode_and_modrm_decodes_as_the_oracle_says)
{
    static const uint8_t prefixes[][3] = {{0},    {0x66},       {0xf3},
                                          {0xf2}, {0x66, 0xf3}, {0xf0}};
    static const uint8_t rexes[] = {0, 0x40, 0x41, 0x47, 0x48, 0x4f};
    uint8_t bytes[STRING_BYTES];
    unsigned accepted = 0;

    for (unsigned i = 0; i < 6 * 6 * 2 * 65536; i++) {
        const uint8_t *prefix = prefixes[i % 6];
        uint8_t rex = rexes[i / 6 % 6];
        unsigned at = 0;

        fill_random(bytes);
        while (*prefix)
            bytes[at++] = *prefix++;
        if (rex)
            bytes[at++] = rex;
        if (i / 36 % 2)
            bytes[at++] = 0x0f;
        bytes[at++] = (uint8_t)(i / 72);
        bytes[at] = (uint8_t)(i / 72 / 256);
        accepted += check_string(bytes);
    }
    ck_assert_uint_gt(accepted, 6 * 6 * 2 * 65536 / 10);
}
END_TEST

/* Rule: a decoder reads no byte beyond the text; one that does would judge by
 * another domain's bytes (docs/SECURITY.md, "The attacker"). */
START_TEST(a_shorter_string_is_truncated_and_nothing_else)
{
    uint8_t bytes[STRING_BYTES];
    struct insn insn, part;
    unsigned accepted = 0;

    for (unsigned i = 0; i < 200000; i++) {
        fill_structured(bytes);
        if (decode_insn(bytes, STRING_BYTES, &insn) != VERIFY_OK)
            continue;
        accepted++;
        expect(decode_insn(bytes, insn.length, &part) == VERIFY_OK &&
                   part.length == insn.length,
               "whole: %s", hex(bytes));
        for (unsigned n = 0; n < insn.length; n++) {
            uint8_t *exact = malloc(n + 1);

            if (exact == NULL)
                abort();
            memcpy(exact + 1, bytes, n); /* its end is the block's end */
            expect(decode_insn(exact + 1, n, &part) == VERIFY_TRUNCATED,
                   "%u bytes of %s", n, hex(bytes));
            free(exact);
        }
    }
    ck_assert_uint_gt(accepted, 200000 / 10);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("verify/decode");
    TCase *tests = tcase_create("against the oracle");

    tcase_add_checked_fixture(tests, set_up, NULL);
    tcase_set_timeout(tests, 600);
    tcase_add_test(tests, accepted_random_strings_decode_as_the_oracle_says);
    tcase_add_test(tests, accepted_structured_strings_cover_the_whitelist);
    tcase_add_test(tests, each_opcode_and_modrm_decodes_as_the_oracle_says);
    tcase_add_test(tests, a_shorter_string_is_truncated_and_nothing_else);
    suite_add_tcase(suite, tests);
    return suite_run(suite, CK_FORK_GETENV);
}
