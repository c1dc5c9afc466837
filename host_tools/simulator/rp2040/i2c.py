"""The device models on the I2C lines of an emulated RP2040.

Node hands over what happened on the bus, each part of it with its time, and waits where it needs an
answer (node/remote_bus.js).
"""

import struct
import threading
from collections.abc import Callable

from host_tools.simulator.devices.i2c import I2CBus

_BUSY = struct.Struct("<d")
_ENTRY = struct.Struct("<dBB")
_START_WRITING, _START_READING, _WRITE, _READ, _STOP, _BEGIN = range(6)


class I2CLines:
    """Drives a bus as the chip does. `busy_ns` adds up for how long the chip's block kept it busy;
    `now_ns`, given to `set_now`, is the time at which the models see each byte.

    `on_begin` is called with the time at which the block begins to send an address, `on_address`
    with the address, `on_stop` after each STOP.
    """

    def __init__(self, bus: I2CBus, lock: threading.RLock, set_now: Callable[[int], None]) -> None:
        self.busy_ns = 0.0
        self.on_begin: Callable[[int], None] = lambda now_ns: None
        self.on_address: Callable[[int], None] = lambda address: None
        self.on_stop: Callable[[], None] = lambda: None
        self._bus = bus
        self._lock = lock
        self._set_now = set_now

    def reset(self) -> None:
        """The chip is reset: whatever was on the bus ends."""
        with self._lock:
            self._bus.stop()

    def take(self, content: bytes) -> tuple[int, bool]:
        """What happened; the answer to the last of it, and whether the addressed device
        acknowledges whatever else is written to it."""
        (self.busy_ns,) = _BUSY.unpack_from(content)
        value = 0
        for time_ns, what, argument in _ENTRY.iter_unpack(content[_BUSY.size :]):
            self._set_now(int(time_ns))
            with self._lock:
                value = self._do(what, argument, int(time_ns))
            if what == _STOP:
                self.on_stop()
        with self._lock:
            return value, self._bus.acknowledges_all

    def _do(self, what: int, argument: int, time_ns: int) -> int:
        if what == _WRITE:
            return self._bus.write_byte(argument)
        if what == _READ:
            return self._bus.read_byte()
        if what == _STOP:
            self._bus.stop()
        elif what == _BEGIN:
            self.on_begin(time_ns)
        else:
            self.on_address(argument)
            return self._bus.start(argument, what == _START_WRITING)
        return 0
