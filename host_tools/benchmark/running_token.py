"""The firmware as it runs on an emulated Pico: a host at its port, and a hand at its button."""

from host_tools.benchmark.emulated_pico import EmulatedPico
from host_tools.client.conversation import Json
from host_tools.errors import ToolError
from host_tools.simulator.clock import NS_PER_S
from picototp.protocol import frames

_NS_PER_MS = 1_000_000
YES_MS = 800  # the button is down for it
_LET_GO_MS = 100  # until the firmware has seen that the button is up
READ_MS = 1_150  # from the question's line to the press: drawn by then for as long as it must be


class RunningToken:
    """What can be done to a token, and how long it takes."""

    def __init__(self, pico: EmulatedPico) -> None:
        self.pico = pico
        self._lines = frames.LineReader()
        self._number = 0  # of the last request
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
        self.hello()
        return float(self.ask("status")["heap_free"]) / 1024

    # --- the port ----------------------------------------------------------------------------

    def hello(self) -> None:
        """Open the session, which each start needs."""
        self.ask("hello", v=frames.VERSION)

    def ask(self, op: str, **fields: object) -> Json:
        """The answer to a request. ToolError if it is an error."""
        self._send(op, fields)
        return self._answer(op)

    def confirm(self, op: str, **fields: object) -> tuple[Json, float]:
        """The answer to a request that the button is held for, and the seconds that it took from
        the end of the hold. ToolError if it is an error."""
        began_ns = self.now_ns
        self._send(op, fields)
        if self._next_line(op).get("wait") != "button":
            raise ToolError(f"the firmware does not ask for the button at {op!r}")
        self.asked_after_ms = (self.now_ns - began_ns) / _NS_PER_MS
        self.pico.run_for(READ_MS * _NS_PER_MS)
        self.pico.press(True)
        self.pico.run_for(YES_MS * _NS_PER_MS)
        yes_ns = self.now_ns
        answer = self._answer(op)
        taken_s = (self.now_ns - yes_ns) / NS_PER_S
        self.pico.press(False)
        self.pico.run_for(_LET_GO_MS * _NS_PER_MS)
        return answer, taken_s

    def _send(self, op: str, fields: Json) -> None:
        self._number += 1
        message = {"id": self._number, "s": "bench", "op": op, **fields}
        self.pico.chip.send(frames.encode(frames.REQUEST_MARK, message))

    def _answer(self, op: str) -> Json:
        answer = self._next_line(op)
        if not answer.get("ok"):
            raise ToolError(f"the firmware refuses the request {op!r}")
        return answer

    def _next_line(self, op: str) -> Json:
        """What the token says next of the request just made."""
        said: list[Json] = []

        def has_said() -> bool:
            for line in self._lines.feed(bytes(self.pico.output)):
                message = frames.decode(frames.ANSWER_MARK, line) if line else None
                if message is not None and message.get("id") == self._number:
                    said.append(message)
            self.pico.output.clear()
            return bool(said)

        self.pico.run_until(has_said, f"answer of the firmware to {op!r}")
        return said[0]
