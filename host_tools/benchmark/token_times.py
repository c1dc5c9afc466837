"""The whole firmware on an emulated Pico, with the maximum number of accounts: start, heap, screen,
button. Everything is seen from outside: on the bus, at the port, on the display's pixels."""

import tempfile
from collections.abc import Iterable
from pathlib import Path

import pyotp

from host_tools.benchmark import Say, unix_micropython
from host_tools.benchmark.emulated_pico import EmulatedPico
from host_tools.benchmark.i2c_meter import I2CMeter, Transfer
from host_tools.benchmark.running_token import RunningToken
from host_tools.errors import ToolError
from host_tools.pico.board_files import collect
from host_tools.pico.uf2 import Image
from host_tools.simulator.clock import NS_PER_S
from host_tools.simulator.digits import read_code
from picototp.codes import base32

_NS_PER_MS = 1_000_000
_KEY = b"12345678901234567890"  # of all accounts that guest/bench_vault.py makes
_PERIOD_S = 30
_NEXT_CODE_S = 25  # of a period: from here on, the next code is on the display as well
_SETTLE_S = 3.0  # until the firmware knows where the RTC's seconds begin
_DARK_S = 65  # the display goes dark after 30; once a minute the firmware looks closely at the RTC
_CLICK_MS = 80
# When the button is pressed, in milliseconds from a second at whose beginning the firmware looks
# closely at the RTC.
_PRESSES_MS = (-400, -80, -45, -25, -15, -8, -3, 0, 15, 300)
PRESSES = 1 + len(_PRESSES_MS)  # the first after power-up, and those


def measure(image: Image, say: Say) -> dict[str, float]:
    """Figures by their key in rows.py."""
    say("firmware: power-up with 255 accounts")
    files = {**collect(), **unix_micropython.vault_files()}
    with (
        tempfile.TemporaryDirectory(prefix="picototp-bench-") as folder,
        EmulatedPico(image, files, Path(folder)) as pico,
    ):
        token = _Token(pico)
        figures = {"start.ready": token.start(), "heap.free": token.heap_free()}
        presses = [token.press(_SETTLE_S)]
        say(f"button: press 1 of {PRESSES}, after power-up: {presses[-1]:.1f} ms")
        say("display: a code screen for eleven seconds")
        figures |= token.lit_seconds()
        for number, offset_ms in enumerate(_PRESSES_MS, 2):
            presses.append(token.press_at(offset_ms))
            where = f"{offset_ms:+} ms from a second"
            say(f"button: press {number} of {PRESSES}, {where}: {presses[-1]:.1f} ms")
    return {**figures, "press.worst": max(presses), "press.best": min(presses)}


class _Token(RunningToken):
    """Seen on its bus and its display as well."""

    def __init__(self, pico: EmulatedPico) -> None:
        super().__init__(pico)
        self._meter = I2CMeter(pico.chip)

    # --- the button --------------------------------------------------------------------------

    def press(self, wait_s: float) -> float:
        """Milliseconds from the first contact until the right code is on the lit display."""
        self.pico.run_for(round(wait_s * NS_PER_S))
        if self.pico.board.display is None or self.pico.board.display.on:
            raise ToolError("the display is not dark before the press")
        shown_ns: list[int] = []

        def look(_: Transfer) -> None:
            if not shown_ns and self._shows_code():
                shown_ns.append(self.now_ns)

        pressed_ns = self.now_ns
        self._meter.on_transfer = look
        self.pico.press(True)
        self.pico.run_until(lambda: shown_ns, "right code on the display")
        self._meter.on_transfer = lambda transfer: None
        self.pico.run_for(_CLICK_MS * _NS_PER_MS)
        self.pico.press(False)
        self.pico.run_for(2 * _CLICK_MS * _NS_PER_MS)
        return (shown_ns[0] - pressed_ns) / _NS_PER_MS

    def press_at(self, offset_ms: int) -> float:
        """The same for a press at this offset into a second, from a dark display."""
        self._skip_to(_DARK_S * NS_PER_S, NS_PER_S // 2)
        return self.press(0.5 + offset_ms / 1000)

    def _skip_to(self, at_least_ns: int, into_second_ns: int) -> None:
        """Let time pass at once, until the RTC is at this offset into a second."""
        self.pico.run_until(lambda: self.pico.chip.sleeps, "rest")
        then_ns = self.pico.unix_ns() + at_least_ns
        self.pico.skip(at_least_ns + (into_second_ns - then_ns) % NS_PER_S)

    def _shows_code(self) -> bool:
        display = self.pico.board.display
        if display is None or not display.on:
            return False
        judge = pyotp.TOTP(base32.encode(_KEY), interval=_PERIOD_S)
        return read_code(display.rows()) == judge.at(self.pico.unix_ns() // NS_PER_S)

    # --- a lit screen ------------------------------------------------------------------------

    def lit_seconds(self) -> dict[str, float]:
        """The display's updates from second 20 of a period to the first of the next one."""
        into_period_ns = self.pico.unix_ns() % (_PERIOD_S * NS_PER_S)
        first_ns = (_NEXT_CODE_S - 5) * NS_PER_S
        self.pico.skip((first_ns - NS_PER_S // 4 - into_period_ns) % (_PERIOD_S * NS_PER_S))
        start_unix_ns, start_ns = self.pico.unix_ns(), self.now_ns
        begin = len(self._meter.transfers)
        self.pico.run_for(11 * NS_PER_S)
        seconds: dict[int, list[Transfer]] = {}
        for transfer in self._meter.to_display(begin):
            # A second is drawn shortly before it begins, so that it is there when it does.
            unix_ns = start_unix_ns + transfer.start_ns - start_ns + NS_PER_S // 2
            seconds.setdefault(unix_ns // NS_PER_S % _PERIOD_S, []).append(transfer)
        special = {0, _NEXT_CODE_S}
        usual = [seconds[second] for second in seconds if second not in special][1:]
        if not usual or not special <= set(seconds):
            raise ToolError("the code screen does not change from second to second")
        return {
            "second.bus": max(map(_bus_ms, usual)),
            "second.time": max(map(_time_ms, usual)),
            "second.next": _bus_ms(seconds[_NEXT_CODE_S]),
            "second.new": _bus_ms(seconds[0]),
        }


def _bus_ms(transfers: Iterable[Transfer]) -> float:
    return sum(transfer.bus_ns for transfer in transfers) / _NS_PER_MS


def _time_ms(transfers: list[Transfer]) -> float:
    return (transfers[-1].end_ns - transfers[0].start_ns) / _NS_PER_MS
