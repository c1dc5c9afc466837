"""Keys from passwords and the ciphers over exports, from `cryptography`, with limits.

A file states the cost of its key, and it comes from anywhere: what would eat the memory or
the processor is refused, and named. What does not decrypt is a wrong password.
"""

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from host_tools.credentials.importers.entry import ImportProblem, WrongPassword

# Well above what any app takes, and seconds on a usual computer.
PBKDF2_MOST_ITERATIONS = 5_000_000
SCRYPT_MOST_BYTES = 512 << 20
SCRYPT_MOST_WORK = 1 << 24  # n * r * p
ARGON2_MOST_KIB = 1 << 20
ARGON2_MOST_WORK = 1 << 23  # KiB times passes
ARGON2_MOST_LANES = 64

_HASHES: dict[str, hashes.HashAlgorithm] = {
    "SHA1": hashes.SHA1(),
    "SHA256": hashes.SHA256(),
    "SHA512": hashes.SHA512(),
}


def pbkdf2(
    password: str, salt: bytes, iterations: object, algorithm: str, length: int = 32
) -> bytes:
    """A key by PBKDF2 (RFC 8018) with HMAC over `algorithm`. Raises ImportProblem."""
    count = checked(iterations, PBKDF2_MOST_ITERATIONS, "iterations of PBKDF2")
    kdf = PBKDF2HMAC(_HASHES[algorithm], length, salt, count)
    return kdf.derive(encoded(password))


def scrypt(password: str, salt: bytes, n: object, r: object, p: object) -> bytes:
    """A key of 32 bytes by scrypt (RFC 7914). Raises ImportProblem."""
    cost_n = checked(n, SCRYPT_MOST_BYTES, "n of scrypt")
    cost_r = checked(r, 1 << 16, "r of scrypt")
    cost_p = checked(p, 1 << 16, "p of scrypt")
    too_large = 128 * cost_n * cost_r > SCRYPT_MOST_BYTES
    if too_large or cost_n * cost_r * cost_p > SCRYPT_MOST_WORK or cost_n & (cost_n - 1):
        raise _unbearable("n, r and p of scrypt")
    try:
        return Scrypt(salt, 32, cost_n, cost_r, cost_p).derive(encoded(password))
    except (ValueError, MemoryError):
        raise _unbearable("n, r and p of scrypt") from None


def argon2id(
    password: str, salt: bytes, passes: object, kib: object, lanes: object, length: int = 32
) -> bytes:
    """A key by Argon2id (RFC 9106), version 1.3. Raises ImportProblem."""
    count = checked(passes, ARGON2_MOST_WORK, "passes of Argon2")
    memory = checked(kib, ARGON2_MOST_KIB, "memory of Argon2")
    threads = checked(lanes, ARGON2_MOST_LANES, "lanes of Argon2")
    if memory * count > ARGON2_MOST_WORK:
        raise _unbearable("passes and memory of Argon2")
    try:
        kdf = Argon2id(
            salt=salt, length=length, iterations=count, lanes=threads, memory_cost=memory
        )
        return kdf.derive(encoded(password))
    except (ValueError, MemoryError):
        raise _unbearable("parameters of Argon2") from None
    except UnsupportedAlgorithm:
        raise ImportProblem(
            "the OpenSSL of this computer's Python has no Argon2; take PicoTOTP's own packages"
        ) from None


def open_gcm(key: bytes, nonce: bytes, sealed: bytes, associated: bytes | None = None) -> bytes:
    """What AES-GCM encrypted; the tag is the end of `sealed`. Raises WrongPassword."""
    try:
        return AESGCM(key).decrypt(nonce, sealed, associated)
    except (InvalidTag, ValueError):
        raise wrong_password() from None


def open_cbc(key: bytes, iv: bytes, sealed: bytes) -> bytes:
    """What AES-CBC with the padding of PKCS 7 encrypted. Raises WrongPassword."""
    try:
        decryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
        padded = decryptor.update(sealed) + decryptor.finalize()
        unpadder = padding.PKCS7(128).unpadder()
        return unpadder.update(padded) + unpadder.finalize()
    except ValueError:
        raise wrong_password() from None


def encoded(password: str) -> bytes:
    """The password's bytes, as it was typed. ImportProblem if it is not text."""
    try:
        return password.encode()
    except UnicodeEncodeError:
        raise ImportProblem(
            "the password is not text in the terminal's encoding; type it again"
        ) from None


def wrong_password() -> WrongPassword:
    """The error for what does not decrypt."""
    return WrongPassword("wrong password, or the export is damaged")


def checked(value: object, most: int, what: str) -> int:
    """A whole number from 1 to `most`. ImportProblem names it if it is not."""
    if type(value) is not int or not 1 <= value <= most:
        raise _unbearable(what)
    return value


def _unbearable(what: str) -> ImportProblem:
    return ImportProblem(
        f"this file asks for more work or memory than any app does ({what}): refused"
    )
