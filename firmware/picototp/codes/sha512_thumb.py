# ruff: noqa: F821
# mypy: ignore-errors
"""SHA-512's compression function for Cortex-M0+, in MicroPython's inline assembler (FIPS 180-4,
6.4), and `chain` of picototp.codes.midstates with it.

It needs no heap. Each word of 64 bits is two of 32, the high half first. The stack is used as in
sha256_thumb: a round puts the new e where d was and the new a where its word of the schedule was,
and `sp` moves up. Everything is loaded where it is needed; in registers there is no room for it.

tools/write_sha2_parts.py wrote what is between <NAME> and </NAME>.
"""

import micropython
from micropython import const

# Words of 32 bits: of a state, of a block, and of what lies on the stack while one is folded.
_STATE = const(16)
_BLOCK = const(32)
_BELOW = const(176)

# Thumb instructions that the inline assembler has no name for (ARMv6-M manual, A6.7). Registers of
# a list are bits; addresses relative to `sp` count in words.
_LDM = const(0xC800)  # + 0x100 * base + list; the base moves up
_STM = const(0xC000)
_LDR_SP = const(0x9800)  # + 0x100 * register + offset
_STR_SP = const(0x9000)
_ADD_R_SP = const(0xA800)  # register = sp + offset
_ADD_SP = const(0xB000)  # + words
_SUB_SP = const(0xB080)
_CMP_SP_R12 = const(0x45E5)
_CMP_R0_R12 = const(0x4560)
_CMP_R3_SP = const(0x456B)
_REV = const(0xBA00)  # + 8 * from + to
_RETURN = const(0x4770)  # from a subroutine, to lr

# What is on the stack above that: a block, which begins with the last digest, and then these.
_START = const(32)  # address of the constants
_STATES = const(33)  # the arguments; the second becomes the address of the next message
_MESSAGE = const(34)
_ORDER = const(35)
_COUNT = const(36)  # iterations left
_IN = const(37)  # arguments of FOLD
_OUT = const(38)
_FRAME = const(39)


