"""What a command does to the flash, one operation after the other, and what each power cut in it
would have left behind.

A cut at an operation leaves what the flash held before it, or, if it is torn, a part of it as well
(Flash.cut_after): its head, its tail or some of its bits, whichever the seed chooses for each
operation. So one run on the chip is enough to know all of them.
"""

import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Self, TypeVar

from host_tools.simulator.devices.flash import Flash, Tear, torn

T = TypeVar("T")
SEED = int(os.environ.get("PICOTOTP_TEST_SEED", random.randrange(1 << 32)))
TEARS = tuple(Tear)


class FlashLog:
    """Notes what is done to the flash inside a `with` statement."""

    def __init__(self, flash: Flash, seed: int = SEED) -> None:
        self._flash = flash
        self.seed = seed
        self.before = b""
        self.operations: list[tuple[int, bytes]] = []

    def __enter__(self) -> Self:
        self.before = self._flash.read(0, self._flash.size)
        self._flash.on_operation = lambda *operation: self.operations.append(operation)
        return self

    def __exit__(self, *_: object) -> None:
        self._flash.on_operation = lambda *operation: None

    def steps(self) -> Iterator[tuple[int, bytes]]:
        """Where, and what stands there when each operation is torn, and when it is done.

        Before the first of them, and after each, is a moment at which the power may fail.
        """
        content = bytearray(self.before)
        for number, (offset, result) in enumerate(self.operations):
            place = slice(offset, offset + len(result))
            yield offset, torn(bytes(content[place]), result, *self.tear(number))
            content[place] = result
            yield offset, result

    def tear(self, number: int) -> tuple[Tear, random.Random]:
        """How that operation is torn: the seed's choice, and the chance that does it."""
        chance = random.Random(self.seed + number)
        return chance.choice(TEARS), chance

    @property
    def cuts(self) -> int:
        """How many such moments there are."""
        return 2 * len(self.operations) + 1

    def contents(self) -> Iterator[bytes]:
        """The flash after the power failed at each of them."""
        content = bytearray(self.before)
        yield bytes(content)
        for offset, data in self.steps():
            content[offset : offset + len(data)] = data
            yield bytes(content)

    def write(self, folder: Path) -> tuple[str, str]:
        """The flash before it all, and the steps, as files for cut_probe.py."""
        print(f"PICOTOTP_TEST_SEED={self.seed} tears {len(self.operations)} operations")
        before, steps = folder / "before", folder / "steps"
        before.write_bytes(self.before)
        steps.write_bytes(
            b"".join(
                offset.to_bytes(4, "big") + len(data).to_bytes(2, "big") + data
                for offset, data in self.steps()
            )
        )
        return str(before), str(steps)


def lasting(states: list[T]) -> list[T]:
    """The states in their order, each that lasts for a while only once."""
    return [state for at, state in enumerate(states) if at == 0 or state != states[at - 1]]
