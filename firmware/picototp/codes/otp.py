"""One-time codes: HOTP (RFC 4226) and TOTP (RFC 6238). Time is an argument, in Unix seconds.

All functions raise ValueError, which never holds the key, for what is out of these bounds:
an algorithm of `algorithms.ALL`, 1 to 128 bytes of key, a counter of 64 bits, 6 to 8 digits, a
period of 1 to 86,400 s.
"""

import binascii
import hashlib

from picototp.codes.hmac import hmac

KEY_BYTES_MAX = 128
COUNTER_MAX = 0xFFFFFFFFFFFFFFFF
DIGITS_MIN = 6
DIGITS_MAX = 8
PERIOD_S_MAX = 86400

# Separates what is hashed here from anything else a key could be used for.
_CHECK_LABEL = b"picototp check 1\x00"


def hotp(algorithm: str, key: bytes, counter: int, digits: int) -> str:
    """The code for a counter, zero-padded to `digits` (RFC 4226, 5.3)."""
    return truncate(_digest(algorithm, key, counter), digits)


def totp(algorithm: str, key: bytes, unix_s: int, period_s: int, digits: int) -> str:
    """The code for a moment (RFC 6238, 4.2, with T0 = 0)."""
    return hotp(algorithm, key, counter_at(unix_s, period_s), digits)


def counter_at(unix_s: int, period_s: int) -> int:
    """How many whole periods have passed since 1970."""
    _check_int(period_s, 1, PERIOD_S_MAX, "period out of range")
    _check_int(unix_s, 0, COUNTER_MAX, "time out of range")
    return unix_s // period_s


def truncate(digest: bytes, digits: int) -> str:
    """Dynamic truncation (RFC 4226, 5.3): 31 bits from where the last nibble points, in decimal.

    `digest` has 20 bytes or more; the code is zero-padded to `digits`.
    """
    _check_int(digits, DIGITS_MIN, DIGITS_MAX, "digits out of range")
    if len(digest) < 20:
        raise ValueError("digest too short")
    at = digest[-1] & 0x0F
    number = int.from_bytes(digest[at : at + 4], "big") & 0x7FFFFFFF
    code = str(number % 10**digits)
    return "0" * (digits - len(code)) + code


def check_proof(algorithm: str, key: bytes, counter: int, digits: int) -> str:
    """64 hex digits by which host and token learn whether they compute the same code.

    Neither sends the code: it is SHA-256 of a label, the whole HMAC and the code. A hash of the
    code alone would be found by trying all million codes; this one needs the HMAC, hence the key.
    """
    digest = _digest(algorithm, key, counter)
    proof = hashlib.sha256(_CHECK_LABEL)
    proof.update(digest)
    proof.update(truncate(digest, digits).encode())
    return binascii.hexlify(proof.digest()).decode()


def _digest(algorithm: str, key: bytes, counter: int) -> bytes:
    if not 1 <= len(key) <= KEY_BYTES_MAX:
        raise ValueError("key length out of range")
    _check_int(counter, 0, COUNTER_MAX, "counter out of range")
    return hmac(algorithm, key, counter.to_bytes(8, "big"))


def _check_int(value: int, lowest: int, highest: int, problem: str) -> None:
    # A float would do for most values and round off the large ones.
    if not isinstance(value, int) or not lowest <= value <= highest:
        raise ValueError(problem)
