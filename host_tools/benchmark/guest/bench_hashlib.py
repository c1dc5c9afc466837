"""A code as one makes it with what MicroPython brings: C for SHA-1, Python for the rest."""

import hashlib
import struct


def hotp(key, counter):
    """Six digits (RFC 4226) for a key of at most 64 bytes."""
    key = key + bytes(64 - len(key))
    inner = hashlib.sha1(bytes([byte ^ 0x36 for byte in key]))
    inner.update(struct.pack(">Q", counter))
    outer = hashlib.sha1(bytes([byte ^ 0x5C for byte in key]))
    outer.update(inner.digest())
    digest = outer.digest()
    at = digest[19] & 0x0F
    number = struct.unpack(">I", digest[at : at + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"
