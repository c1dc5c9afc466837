"""What the firmware does with any bytes from its port.

Each target takes bytes and raises if the firmware does what it may not. It runs the real firmware
on CPython, wired as wiring.py wires it; time is a counter's, so nothing here can hang for long.
"""

import zlib

from byte_source import Source

from picototp.clock.policy import SUM_MAX_US
from picototp.protocol import frames
from picototp.vault.slot_pair import FILE_NAMES
from wired_token import SESSION, WiredToken, an_account

MOST_REQUESTS = 12
# All settings of the clock that need no button, together; and what measuring and drift leave.
CLOCK_MAY_MOVE_US = SUM_MAX_US + 100_000


def frames_target(data):
    """Any bytes, and any bytes with a right checksum: a message, nothing, or a FrameError."""
    reader = frames.LineReader()
    source = Source(data)
    lines = []
    while source.left:
        lines += reader.feed(source.chunk(1 + source.number(200)))
        assert len(reader._pending) < frames.MAX_LINE
    for mark in (frames.REQUEST_MARK, frames.ANSWER_MARK):
        body = mark + data
        for line in [*lines, data, body + b" %08x" % zlib.crc32(body)]:
            if line is None:
                continue
            try:
                message = frames.decode(mark, line)
                if message is not None:
                    assert isinstance(message, dict)
                    again = frames.decode(mark, frames.encode(mark, message))
                    assert again == message or "nan" in repr(message)
            except frames.FrameError as error:
                assert error.code in ("bad-frame", "too-long")


def _framed(body):
    body = frames.REQUEST_MARK + body
    return body + b" %08x\n" % zlib.crc32(body)


class Requests:
    """A token that any number of inputs are sent to, since none of them may change it."""

    def __init__(self):
        self._boot()

    def _boot(self):
        accounts = (an_account("alice"), an_account("counter", kind="hotp", counter=5))
        self._token = WiredToken(accounts)
        self._token.hello()
        self._token.run(3)  # until its clock is known
        now = {"unix_us": self._token.true_unix_ns() // 1000}
        now["ticks_us"] = self._token.monotonic.now_us()
        # Small corrections need no button only after a setting that had it.
        assert self._token.confirmed("set_time", uncertainty_us=1000, **now)["confirmed"]
        self._vault = self._vault_files()
        self._rtc_error_us = self._token.rtc_error_us()

    def _vault_files(self):
        return {name: self._token.storage.files.get(name) for name in FILE_NAMES}

    def target(self, data):
        """Requests, each made of a line: frames with a right checksum, or what it says."""
        token = self._token
        token.request("hello", v=frames.VERSION)  # withdraws what the last input asked for
        for line in data.split(b"\n")[:MOST_REQUESTS]:
            if line.startswith(b"!"):
                answers = token.send(line[1:] + b"\n")
            else:
                head = b'{"id": 1, "s": "%s", ' % SESSION.encode()
                answers = token.send(_framed(head + self._with_times(line)))
                if b"AHEAD" in line:
                    token.run(1.5)  # a setting waits for the next second to begin
            for answer in answers:
                self._check(answer)
        token.run(0.1)
        for answer in token.answers():
            self._check(answer)
        assert self._vault_files() == self._vault
        assert not token.restart_wanted
        moved_us = abs(token.rtc_error_us() - self._rtc_error_us)
        assert moved_us <= CLOCK_MAY_MOVE_US, f"the clock was moved by {moved_us} us"
        if moved_us > 1_000_000:
            self._boot()  # what may be done without the button is soon used up

    def _with_times(self, line):
        """NOW and TICKS are this moment by the token, AHEAD is a step that may need no button: no
        mutation would ever find them."""
        now_us = self._token.true_unix_ns() // 1000 + round(self._token.rtc_error_us())
        line = line.replace(b"NOW", b"%d" % now_us).replace(b"AHEAD", b"%d" % (now_us + 1_500_000))
        return line.replace(b"TICKS", b"%d" % self._token.monotonic.now_us())

    @staticmethod
    def _check(answer):
        if "wait" in answer or answer["ok"] is True:
            return
        assert answer["error"]["code"] and answer["error"]["message"]


_REQUESTS = (
    b'"op": "status"}',
    b'"op": "list", "from": 1}\n"op": "log"}\n"op": "clock_log"}\n"op": "selftest"}',
    b'"op": "add", "issuer": "A", "name": "b", "secret": "MZXW6YTB", "algorithm": "SHA1",'
    b' "digits": 6, "period": 30, "kind": "totp", "counter": 0, "replace": true}',
    b'"op": "rename", "issuer": "Example", "name": "alice", "new_issuer": "", "new_name": "x"}',
    b'"op": "move", "issuer": "Example", "name": "alice", "to": 1}',
    b'"op": "remove", "issuer": "Example", "name": "counter"}\n"op": "wipe"}',
    b'"op": "check", "issuer": "Example", "name": "alice", "unix": 59, "proof": "00"}',
    b'"op": "time", "fresh": true}\n"op": "set_aging", "aging": 3}\n"op": "maintenance"}',
    b'"op": "set_time", "unix_us": NOW, "ticks_us": TICKS, "uncertainty_us": 1000,'
    b' "drift_ppb": 5, "drift_uncertainty_ppb": 7}',
    b'"op": "set_time", "unix_us": AHEAD, "ticks_us": TICKS, "uncertainty_us": 1000}\n' * 3,
    b'!?P1 {"id": 1} 12345678\n!MPY: soft reboot',
)

# name: (a function that makes the target, seeds)
TARGETS = {
    "frames": (lambda: frames_target, (_framed(b'{"a": "\\ud83d\\ude00"}'), b"?P1 ?P1 {", b"\xff")),
    "requests": (lambda: Requests().target, _REQUESTS),
}
