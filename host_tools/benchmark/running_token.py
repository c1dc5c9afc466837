"""The firmware as it runs on an emulated Pico: a host at its port, and a hand at its button."""

from host_tools.benchmark.emulated_pico import EmulatedPico
from host_tools.client.connection import Connection
from host_tools.client.conversation import Json
from host_tools.client.token_client import TokenClient
from host_tools.errors import ToolError
from host_tools.simulator.clock import NS_PER_S

_NS_PER_MS = 1_000_000
_READ_NS = _NS_PER_MS  # how long a read lets the chip run if nothing has arrived
_REST_NS = 2 * NS_PER_S
YES_MS = 800  # the button is down for it
_LET_GO_MS = 100  # until the firmware has seen that the button is up
_CLICK_MS = 80
READ_MS = 1_150  # from the question's line to the press: drawn by then for as long as it must be


class PicoConnection(Connection):
    """The serial port of an emulated Pico, whose time passes while an answer is awaited."""

    name = "the emulated Pico's port"

    def __init__(self, pico: EmulatedPico) -> None:
        self._pico = pico

    def read(self) -> bytes:
        """What has arrived; else what arrives in the next millisecond of the chip's."""
        if not self._pico.output:
            self._pico.run_for(_READ_NS)
        data = bytes(self._pico.output)
        self._pico.output.clear()
        return data

    def write(self, data: bytes) -> None:
        """Send all of it."""
        self._pico.chip.send(data)

    def now_s(self) -> float:
        """Emulated seconds since power-up."""
        return self._pico.chip.now_ns / NS_PER_S


class RunningToken:
    """What can be done to a token, and how long it takes. `client` is the host at its port."""

    def __init__(self, pico: EmulatedPico) -> None:
        self.pico = pico
        self.client = TokenClient(PicoConnection(pico))
        self.read_ms = READ_MS  # how long a question is looked at
        self.asked_after_ms = 0.0  # from the last request that needs the button to its question

    @property
    def now_ns(self) -> int:
        """Emulated nanoseconds since power-up."""
        return self.pico.chip.now_ns

    def start(self) -> float:
        """Seconds from power-up, or from the restart just made, until the main loop runs."""
        began_ns = self.now_ns
        at_ns: list[int] = []
        # The main loop is up when it feeds the watchdog, in the midst of a slice of run_until.
        self.pico.on_serving = lambda: at_ns.append(self.now_ns)
        self.pico.run_until(lambda: at_ns, "start of the firmware")
        return (at_ns[0] - began_ns) / NS_PER_S

    def heap_free(self) -> float:
        """KB of free heap, as the token itself tells at its port."""
        self.client.hello()
        self.pico.run_for(_REST_NS)  # in which the firmware collects what the request left
        return self.client.status().heap_free / 1024

    def confirm(self, op: str, more_pages: int = 0, **fields: object) -> tuple[Json, float]:
        """The answer to a request that the button is held for, and the seconds that it took from
        the end of the hold. Before that, so many more pages of the question are read. ToolError if
        it is an error, or if the button is not asked for."""
        began_ns = self.now_ns
        yes_ns: list[int] = []

        def say_yes() -> None:
            self.asked_after_ms = (self.now_ns - began_ns) / _NS_PER_MS
            for _ in range(more_pages):
                self._click()
            self.pico.run_for(self.read_ms * _NS_PER_MS)
            self.pico.press(True)
            self.pico.run_for(YES_MS * _NS_PER_MS)
            yes_ns.append(self.now_ns)

        self.client.on_wait = say_yes
        answer = self.client.request(op, **fields)
        if not yes_ns:
            raise ToolError(f"the firmware does not ask for the button at {op!r}")
        taken_s = (self.now_ns - yes_ns[0]) / NS_PER_S
        self.pico.press(False)
        self.pico.run_for(_LET_GO_MS * _NS_PER_MS)
        return answer, taken_s

    def _click(self) -> None:
        """A click, so long after what was before that it is one of its own."""
        self.pico.run_for(self.read_ms * _NS_PER_MS)
        self.pico.press(True)
        self.pico.run_for(_CLICK_MS * _NS_PER_MS)
        self.pico.press(False)
        self.pico.run_for(_LET_GO_MS * _NS_PER_MS)
