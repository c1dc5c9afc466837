"""A USB keyboard beside the serial port, for tokens that may type codes.

Loaded by boot.py, and only if typing is on: MicroPython brings USB up right after boot.py, and the
interfaces must be known by then. It sends what it is given, and presses no key by itself; a host
can read its descriptors and set its lights, and nothing else.

A host takes one report each time it asks, every 10 ms. What waits until then lies in USB memory,
from where MicroPython cannot take it back; give_up() blanks it there.
"""

import machine
from micropython import const

from picototp import mode
from picototp.board import chip

_INTERVAL_MS = const(10)
_REPORT_SIZE = const(8)  # modifiers, nothing, six keys
_MOST_REPORTS = const(24)
# Device class definition for HID 1.11, appendix B.1: a keyboard as also a BIOS knows it. In, eight
# modifiers, a byte of nothing and six keys; out, five lights and three bits of nothing.
REPORT_DESCRIPTOR = (
    b"\x05\x01\x09\x06\xa1\x01\x05\x07\x19\xe0\x29\xe7\x15\x00\x25\x01\x75\x01\x95\x08\x81\x02"
    b"\x75\x08\x95\x01\x81\x01\x05\x08\x19\x01\x29\x05\x75\x01\x95\x05\x91\x02\x75\x03\x95\x01"
    b"\x91\x01\x05\x07\x19\x00\x29\x65\x15\x00\x25\x65\x75\x08\x95\x06\x81\x00\xc0"
)
# Types of descriptors: USB 2.0, table 9-5, and HID 1.11, 7.1
_INTERFACE, _ENDPOINT, _HID, _REPORT = const(4), const(5), const(0x21), const(0x22)
# HID 1.11, 7.1 and 7.2: who asks whom for what
_STANDARD_IN, _CLASS_IN, _CLASS_OUT = const(0x81), const(0xA1), const(0x21)
_GET_DESCRIPTOR, _GET_REPORT, _GET_IDLE, _GET_PROTOCOL = const(6), const(1), const(2), const(3)
_SET_REPORT, _SET_IDLE, _SET_PROTOCOL = const(9), const(10), const(11)
_SETUP, _ACK = const(1), const(3)  # stages of a control transfer


def plugged_in() -> tuple | None:
    """(a Keyboard that comes up with USB, how it types), as typing_file.py has kept that; None,
    and nothing done, if the file is not three words."""
    with open(mode.TYPING_FILE) as file:
        words = tuple(file.read(64).split())
    if len(words) != 3:
        return None
    keyboard = Keyboard()
    keyboard.plug_in()
    return keyboard, words


class Keyboard:
    """`ready`: a host has set it up. `lights`: those that it set, as bits; None: it has not said
    yet. `taken`: how many reports hosts have taken. `busy`: one is still to be taken."""

    def __init__(self):
        self.ready = self.busy = False
        self.lights: int | None = None
        self.taken = 0
        self._reports = memoryview(bytearray(_REPORT_SIZE * _MOST_REPORTS))
        self._first = self._end = 0  # of those in there that are still to be sent
        self._output = bytearray(1)
        # As a host may ask for it: no key, the idle rate, and which of two protocols, here alike.
        self._told: dict = {
            _GET_REPORT: bytes(_REPORT_SIZE),
            _GET_IDLE: bytearray(1),
            _GET_PROTOCOL: bytearray(b"\x01"),
        }
        self._usb = machine.USBDevice()
        builtin = self._usb.BUILTIN_DEFAULT
        self._interface = builtin.itf_max
        self._endpoint = 0x80 | builtin.ep_max

    def plug_in(self) -> None:
        """Have it come up with USB, behind the interfaces that MicroPython has built in."""
        usb = self._usb
        builtin = usb.BUILTIN_DEFAULT
        descriptors = bytearray(builtin.desc_cfg)
        # Class 3 is HID; its subclass 1 can be used before a system runs; its protocol 1 has keys.
        descriptors.extend(bytes((9, _INTERFACE, self._interface, 0, 1, 3, 1, 1, 0)))
        descriptors.extend(bytes((9, _HID, 0x11, 1, 0, 1, _REPORT, len(REPORT_DESCRIPTOR), 0)))
        descriptors.extend(bytes((7, _ENDPOINT, self._endpoint, 3, _REPORT_SIZE, 0, _INTERVAL_MS)))
        descriptors[2] = len(descriptors)
        descriptors[4] += 1  # interfaces
        usb.builtin_driver = builtin  # type: ignore[attr-defined]
        usb.config(
            builtin.desc_dev,
            descriptors,
            None,
            self._opened,
            self._reset,
            self._control,
            self._sent,
        )
        usb.active(True)

    def send(self, reports: bytes) -> bool:
        """Send these reports, at most 24, one each time that the host asks. False if there is no
        host, or if it has not taken all of the others."""
        if not self.ready or self.busy:
            return False
        self._first, self._end = 0, len(reports)
        self._reports[: self._end] = reports
        self._send_next()
        return self.busy

    def give_up(self) -> None:
        """Send no more. What the host has not taken yet says now that no key is down, and so does
        the report behind it."""
        self._forget()
        if self.busy:
            self._blank_usb_memory()
            self._end = _REPORT_SIZE

    def _send_next(self) -> None:
        report = self._reports[self._first : self._first + _REPORT_SIZE]
        try:
            self.busy = self._first < self._end and self._usb.submit_xfer(self._endpoint, report)
        except OSError:  # USB is off, or the endpoint is not what it was
            self.busy = False
        self._first += _REPORT_SIZE
        if not self.busy:
            self._forget()

    def _forget(self) -> None:
        """The reports were a code."""
        self._reports[:] = bytes(_REPORT_SIZE * _MOST_REPORTS)
        self._first = self._end = 0

    def _blank_usb_memory(self) -> None:
        base = chip.usb_memory()
        if base is not None:
            # RP2040 data sheet, 4.1.2.5: the endpoint's control word tells where its buffer is.
            at = base + (machine.mem32[base + 8 * (self._endpoint & 0xF)] & 0xFFC0)
            machine.mem32[at] = machine.mem32[at + 4] = 0

    # --- what MicroPython's USB calls, between two instructions of the main loop ------------------

    def _opened(self, descriptors) -> None:
        self.ready = True

    def _reset(self) -> None:
        """The bus was reset: what was under way never ends."""
        self.ready = self.busy = False
        self.lights = None
        self._forget()

    def _sent(self, endpoint: int, result: int, count: int) -> None:
        self.taken += 1
        self._send_next()

    def _control(self, stage: int, request):
        kind, what = request[0], request[1]
        if request[4] != self._interface:
            return False
        if stage == _SETUP:
            if kind == _STANDARD_IN:
                known = what == _GET_DESCRIPTOR and request[3] == _REPORT
                return REPORT_DESCRIPTOR if known else False
            if kind == _CLASS_IN:
                return self._told.get(what, False)
            return self._output if what == _SET_REPORT else what in (_SET_IDLE, _SET_PROTOCOL)
        if stage == _ACK and kind == _CLASS_OUT:
            if what == _SET_REPORT:
                self.lights = self._output[0]
            elif what == _SET_IDLE:
                self._told[_GET_IDLE][0] = request[3]
            elif what == _SET_PROTOCOL:
                self._told[_GET_PROTOCOL][0] = request[2]
        return True
