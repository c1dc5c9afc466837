"""Typing on an emulated Pico with 255 accounts: what it costs of the heap, and how soon the last
key is at the computer, which asks for keys every 10 ms."""

import tempfile
from pathlib import Path

from host_tools.benchmark import Say, unix_micropython
from host_tools.benchmark.emulated_pico import EmulatedPico
from host_tools.benchmark.running_token import RunningToken
from host_tools.errors import ToolError
from host_tools.pico.board_files import collect
from host_tools.pico.uf2 import Image
from host_tools.simulator.clock import NS_PER_S
from picototp.mode import TYPING_FILE

_NS_PER_MS = 1_000_000
_HOLD_MS = 1_600
_PAUSES_MS = (900, 640, 1_310, 770, 1_020)  # so that a try begins anywhere in a second
_BEGIN_S, _PERIOD_S = 3, 30  # all of them fit between here and the period's end


def measure(image: Image, heap_free_kb: float, say: Say) -> dict[str, float]:
    """Figures by their key in rows.py. `heap_free_kb`: while typing is off."""
    say("typing: power-up with 255 accounts and a keyboard")
    files = {**collect(), **unix_micropython.vault_files(), TYPING_FILE: b"enter keep none"}
    with (
        tempfile.TemporaryDirectory(prefix="picototp-bench-") as folder,
        EmulatedPico(image, files, Path(folder)) as pico,
    ):
        token = _TypingToken(pico)
        token.start()
        heap_kb = heap_free_kb - token.heap_free()
        say(f"typing: {len(_PAUSES_MS)} codes, Num Lock off, then Enter")
        token.begin()
        last_ms = [token.types(pause_ms) for pause_ms in _PAUSES_MS]
    return {"typing.heap": heap_kb, "typing.last": max(last_ms)}


class _TypingToken(RunningToken):
    """Its keyboard at a computer whose Num Lock is off."""

    def __init__(self, pico: EmulatedPico) -> None:
        super().__init__(pico)
        self._computer = pico.board.keyboard_host
        self._computer.num_lock = False

    def begin(self) -> None:
        """Light the display, early in a period."""
        into_ns = self.pico.unix_ns() % (_PERIOD_S * NS_PER_S)
        self.pico.skip((_BEGIN_S * NS_PER_S - into_ns) % (_PERIOD_S * NS_PER_S))
        self._click()

    def types(self, pause_ms: int) -> float:
        """Milliseconds from the end of the gesture to the last key, Num Lock's among them."""
        self.pico.run_for(pause_ms * _NS_PER_MS)
        self._computer.take_typed()
        pressed_ns = self.now_ns
        self.pico.press(True)
        self.pico.run_until(self._ended, "end of typing")
        took_ms = (self.now_ns - pressed_ns) / _NS_PER_MS - _HOLD_MS
        self.pico.press(False)
        typed = self._computer.take_typed()
        if len(typed) != 7 or not typed[:-1].isdigit():
            raise ToolError(f"the firmware typed {typed!r} where a code and Enter were expected")
        return took_ms

    def _ended(self) -> bool:
        computer = self._computer
        return computer.has_typed and not computer.num_lock and not computer.keys_down
