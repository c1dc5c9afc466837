"""The emulator's RP2040, for which a computer takes half the time, and which is the same else.

At every access to memory, as each instruction is one, the emulator's machine code asks Python
whether somebody has overridden the method, and Python makes a bound method for the answer. A slot
that holds the plain function is the quickest answer there is.
"""

from types import FunctionType, SimpleNamespace

from rp2040py.rp2040 import RP2040

_MEMORY_ACCESS = (
    "read_uint8", "read_uint16", "read_uint32", "write_uint8", "write_uint16", "write_uint32",
)  # fmt: skip


class QuickRP2040(RP2040):
    """The chip. In Python, `RP2040.read_uint32(chip, address)` reads its memory; its own method is
    for machine code alone."""

    __slots__ = _MEMORY_ACCESS

    def __init__(self) -> None:
        functions = {name: getattr(RP2040, name) for name in _MEMORY_ACCESS}
        for name, function in functions.items():
            setattr(self, name, function)
        super().__init__()
        # Of all the chip, only DMA goes from Python to memory.
        memory = SimpleNamespace(**{name: one.__get__(self) for name, one in functions.items()})
        for channel in self.dma.channels:
            channel.rp2040 = memory  # type: ignore[assignment]


def new_mcu() -> RP2040:
    """The quick one, if there is machine code for this computer."""
    return RP2040() if isinstance(RP2040.read_uint32, FunctionType) else QuickRP2040()
