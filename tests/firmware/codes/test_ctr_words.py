"""The words of counter mode's loops: each at a multiple of 4, and none beyond what was given.

An x86 forgives what makes a Cortex-M0+ stop, so the source runs here on a model of viper whose
pointers look at every access. The chip itself runs them in test_aes_ctr.py.
"""

import random
from types import SimpleNamespace

import pytest

from interpreters import FIRMWARE
from picototp.codes import ctr_plain

SOURCE = FIRMWARE / "picototp" / "codes" / "ctr_viper.py"
WORD = 0xFFFFFFFF
HEAP_BLOCK = 16  # bytes, of which MicroPython's heap has whole ones


class Memory:
    """What was given to a routine, at addresses of a Pico."""

    def __init__(self):
        self.bytes = bytearray()
        self.allowed = []

    def place(self, data):
        """Its address. Behind it there is a gap that nobody may touch."""
        at = len(self.bytes)
        self.bytes += data + bytes(-len(data) % HEAP_BLOCK)
        self.allowed.append(range(at, len(self.bytes)))
        self.bytes += bytes(1 << 12)
        return at

    def look(self, at, size):
        assert at % size == 0, f"{size} bytes at address {at}"
        assert any(at in one and at + size - 1 in one for one in self.allowed), "beyond the buffer"
        return slice(at, at + size)


def pointers(memory):
    """Viper's ptr8 and ptr32 in that memory."""

    class Pointer:
        size = 1

        def __init__(self, at):
            self.at = int(at)

        def __int__(self):
            return self.at

        def __getitem__(self, index):
            place = memory.look(self.at + index * self.size, self.size)
            return int.from_bytes(memory.bytes[place], "little")

        def __setitem__(self, index, value):
            place = memory.look(self.at + index * self.size, self.size)
            value &= (1 << 8 * self.size) - 1
            memory.bytes[place] = value.to_bytes(self.size, "little")

    return Pointer, type("Pointer32", (Pointer,), {"size": 4})


def run(name, *given):
    """What that loop leaves of the first one given."""
    memory = Memory()
    ptr8, ptr32 = pointers(memory)
    names = {"ptr8": ptr8, "ptr32": ptr32, "uint": lambda value: value & WORD}

    def viper(loop):
        kinds = loop.__annotations__.values()

        def called(*values):
            loop(*[kind(value) for kind, value in zip(kinds, values, strict=True)])

        return called

    source = SOURCE.read_text().replace("import micropython\n", "")
    names["micropython"] = SimpleNamespace(viper=viper)
    exec(compile(source, str(SOURCE), "exec"), names)  # noqa: S102  our own
    placed = [memory.place(one) if isinstance(one, bytes | bytearray) else one for one in given]
    names[name](*placed)
    return bytes(memory.bytes[: len(given[0])])


@pytest.mark.parametrize("start", range(5))
@pytest.mark.parametrize("skip", range(5))
def test_words_are_mixed_where_they_are_aligned(start, skip):
    source = random.Random(start * 5 + skip)
    for count in (*range(10), 31, 32, 33):
        data, stream = source.randbytes(start + count + 3), source.randbytes(skip + count)
        expected = bytearray(data)
        ctr_plain.mix(expected, start, stream, skip, count)
        assert run("mix", data, start, stream, skip, count) == expected


@pytest.mark.parametrize("last", [0, 1, 0xFD, 0xFF, 0xFFFE, 0xFFFFFE, 2**64 - 2, 2**128 - 2])
@pytest.mark.parametrize("count", range(5))
def test_counters_are_made_of_the_one_before(last, count):
    for number in (0, 1, 0xFF, 0x1234):
        first = last.to_bytes(16, "big")
        expected = bytearray(16 * count + 5)
        ctr_plain.fill(expected, first, number, count)
        assert run("fill", bytes(16 * count + 5), first, number, count) == expected
