"""The computer at the USB cable of a token on MicroPython's unix port.

There is no bus: unix_port/usb_device.py asks for what happens next, and does with it what
MicroPython's USB stack does on a chip. An event is its number (below) and its content; b"" is none.
"""

from collections import deque

from host_tools.simulator.board import VirtualBoard
from host_tools.simulator.unix_port import operations

_FRAME_NS = 1_000_000
# Universal Serial Bus Specification 2.0, table 9-5; Device class definition for HID 1.11, 4.1
_INTERFACE, _ENDPOINT = 4, 5
_HID = 3
_INTERRUPT_IN = (0x80, 3)
# HID 1.11, 7.1 and 7.2: type of request, request, value
_GET_REPORT_DESCRIPTOR = bytes((0x81, 6, 0, 0x22))
_SET_IDLE = bytes((0x21, 0x0A, 0, 0))
_SET_REPORT = bytes((0x21, 9, 0, 2))
_LONGEST_DESCRIPTOR = 1024


class UnixUsb:
    """From the start of the firmware to its end. Everything holds the board's lock."""

    def __init__(self, board: VirtualBoard) -> None:
        self._clock = board.clock
        self._computer = board.keyboard_host
        self._computer.lost()
        self._keyboard = b""  # its descriptors, from its interface on
        self._number = 0
        self._interval_ns = _FRAME_NS
        self._events: deque[bytes] = deque()
        self._connected = False
        self._lights: int | None = None  # that were sent
        self._report: tuple[int, bytes] | None = None  # when it is asked for, endpoint and data

    def activate(self, descriptors: bytes) -> bytes:
        """The device is there, with this configuration descriptor."""
        at = 0
        interface = 0
        while at + 1 < len(descriptors) and descriptors[at] >= 2:
            one = descriptors[at : at + descriptors[at]]
            if one[1] == _INTERFACE:
                interface = at
            ours = descriptors[interface + 5] == _HID
            if one[1] == _ENDPOINT and ours and (one[2] & 0x80, one[3]) == _INTERRUPT_IN:
                self._keyboard = descriptors[interface:]
                self._number = descriptors[interface + 2]
                self._interval_ns = max(1, one[6]) * _FRAME_NS
            at += len(one)
        return b""

    def submit(self, payload: bytes) -> bytes:
        """The device has something for an endpoint, given first; whether it may."""
        if self._report is not None or not self._connected:
            return b"\x00"
        now_ns = self._clock.now_ns()
        self._report = now_ns + self._interval_ns - now_ns % self._interval_ns, payload
        return b"\x01"

    def event(self, payload: bytes) -> bytes:
        """What happens next by now."""
        if self._computer.attached != self._connected and self._keyboard:
            self._plug()
        elif not self._events:
            self._ask()
        return self._events.popleft() if self._events else b""

    def reply(self, data: bytes) -> bytes:
        """What the device answered to the request for its report descriptor."""
        self._computer.described(data)
        return b""

    def _plug(self) -> None:
        self._connected = self._computer.attached
        self._events.clear()
        self._lights = self._report = None
        if self._connected:
            self._events.append(bytes((operations.EVENT_RESET,)))
            self._events.append(bytes((operations.EVENT_OPEN,)) + self._keyboard)
            self._control(_SET_IDLE)
            self._control(_GET_REPORT_DESCRIPTOR, length=_LONGEST_DESCRIPTOR)

    def _ask(self) -> None:
        computer = self._computer
        if self._report is not None and computer.polls and self._clock.now_ns() >= self._report[0]:
            payload, self._report = self._report[1], None
            computer.reported(payload[1:])
            self._events.append(bytes((operations.EVENT_SENT, payload[0])))
        lights = computer.lights
        if lights is not None and lights != self._lights:
            self._lights = lights
            self._control(_SET_REPORT, bytes((lights,)))

    def _control(self, request: bytes, data: bytes = b"", length: int | None = None) -> None:
        index = self._number.to_bytes(2, "little")
        size = (len(data) if length is None else length).to_bytes(2, "little")
        self._events.append(bytes((operations.EVENT_CONTROL,)) + request + index + size + data)
