"""Listens on the I2C bus of an emulated Pico: every transfer, with its times."""

from collections.abc import Callable
from dataclasses import dataclass

from host_tools.simulator.rp2040.chip import Chip
from picototp.board import config


@dataclass(frozen=True)
class Transfer:
    """A transfer from START to STOP; the bus was busy for `bus_ns` of it."""

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
        self._begun_ns = 0
        self._open: tuple[int, int] | None = None  # address and start of the present transfer
        self._busy_ns = chip.i2c.busy_ns
        self._stop = chip.i2c.on_stop
        chip.i2c.on_begin = self._begins
        chip.i2c.on_address = self._connects
        chip.i2c.on_stop = self._stops

    def to_display(self, since: int = 0) -> list[Transfer]:
        """The transfers to the display, from that number on."""
        return [
            transfer
            for transfer in self.transfers[since:]
            if transfer.address in config.DISPLAY_ADDRESSES
        ]

    def _begins(self, now_ns: int) -> None:
        self._begun_ns = now_ns

    def _connects(self, address: int) -> None:
        if self._open is None:  # else a repeated START
            self._open = address, self._begun_ns

    def _stops(self) -> None:
        self._stop()
        if self._open is None:
            return
        (address, start_ns), self._open = self._open, None
        busy_ns, self._busy_ns = self._busy_ns, self._chip.i2c.busy_ns
        transfer = Transfer(address, start_ns, self._chip.now_ns, round(self._busy_ns - busy_ns))
        self.transfers.append(transfer)
        self.on_transfer(transfer)
