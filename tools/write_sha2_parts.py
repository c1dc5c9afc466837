"""Writes what the assembler SHA-256 and SHA-512 share into firmware/picototp/codes/sha*_thumb.py.

    python tools/write_sha2_parts.py           writes it between its marks
    python tools/write_sha2_parts.py --check   exits 1 when what is there is something else

Two functions of the inline assembler cannot call each other, and it knows no macros: so whatever is
not the hash's own arithmetic is written out in both. To this part a hash is words of 32 bits, and
it only needs to know how many: SHA-512's words of 64 bits are two each, the high half first. The
constants (FIPS 180-4, 4.2.2, 4.2.3, 5.3.3 and 5.3.5) are computed here.
"""

import sys
from collections.abc import Iterator, Sequence
from itertools import count, islice
from math import isqrt
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CODES = ROOT / "firmware" / "picototp" / "codes"

# Bits of a word, and number of rounds.
SHAPES = {"sha256": (32, 64), "sha512": (64, 80)}

BEGIN = """\
    data(2, _SUB_SP + _FRAME)
    data(2, _STR_SP + 0x000 + _STATES, _STR_SP + 0x100 + _MESSAGE, _STR_SP + 0x200 + _ORDER)
    align(4)
    bl(CONSTANTS)  # leaves their address in lr, with bit 0 set
"""

READ = """\
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
"""

CHAIN = """\
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
"""


def primes() -> Iterator[int]:
    found: list[int] = []
    for number in count(2):
        if all(number % prime for prime in found):
            found.append(number)
            yield number


def cube_root(number: int) -> int:
    """The integer part, for a number of any size."""
    root = 0
    for bit in reversed(range(number.bit_length() // 3 + 1)):
        if (root | 1 << bit) ** 3 <= number:
            root |= 1 << bit
    return root


def constants(bits: int, rounds: int) -> str:
    """The first state, then a constant for each round, as lines of source."""
    mask = (1 << bits) - 1
    start = [isqrt(prime << 2 * bits) & mask for prime in islice(primes(), 8)]
    added = [cube_root(prime << 3 * bits) & mask for prime in islice(primes(), rounds)]
    out = ""
    for words in (start, added):
        halves = [
            word >> shift & 0xFFFFFFFF for word in words for shift in range(bits - 32, -1, -32)
        ]
        for at in range(0, len(halves), 4):
            out += f"    data(4, {', '.join(f'0x{half:08X}' for half in halves[at : at + 4])})\n"
    return out


def parts(bits: int, rounds: int) -> dict[str, str]:
    """What belongs between <NAME> and </NAME>."""
    return {"BEGIN": BEGIN, "VALUES": constants(bits, rounds), "READ": READ, "CHAIN": CHAIN}


def with_parts(path: Path) -> str:
    """The module with its parts replaced. Raises ValueError if it lacks a mark."""
    source = path.read_text("utf-8")
    for name, text in parts(*SHAPES[path.name.partition("_")[0]]).items():
        head, begin, rest = source.partition(f"    # <{name}>\n")
        _, end, tail = rest.partition(f"    # </{name}>\n")
        if not begin or not end:
            raise ValueError(f"{path.name} has no marks for {name}")
        source = head + begin + text + end + tail
    return source


def main(arguments: Sequence[str]) -> int:
    if list(arguments) not in ([], ["--check"]):
        print(f"usage: {Path(__file__).name} [--check]", file=sys.stderr)
        return 2
    stale = []
    for name in SHAPES:
        path = CODES / f"{name}_thumb.py"
        source = with_parts(path)
        if source != path.read_text("utf-8"):
            stale.append(path.name)
        if not arguments:
            path.write_text(source, "utf-8")
    if arguments and stale:
        print(
            f"not what tools/{Path(__file__).name} writes: {', '.join(stale)}; run it",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
