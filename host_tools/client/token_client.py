"""A conversation with a token: requests and answers as objects, without any terminal.

The frames are those of picototp.protocol.frames; firmware/README.md lists the requests.
"""

import secrets
import time
from collections.abc import Callable
from typing import Any, Self

import serial

from host_tools.client.ports import open_port, patience
from host_tools.credentials.otpauth import Credential
from host_tools.errors import NoToken, Refused, ToolError, UsageProblem
from picototp.codes import base32, otp
from picototp.protocol import frames

# How long to wait for a Pico; an emulated one gets more (ports.patience).
ANSWER_TIMEOUT_S = 5.0  # the slowest request rewrites 255 accounts in flash
HELLO_TIMEOUT_S = 4.5  # for a token that was just plugged in: it needs a second or two
HELLO_AGAIN_S = 1.0  # and hears nothing until then; each pause is twice the one before
DAMAGED_TRIES = 3
DAMAGED_WAIT_S = 3.0  # the longest that an answer takes that does not wait for the button
_ENTROPY_BYTES = 32
SLOW = {"unlock": 3, "set_pin": 3}  # may take so many times longer: a PIN is stretched

# Errors for which a computer knows more that the user can do than the token does.
ADVICE = {
    "locked": "the token is locked: run provision.py unlock, or enter the PIN on the token",
    "destroyed": "too many wrong PINs: the accounts are lost; start anew with provision.py wipe",
}
_REFUSALS = ("refused", "timed-out", "locked", "wrong-pin", "too-soon")

Json = dict[str, Any]


