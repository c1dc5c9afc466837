"""A line to whatever a test makes of it: what answers there is a function of the request."""

import copy

from answers import CLOCK, STATUS
from host_tools.client.connection import Connection
from picototp.protocol import frames

HELLO = {
    "v": 1,
    "firmware": "0.0.0",
    "token": "00112233aabbccdd",
    "ops": ["list", "status", "add", "unlock", "set_pin", "code", "log", "check", "clock_log"],
    "limits": {"accounts": 255},
}
ACCOUNT = {
    "issuer": "Example",
    "name": "alice",
    "kind": "totp",
    "algorithm": "SHA1",
    "digits": 6,
    "period": 30,
    "counter": 0,
}
ANSWERS = {
    "hello": HELLO,
    "status": {**STATUS, "clock": CLOCK},
    "list": {"accounts": [ACCOUNT], "total": 1, "next": 1},
    "check": {"match": True},
    "code": {"code": "755224", "left_s": 12},
    "log": {"text": ""},
    "clock_log": {"entries": [], "total": 0, "next": 0},
}
EMPTY_READ_S = 0.05  # of its own clock: nobody waits
MOST_LOOKS = 100_000  # at that clock: a client that goes on without end fails its test


class ScriptedToken(Connection):
    """Answers each request with what `script[op]` says in place of a decent token's answer.

    That is a dict of fields, an Error, a list of such things (several frames), bytes as they are,
    or a function of the request that gives one of these. `heard` has all requests.
    """

    def __init__(self, **script) -> None:
        self.script = script
        self.heard: list[dict] = []
        self._lines = frames.LineReader()
        self._out = b""
        self._now_s = 0.0
        self._looks = 0

    def ops(self) -> list[str]:
        """What it was asked."""
        return [request["op"] for request in self.heard]

    def read(self) -> bytes:
        data, self._out = self._out, b""
        if not data:
            self._now_s += EMPTY_READ_S
        return data

    def write(self, data: bytes) -> None:
        for line in self._lines.feed(data):
            request = frames.decode(frames.REQUEST_MARK, line) if line else None
            if request is not None:
                self.heard.append(request)
                answer = self.script.get(request["op"], ANSWERS.get(request["op"], {}))
                self._say(request, answer)

    def now_s(self) -> float:
        self._looks += 1
        assert self._looks < MOST_LOOKS, "the client goes on without end"
        return self._now_s

    def _say(self, request, answer) -> None:
        if callable(answer):
            answer = answer(request)
        if isinstance(answer, bytes):
            self._out += answer
        elif isinstance(answer, list):
            for one in answer:
                self._say(request, one)
        elif answer is not None:
            frame = {"id": request["id"], "s": request["s"], "ok": True, **copy.deepcopy(answer)}
            self._out += frames.encode(frames.ANSWER_MARK, frame)


def refusal(code, message) -> dict:
    """An answer that is an error."""
    return {"ok": False, "error": {"code": code, "message": message}}
