"""The encrypted backup: what the host loaded into a token, since the token gives nothing back.

Format, version 1: one line of ASCII, a JSON object with these keys and no others, then a newline
and the ciphertext with its 16-byte tag, up to the end of the file.

    format  "picototp-backup"
    version 1
    kdf     "scrypt" (RFC 7914), with n, r, p; salt: 16 bytes in hex; it makes a key of 32 bytes
            from the passphrase in UTF-8, Unicode normal form C
    aead    "chacha20-poly1305" (RFC 8439); nonce: 12 bytes in hex. The whole line, newline
            included, is its associated data

The plaintext is a JSON object, {"uris": [an otpauth:// URI of each account]}, padded with spaces to
a power of two: the size tells the number of accounts only roughly. Salt and nonce are new in every
write, so that no key is ever used twice.
"""

import contextlib
import json
import os
import secrets
import tempfile
import unicodedata
from collections.abc import Iterator
from typing import Any, NamedTuple

from host_tools.credentials import named_file, otpauth
from host_tools.credentials.credential import Credential
from host_tools.errors import ToolError, UsageProblem

# `cryptography` is loaded by who needs it: that takes as long as all the rest of a short command.
FORMAT, VERSION = "picototp-backup", 1
KDF, AEAD = "scrypt", "chacha20-poly1305"
SALT_BYTES, NONCE_BYTES, KEY_BYTES = 16, 12, 32
PADDED_MIN_BYTES = 4096  # some 35 accounts of usual length
FILE_MAX_BYTES = 1 << 20  # 255 of the longest accounts need a quarter of this
HEADER_MAX_BYTES = 512
_TEXT_MAX_BYTES = FILE_MAX_BYTES // 2  # more would be padded to all of it, without the header
MODE = 0o600


class Cost(NamedTuple):
    """scrypt's parameters; it needs 128 * n * r bytes."""

    n: int
    r: int
    p: int


# What OWASP's password storage cheat sheet asks for first: 128 MB, a third of a second.
COST = Cost(1 << 17, 8, 1)
# What a file may ask for. It comes from anywhere: it must not be able to fill the memory or to
# keep the computer busy for minutes.
_N_BITS = range(10, 21)
_MOST_BYTES = 256 << 20
_MOST_WORK = 1 << 23  # n * r * p: eight times COST


class BackupError(ToolError):
    """A backup that cannot be read or written. The message holds nothing of what is in it."""


def seal(credentials: list[Credential], passphrase: str, cost: Cost = COST) -> bytes:
    """The file that holds these accounts, encrypted."""
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    salt, nonce = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(NONCE_BYTES)
    header = {"format": FORMAT, "version": VERSION, "kdf": KDF, **cost._asdict()}
    header |= {"salt": salt.hex(), "aead": AEAD, "nonce": nonce.hex()}
    line = json.dumps(header).encode("ascii") + b"\n"
    text = json.dumps({"uris": [otpauth.build_uri(credential) for credential in credentials]})
    if len(text) > _TEXT_MAX_BYTES:
        raise BackupError("the accounts do not fit in one backup; split them over two")
    padded_bytes = max(PADDED_MIN_BYTES, 1 << (len(text) - 1).bit_length())
    cipher = ChaCha20Poly1305(_key(passphrase, salt, cost))
    return line + cipher.encrypt(nonce, text.encode("ascii").ljust(padded_bytes), line)