class TokenError(ToolError):
    """The token answered with an error. `code` is the protocol's."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(ADVICE.get(code, message))
        self.code = code
        if code in _REFUSALS:
            self.exit_code = Refused.exit_code
        elif code.startswith("bad-") and code != "bad-frame":
            self.exit_code = UsageProblem.exit_code


def _failure(answer: Json) -> TokenError:
    error = answer.get("error", {})
    return TokenError(str(error.get("code")), str(error.get("message")))


def _is_damage_report(answer: Json) -> bool:
    """Whether it says that something arrived damaged: what that was, the token cannot know."""
    error = answer.get("error", {})
    return answer.get("id") is None and answer.get("s") is None and error.get("code") == "bad-frame"


def _nobody_waits() -> None:
    """The default for `on_wait`."""


class TokenClient:
    """One session with the token at a port. Use it in a `with` statement.

    `on_wait` is called when the token starts to wait for its button.
    """

    def __init__(self, port: str, on_wait: Callable[[], None] = _nobody_waits) -> None:
        self.port = port
        self.on_wait = on_wait
        self.info: Json = {}
        self._serial = open_port(port)
        self.patience = patience(port)  # how many times slower than a Pico it may be
        self._hello_timeout_s = HELLO_TIMEOUT_S * self.patience
        self._damaged_wait_s = DAMAGED_WAIT_S * self.patience
        self._answer_timeout_s = ANSWER_TIMEOUT_S * patience(port, answered=True)
        self._lines = frames.LineReader()
        self._arrived: list[bytes] = []
        self._session = secrets.token_hex(4)
        self._number = 0

    def __enter__(self) -> Self:
        try:
            self._hello()
        except BaseException:
            self._serial.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._serial.close()

    # --- requests ----------------------------------------------------------------------------

    def status(self) -> Json:
        """The token's state: accounts, clock, faults."""
        return self.request("status")

    def accounts(self) -> list[Json]:
        """All accounts, without secrets, in the order of the display."""
        found: list[Json] = []
        while True:
            answer = self.request("list", **{"from": len(found)})
            found += answer["accounts"]
            if len(found) >= answer["total"] or not answer["accounts"]:
                return found

    def add(self, credential: Credential, replace: bool = False) -> Json:
        """Load an account; needs the button."""
        return self.request(
            "add",
            issuer=credential.issuer,
            name=credential.name,
            secret=base32.encode(credential.secret),
            algorithm=credential.algorithm,
            digits=credential.digits,
            period=credential.period_s,
            kind=credential.kind,
            counter=credential.counter,
            replace=replace,
        )

    def check(self, credential: Credential, unix_s: int) -> bool:
        """Whether the token computes the same code for this account at that time.

        For HOTP the counter of `credential` takes the place of the time.
        """
        if credential.kind == "hotp":
            counter = credential.counter
            moment = {"counter": counter}
        else:
            counter = otp.counter_at(unix_s, credential.period_s)
            moment = {"unix": unix_s}
        proof = otp.check_proof(credential.algorithm, credential.secret, counter, credential.digits)
        answer = self.request(
            "check", issuer=credential.issuer, name=credential.name, proof=proof, **moment
        )
        return answer["match"] is True

    # --- the conversation --------------------------------------------------------------------

    def request(self, op: str, **fields: Any) -> Json:
        """Send one request and wait for its answer, and for the button if the token asks for it.

        TokenError for an error that the token reports, ToolError if it does not answer.
        """
        for attempt in range(DAMAGED_TRIES):
            try:
                return self._exchange({"op": op, **fields}, self._answer_timeout_s)
            except TokenError as error:
                # The token acted on nothing: the request arrived damaged.
                if error.code != "bad-frame" or attempt == DAMAGED_TRIES - 1:
                    raise
        raise AssertionError("unreachable")

    def _hello(self) -> None:
        """Open the session; whatever the line still held from before is skipped."""
        deadline = time.monotonic() + self._hello_timeout_s
        pause_s = HELLO_AGAIN_S
        while (left_s := deadline - time.monotonic()) > 0:
            self._number = 0  # the same for every try: a late answer is as good as a quick one
            try:
                # The newline ends whatever half a line a program before us left behind.
                self._write(b"\n")
                # Keys that the token makes are then not of its own randomness alone.
                entropy = secrets.token_hex(_ENTROPY_BYTES)
                request = {"op": "hello", "v": frames.VERSION, "entropy": entropy}
                self.info = self._exchange(request, min(pause_s, left_s))
                return
            except TokenError as error:
                if error.code != "bad-frame":
                    raise
            except NoToken:
                pause_s *= 2
        raise NoToken(
            f"no PicoTOTP answers at {self.port}: it may be another device, or a token in "
            "maintenance mode (unplug it and plug it in again)"
        )

    def _exchange(self, message: Json, timeout_s: float) -> Json:
        slow = SLOW.get(message["op"], 1)
        timeout_s *= slow
        self._number += 1
        message = {"id": self._number, "s": self._session, **message}
        try:
            line = frames.encode(frames.REQUEST_MARK, message)
        except frames.FrameError as error:
            raise UsageProblem(
                "the request is too long for the token; shorten the names"
            ) from error
        self._write(line)
        deadline = time.monotonic() + timeout_s
        accepted, damaged = False, None
        while (answer := self._next_answer(deadline)) is not None:
            if _is_damage_report(answer):
                if not accepted:
                    # If it is about noise from before, this request's own answer follows.
                    damaged = _failure(answer)
                    deadline = min(deadline, time.monotonic() + self._damaged_wait_s * slow)
            elif answer.get("id") != self._number or answer.get("s") != self._session:
                continue
            elif "wait" in answer:
                accepted, damaged = True, None
                deadline = time.monotonic() + answer["timeout_ms"] / 1000 + timeout_s
                self.on_wait()
            elif answer.get("ok") is True:
                return answer
            else:
                raise _failure(answer)
        if damaged is not None:
            raise damaged
        raise NoToken(f"the token at {self.port} does not answer; unplug it and plug it in again")

    def _next_answer(self, deadline: float) -> Json | None:
        """The next frame that arrives whole, or None at the deadline."""
        while True:
            while self._arrived:
                try:
                    answer = frames.decode(frames.ANSWER_MARK, self._arrived.pop(0))
                except frames.FrameError:
                    continue  # damaged on its way: the deadline decides
                if answer is not None:
                    return answer
            if time.monotonic() >= deadline:
                return None
            self._arrived += [line for line in self._lines.feed(self._read()) if line]

    def _read(self) -> bytes:
        try:
            return self._serial.read(max(1, self._serial.in_waiting))
        except (serial.SerialException, OSError) as error:
            raise self._unplugged() from error

    def _write(self, data: bytes) -> None:
        try:
            self._serial.write(data)
        except (serial.SerialException, OSError) as error:
            raise self._unplugged() from error

    def _unplugged(self) -> ToolError:
        return ToolError(
            "the line to the token broke; plug it in again and see what it holds: provision.py list"
        )
