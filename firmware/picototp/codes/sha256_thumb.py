# ruff: noqa: F821
# mypy: ignore-errors
"""SHA-256's compression function for Cortex-M0+, in MicroPython's inline assembler (FIPS 180-4,
6.2), and `chain` of picototp.codes.midstates with it.

It needs no heap. The eight working words and the 64 words of the schedule are on the stack, h at
`sp` and a seven words above, the schedule from there on. A round puts d + t1, the new e, where d
was, and the new a where its word of the schedule was; then `sp` moves up a word, and every word has
become its neighbour. So a round is a turn of a loop that moves nothing else, and what it has used
up lies below `sp`, where an interrupt may write.

tools/write_sha2_parts.py wrote what is between <NAME> and </NAME>.
"""

import micropython
from micropython import const

# Words of 32 bits: of a state, of a block, and of what lies on the stack while one is folded.
_STATE = const(8)
_BLOCK = const(16)
_BELOW = const(72)

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
_START = const(16)  # address of the constants
_STATES = const(17)  # the arguments; the second becomes the address of the next message
_MESSAGE = const(18)
_ORDER = const(19)
_COUNT = const(20)  # iterations left
_IN = const(21)  # arguments of FOLD
_OUT = const(22)
_FRAME = const(23)


@micropython.asm_thumb
def compress(r0, r1, r2):
    # <BEGIN>
    data(2, _SUB_SP + _FRAME)
    data(2, _STR_SP + 0x000 + _STATES, _STR_SP + 0x100 + _MESSAGE, _STR_SP + 0x200 + _ORDER)
    align(4)
    bl(CONSTANTS)  # leaves their address in lr, with bit 0 set
    # </BEGIN>
    # <VALUES>
    data(4, 0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A)
    data(4, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19)
    data(4, 0x428A2F98, 0x71374491, 0xB5C0FBCF, 0xE9B5DBA5)
    data(4, 0x3956C25B, 0x59F111F1, 0x923F82A4, 0xAB1C5ED5)
    data(4, 0xD807AA98, 0x12835B01, 0x243185BE, 0x550C7DC3)
    data(4, 0x72BE5D74, 0x80DEB1FE, 0x9BDC06A7, 0xC19BF174)
    data(4, 0xE49B69C1, 0xEFBE4786, 0x0FC19DC6, 0x240CA1CC)
    data(4, 0x2DE92C6F, 0x4A7484AA, 0x5CB0A9DC, 0x76F988DA)
    data(4, 0x983E5152, 0xA831C66D, 0xB00327C8, 0xBF597FC7)
    data(4, 0xC6E00BF3, 0xD5A79147, 0x06CA6351, 0x14292967)
    data(4, 0x27B70A85, 0x2E1B2138, 0x4D2C6DFC, 0x53380D13)
    data(4, 0x650A7354, 0x766A0ABB, 0x81C2C92E, 0x92722C85)
    data(4, 0xA2BFE8A1, 0xA81A664B, 0xC24B8B70, 0xC76C51A3)
    data(4, 0xD192E819, 0xD6990624, 0xF40E3585, 0x106AA070)
    data(4, 0x19A4C116, 0x1E376C08, 0x2748774C, 0x34B0BCB5)
    data(4, 0x391C0CB3, 0x4ED8AA4A, 0x5B9CCA4F, 0x682E6FF3)
    data(4, 0x748F82EE, 0x78A5636F, 0x84C87814, 0x8CC70208)
    data(4, 0x90BEFFFA, 0xA4506CEB, 0xBEF9A3F7, 0xC67178F2)
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

    # Words 16 to 63: w[t-16] + sigma 0 of w[t-15] + w[t-7] + sigma 1 of w[t-2].
    data(2, _ADD_R_SP + 0x000 + 56)
    mov(r12, r0)
    data(2, _ADD_R_SP + 0x000 + 8)  # to word t - 16
    mov(r2, 2)
    mov(r5, 11)
    mov(r6, 7)
    mov(r7, 17)
    label(WORD)
    ldr(r1, [r0, 0])
    ldr(r3, [r0, 4])
    mov(r4, r3)
    ror(r4, r5)
    eor(r4, r3)
    ror(r4, r6)  # rotated by 7 and 18
    lsr(r3, r3, 3)
    eor(r4, r3)
    add(r1, r1, r4)
    ldr(r3, [r0, 36])
    add(r1, r1, r3)
    ldr(r3, [r0, 56])
    mov(r4, r3)
    ror(r4, r2)
    eor(r4, r3)
    ror(r4, r7)  # rotated by 17 and 19
    lsr(r3, r3, 10)
    eor(r4, r3)
    add(r1, r1, r4)
    str(r1, [r0, 64])
    add(r0, 4)
    data(2, _CMP_R0_R12)
    bne(WORD)

    # The working words, and of them in registers: r0 is a, r1 is e, r3 is b ^ c.
    data(2, _ADD_R_SP + 0x500 + 64)
    mov(r12, r5)
    data(2, _LDR_SP + 0x200 + _BELOW + _IN)
    data(2, _LDM + 0x2F0)  # r2: r4 to r7
    data(2, _STR_SP + 0x400 + 7, _STR_SP + 0x500 + 6)
    data(2, _STR_SP + 0x600 + 5, _STR_SP + 0x700 + 4)
    mov(r0, r4)
    mov(r3, r5)
    eor(r3, r6)
    data(2, _LDM + 0x2F0)
    data(2, _STR_SP + 0x400 + 3, _STR_SP + 0x500 + 2)
    data(2, _STR_SP + 0x600 + 1, _STR_SP + 0x700 + 0)
    mov(r1, r4)
    mov(r6, 11)
    data(2, _LDR_SP + 0x700 + _BELOW + _START)
    add(r7, 4 * _STATE)

    label(ROUND)
    # t1 = h + Sigma 1 of e (6, 11, 25) + Ch(e, f, g) + word + constant
    data(2, _LDR_SP + 0x200 + 0)
    mov(r4, r1)
    mov(r5, 13)
    ror(r4, r5)
    eor(r4, r1)
    mov(r5, 14)
    ror(r4, r5)
    eor(r4, r1)
    ror(r4, r6)
    add(r2, r2, r4)
    data(2, _LDR_SP + 0x400 + 2, _LDR_SP + 0x500 + 1)
    eor(r4, r5)
    and_(r4, r1)
    eor(r4, r5)
    add(r2, r2, r4)
    data(2, _LDR_SP + 0x400 + 8)
    add(r2, r2, r4)
    data(2, _LDM + 0x710)  # r7: r4
    add(r2, r2, r4)
    data(2, _LDR_SP + 0x100 + 4)
    add(r1, r1, r2)
    data(2, _STR_SP + 0x100 + 4)
    # + Sigma 0 of a (2, 13, 22) + Maj(a, b, c) = b ^ ((a ^ b) & (b ^ c))
    mov(r4, r0)
    mov(r5, 9)
    ror(r4, r5)
    eor(r4, r0)
    ror(r4, r6)
    eor(r4, r0)
    mov(r5, 2)
    ror(r4, r5)
    add(r2, r2, r4)
    data(2, _LDR_SP + 0x500 + 6)
    mov(r4, r0)
    eor(r4, r5)
    and_(r3, r4)
    eor(r3, r5)
    add(r2, r2, r3)
    mov(r3, r4)
    data(2, _STR_SP + 0x200 + 8)
    mov(r0, r2)
    data(2, _ADD_SP + 1, _CMP_SP_R12)
    bne(ROUND)

    data(2, _LDR_SP + 0x000 + _STATE + _IN, _LDR_SP + 0x200 + _STATE + _OUT)
    data(2, _ADD_R_SP + 0x300 + 7)
    label(SUM)
    data(2, _LDM + 0x010)  # r0: r4
    ldr(r5, [r3, 0])
    add(r4, r4, r5)
    data(2, _STM + 0x210)  # r2: r4
    sub(r3, 4)
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
