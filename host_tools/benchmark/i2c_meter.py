"""Listens on the I2C bus of an emulated Pico: every transfer, with its times."""

from collections.abc import Callable
from dataclasses import dataclass

from rp2040py.peripherals.i2c import I2CMode

from host_tools.simulator.rp2040.chip import Chip
from picototp.board import config


@dataclass(frozen=True)
class Transfer:
    """From START to STOP; `bus_ns` is what the bus was busy of that."""

    address: int
    start_ns: int
    end_ns: int
    bus_ns: int


class I2CMeter:
    """Keeps all transfers of the chip's I2C block, and tells `on_transfer` of each."""

    def __init__(self, chip: Chip) -> None:
        self.transfers: list[Transfer] = []
        self.on_transfer: Callable[[Transfer], None] = lambda transfer: None
        self._chip = chip
        self._open: tuple[int, int] | None = None  # address and start of the present transfer
        self._busy_ns = chip.i2c.busy_ns
        block = chip.mcu.i2c[config.I2C_ID]
        self._connect, self._stop = block.on_connect, chip.i2c.on_stop
        block.on_connect = self._connects
        chip.i2c.on_stop = self._stops

    def to_display(self, since: int = 0) -> list[Transfer]:
        """The display's among the transfers from that number on."""
        return [
            transfer
            for transfer in self.transfers[since:]
            if transfer.address in config.DISPLAY_ADDRESSES
        ]

    def _connects(self, address: int, mode: I2CMode) -> None:
        if self._open is None:  # else a repeated START
            self._open = address, self._chip.now_ns
        self._connect(address, mode)

    def _stops(self) -> None:
        self._stop()
        if self._open is None:
            return
        (address, start_ns), self._open = self._open, None
        busy_ns, self._busy_ns = self._busy_ns, self._chip.i2c.busy_ns
        transfer = Transfer(address, start_ns, self._chip.now_ns, self._busy_ns - busy_ns)
        self.transfers.append(transfer)
        self.on_transfer(transfer)
