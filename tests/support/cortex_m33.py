"""The processor of the RP2350, with nothing round it but SRAM, as thumb_core.mjs is the RP2040's.

Cycles are not counted: the emulator, unicorn, knows what instructions do, not how long they take.
"""

import ctypes
import random

from unicorn import UC_ARCH_ARM, UC_MODE_MCLASS, UC_MODE_THUMB, UC_PROT_ALL, Uc
from unicorn.arm_const import (
    UC_ARM_REG_LR,
    UC_ARM_REG_PC,
    UC_ARM_REG_R0,
    UC_ARM_REG_SP,
    UC_CPU_ARM_CORTEX_M33,
)

_SRAM_START, _SRAM_SIZE = 0x2000_0000, 0x1_0000
_NEVER = 0xFFFF_FFF0  # an address to stop at that is not reached
_MOST_STEPS = 400_000
_STEPS_TO_AN_INTERRUPT, _INTERRUPT_BYTES = 7, 32
# r0 to r12 are in a row, and the last three have names.
_NUMBERS = [UC_ARM_REG_R0 + number for number in range(13)]
_NUMBERS += [UC_ARM_REG_SP, UC_ARM_REG_LR, UC_ARM_REG_PC]


class CortexM33:
    """Runs machine code that returns. Raises unicorn.UcError at an instruction it does not know."""

    def __init__(self) -> None:
        self._sram = bytearray(_SRAM_SIZE)
        self._shared = (ctypes.c_char * _SRAM_SIZE).from_buffer(self._sram)
        self._engine = Uc(UC_ARCH_ARM, UC_MODE_THUMB | UC_MODE_MCLASS)
        self._engine.ctl_set_cpu_model(UC_CPU_ARM_CORTEX_M33)
        address = ctypes.addressof(self._shared)
        self._engine.mem_map_ptr(_SRAM_START, _SRAM_SIZE, UC_PROT_ALL, address)

    def close(self) -> None:
        """Nothing to give back."""

    def run(self, call: dict) -> dict:
        """From `registers` and `sram` (hex) on, until the address `until`; the same afterwards.

        Every few instructions an interrupt writes below the stack, from a generator seeded with
        `seed`, if there are to be `interrupts`. With "error" instead if the code does not return.
        """
        content = bytes.fromhex(call["sram"])
        self._sram[: len(content)] = content
        self._engine.ctl_flush_tb()  # the code may be another than last time
        for number, value in zip(_NUMBERS, call["registers"], strict=True):
            self._engine.reg_write(number, value)
        source = random.Random(call["seed"])
        for step in range(1, _MOST_STEPS):
            place = self._engine.reg_read(UC_ARM_REG_PC)
            if place & ~1 == call["until"]:
                registers = [self._engine.reg_read(number) for number in _NUMBERS]
                sram = bytes(self._sram[: len(content)]).hex()
                return {"registers": registers, "sram": sram, "cycles": 0}
            self._engine.emu_start(place | 1, _NEVER, count=1)
            if call["interrupts"] and step % _STEPS_TO_AN_INTERRUPT == 0:
                top = self._engine.reg_read(UC_ARM_REG_SP) - _SRAM_START
                self._sram[top - _INTERRUPT_BYTES : top] = source.randbytes(_INTERRUPT_BYTES)
        return {"error": "does not return"}
