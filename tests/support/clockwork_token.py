"""A scripted token whose clock goes in quarters of a second, so that every time is exact."""

from scripted_token import ScriptedToken

TICK_S = 0.25  # a float has it exactly


class ClockworkToken(ScriptedToken):
    """Says what is in a tuple (seconds, answer) so much later; `heard_at_s` has when it was asked.

    At `stops_at_s` the user presses Ctrl-C, once.
    """

    def __init__(self, patience=1.0, first_patience=1.0, stops_at_s=None, **script) -> None:
        super().__init__(**script)
        self.patience, self.first_patience = patience, first_patience
        self.heard_at_s: list[float] = []
        self._stops_at_s = stops_at_s
        self._due: list[tuple[float, bytes]] = []

    def read(self) -> bytes:
        if self._stops_at_s is not None and self._now_s >= self._stops_at_s:
            self._stops_at_s = None
            raise KeyboardInterrupt
        if not self._out:
            self._now_s += TICK_S
            self._out = b"".join(frame for due_s, frame in self._due if due_s <= self._now_s)
            self._due = [one for one in self._due if one[0] > self._now_s]
        data, self._out = self._out, b""
        return data

    def write(self, data: bytes) -> None:
        before = len(self.heard)
        super().write(data)
        self.heard_at_s += [self._now_s] * (len(self.heard) - before)

    def _say(self, request, answer) -> None:
        if not isinstance(answer, tuple):
            super()._say(request, answer)
            return
        before, self._out = self._out, b""
        super()._say(request, answer[1])
        self._due.append((self._now_s + answer[0], self._out))
        self._out = before
