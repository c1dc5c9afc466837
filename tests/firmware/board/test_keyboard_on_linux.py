"""Linux reads the token's keyboard: its report descriptor and reports go into the kernel's HID
layer (Documentation/hid/uhid.rst), and keys come out at /dev/input."""

import os
import select
import struct
import time
from pathlib import Path

import pytest

from usb_stand_in import REPORT_DESCRIPTOR, TypingToken
from wired_token import an_account

UHID = Path("/dev/uhid")
NAME = "PicoTOTP's keyboard under test"
# include/uapi/linux/uhid.h: numbers of events, and the size of the largest
DESTROY, CREATE2, INPUT2 = 1, 11, 12
EVENT_SIZE = 4376
BUS_USB = 3
# include/uapi/linux/input-event-codes.h
EV_KEY = 1
KEYPAD = dict(zip((79, 80, 81, 75, 76, 77, 71, 72, 73, 82), "1234567890", strict=True))
ENTER = 28
INPUT_EVENT = struct.Struct("@llHHi")
PATIENCE_S = 10

pytestmark = pytest.mark.skipif(
    not os.access(UHID, os.R_OK | os.W_OK), reason="no /dev/uhid here that may be written to"
)


class LinuxKeyboard:
    """A HID device of the kernel, and what comes out of it."""

    def __init__(self, descriptor):
        self._uhid = os.open(UHID, os.O_RDWR | os.O_NONBLOCK)
        content = struct.pack(
            "<128s64s64sHHIIII4096s",
            *(NAME.encode(), b"", b"", len(descriptor), BUS_USB, 0x2E8A, 5, 0, 0, descriptor),
        )
        self._tell(CREATE2, content)
        self._input = os.open(self._node(), os.O_RDONLY | os.O_NONBLOCK)

    def _tell(self, kind, content=b""):
        os.write(self._uhid, (struct.pack("<I", kind) + content).ljust(EVENT_SIZE, b"\0"))

    def _node(self):
        deadline_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline_s:
            for name in Path("/sys/class/input").glob("event*/device/name"):
                node = Path("/dev/input") / name.parent.parent.name
                if name.read_text().strip() == NAME and os.access(node, os.R_OK):
                    return node
        pytest.skip("the kernel makes no input device that may be read")

    def report(self, report):
        """The keyboard sends this; the keys that went down and up."""
        self._tell(INPUT2, struct.pack("<H", len(report)) + report)
        keys = []
        while select.select([self._input], [], [], 0.2)[0]:
            data = os.read(self._input, INPUT_EVENT.size * 64)
            for _, _, kind, code, value in INPUT_EVENT.iter_unpack(data):
                if kind == EV_KEY:
                    keys.append((code, value))
        return keys

    def close(self):
        self._tell(DESTROY)
        os.close(self._uhid), os.close(self._input)


def test_linux_sees_the_code_and_no_key_stays_down():
    token = TypingToken((an_account("alice"),), end="enter")
    descriptor = token.usb.request(REPORT_DESCRIPTOR)
    sent = []
    take = token.computer.reported
    token.computer.reported = lambda report: (sent.append(report), take(report))[1]
    token.run(2)
    token.click()
    token.press(2000)
    typed = token.computer.take_typed()
    assert len(typed) == 7
    linux = LinuxKeyboard(descriptor)
    try:
        events = [event for report in sent for event in linux.report(report)]
    finally:
        linux.close()
    down = [code for code, value in events if value == 1]
    assert "".join(KEYPAD[code] for code in down[:-1]) == typed[:-1] and down[-1] == ENTER
    assert sorted(down) == sorted(code for code, value in events if value == 0)
