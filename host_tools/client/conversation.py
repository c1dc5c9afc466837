"""Requests and answers over a connection: the frames, the session, what to do about damage.

The frames are those of picototp.protocol.frames; firmware/README.md documents them.
"""

import contextlib
import secrets
from collections.abc import Callable
from typing import Any

from host_tools.client.connection import Connection
from host_tools.client.wire_errors import TokenError
from host_tools.errors import NoToken, ToolError, UsageProblem
from picototp.protocol import frames

# How long to wait for a Pico; an emulated one gets more (Connection.patience).
ANSWER_TIMEOUT_S = 5.0  # what takes a Pico longer, it says (WORKING)
HELLO_TIMEOUT_S = 4.5  # for a token that was just plugged in: it needs a second or two
HELLO_AGAIN_S = 1.0  # and hears nothing until then; each pause is twice the one before
DAMAGED_TRIES = 3
DAMAGED_WAIT_S = 3.0  # the longest that an answer takes that does not wait for the button
# What is to be written may take a slow flash half a minute: the token says every few seconds that
# it is at work.
WORKING = "working"
MOST_WORKINGS = 40
BUSY_PATIENCE_S = 60.0  # for a token that saves what somebody else asked for
MOST_WAITS = 16  # a token asks once, and again for each page; before that it may have to wait
# May take so many times longer: a PIN is stretched, a button is waited for, what replaces others is
# written twice.
SLOW = {"unlock": 3, "set_pin": 3, "batch_end": 2, "diagnose": 7}
# After these, whatever comes of them, bytes that say nothing: a token cannot reach the buffers that
# the interpreter has for its port, 512 bytes, which keep what came in last until others come.
TELL_SECRETS = ("unlock", "set_pin", "add", "batch_end")
COVER = b" " * 569 + b"\n"  # and no whole number of USB packets
WITHDRAW_S = 2.0  # the longest that a token takes to hear that a question is withdrawn
_ENTROPY_BYTES = 32
# Why a token puts its question off: the one before got no yes, or its button is in use.
LATER, REFUSED, IN_USE = "later", "refused", "in-use"

Json = dict[str, Any]


class Withdrawn(ToolError):
    """The user stopped a request while the token was asking, and the question is gone."""


