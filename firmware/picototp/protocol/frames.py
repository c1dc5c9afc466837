"""The wire protocol's frames: what host and token must agree on, so both sides import this file.

A frame is one line of ASCII: a mark, a JSON object, a space, and the CRC-32 (zlib's, eight lower
case hex digits) of everything before that space.

    ?P1 {"id": 7, "s": "6f1c", "op": "list", "from": 0} 1b2f8c90\\n      host to token
    !P1 {"id": 7, "s": "6f1c", "ok": true, ...} 5d0a77e1\\n              token to host

The mark carries the protocol's version and the direction, so an echoed line is never taken for a
frame of the other side. Whatever does not start with the mark or fails the CRC (boot messages,
tracebacks, half lines, noise) is not a frame. A mark within a line starts a new try, so that a
frame behind a cut-off one still counts. firmware/README.md describes the messages inside.
"""

import binascii
import json

VERSION = 1
REQUEST_MARK = b"?P1 "
ANSWER_MARK = b"!P1 "

# The longest line in bytes, newline included: room for an account with the longest names, every
# character of them escaped, and a key of 128 bytes.
MAX_LINE = 1024

# How deep objects and lists may be nested: an answer is an object with a list of objects.
MAX_DEPTH = 4

# Raspberry Pi's USB vendor number, and the products under which MicroPython shows itself.
USB_VENDOR = 0x2E8A
USB_PRODUCTS = (0x0005, 0x000A)

# How long the token waits for its button before it takes silence for a no.
CONSENT_TIMEOUT_MS = 30_000


class FrameError(ValueError):
    """A line that is not a frame, or a message that fits none. `code`: bad-frame or too-long."""

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code
        self.message = message


def ascii_json(value) -> str:
    """JSON with every character beyond ASCII escaped; MicroPython's json leaves them raw."""
    text = json.dumps(value)
    data = text.encode()
    if max(data) < 0x80:
        return text
    out = bytearray()
    start = point = 0
    # Over bytes: to walk along a str, MicroPython would keep each different character forever.
    for at, byte in enumerate(data):
        if byte < 0x80:
            continue
        out.extend(data[start:at])
        start = at + 1
        if byte >= 0xC0:  # the first byte of a character says how many follow
            point = byte & (0x1F if byte < 0xE0 else 0x0F if byte < 0xF0 else 0x07)
            continue
        point = point << 6 | byte & 0x3F
        if at + 1 < len(data) and 0x80 <= data[at + 1] < 0xC0:
            continue
        if point >= 0x10000:  # JSON escapes are UTF-16: a surrogate pair
            out.extend(b"\\u%04x" % (0xD800 + (point - 0x10000 >> 10)))
            point = 0xDC00 + (point & 0x3FF)
        out.extend(b"\\u%04x" % point)
    out.extend(data[start:])
    return out.decode()


def _checked(value, depth: int):
    """Parsed JSON with surrogate pairs in all its strings put together again.

    MicroPython's json reads an escaped pair as two characters, which no UTF-8 can hold; CPython's
    joins them itself. FrameError for half a pair, for keys that are no strings, which MicroPython's
    json lets pass, and for what is nested deeper than any message.
    """
    if isinstance(value, str):
        return _joined(value)
    if not isinstance(value, (dict, list)):
        return value
    if not depth:
        raise FrameError("bad-frame", "the frame's content is nested too deeply")
    if isinstance(value, list):
        return [_checked(item, depth - 1) for item in value]
    if not all(isinstance(key, str) for key in value):
        raise FrameError("bad-frame", "the frame's content is not JSON")
    return {_joined(key): _checked(item, depth - 1) for key, item in value.items()}


