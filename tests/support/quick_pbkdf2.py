"""PBKDF2 by CPython's own C, in the shape of picototp.codes.pbkdf2, which takes CPython seconds.

with patched(): ...          for tests in which PINs are entered often
"""

import hashlib
from contextlib import contextmanager
from functools import lru_cache

import pytest

from picototp.vault import pin


@lru_cache(maxsize=1000)
def derived(password, salt, iterations, length):
    """What they come to; done once for each."""
    return hashlib.pbkdf2_hmac("sha1", password, salt, iterations, length)


class QuickPbkdf2:
    """Takes as many steps as the real one, and does the work at the last."""

    def __init__(self, password, salt, iterations, length):
        self._arguments = bytes(password), bytes(salt), iterations, length
        self._left = iterations * (-(-length // 20))

    def step(self, iterations):
        self._left -= iterations
        return self._left <= 0

    def result(self):
        assert self._left <= 0
        return derived(*self._arguments)

    def forget(self):
        self._arguments = None


@contextmanager
def patched():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pin, "Pbkdf2", QuickPbkdf2)
        yield
