"""MicroPython's USB with a computer at the other end, on CPython, for the firmware's own Keyboard.

A computer asks for a report every 10 ms of whatever clock `poll` is given.
"""

import importlib
import sys
import types

from host_tools.simulator.devices.keyboard_host import KeyboardHost
from wired_token import WiredToken

POLL_NS = 10_000_000
SETUP, DATA, ACK = 1, 2, 3
SET_IDLE = bytes((0x21, 0x0A, 0, 0, 2, 0, 0, 0))
REPORT_DESCRIPTOR = bytes((0x81, 6, 0, 0x22, 2, 0, 0, 4))
SET_LIGHTS = bytes((0x21, 9, 0, 2, 2, 0, 1, 0))


class Builtin:
    """A serial port, as far as a keyboard must know."""

    itf_max, ep_max = 2, 3
    desc_dev = bytes(18)
    desc_cfg = bytes((9, 2, 9, 0, 2, 1, 0, 0x80, 125))


class UsbStandIn:
    """`machine.USBDevice`, its memory, and the bus to a `computer`."""

    BUILTIN_DEFAULT = Builtin

    def __init__(self):
        self.computer = KeyboardHost()
        self.builtin_driver = None
        self.is_active = False
        self.descriptors = b""
        self.memory = {}  # address: word, of the endpoint's buffer and its control
        self.submitted = 0
        self.patience = None  # the computer asks no more after so many reports
        self.lights = None
        self._waiting = None

    # --- what the firmware calls ---------------------------------------------------------------

    def config(self, desc_dev, desc_cfg, desc_strs, opened, reset, control, sent):
        self.descriptors = bytes(desc_cfg)
        self.opened, self.reset, self.control, self.sent = opened, reset, control, sent

    def active(self, value):
        assert self.builtin_driver is Builtin
        self.is_active = value

    def submit_xfer(self, endpoint, buffer):
        assert self.is_active and endpoint == 0x83
        if self._waiting is not None:
            raise OSError(16)
        self.submitted += 1
        self._waiting = endpoint
        report = bytes(buffer)
        assert len(report) == 8
        self.memory[0x5010_0018] = 0xA400_0180  # the control of endpoint 3
        self.memory[0x5010_0180] = int.from_bytes(report[:4], "little")
        self.memory[0x5010_0184] = int.from_bytes(report[4:], "little")
        return True

    # --- what happens on the bus ---------------------------------------------------------------

    def plug(self):
        """The computer finds the keyboard."""
        self.reset()
        self._waiting = self.lights = None
        self.computer.attached = True
        self.opened(memoryview(self.descriptors[9:]))
        assert self.request(SET_IDLE) is True
        self.computer.described(self.request(REPORT_DESCRIPTOR))
        self._set_lights()

    def unplug(self):
        """The data lines are cut; the firmware hears nothing of it."""
        self.computer.attached = False
        self.computer.lost()

    def request(self, setup, data=b""):
        """A control request; what the device answers, False for a stall."""
        answer = self.control(SETUP, memoryview(setup))
        if answer is False:
            return False
        if data:
            answer[: len(data)] = data
        assert self.control(DATA, memoryview(setup)) and self.control(ACK, memoryview(setup))
        return answer if answer is True else bytes(answer)

    def poll(self):
        """The computer asks for keys; whether it got a report."""
        if not (self.computer.attached and self.computer.polls) or self.patience == 0:
            return False
        took = self._waiting is not None
        if took and self.patience is not None:
            self.patience -= 1
        if took:
            endpoint, self._waiting = self._waiting, None
            words = self.memory[0x5010_0180], self.memory[0x5010_0184]
            self.computer.reported(b"".join(word.to_bytes(4, "little") for word in words))
            self.sent(endpoint, 0, 8)
        self._set_lights()
        return took

    def _set_lights(self):
        lights = self.computer.lights
        if lights is not None and lights != self.lights:
            self.lights = lights
            self.request(SET_LIGHTS, bytes((lights,)))


def keyboard_on(usb, chip="RP2040"):
    """The firmware's Keyboard, plugged in at this stand-in."""
    machine, micropython = types.ModuleType("machine"), types.ModuleType("micropython")
    machine.USBDevice, machine.mem32 = lambda: usb, usb.memory
    micropython.const = lambda value: value
    known = {name: sys.modules.get(name) for name in ("machine", "micropython")}
    sys.modules.update(machine=machine, micropython=micropython)
    try:
        module = importlib.import_module("picototp.board.keyboard")
    finally:
        for name, before in known.items():
            if before is None:
                del sys.modules[name]
            else:
                sys.modules[name] = before
    module.machine = machine
    bases = {"RP2040": 0x5010_0000}
    module.chip = types.SimpleNamespace(usb_memory=lambda: bases.get(chip))
    keyboard = module.Keyboard()
    keyboard.plug_in()
    return keyboard


class TypingToken(WiredToken):
    """A whole token with typing on, at a computer."""

    def __init__(self, accounts=(), end="none", num_lock="keep", layout="none", **options):
        self.usb = UsbStandIn()
        self.keyboard = keyboard_on(self.usb)
        self.typing = self.keyboard, (end, num_lock, layout)
        self.polled_ns = 0
        super().__init__(accounts, **options)
        self.usb.plug()

    @property
    def computer(self):
        return self.usb.computer

    def turn(self, wait_ms=10):
        super().turn(wait_ms)
        while self.clock.now_ns() - self.polled_ns >= POLL_NS:
            self.polled_ns = self.clock.now_ns() - self.clock.now_ns() % POLL_NS
            self.usb.poll()