class Conversation:
    """One session with the token at a connection.

    `on_wait` is called when the token starts to wait for its button, `on_later` when it puts its
    question off: with the reason, REFUSED or IN_USE, and for how many seconds at most.
    """

    def __init__(
        self,
        connection: Connection,
        on_wait: Callable[[], None],
        on_later: Callable[[str, float], None],
    ) -> None:
        self._connection = connection
        self._on_wait = on_wait
        self._on_later = on_later
        self._lines = frames.LineReader()
        self._arrived: list[bytes] = []
        self._session = secrets.token_hex(4)
        self._number = 0

    def hello(self, timeout_s: float = HELLO_TIMEOUT_S) -> Json:
        """Open the session: the token's answer. Whatever the line held from before is skipped.

        `timeout_s` is for a Pico. NoToken if nothing answers.
        """
        now_s = self._connection.now_s
        deadline = now_s() + timeout_s * self._connection.first_patience
        busy_until = now_s() + BUSY_PATIENCE_S * self._connection.patience
        pause_s = HELLO_AGAIN_S
        while (left_s := deadline - now_s()) > 0:
            self._number = 0  # the same for every try: a late answer is as good as a quick one
            try:
                # The newline ends whatever half a line a program before us left behind.
                self._connection.write(b"\n")
                # Keys that the token makes are then not of its own randomness alone.
                entropy = secrets.token_hex(_ENTROPY_BYTES)
                request = {"op": "hello", "v": frames.VERSION, "entropy": entropy}
                return self._exchange(request, min(pause_s, left_s))
            except TokenError as error:
                if _is_saving(error) and now_s() < busy_until:
                    self._let_pass(error.data["wait_s"])
                    deadline = now_s() + timeout_s * self._connection.first_patience
                elif error.code != "bad-frame":
                    raise
            except NoToken:
                pause_s *= 2
        raise NoToken(
            f"no PicoTOTP answers at {self._connection.name}: it may be another device, or a token "
            "in maintenance mode (unplug it and plug it in again)"
        )

    def request(self, op: str, **fields: Any) -> Json:
        """Send one request and wait for its answer, and for the button if the token asks for it.

        TokenError for an error that the token reports, ToolError if it does not answer. Ctrl-C
        withdraws the question that the token may be asking: Withdrawn.
        """
        try:
            return self._asked(op, **fields)
        finally:
            if op in TELL_SECRETS:
                with contextlib.suppress(ToolError):  # the line broke, which is told already
                    self._connection.write(COVER)

    def _asked(self, op: str, **fields: Any) -> Json:
        busy_until = self._connection.now_s() + BUSY_PATIENCE_S * self._connection.patience
        damaged = 0
        while True:
            try:
                timeout_s = ANSWER_TIMEOUT_S * self._connection.patience
                return self._exchange({"op": op, **fields}, timeout_s)
            except TokenError as error:
                # In either case the token acted on nothing.
                if _is_saving(error) and self._connection.now_s() < busy_until:
                    self._let_pass(error.data["wait_s"])
                    continue
                damaged += 1
                if error.code != "bad-frame" or damaged == DAMAGED_TRIES:
                    raise
            except KeyboardInterrupt:
                raise self._withdrawn() from None

    def _let_pass(self, seconds: int) -> None:
        """Wait, and skip what arrives meanwhile."""
        self._next_answer(self._connection.now_s() + seconds)

    def _withdrawn(self) -> Withdrawn:
        """Take back what was asked last, and tell what became of it.

        A new session ends the one before. The token may have answered just before it heard that.
        """
        asked, session = self._number, self._session
        self._session = secrets.token_hex(4)
        request = {"id": 0, "s": self._session, "op": "hello", "v": frames.VERSION}
        self._connection.write(b"\n")
        self._send(request)
        deadline = self._connection.now_s() + WITHDRAW_S * self._connection.first_patience
        unknown = "stopped; the token did not say whether it heard that: look at its display"
        while (answer := self._next_answer(deadline)) is not None:
            if answer.get("s") == self._session:
                if _is_saving(TokenError.of(answer)):
                    # It is too late to withdraw; the answer to the request follows.
                    longest_s = BUSY_PATIENCE_S * self._connection.patience
                    deadline = self._connection.now_s() + longest_s
                    continue
                break
            if answer.get("s") != session or answer.get("id") != asked or "wait" in answer:
                continue
            if answer.get("ok") is True:
                return Withdrawn("stopped too late: the token has done it already")
            unknown = "stopped; nothing was changed"
        else:
            return Withdrawn(unknown)
        return Withdrawn("stopped; nothing was changed")

    def _exchange(self, message: Json, timeout_s: float) -> Json:
        now_s = self._connection.now_s
        slow = SLOW.get(message["op"], 1)
        timeout_s *= slow
        self._number += 1
        self._send({"id": self._number, "s": self._session, **message})
        deadline = now_s() + timeout_s
        waits, workings, asked, damaged = 0, 0, False, None
        while (answer := self._next_answer(deadline)) is not None:
            if _is_damage_report(answer):
                if not waits:
                    # If it is about noise from before, this request's own answer follows.
                    damaged = TokenError.of(answer)
                    patience = self._connection.first_patience
                    deadline = min(deadline, now_s() + DAMAGED_WAIT_S * patience * slow)
            elif answer.get("id") != self._number or answer.get("s") != self._session:
                continue
            elif answer.get("wait") == WORKING:
                if workings < MOST_WORKINGS:
                    workings += 1
                    deadline = now_s() + _waits_for_s(answer) + timeout_s
            elif "wait" in answer:
                if waits == MOST_WAITS:
                    continue  # who says so without end would keep us for ever
                waits, damaged = waits + 1, None
                waits_s = _waits_for_s(answer)
                deadline = now_s() + waits_s + timeout_s
                if answer["wait"] == LATER:
                    self._on_later(REFUSED if answer.get("why") == REFUSED else IN_USE, waits_s)
                elif not (asked and message["op"] == "batch_end"):  # that is a page turned
                    asked = True
                    self._on_wait()
            elif answer.get("ok") is True:
                return answer
            else:
                raise TokenError.of(answer)
        if damaged is not None:
            raise damaged
        raise NoToken(
            f"the token at {self._connection.name} does not answer; unplug it and plug it in again"
        )

    def _send(self, message: Json) -> None:
        try:
            line = frames.encode(frames.REQUEST_MARK, message)
        except frames.FrameError as error:
            raise UsageProblem(
                "the request is too long for the token; shorten the names"
            ) from error
        self._connection.write(line)

    def _next_answer(self, deadline: float) -> Json | None:
        """The next frame that arrives whole, or None at the deadline."""
        while True:
            while self._arrived:
                try:
                    answer = frames.decode(frames.ANSWER_MARK, self._arrived.pop(0))
                except frames.FrameError:
                    continue  # damaged on its way: the deadline decides
                if isinstance(answer, dict):
                    return answer
            if self._connection.now_s() >= deadline:
                return None
            self._arrived += [line for line in self._lines.feed(self._connection.read()) if line]


def _is_damage_report(answer: Json) -> bool:
    """Whether it says that something arrived damaged: what that was, the token cannot know."""
    error = answer.get("error")
    code = error.get("code") if isinstance(error, dict) else None
    return answer.get("id") is None and answer.get("s") is None and code == "bad-frame"


def _is_saving(error: TokenError) -> bool:
    """Whether the token is to be asked again in a moment, for which it says how long that is."""
    return error.code == "busy" and 0 < error.data.get("wait_s", 0) <= BUSY_PATIENCE_S


def _waits_for_s(answer: Json) -> float:
    """How long the token gives its user: what it says, if that is a time that somebody waits."""
    timeout_ms = answer.get("timeout_ms")
    if isinstance(timeout_ms, int) and 0 <= timeout_ms <= 2 * frames.CONSENT_TIMEOUT_MS:
        return timeout_ms / 1000
    return float(frames.CONSENT_TIMEOUT_MS / 1000)
