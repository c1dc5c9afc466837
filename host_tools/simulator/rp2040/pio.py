"""The RP2040's two PIO blocks, as long as nothing runs on them: none.

The emulator steps every block that there is after every instruction, also one that is stopped,
which takes a fifth of its time. So the chip has its blocks only while one runs or drives a pin.
"""

from collections.abc import Callable
from typing import Any

from rp2040py.rp2040 import RP2040

_BLOCKS = (
    0x50200,
    0x50300,
)  # PIO0_BASE, PIO1_BASE, as the emulator's table of peripherals has them
_IO_BANK0 = 0x40014
_LAST_PIN = 0xEC  # GPIO29_CTRL; interrupts come after it
_FUNCTION = 0x1F  # FUNCSEL of GPIOx_CTRL
_PIO_FUNCTIONS = (6, 7)


class IdlePio:
    """Takes the blocks off a chip, and gives them back when they are needed."""

    def __init__(self, mcu: RP2040) -> None:
        self._present: list[Any] = mcu.pio  # execute_batch walks through this very list
        self._blocks = tuple(mcu.pio)
        self._drives_a_pin = False
        # Who takes care that they are stepped. Without one, a block that begins wants asyncio.
        mcu.simulator = self  # type: ignore[assignment]
        for number, block in zip(_BLOCKS, self._blocks, strict=True):
            mcu.peripherals[number] = _Registers(block, self._look)  # type: ignore[assignment]
        self._watch_pins(mcu.peripherals[_IO_BANK0])
        self._look()

    def before_reset(self) -> None:
        """The chip resets those that it has."""
        self._drives_a_pin = True
        self._look()

    def after_reset(self) -> None:
        """No pin belongs to them any more."""
        self._drives_a_pin = False
        self._look()

    def _look(self) -> None:
        running = any(not block.stopped for block in self._blocks)
        self._present[:] = self._blocks if running or self._drives_a_pin else ()

    def _watch_pins(self, pins: Any) -> None:
        write = pins.write_uint32

        def write_uint32(offset: int, value: int) -> None:
            if offset <= _LAST_PIN and value & _FUNCTION in _PIO_FUNCTIONS:
                self._drives_a_pin = True
                self._look()
            write(offset, value)

        pins.write_uint32 = write_uint32


class _Registers:
    """A block on the bus: after each write it may have begun or stopped."""

    def __init__(self, block: Any, written: Callable[[], None]) -> None:
        self._block = block
        self._written = written

    def read_uint32(self, offset: int) -> int:
        """As the block has it."""
        return int(self._block.read_uint32(offset))

    def write_uint32_atomic(self, offset: int, value: int, atomic_type: int) -> None:
        """Hand it on."""
        self._block.write_uint32_atomic(offset, value, atomic_type)
        self._written()
