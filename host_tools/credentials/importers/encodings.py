"""Bytes that an export has as text."""

import base64
import binascii

from host_tools.credentials.importers.entry import ImportProblem


def from_base64(value: object) -> bytes:
    """The bytes; ImportProblem if the value is no base64, of either alphabet."""
    if not isinstance(value, str):
        raise _no_base64()
    plain = "".join(value.split()).replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise _no_base64() from None


def from_hex(value: object) -> bytes:
    """The bytes; ImportProblem if the value is no hexadecimal text."""
    try:
        return bytes.fromhex(value) if isinstance(value, str) else b""
    except ValueError:
        raise ImportProblem("the export is damaged (it has a field that is not hex)") from None


def _no_base64() -> ImportProblem:
    return ImportProblem("the export is damaged (it has a field that is not base64)")
