"""One-time codes: HOTP (RFC 4226) and TOTP (RFC 6238). Time is an argument, in Unix seconds.

All functions raise ValueError, which never holds the key, for what is out of these bounds:
an algorithm of `hmac.ALGORITHMS`, 1 to 128 bytes of key, a counter of 64 bits, 6 to 8 digits (5:
Steam's characters, see steam.py), a period of 1 to 86,400 s. A counter that is no integer is a
TypeError.

A code is its digits in ASCII, as bytes: MicroPython compares each new str with all names that it
knows, which takes a Pico as long as the whole HMAC. Every other call and object counts here, too.
"""

import binascii
import hashlib
from struct import pack_into

from picototp.codes import variants
from picototp.codes.hmac import Mac
from picototp.codes.midstates import ONCE

KEY_BYTES_MAX = 128
COUNTER_MAX = 0xFFFFFFFFFFFFFFFF
DIGITS_MIN = 6
DIGITS_MAX = 8
PERIOD_S_MAX = 86400

# Separates what is hashed here from anything else a key could be used for.
_CHECK_LABEL = b"picototp check 1\x00"

# Where the digits of a code are written, for each number of them.
_texts = {5: bytearray(5), 6: bytearray(6), 7: bytearray(7), 8: bytearray(8)}
STEAM_CHARACTERS = 5

# One for each algorithm that was needed: making one costs more than using it.
_macs: "dict[str, Mac]" = {}


class Generator(Mac):
    """Codes of one account, the work on its key done once."""

    def __init__(self, algorithm: str, key: bytes, digits: int) -> None:
        if not 1 <= len(key) <= KEY_BYTES_MAX:
            raise ValueError("key length out of range")
        self._text = _text(digits)
        self._digits = digits
        self._write = _writer(digits)
        super().__init__(algorithm)
        self.set_key(key)

    def code(self, counter: int) -> bytes:
        """The code for a counter, zero-padded (RFC 4226, 5.3)."""
        if counter >> 64:  # a comparison with COUNTER_MAX would be one of large integers
            raise ValueError("counter out of range")
        pack_into(">Q", self.message, 0, counter)
        self.chain(self.states, self.message, ONCE)
        text = self._text
        self._write(self.result, self.last, text, self._digits)
        return bytes(text)


def hotp(algorithm: str, key: bytes, counter: int, digits: int) -> bytes:
    """The code for a counter, zero-padded to `digits` (RFC 4226, 5.3)."""
    text = _texts.get(digits)
    if text is None:
        raise ValueError("digits out of range")
    if not 1 <= len(key) <= KEY_BYTES_MAX:
        raise ValueError("key length out of range")
    if counter >> 64:
        raise ValueError("counter out of range")
    mac = _macs.get(algorithm)
    if mac is None:
        mac = _macs[algorithm] = Mac(algorithm)
    mac.keyed(key, counter)
    _writer(digits)(mac.result, mac.last, text, digits)
    return bytes(text)


def totp(algorithm: str, key: bytes, unix_s: int, period_s: int, digits: int) -> bytes:
    """The code for a moment (RFC 6238, 4.2, with T0 = 0)."""
    return hotp(algorithm, key, counter_at(unix_s, period_s), digits)


def counter_at(unix_s: int, period_s: int) -> int:
    """How many whole periods have passed since 1970."""
    _check_int(period_s, 1, PERIOD_S_MAX, "period out of range")
    _check_int(unix_s, 0, COUNTER_MAX, "time out of range")
    return unix_s // period_s


def truncate(digest: bytes, digits: int) -> bytes:
    """Dynamic truncation (RFC 4226, 5.3): 31 bits from where the last nibble points, in decimal or
    as Steam does.

    `digest` has 20 bytes or more; the code is zero-padded to `digits`.
    """
    text = _text(digits)
    if len(digest) < 20:
        raise ValueError("digest too short")
    _writer(digits)(digest, len(digest) - 1, text, digits)
    return bytes(text)


def check_proof(algorithm: str, key: bytes, counter: int, digits: int) -> str:
    """64 hex digits by which host and token learn whether they compute the same code.

    Neither sends the code: it is SHA-256 of a label, the whole HMAC and the code. A hash of the
    code alone would be found by trying all million codes; this one needs the HMAC, hence the key.
    """
    generator = Generator(algorithm, key, digits)
    code = generator.code(counter)
    proof = hashlib.sha256(_CHECK_LABEL)
    proof.update(generator.result)
    proof.update(code)
    return binascii.hexlify(proof.digest()).decode()


def _writer(digits: int):
    if digits != STEAM_CHARACTERS:
        return _write
    from picototp.codes import steam

    return steam.write


def _text(digits: int) -> bytearray:
    text = _texts.get(digits)
    if text is None:
        raise ValueError("digits out of range")
    return text


def _check_int(value: int, lowest: int, highest: int, problem: str) -> None:
    # A float would do for most values and round off the large ones.
    if not isinstance(value, int) or not lowest <= value <= highest:
        raise ValueError(problem)


# RFC 4226, 5.4: an HMAC, whose number is 1357872921.
_EXAMPLE = b"\x1f\x86\x98\x69\x0e\x02\xca\x16\x61\x85\x50\xef\x7f\x19\xda\x8e\x94\x5b\x55\x5a"


_NAMES = variants.names(("picototp.codes.decimal_viper",), "picototp.codes.decimal_plain")


def writes_right(decimal) -> bool:
    """Whether the module's `write` makes the code of the example."""
    text = bytearray(8)
    decimal.write(_EXAMPLE, 19, text, 8)
    return text == b"57872921"


_write = variants.proven(_NAMES, writes_right).write
