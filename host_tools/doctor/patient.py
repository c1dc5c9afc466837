"""The token that is examined: a session with it that survives a power cut, and what it told."""

import time
from functools import cached_property

from host_tools.client.diagnosis import BusReading, ClockReading
from host_tools.client.ports import SerialConnection
from host_tools.client.status import Status
from host_tools.client.token_client import TokenClient
from host_tools.doctor.checks import Hands
from host_tools.errors import NoToken, ToolError
from host_tools.pico.board_port import BoardPort
from picototp.board import config

AGAIN_S = 180.0  # to unplug a token, wait, and plug it in
_PAUSE_S = 0.2
RTC = config.RTC_ADDRESS


class Patient:
    """A token at a port. `hands` is None where nobody is at the board. Close it when done."""

    def __init__(self, port: str, hands: Hands | None = None) -> None:
        self.hands = hands
        self._board = BoardPort(port)
        self.token = self._opened()

    def _opened(self) -> TokenClient:
        client = TokenClient(SerialConnection(self._board.path), on_wait=self._asks)
        try:
            client.hello()
        except BaseException:
            client.connection.close()
            raise
        return client

    def _asks(self) -> None:
        if self.hands is not None:
            self.hands.asked_to("confirm on the token: read it, then hold its button for yes")

    def close(self) -> None:
        """Let other programs have the port."""
        self.token.connection.close()

    @property
    def can_diagnose(self) -> bool:
        """Whether its firmware knows the request."""
        return "diagnose" in self.token.info.ops

    @cached_property
    def status(self) -> Status:
        """Its state when it was asked first."""
        return self.token.status()

    @cached_property
    def bus(self) -> BusReading | None:
        """Its wires, when it was asked first; None where its firmware cannot tell."""
        return self.token.diagnose_bus() if self.can_diagnose else None

    @cached_property
    def clock(self) -> ClockReading | None:
        """Its RTC, when it was watched first; None if that does not answer."""
        return self.token.diagnose_clock()

    def wait_for_power_cut(self, since_s: float | None = None) -> None:
        """Wait until it has started after `since_s` of the monotonic clock, by default now, and is
        back. NoToken if that does not happen.

        Its counter tells: it began at zero then. It runs no slower than this computer's clock.
        """
        if since_s is None:
            since_s = time.monotonic()
        deadline_s = time.monotonic() + AGAIN_S
        self.close()
        while time.monotonic() < deadline_s:
            time.sleep(_PAUSE_S)
            try:
                self.token = self._opened_again()
                up_s = self.token.time().ticks_us / 1e6
            except ToolError:
                continue  # it is on its way out, or not there yet
            if up_s < time.monotonic() - since_s:
                self.__dict__.pop("status", None)
                return
            self.close()
        raise NoToken("the token was not unplugged and plugged in again; run this once more")

    def _opened_again(self) -> TokenClient:
        self._board.find()
        return self._opened()
