"""The USB serial port of an emulated RP2040, seen from the host."""

from collections import deque
from collections.abc import Callable

from rp2040py.rp2040 import RP2040
from rp2040py.usb.cdc import USBCDC


class Console:
    """Bytes to and from the firmware. `on_connected` is called when the host has found it."""

    def __init__(
        self, mcu: RP2040, on_output: Callable[[bytes], None], on_connected: Callable[[], None]
    ):
        self._usb = mcu.usb_ctrl
        self._host = USBCDC(self._usb)
        self._host.on_serial_data = lambda data: on_output(bytes(data))
        self._host.on_device_connected = on_connected
        self._to_send = bytearray()
        self._armed: deque[int] = deque()  # sizes of the buffers that wait for data
        host_reads, host_resets = self._usb.on_endpoint_read, self._usb.on_reset
        assert host_reads is not None and host_resets is not None  # USBCDC has set them
        self._host_reads = host_reads
        self._host_resets = host_resets
        self._usb.on_endpoint_read = self._on_endpoint_read
        self._usb.on_reset = self._on_reset

    def send(self, data: bytes) -> None:
        """Bytes from the host; they wait until the firmware takes them."""
        self._to_send += data
        self._deliver()

    def _on_endpoint_read(self, endpoint: int, size: int) -> None:
        """Works around the emulator: its host answers an armed buffer at once, if need be with an
        empty packet, so that the firmware's USB stack is never idle. A real host stays silent
        until it has data.
        """
        if endpoint == self._host._out_endpoint:
            self._armed.append(size)
            self._deliver()
        else:
            self._host_reads(endpoint, size)

    def _deliver(self) -> None:
        while self._armed and self._to_send:
            size = self._armed.popleft()
            packet = bytes(self._to_send[:size])
            del self._to_send[:size]
            self._usb.endpoint_read_done(self._host._out_endpoint, packet)

    def _on_reset(self) -> None:
        self._armed.clear()
        self._to_send.clear()
        self._host_resets()
