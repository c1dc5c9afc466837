"""What leaves the port of a whole token, whatever engine it runs on: asks everything in a state of
the token, and looks for what must not be in it.

test_service_audit.py does the same with more states and users, for the firmware without its board.
"""

import contextlib
import random
import time
import zlib
from collections import deque
from collections.abc import Callable, Collection

import serial

from every_request import ENTROPY, MISPLACED, NEW, PINS, every_request
from host_tools.client.ports import SerialConnection
from host_tools.client.token_client import TokenClient
from host_tools.client.wire_errors import TokenError
from leaks import key_record, leaked, made_of
from picototp.codes import base32
from picototp.protocol import frames
from waiting import eventually

KEY_BYTES = 32
SECRETS = {NEW["secret"].encode(), base32.decode(NEW["secret"]), ENTROPY}


class Abandoned(Exception):
    """Who asked does not wait for the user's answer: it opens the port anew."""


def abandon() -> None:
    """An answer to a question: none, and the next session withdraws it."""
    raise Abandoned


class PortAudit:
    """All that leaves a token's port from now on. `secrets` are of the accounts that it holds."""

    def __init__(self, token, secrets: set[bytes]) -> None:
        self._token = token
        self.said = bytearray()
        self.hidden = SECRETS | PINS | secrets
        self._kept: set[bytes] = set()
        token.port.traffic = self.said.extend

    def ask_everything(
        self, answer: Callable[[], None], but: tuple[str, ...] = (), thrifty: bool = False
    ) -> set[str]:
        """Every request, with fields that are right and with some that are not, and `answer` for
        each question: those that the token served. `but` leaves out what would end the state;
        `thrifty` takes one of each."""
        requests = deque(
            (op, fields)
            for op, variants in every_request(int(time.time())).items()
            for fields in (*variants[: 1 if thrifty else None], MISPLACED)
            if op not in but
        )
        served = set()
        while requests:
            with (
                contextlib.suppress(Abandoned),
                TokenClient(
                    SerialConnection(self._token.port.path),
                    answer,
                    on_later=lambda _, seconds: self._token.board.elapse(seconds),
                ) as client,
            ):
                while requests:
                    op, fields = requests.popleft()
                    with contextlib.suppress(TokenError):
                        client.request(op, **fields)
                        served.add(op)
        return served

    def notice(self) -> None:
        """Remember the key that flash holds now, open or wrapped, and what is made of it."""
        for part in key_record(self._image()):
            self._kept |= made_of(part) if len(part) == KEY_BYTES else {part}

    def check(self, codes: Collection[bytes] = ()) -> None:
        """AssertionError if something left that must not: a secret, a PIN, a key that was noticed,
        or one of the codes, as text in an answer."""
        self.notice()
        said = bytes(self.said)
        assert said
        assert leaked(said, self.hidden | self._kept) == []
        assert leaked(said, {b'"' + code + b'"' for code in codes}) == []

    def check_flash(self) -> None:
        """AssertionError if flash tells a secret or a PIN. Not before there is a PIN."""
        assert leaked(self._image(), self.hidden) == []

    def _image(self) -> bytes:
        flash = self._token.board.flash
        return flash.read(0, flash.size)


# --- any bytes -----------------------------------------------------------------------------------


def spoilt(chance: random.Random, session: str) -> bytes:
    """A request's line of which something is wrong, mostly behind a right checksum."""
    op, variants = chance.choice(list(every_request(int(time.time())).items()))
    fields = chance.choice((*variants, MISPLACED))
    line = frames.encode(frames.REQUEST_MARK, {"id": 1, "s": session, "op": op, **fields})
    body = bytearray(line[: line.rindex(b" ")])
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(frames.REQUEST_MARK), len(body))
        kind = chance.randrange(4)
        if kind == 0:
            body[at] = chance.randrange(256)
        elif kind == 1:
            del body[at : at + chance.randint(1, 12)]
        elif kind == 2:
            body[at:at] = chance.choice((b"[", b"{", b'"', b"\\u", b"1e9", b"\xff", b"null"))
        else:
            body[at:at] = body[at : at + chance.randint(1, 40)] * chance.randint(1, 5)
        body[:] = body[: frames.MAX_LINE - 20]
    body = bytes(body).replace(b"\n", b"")
    return body if chance.random() < 0.2 else b"%s %08x" % (body, zlib.crc32(body))


def send_spoilt_requests(path: str, chance: random.Random, count: int, patience_s: float) -> None:
    """So many of them, and after each a sound one, which must be answered."""
    session = "fuzz"
    lines = frames.LineReader()
    with serial.Serial(path, timeout=0.01, write_timeout=patience_s) as line:

        def answer_to(number: int) -> dict | None:
            for arrived in lines.feed(line.read(max(1, line.in_waiting))):
                answer = frames.decode(frames.ANSWER_MARK, arrived) if arrived else None
                if answer is not None and answer["id"] == number:
                    return answer
            return None

        def ask(op: str, number: int, **fields: object) -> dict:
            request = {"id": number, "s": session, "op": op, **fields}
            line.write(b"\n" + frames.encode(frames.REQUEST_MARK, request))
            return eventually(lambda: answer_to(number), f"an answer to {op}", patience_s)

        assert ask("hello", 1_000_000, v=frames.VERSION)["ok"]
        for number in range(count):
            line.write(b"\n" + spoilt(chance, session))
            if not ask("status", 2_000_000 + number)["ok"]:
                # It waits for its button, or that was a hello of another session.
                assert ask("hello", 3_000_000 + number, v=frames.VERSION)["ok"]
