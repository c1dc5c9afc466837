"""Stands in for `machine.USBDevice` on the unix port; loaded by who asks for it.

On a chip, MicroPython calls the callbacks between two instructions. Here it is when the firmware
looks at a pin, which it does in each turn of its main loop: machine.Pin calls `pump`.
"""

import operations
import wire

_SETUP, _DATA, _ACK = 1, 2, 3


class _Builtin:
    """The serial port, as the rp2 port has it."""

    itf_max, ep_max, str_max = 2, 3, 5
    desc_dev = bytes.fromhex("12010002ef0201408a2e0500000101020301")
    desc_cfg = bytes.fromhex(
        "09024b00020100807d"
        "080b000202020000"
        "0904000001020200"
        "04"
        "0524002001"
        "0524010001"
        "04240206"
        "0524060001"
        "07058103080001"
        "0904010002"
        "0a000000"
        "07050202400000"
        "07058202400000"
    )


class USBDevice:
    """There is one; each call gives it."""

    BUILTIN_NONE = None
    BUILTIN_DEFAULT = BUILTIN_CDC = _Builtin
    _one = None

    def __new__(cls):
        if cls._one is None:
            cls._one = object.__new__(cls)
            cls._one._active = False
            cls._one.builtin_driver = None
        return cls._one

    def config(
        self,
        desc_dev,
        desc_cfg,
        desc_strs=None,
        open_itf_cb=None,
        reset_cb=None,
        control_xfer_cb=None,
        xfer_cb=None,
    ):
        """What the host is told, and whom to call."""
        self._descriptors = bytes(desc_cfg)
        self._callbacks = (open_itf_cb, reset_cb, control_xfer_cb, xfer_cb)

    def active(self, value=None):
        """Whether it is there for a host; with a value, let it be."""
        was = self._active
        if value and not was:
            if self.builtin_driver is None:
                raise OSError(22)
            self._active = True
            wire.call(operations.USB_ACTIVATE, self._descriptors)
        return was

    def submit_xfer(self, endpoint, buffer):
        """Have the host take these bytes when it asks the endpoint."""
        if not self._active:
            raise OSError(22)
        if not wire.call(operations.USB_SUBMIT, bytes((endpoint,)) + bytes(buffer))[0]:
            raise OSError(16)
        return True

    def pump(self):
        """Carry out the bus events that came in meanwhile."""
        while event := wire.call(operations.USB_EVENT):
            self._does(event[0], event[1:])

    def _does(self, kind, data):
        opened, reset, control, sent = self._callbacks
        if kind == operations.EVENT_RESET:
            reset()
        elif kind == operations.EVENT_OPEN:
            opened(memoryview(data))
        elif kind == operations.EVENT_SENT:
            sent(data[0], 0, 8)
        else:
            self._request(control, memoryview(data[:8]), data[8:])

    def _request(self, control, setup, data):
        answer = control(_SETUP, setup)
        if answer is False:
            return  # a stall
        if setup[0] & 0x80:
            wire.call(operations.USB_REPLY, bytes(answer))
        elif data:
            answer[: len(data)] = data
        control(_DATA, setup)
        control(_ACK, setup)
