"""Writes the rounds of the assembler SHA-1 into firmware/picototp/codes/sha1_thumb.py.

    python tools/write_sha1_rounds.py           writes them between their marks
    python tools/write_sha1_rounds.py --check   exits 1 if the file differs

Five rounds of each kind (FIPS 180-4, 6.1.2): after five, every working word is back in the register
it began in. The inline assembler knows no macros and no loops, so they are written out here.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULE = ROOT / "firmware" / "picototp" / "codes" / "sha1_thumb.py"

# What is added to e, r5 being free.
FUNCTIONS = {
    "CHOOSE": ["mov r5 c", "eor r5 d", "and_ r5 b", "eor r5 d", "add e e r5"],
    "PARITY": ["mov r5 c", "eor r5 d", "eor r5 b", "add e e r5"],
    "MAJORITY": [
        *["mov r5 c", "and_ r5 b", "add e e r5"],
        *["mov r5 c", "eor r5 b", "and_ r5 d", "add e e r5"],
    ],
}
# Then e += rotl(a, 5) + constant + word of the schedule; b = rotl(b, 30).
REST = ["ror b r7", "mov r5 a", "ror r5 r6", "add e e r5"]


def line(instruction: str, registers: dict[str, str]) -> str:
    name, *operands = instruction.split()
    return f"    {name}({', '.join(registers.get(word, word) for word in operands)})\n"


def rounds(kind: str) -> str:
    """Five rounds as lines of source."""
    out = ""
    for index in range(5):
        # a of one round is b of the next, and so on round: e becomes a.
        registers = {name: f"r{(place - index) % 5}" for place, name in enumerate("abcde")}
        out += "".join(line(instruction, registers) for instruction in FUNCTIONS[kind] + REST)
        out += f"    data(2, _ADD_R12 + {registers['e'][1]}, _LDR_SP + 0x500 + {index})\n"
        out += line("add e e r5", registers)
    return out


def with_rounds(source: str) -> str:
    """The module with its rounds replaced. Raises ValueError if it lacks a mark."""
    for kind in FUNCTIONS:
        head, begin, rest = source.partition(f"    # <{kind}>\n")
        _, end, tail = rest.partition(f"    # </{kind}>\n")
        if not begin or not end:
            raise ValueError(f"{MODULE.name} has no marks for {kind}")
        source = head + begin + rounds(kind) + end + tail
    return source


def main(arguments: Sequence[str]) -> int:
    source = MODULE.read_text("utf-8")
    if list(arguments) == ["--check"]:
        if with_rounds(source) != source:
            print(f"{MODULE.name} is not what tools/{Path(__file__).name} writes", file=sys.stderr)
            return 1
        return 0
    if arguments:
        print(f"usage: {Path(__file__).name} [--check]", file=sys.stderr)
        return 2
    MODULE.write_text(with_rounds(source), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
