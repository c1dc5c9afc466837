"""MicroPython's `cryptolib` for CPython: as much of it as the firmware uses, over `cryptography`.

In a folder of its own, because MicroPython itself would find it before its own module.
"""

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_ECB = 1


class aes:
    """AES in ECB mode, encrypting only."""

    def __init__(self, key, mode):
        if mode != _ECB:
            raise NotImplementedError("only ECB stands in here")
        self._encryptor = Cipher(algorithms.AES(bytes(key)), modes.ECB()).encryptor()

    def encrypt(self, data, out):
        """Encrypts whole blocks into `out`, which may be `data`."""
        if len(data) % 16 or len(out) < len(data):
            raise ValueError("blksize % 16")
        out[: len(data)] = self._encryptor.update(bytes(data))