@micropython.asm_thumb
def compress(r0, r1, r2):
    # <BEGIN>
    data(2, _SUB_SP + _FRAME)
    data(2, _STR_SP + 0x000 + _STATES, _STR_SP + 0x100 + _MESSAGE, _STR_SP + 0x200 + _ORDER)
    align(4)
    bl(CONSTANTS)  # leaves their address in lr, with bit 0 set
    # </BEGIN>
    # <VALUES>
    data(4, 0x6A09E667, 0xF3BCC908, 0xBB67AE85, 0x84CAA73B)
    data(4, 0x3C6EF372, 0xFE94F82B, 0xA54FF53A, 0x5F1D36F1)
    data(4, 0x510E527F, 0xADE682D1, 0x9B05688C, 0x2B3E6C1F)
    data(4, 0x1F83D9AB, 0xFB41BD6B, 0x5BE0CD19, 0x137E2179)
    data(4, 0x428A2F98, 0xD728AE22, 0x71374491, 0x23EF65CD)
    data(4, 0xB5C0FBCF, 0xEC4D3B2F, 0xE9B5DBA5, 0x8189DBBC)
    data(4, 0x3956C25B, 0xF348B538, 0x59F111F1, 0xB605D019)
    data(4, 0x923F82A4, 0xAF194F9B, 0xAB1C5ED5, 0xDA6D8118)
    data(4, 0xD807AA98, 0xA3030242, 0x12835B01, 0x45706FBE)
    data(4, 0x243185BE, 0x4EE4B28C, 0x550C7DC3, 0xD5FFB4E2)
    data(4, 0x72BE5D74, 0xF27B896F, 0x80DEB1FE, 0x3B1696B1)
    data(4, 0x9BDC06A7, 0x25C71235, 0xC19BF174, 0xCF692694)
    data(4, 0xE49B69C1, 0x9EF14AD2, 0xEFBE4786, 0x384F25E3)
    data(4, 0x0FC19DC6, 0x8B8CD5B5, 0x240CA1CC, 0x77AC9C65)
    data(4, 0x2DE92C6F, 0x592B0275, 0x4A7484AA, 0x6EA6E483)
    data(4, 0x5CB0A9DC, 0xBD41FBD4, 0x76F988DA, 0x831153B5)
    data(4, 0x983E5152, 0xEE66DFAB, 0xA831C66D, 0x2DB43210)
    data(4, 0xB00327C8, 0x98FB213F, 0xBF597FC7, 0xBEEF0EE4)
    data(4, 0xC6E00BF3, 0x3DA88FC2, 0xD5A79147, 0x930AA725)
    data(4, 0x06CA6351, 0xE003826F, 0x14292967, 0x0A0E6E70)
    data(4, 0x27B70A85, 0x46D22FFC, 0x2E1B2138, 0x5C26C926)
    data(4, 0x4D2C6DFC, 0x5AC42AED, 0x53380D13, 0x9D95B3DF)
    data(4, 0x650A7354, 0x8BAF63DE, 0x766A0ABB, 0x3C77B2A8)
    data(4, 0x81C2C92E, 0x47EDAEE6, 0x92722C85, 0x1482353B)
    data(4, 0xA2BFE8A1, 0x4CF10364, 0xA81A664B, 0xBC423001)
    data(4, 0xC24B8B70, 0xD0F89791, 0xC76C51A3, 0x0654BE30)
    data(4, 0xD192E819, 0xD6EF5218, 0xD6990624, 0x5565A910)
    data(4, 0xF40E3585, 0x5771202A, 0x106AA070, 0x32BBD1B8)
    data(4, 0x19A4C116, 0xB8D2D0C8, 0x1E376C08, 0x5141AB53)
    data(4, 0x2748774C, 0xDF8EEB99, 0x34B0BCB5, 0xE19B48A8)
    data(4, 0x391C0CB3, 0xC5C95A63, 0x4ED8AA4A, 0xE3418ACB)
    data(4, 0x5B9CCA4F, 0x7763E373, 0x682E6FF3, 0xD6B2B8A3)
    data(4, 0x748F82EE, 0x5DEFB2FC, 0x78A5636F, 0x43172F60)
    data(4, 0x84C87814, 0xA1F0AB72, 0x8CC70208, 0x1A6439EC)
    data(4, 0x90BEFFFA, 0x23631E28, 0xA4506CEB, 0xDE82BDE9)
    data(4, 0xBEF9A3F7, 0xB2C67915, 0xC67178F2, 0xE372532B)
    data(4, 0xCA273ECE, 0xEA26619C, 0xD186B8C7, 0x21C0C207)
    data(4, 0xEADA7DD6, 0xCDE0EB1E, 0xF57D4F7F, 0xEE6ED178)
    data(4, 0x06F067AA, 0x72176FBA, 0x0A637DC5, 0xA2C898A6)
    data(4, 0x113F9804, 0xBEF90DAE, 0x1B710B35, 0x131C471B)
    data(4, 0x28DB77F5, 0x23047D84, 0x32CAAB7B, 0x40C72493)
    data(4, 0x3C9EBE0A, 0x15C9BEBC, 0x431D67C4, 0x9C100D4C)
    data(4, 0x4CC5D4BE, 0xCB3E42B6, 0x597F299C, 0xFC657E2A)
    data(4, 0x5FCB6FAB, 0x3AD6FAEC, 0x6C44198C, 0x4A475817)
    # </VALUES>

    # <READ>
    # Folds the block at r1, each byte XORed with r3, into the state at r0; the new one goes to r2.
    # Changes r0 to r7 and r12.
    label(FOLD)
    data(2, _STR_SP + 0x000 + _IN, _STR_SP + 0x200 + _OUT)
    data(2, _SUB_SP + _BELOW // 2, _SUB_SP + _BELOW // 2)
    data(2, _ADD_R_SP + 0x200 + _STATE)
    data(2, _ADD_R_SP + 0x400 + _STATE + _BLOCK)
    lsl(r5, r1, 30)
    bne(READ_BYTES)  # Cortex-M0+ loads words from multiples of 4 only
    label(READ_WORDS)
    data(2, _LDM + 0x120, _REV + 9 * 5)  # r1: r5
    eor(r5, r3)
    data(2, _STM + 0x220)  # r2: r5
    cmp(r2, r4)
    bne(READ_WORDS)
    b(SCHEDULE)
    label(READ_BYTES)
    ldrb(r5, [r1, 0])
    lsl(r5, r5, 8)
    ldrb(r6, [r1, 1])
    orr(r5, r6)
    lsl(r5, r5, 8)
    ldrb(r6, [r1, 2])
    orr(r5, r6)
    lsl(r5, r5, 8)
    ldrb(r6, [r1, 3])
    orr(r5, r6)
    eor(r5, r3)
    data(2, _STM + 0x220)  # r2: r5
    add(r1, 4)
    cmp(r2, r4)
    bne(READ_BYTES)
    label(SCHEDULE)
    # </READ>

    # Words 16 to 79: w[t-16] + sigma 0 of w[t-15] + w[t-7] + sigma 1 of w[t-2], in r1 and r2.
    data(2, _ADD_R_SP + 0x000 + 144)
    mov(r12, r0)
    data(2, _ADD_R_SP + 0x000 + 16)  # to word t - 16
    label(WORD)
    ldr(r1, [r0, 0])
    ldr(r2, [r0, 4])
    ldr(r3, [r0, 8])
    ldr(r4, [r0, 12])
    # Rotated by 1 and 8, shifted by 7.
    lsr(r5, r4, 1)
    lsl(r7, r3, 31)
    eor(r5, r7)
    lsr(r7, r4, 8)
    eor(r5, r7)
    lsl(r7, r3, 24)
    eor(r5, r7)
    lsr(r7, r4, 7)
    eor(r5, r7)
    lsl(r7, r3, 25)
    eor(r5, r7)
    lsr(r6, r3, 1)
    lsl(r7, r4, 31)
    eor(r6, r7)
    lsr(r7, r3, 8)
    eor(r6, r7)
    lsl(r7, r4, 24)
    eor(r6, r7)
    lsr(r7, r3, 7)
    eor(r6, r7)
    add(r2, r2, r5)
    adc(r1, r6)
    ldr(r3, [r0, 72])
    ldr(r4, [r0, 76])
    add(r2, r2, r4)
    adc(r1, r3)
    ldr(r3, [r0, 112])
    ldr(r4, [r0, 116])
    # Rotated by 19 and 61, shifted by 6.
    lsr(r5, r4, 19)
    lsl(r7, r3, 13)
    eor(r5, r7)
    lsl(r7, r4, 3)
    eor(r5, r7)
    lsr(r7, r3, 29)
    eor(r5, r7)
    lsr(r7, r4, 6)
    eor(r5, r7)
    lsl(r7, r3, 26)
    eor(r5, r7)
    lsr(r6, r3, 19)
    lsl(r7, r4, 13)
    eor(r6, r7)
    lsl(r7, r3, 3)
    eor(r6, r7)
    lsr(r7, r4, 29)
    eor(r6, r7)
    lsr(r7, r3, 6)
    eor(r6, r7)
    add(r2, r2, r5)
    adc(r1, r6)
    add(r0, 8)
    str(r1, [r0, 120])
    str(r2, [r0, 124])
    data(2, _CMP_R0_R12)
    bne(WORD)

    # The working words.
    data(2, _ADD_R_SP + 0x000 + 160)
    mov(r12, r0)
    data(2, _LDR_SP + 0x000 + _BELOW + _IN)
    data(2, _ADD_R_SP + 0x300 + 14)
    label(TAKE)
    data(2, _LDM + 0x030)  # r0: r4, r5
    str(r4, [r3, 0])
    str(r5, [r3, 4])
    sub(r3, 8)
    data(2, _CMP_R3_SP)
    bcs(TAKE)
    data(2, _LDR_SP + 0x700 + _BELOW + _START)
    add(r7, 4 * _STATE)

    label(ROUND)
    # t1, in r0 and r1, = h + constant + word ...
    data(2, _LDR_SP + 0x000 + 0, _LDR_SP + 0x100 + 1)
    data(2, _LDM + 0x730)  # r7: r4, r5
    add(r1, r1, r5)
    adc(r0, r4)
    data(2, _LDR_SP + 0x400 + 16, _LDR_SP + 0x500 + 17)
    add(r1, r1, r5)
    adc(r0, r4)
    # + Sigma 1 of e (14, 18, 41) ...
    data(2, _LDR_SP + 0x200 + 6, _LDR_SP + 0x300 + 7)
    lsr(r4, r3, 14)
    lsl(r5, r2, 18)
    eor(r4, r5)
    lsr(r5, r3, 18)
    eor(r4, r5)
    lsl(r5, r2, 14)
    eor(r4, r5)
    lsr(r5, r2, 9)
    eor(r4, r5)
    lsl(r5, r3, 23)
    eor(r4, r5)
    lsr(r6, r2, 14)
    lsl(r5, r3, 18)
    eor(r6, r5)
    lsr(r5, r2, 18)
    eor(r6, r5)
    lsl(r5, r3, 14)
    eor(r6, r5)
    lsr(r5, r3, 9)
    eor(r6, r5)
    lsl(r5, r2, 23)
    eor(r6, r5)
    add(r1, r1, r4)
    adc(r0, r6)
    # + Ch(e, f, g)
    data(2, _LDR_SP + 0x400 + 5, _LDR_SP + 0x500 + 3)
    eor(r4, r5)
    and_(r4, r3)
    eor(r4, r5)
    data(2, _LDR_SP + 0x600 + 4, _LDR_SP + 0x500 + 2)
    eor(r6, r5)
    and_(r6, r2)
    eor(r6, r5)
    add(r1, r1, r4)
    adc(r0, r6)
    # d += t1
    data(2, _LDR_SP + 0x200 + 8, _LDR_SP + 0x300 + 9)
    add(r3, r3, r1)
    adc(r2, r0)
    data(2, _STR_SP + 0x200 + 8, _STR_SP + 0x300 + 9)
    # + Sigma 0 of a (28, 34, 39) ...
    data(2, _LDR_SP + 0x200 + 14, _LDR_SP + 0x300 + 15)
    lsr(r4, r3, 28)
    lsl(r5, r2, 4)
    eor(r4, r5)
    lsr(r5, r2, 2)
    eor(r4, r5)
    lsl(r5, r3, 30)
    eor(r4, r5)
    lsr(r5, r2, 7)
    eor(r4, r5)
    lsl(r5, r3, 25)
    eor(r4, r5)
    lsr(r6, r2, 28)
    lsl(r5, r3, 4)
    eor(r6, r5)
    lsr(r5, r3, 2)
    eor(r6, r5)
    lsl(r5, r2, 30)
    eor(r6, r5)
    lsr(r5, r3, 7)
    eor(r6, r5)
    lsl(r5, r2, 25)
    eor(r6, r5)
    add(r1, r1, r4)
    adc(r0, r6)
    # + Maj(a, b, c) = (a & b) ^ (c & (a ^ b))
    data(2, _LDR_SP + 0x400 + 13)
    mov(r5, r4)
    and_(r5, r3)
    eor(r4, r3)
    data(2, _LDR_SP + 0x600 + 11)
    and_(r4, r6)
    eor(r4, r5)
    data(2, _LDR_SP + 0x600 + 12)
    mov(r5, r6)
    and_(r5, r2)
    eor(r6, r2)
    data(2, _LDR_SP + 0x300 + 10)
    and_(r6, r3)
    eor(r6, r5)
    add(r1, r1, r4)
    adc(r0, r6)
    data(2, _STR_SP + 0x000 + 16, _STR_SP + 0x100 + 17)
    data(2, _ADD_SP + 2, _CMP_SP_R12)
    bne(ROUND)

    data(2, _LDR_SP + 0x000 + _STATE + _IN, _LDR_SP + 0x100 + _STATE + _OUT)
    data(2, _ADD_R_SP + 0x300 + 14)
    label(SUM)
    data(2, _LDM + 0x030)  # r0: r4, r5
    ldr(r6, [r3, 0])
    ldr(r7, [r3, 4])
    add(r5, r5, r7)
    adc(r4, r6)
    data(2, _STM + 0x130)  # r1: r4, r5
    sub(r3, 8)
    data(2, _CMP_R3_SP)
    bcs(SUM)
    data(2, _ADD_SP + _STATE, _RETURN)

    # <CHAIN>
    label(CONSTANTS)
    mov(r3, lr)
    sub(r3, 1)
    data(2, _STR_SP + 0x300 + _START)

    # What is asked for?
    cmp(r2, 0)
    blt(CHAIN)
    add(r1, r1, r2)
    mov(r2, r0)
    mov(r3, 0)
    bl(FOLD)
    b(EXIT)
    label(CHAIN)
    mvn(r4, r2)  # iterations
    beq(PREPARE)
    asr(r5, r2, 28)
    add(r5, 2)
    bne(ITERATE)
    mov(r4, 1)  # KEYED

    # The inner midstate, then the outer one.
    label(PREPARE)
    data(2, _STR_SP + 0x400 + _COUNT)
    mov(r2, r0)
    mov(r3, 0x36)
    label(PAD)
    lsl(r4, r3, 8)
    orr(r3, r4)
    lsl(r4, r3, 16)
    orr(r3, r4)
    data(2, _LDR_SP + 0x000 + _START, _LDR_SP + 0x100 + _MESSAGE)
    bl(FOLD)
    data(2, _LDR_SP + 0x200 + _OUT, _LDR_SP + 0x400 + _STATES)
    sub(r4, r2, r4)
    add(r2, 4 * _STATE)
    mov(r3, 0x5C)
    cmp(r4, 0)
    beq(PAD)
    data(2, _LDR_SP + 0x100 + _MESSAGE, _LDR_SP + 0x400 + _COUNT)
    cmp(r4, 0)
    beq(EXIT)
    add(r1, 4 * _BLOCK)
    data(2, _STR_SP + 0x100 + _MESSAGE)

    # r4 iterations. What follows a digest that is a message after the block of a key does not
    # change: a bit that is set, zeros, and the length in bits.
    label(ITERATE)
    data(2, _STR_SP + 0x400 + _COUNT)
    data(2, _ADD_R_SP + 0x000 + _STATE)
    mov(r1, 0x80)
    data(2, _STM + 0x002)  # r0: r1
    mov(r1, 0)
    data(2, _ADD_R_SP + 0x200 + _BLOCK - 1)
    label(ZEROS)
    data(2, _STM + 0x002)
    cmp(r0, r2)
    bne(ZEROS)
    mov(r1, (_BLOCK + _STATE) // 8)  # 32 bits a word; the bytes 1 and 2 of 4 are in use
    lsl(r1, r1, 16)
    data(2, _STM + 0x002)
    data(2, _LDR_SP + 0x100 + _MESSAGE)
    cmp(r1, 0)
    bne(INNER)
    data(2, _LDR_SP + 0x000 + _STATES)
    add(r0, 8 * _STATE)  # no block: the message is the u that is there
    mov(r1, sp)
    data(2, _STR_SP + 0x100 + _MESSAGE)
    data(2, _ADD_R_SP + 0x200 + _STATE)
    label(COPY)
    data(2, _LDM + 0x008, _STM + 0x108)  # r0: r3; r1: r3
    cmp(r1, r2)
    bne(COPY)

    # The inner hash, then the outer one of its digest; either digest replaces the one before.
    label(INNER)
    data(2, _LDR_SP + 0x000 + _STATES)
    label(HASH)
    data(2, _LDR_SP + 0x100 + _MESSAGE)
    mov(r2, sp)
    mov(r3, 0)
    bl(FOLD)
    mov(r0, sp)
    data(2, _STR_SP + 0x000 + _MESSAGE)
    data(2, _ADD_R_SP + 0x100 + _STATE)
    label(TURN)
    ldr(r2, [r0, 0])
    data(2, _REV + 9 * 2)
    data(2, _STM + 0x004)  # r0: r2
    cmp(r0, r1)
    bne(TURN)
    data(2, _LDR_SP + 0x000 + _IN, _LDR_SP + 0x100 + _STATES)
    sub(r1, r0, r1)
    add(r0, 4 * _STATE)
    cmp(r1, 0)
    beq(HASH)

    # It is u, whose place r0 points to by now; t, behind that, becomes t ^ u.
    mov(r1, sp)
    data(2, _ADD_R_SP + 0x200 + _STATE)
    label(MIX)
    data(2, _LDM + 0x108)  # r1: r3
    ldr(r4, [r0, 4 * _STATE])
    eor(r4, r3)
    str(r4, [r0, 4 * _STATE])
    data(2, _STM + 0x008)  # r0: r3
    cmp(r1, r2)
    bne(MIX)
    data(2, _LDR_SP + 0x400 + _COUNT)
    sub(r4, 1)
    data(2, _STR_SP + 0x400 + _COUNT)
    bne(INNER)

    data(2, _LDR_SP + 0x200 + _ORDER)
    asr(r2, r2, 28)
    add(r2, 2)
    bne(EXIT)
    data(2, _LDR_SP + 0x000 + _STATES)  # KEYED leaves zeros for midstates, and r2 is zero
    mov(r1, r0)
    add(r1, 8 * _STATE)
    label(WIPE)
    data(2, _STM + 0x004)  # r0: r2
    cmp(r0, r1)
    bne(WIPE)

    # Nothing of a key stays on the stack.
    label(EXIT)
    data(2, _SUB_SP + _BELOW // 2, _SUB_SP + _BELOW // 2)
    mov(r0, sp)
    mov(r1, 0)
    mov(r2, 0)
    mov(r3, 0)
    mov(r4, 0)
    data(2, _ADD_R_SP + 0x500 + _BELOW + _BLOCK)
    label(CLEAR)
    data(2, _STM + 0x01E)  # r0: r1 to r4
    cmp(r0, r5)
    bne(CLEAR)
    data(2, _ADD_SP + _BELOW // 2, _ADD_SP + _BELOW // 2)
    data(2, _ADD_SP + _FRAME)
    mov(r0, 0)
    # </CHAIN>


# The sign of the last argument says which of the two is meant.
chain = compress
