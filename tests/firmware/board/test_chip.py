"""Registers by the chip: addresses from pico-sdk's headers, written down here a second time."""

import importlib
import sys
from types import ModuleType, SimpleNamespace

import pytest

from picototp.board import chip

# addressmap.h and watchdog.h of rp2040 and rp2350: WATCHDOG_BASE, WATCHDOG_CTRL_OFFSET 0,
# WATCHDOG_CTRL_ENABLE_BITS 0x40000000, REG_ALIAS_CLR_BITS 3 << 12.
BASES = {"RP2040": 0x4005_8000, "RP2350": 0x400D_8000}
CLEAR, ENABLE = 0x3000, 0x4000_0000

MACHINES = {
    "Raspberry Pi Pico with RP2040": "RP2040",
    "Raspberry Pi Pico W with RP2040": "RP2040",
    "Raspberry Pi Pico2 with RP2350": "RP2350",
    "Raspberry Pi Pico 2 W with RP2350": "RP2350",
    "Raspberry Pi Pico2 with RP2350-RISCV": None,  # native code for ARM does not run there
    "linux [GCC 12.2.0] version": None,
    "": None,
}
by_machine = pytest.mark.parametrize(("machine", "name"), MACHINES.items())


@by_machine
def test_chips_are_known_by_micropythons_name_of_the_machine(machine, name):
    assert chip.watchdog_base(SimpleNamespace(_machine=machine)) == BASES.get(name)


@by_machine
def test_usbs_memory(machine, name):
    """addressmap.h of both: USBCTRL_DPRAM_BASE."""
    expected = 0x5010_0000 if name else None
    assert chip.usb_memory(SimpleNamespace(_machine=machine)) == expected


def test_a_python_without_a_machine_has_no_chip():
    assert chip.watchdog_base(SimpleNamespace()) is None
    assert chip.usb_memory(SimpleNamespace()) is None


# Pico and Pico 2 data sheets, "Other pins used internally": GPIO24, VBUS sense.
# The pin is the board's, whatever its cores run.
VBUS_PINS = {
    "Raspberry Pi Pico with RP2040": 24,
    "Raspberry Pi Pico2 with RP2350": 24,
    "Raspberry Pi Pico2 with RP2350-RISCV": 24,
}


@pytest.mark.parametrize("machine", [*MACHINES, "Seeed Studio XIAO RP2040 with RP2040"])
def test_only_boards_that_are_known_have_a_pin_for_vbus(machine):
    assert chip.vbus_pin(SimpleNamespace(_machine=machine)) == VBUS_PINS.get(machine)


@pytest.fixture
def maintenance(monkeypatch):
    """The module, with memory that remembers what was written to it."""
    machine = ModuleType("machine")
    machine.mem32 = {}
    monkeypatch.setitem(sys.modules, "machine", machine)
    module = importlib.import_module("picototp.board.maintenance")
    monkeypatch.setattr(module, "machine", machine)
    return module


@by_machine
def test_only_the_watchdog_of_the_own_chip_is_written(machine, name, maintenance, monkeypatch):
    """On an RP2350 the RP2040's watchdog address is that of the PLL which feeds USB."""
    implementation = SimpleNamespace(_machine=machine)
    monkeypatch.setattr(chip.watchdog_base, "__defaults__", (implementation,))
    maintenance._stop_watchdog()
    assert maintenance.machine.mem32 == ({BASES[name] + CLEAR: ENABLE} if name else {})