def _joined(text: str) -> str:
    """The text with each surrogate pair made one character; FrameError for half a pair.

    Works on UTF-8, in which a surrogate is 0xED and two bytes from 0xA0 on: a str that is walked
    along, or made of chr, costs MicroPython a bit of heap forever for each different character.
    """
    data = text.encode("utf-8", "surrogatepass")  # MicroPython passes them anyway
    out = bytearray()
    start = 0
    at = data.find(b"\xed")
    while at >= 0:
        if data[at + 1] >= 0xA0:
            out.extend(data[start:at])
            out.extend(_character_of_pair(data[at : at + 6]))
            start = at + 6
        at = data.find(b"\xed", max(start, at + 1))
    if not start:
        return text
    out.extend(data[start:])
    return out.decode()


def _character_of_pair(pair: bytes) -> bytes:
    """The UTF-8 of what two surrogates in such bytes stand for."""
    is_pair = len(pair) == 6 and pair[1] < 0xB0 and pair[3] == 0xED and pair[4] >= 0xB0
    if not is_pair:
        raise FrameError("bad-frame", "half a surrogate pair in a string")
    high = (pair[1] & 0x0F) << 6 | pair[2] & 0x3F
    low = (pair[4] & 0x0F) << 6 | pair[5] & 0x3F
    point = 0x10000 + (high << 10 | low)
    return bytes(
        (0xF0 | point >> 18, 0x80 | point >> 12 & 0x3F, 0x80 | point >> 6 & 0x3F, 0x80 | point & 63)
    )


def _crc(data: bytes) -> bytes:
    return b"%08x" % (binascii.crc32(data) & 0xFFFFFFFF)


def encode(mark: bytes, message: dict) -> bytes:
    """The line that carries `message`, newline included. FrameError too-long if it has no room."""
    body = mark + ascii_json(message).encode()
    line = body + b" " + _crc(body) + b"\n"
    if len(line) > MAX_LINE:
        raise FrameError("too-long", f"the message needs {len(line)} bytes of {MAX_LINE}")
    return line


def decode(mark: bytes, line: bytes) -> dict | None:
    """The message in a line, or None if nothing in it claims to be a frame of this direction.

    FrameError bad-frame if something does and its CRC, JSON or shape is wrong.
    """
    start = line.find(mark)
    if start < 0:
        return None
    line = line.rstrip()
    while start >= 0:
        body = line[start:-9]
        if len(body) > len(mark) and line[-9:] == b" " + _crc(body):
            return _parsed(body[len(mark) :])
        start = line.find(mark, start + 1)
    raise FrameError("bad-frame", "a frame arrived damaged: its checksum is wrong; send it again")


def _parsed(body: bytes) -> dict:
    if max(body) >= 0x80:  # MicroPython would decode what is not even UTF-8
        raise FrameError("bad-frame", "the frame's content is not ASCII")
    try:
        message = json.loads(body.decode())
    except (ValueError, RuntimeError):  # RuntimeError: nested beyond the interpreter's stack
        raise FrameError("bad-frame", "the frame's content is not JSON") from None
    if not isinstance(message, dict):
        raise FrameError("bad-frame", "the frame's content is not a JSON object")
    return _checked(message, MAX_DEPTH)


class LineReader:
    """Cuts a stream of bytes into lines and drops what is too long to be one.

    `feed` takes bytes as they come and returns the list of lines they complete (without newline).
    A line over MAX_LINE is given back as None, once, when its end is seen.
    """

    def __init__(self):
        self._pending = bytearray()
        self._overlong = False

    def feed(self, data: bytes) -> list:
        lines: list = []
        start = 0
        while True:
            end = data.find(b"\n", start)
            if end < 0:
                self._keep(data, start, len(data))
                return lines
            self._keep(data, start, end)
            lines.append(None if self._overlong else bytes(self._pending))
            self._overlong = False
            self._pending = bytearray()
            start = end + 1

    def _keep(self, data: bytes, start: int, end: int) -> None:
        if self._overlong or start == end:
            return
        if len(self._pending) + end - start >= MAX_LINE:
            self._overlong = True
            self._pending = bytearray()
            return
        self._pending.extend(data[start:end])
