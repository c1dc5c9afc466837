"""What the board's parts look like, one by one: for whoever has soldered one and finds that it does
not work. Loaded only when it is asked for; what takes a while is in watches.py.
"""

import os
import time

import machine

from picototp.board import config

_PULL_US = 100  # until a line follows the pull: 60 kOhm and 200 pF are 12 us
_PROBE = "probe"
_PROBE_BYTES = 1024


class Diagnosis:
    """Looks at a board. `open_i2c()` puts the I2C block back on its pins, and gives it."""

    def __init__(self, board, open_i2c):
        self._board = board
        self._open_i2c = open_i2c

    def bus(self) -> dict:
        """Levels at rest and who answers. `sda` and `scl` are what each reads with the chip's own
        pull-up (0: held low), `sda_pulled` and `scl_pulled` with its pull-down (0: no module pulls
        it up, so the wire goes nowhere). `swapped`: who answers with the two wires exchanged."""
        found: list = []
        swapped: list = []
        try:
            sda, sda_pulled = _levels(config.PIN_SDA)
            scl, scl_pulled = _levels(config.PIN_SCL)
            i2c = self._open_i2c()
            if sda and scl:  # else every address seems to answer, or none
                found = i2c.scan()
                if not found:
                    swapped = machine.SoftI2C(
                        scl=machine.Pin(config.PIN_SDA), sda=machine.Pin(config.PIN_SCL)
                    ).scan()
        finally:
            self._open_i2c()
        return {
            "sda": sda,
            "scl": scl,
            "sda_pulled": sda_pulled,
            "scl_pulled": scl_pulled,
            "found": found[:32],
            "swapped": swapped[:32],
        }

    def display(self) -> dict:
        """Address and status byte of the display (null: no answer; not to be read), and what the
        firmware takes it for."""
        i2c = self._open_i2c()
        found = status = None
        for address in config.DISPLAY_ADDRESSES:
            try:
                i2c.writeto(address, b"\x00\xe3")  # "do nothing"
                found = address
                status = i2c.readfrom(address, 1)[0]
            except OSError:
                pass
            if found is not None:
                break
        return {"address": found, "status": status, "controller": config.DISPLAY_CONTROLLER}

    def flash(self) -> dict:
        """Room in the file system, and whether a file can be written and read back."""
        facts = os.statvfs("/")
        wrote = False
        storage = self._board.storage
        data = b"\xa5\x5a" * (_PROBE_BYTES // 2)
        try:
            file = storage.open_write(_PROBE)
            try:
                file.write(data)
            finally:
                file.close()
            file = storage.open_read(_PROBE)
            try:
                wrote = file.read() == data
            finally:
                file.close()
        except OSError:
            pass
        try:
            storage.remove(_PROBE)
        except OSError:
            pass
        return {"block_bytes": facts[0], "blocks": facts[2], "free": facts[3], "wrote": wrote}

    def watch_clock(self, milliseconds: int):
        """Whether the clock's seconds go on, and how often it measures its temperature."""
        return self._board.watches().ClockWatch(self._board.rtc, milliseconds)

    def watch_button(self, presses: int, milliseconds: int):
        """So many presses, and how long the contact bounces."""
        return self._board.watches().ButtonWatch(presses, milliseconds)

    def show_pattern(self, milliseconds: int):
        """A frame along the edge of the display and a cross in it, until the button is pressed."""
        return self._board.watches().Pattern(self._board, milliseconds)

    def lines(self) -> tuple:
        """For the display: four lines of up to 21 characters."""
        bus = self.bus()
        found = bus["found"]
        if not bus["sda"] or not bus["scl"]:
            wires = f"{'SCL' if bus['sda'] else 'SDA'} is held low"
        elif bus["swapped"]:
            wires = "SDA, SCL swapped"
        elif not bus["sda_pulled"] or not bus["scl_pulled"]:
            wires = f"{'SCL' if bus['sda_pulled'] else 'SDA'} wire is open"
        else:
            wires = "SDA and SCL are right"
        clock = "Clock: no answer"
        if config.RTC_ADDRESS in found:
            facts = self._board.rtc_facts()
            clock = f"Clock: {facts['temperature_c']:.1f} C" if facts else "Clock: no time"
        screen = "Display: no answer"
        for address in config.DISPLAY_ADDRESSES:
            if address in found:
                screen = f"Display: at {address:02x}"
        flash = os.statvfs("/")
        return wires, clock, screen, f"Flash: {flash[0] * flash[3] // 1024} KB free"


def _levels(number: int) -> tuple:
    """What a line reads with the chip's pull-up, and with its pull-down."""
    pin = machine.Pin(number, machine.Pin.IN, machine.Pin.PULL_UP)
    time.sleep_us(_PULL_US)
    up = pin.value()
    pin = machine.Pin(number, machine.Pin.IN, machine.Pin.PULL_DOWN)
    time.sleep_us(_PULL_US)
    return up, pin.value()