def unseal(data: bytes, passphrase: str) -> list[Credential]:
    """The accounts in such a file. BackupError if it is not one, if it is damaged, or if the
    passphrase is wrong."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    line, salt, nonce, cost = read_header(data)
    cipher = ChaCha20Poly1305(_key(passphrase, salt, cost))
    try:
        text = cipher.decrypt(nonce, data[len(line) :], line)
    except InvalidTag:
        raise BackupError("wrong passphrase, or the backup is damaged") from None
    try:
        return [otpauth.stored_credential(uri) for uri in json.loads(text)["uris"]]
    except (ValueError, TypeError, KeyError, AttributeError, UsageProblem):
        raise BackupError("the backup holds something other than accounts") from None


def read_header(data: bytes) -> tuple[bytes, bytes, bytes, Cost]:
    """(first line, salt, nonce, cost) of a file. BackupError if it is not a backup that this
    version reads."""
    line = data[: data.find(b"\n", 0, HEADER_MAX_BYTES) + 1]
    header = _parsed(line)
    if header.get("format") != FORMAT:
        raise BackupError("this is not a PicoTOTP backup, or it is damaged")
    if type(header.get("version")) is int and header["version"] > VERSION:
        raise BackupError("a newer version wrote this backup: update PicoTOTP")
    cost = _bearable(header)
    salt, nonce = _unhex(header.get("salt")), _unhex(header.get("nonce"))
    fixed = {"format": FORMAT, "version": VERSION, "kdf": KDF, "aead": AEAD}
    expected = {*fixed, *Cost._fields, "salt", "nonce"}
    sound = header.keys() == expected and fixed.items() <= header.items()
    if not sound or cost is None or (len(salt), len(nonce)) != (SALT_BYTES, NONCE_BYTES):
        raise BackupError("the first line of this backup is damaged")
    return line, salt, nonce, cost


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        header = json.loads(line.decode("ascii"))
    except (ValueError, RecursionError):
        header = None
    return header if isinstance(header, dict) else {}


def _unhex(value: object) -> bytes:
    try:
        return bytes.fromhex(value) if isinstance(value, str) else b""
    except ValueError:
        return b""


def _bearable(header: dict[str, Any]) -> Cost | None:
    """The cost of scrypt from the header; None if it is too high or invalid."""
    cost = Cost(header.get("n", 0), header.get("r", 0), header.get("p", 0))
    if not all(type(number) is int and number > 0 for number in cost):
        return None
    n, r, p = cost
    power = n & (n - 1) == 0 and n.bit_length() - 1 in _N_BITS
    bearable = power and 128 * n * r <= _MOST_BYTES and n * r * p <= _MOST_WORK
    return cost if bearable else None


def _key(passphrase: str, salt: bytes, cost: Cost) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    try:
        kdf = Scrypt(salt=salt, length=KEY_BYTES, n=cost.n, r=cost.r, p=cost.p)
        return kdf.derive(unicodedata.normalize("NFC", passphrase).encode())
    except UnicodeEncodeError:
        raise UsageProblem(
            "the passphrase is not text in the terminal's encoding; type it again"
        ) from None
    except MemoryError:
        needed_mb = 128 * cost.n * cost.r >> 20
        raise BackupError(f"the passphrase's key needs {needed_mb} MB of free memory") from None


# --- files ---------------------------------------------------------------------------------------


def read_file(path: str) -> bytes:
    """What is in the file. UsageProblem if it cannot be read, BackupError if it is larger than
    any backup."""
    data = named_file.content(path, FILE_MAX_BYTES, "backup")
    if len(data) > FILE_MAX_BYTES:
        raise BackupError(f"{path} is too large for a PicoTOTP backup")
    return data


def write_new(path: str, data: bytes) -> None:
    """Write a file that must not be there yet, whole or not at all."""
    with _as_backup_error(path):
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, MODE))
        except FileExistsError:
            raise UsageProblem(f"{path} exists already and is left as it is") from None
        try:
            _replace(path, data)
        except BaseException:
            os.unlink(path)
            raise


def rewrite(path: str, data: bytes, old: bytes) -> None:
    """Replace the file, whole or not at all, if it still holds `old`."""
    if read_file(path) != old:
        raise BackupError(f"{path} was changed by something else meanwhile; try again")
    with _as_backup_error(path):
        _replace(os.path.realpath(path), data)


@contextlib.contextmanager
def _as_backup_error(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BackupError(f"{path} cannot be written: {error.strerror}") from None


def _replace(path: str, data: bytes) -> None:
    """Replace a file in one step by a new one that is complete on the disk."""
    folder = os.path.dirname(path) or "."
    descriptor, new = tempfile.mkstemp(prefix=os.path.basename(path) + ".", dir=folder)  # mode 600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)
    except BaseException:
        os.unlink(new)
        raise
