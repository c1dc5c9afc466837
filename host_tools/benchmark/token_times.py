"""The whole firmware on an emulated Pico, with as many accounts as it takes: start, heap, screen,
button. Everything is seen from outside: on the bus, at the port, on the display's pixels."""

import tempfile
from collections.abc import Iterable
from pathlib import Path

import pyotp

from host_tools.benchmark import Say, unix_micropython
from host_tools.benchmark.emulated_pico import EmulatedPico
from host_tools.benchmark.i2c_meter import I2CMeter, Transfer
from host_tools.board_files import DATA, collect
from host_tools.client import Json
from host_tools.errors import ToolError
from host_tools.simulator.clock import NS_PER_S
from host_tools.simulator.digits import read_code
from host_tools.simulator.images import Image
from picototp.codes import base32
from picototp.protocol import frames

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
    vault = {f"{DATA}/{name}": data for name, data in unix_micropython.vault_files().items()}
    files = {**collect(), **vault}
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


class _Token:
    """The firmware on its chip, and a hand at its button."""

    def __init__(self, pico: EmulatedPico) -> None:
        self._pico = pico
        self._meter = I2CMeter(pico.chip)

    @property
    def _now_ns(self) -> int:
        return self._pico.chip.now_ns

    def start(self) -> float:
        """Seconds from power-up until the main loop runs."""
        at_ns: list[int] = []
        # The main loop is up when it feeds the watchdog, in the midst of a slice of run_until.
        self._pico.on_serving = lambda: at_ns.append(self._now_ns)
        self._pico.run_until(lambda: at_ns, "start of the firmware")
        return at_ns[0] / NS_PER_S

    def heap_free(self) -> float:
        """KB of free heap, as the token itself tells at its port."""
        self._ask(0, {"op": "hello", "v": frames.VERSION})
        return float(self._ask(1, {"op": "status"})["heap_free"]) / 1024

    def _ask(self, number: int, request: Json) -> Json:
        lines = frames.LineReader()
        answers: list[Json] = []

        def answered() -> bool:
            for line in lines.feed(bytes(self._pico.output)):
                answer = frames.decode(frames.ANSWER_MARK, line) if line else None
                if answer is not None:
                    answers.append(answer)
            self._pico.output.clear()
            return bool(answers)

        message = {"id": number, "s": "bench", **request}
        self._pico.chip.console.send(frames.encode(frames.REQUEST_MARK, message))
        self._pico.run_until(answered, "answer of the firmware")
        if not answers[0].get("ok"):
            raise ToolError(f"the firmware refuses the request {request['op']!r}")
        return answers[0]

    # --- the button --------------------------------------------------------------------------

    def press(self, wait_s: float) -> float:
        """Milliseconds from the first contact until the right code is on the lit display."""
        self._pico.run_for(round(wait_s * NS_PER_S))
        if self._pico.board.display is None or self._pico.board.display.on:
            raise ToolError("the display is not dark before the press")
        shown_ns: list[int] = []

        def look(_: Transfer) -> None:
            if not shown_ns and self._shows_code():
                shown_ns.append(self._now_ns)

        pressed_ns = self._now_ns
        self._meter.on_transfer = look
        self._pico.press(True)
        self._pico.run_until(lambda: shown_ns, "right code on the display")
        self._meter.on_transfer = lambda transfer: None
        self._pico.run_for(_CLICK_MS * _NS_PER_MS)
        self._pico.press(False)
        self._pico.run_for(2 * _CLICK_MS * _NS_PER_MS)
        return (shown_ns[0] - pressed_ns) / _NS_PER_MS

    def press_at(self, offset_ms: int) -> float:
        """The same, so far from a second's beginning, when the display has gone dark."""
        self._skip_to(_DARK_S * NS_PER_S, NS_PER_S // 2)
        return self.press(0.5 + offset_ms / 1000)

    def _skip_to(self, at_least_ns: int, into_second_ns: int) -> None:
        """Let time pass at once, until the RTC is so far in a second."""
        self._pico.run_until(lambda: self._pico.chip.sleeps, "rest")
        then_ns = self._pico.unix_ns() + at_least_ns
        self._pico.skip(at_least_ns + (into_second_ns - then_ns) % NS_PER_S)

    def _shows_code(self) -> bool:
        display = self._pico.board.display
        if display is None or not display.on:
            return False
        judge = pyotp.TOTP(base32.encode(_KEY), interval=_PERIOD_S)
        return read_code(display.rows()) == judge.at(self._pico.unix_ns() // NS_PER_S)

    # --- a lit screen ------------------------------------------------------------------------

    def lit_seconds(self) -> dict[str, float]:
        """The display's updates from second 20 of a period to the first of the next one."""
        into_period_ns = self._pico.unix_ns() % (_PERIOD_S * NS_PER_S)
        first_ns = (_NEXT_CODE_S - 5) * NS_PER_S
        self._pico.skip((first_ns - NS_PER_S // 4 - into_period_ns) % (_PERIOD_S * NS_PER_S))
        start_unix_ns, start_ns = self._pico.unix_ns(), self._now_ns
        begin = len(self._meter.transfers)
        self._pico.run_for(11 * NS_PER_S)
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
