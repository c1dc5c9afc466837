"""PBKDF2-HMAC-SHA-1 (RFC 8018, 5.2), in slices, so that the main loop keeps running.

derivation = Pbkdf2(password, salt, 20000, 32)
while not derivation.step(1000):
    feed_the_watchdog()
key = derivation.result()
"""

from picototp.codes import midstates
from picototp.codes.hmac import SHA1, Mac

_DIGEST_SIZE = 20


class Pbkdf2:
    """One derivation: `step` until it says that it is done, then `result`."""

    def __init__(
        self,
        password: bytes | bytearray,
        salt: bytes | bytearray,
        iterations: int,
        length: int,
    ) -> None:
        """`length` is of the derived key, in bytes. Raises ValueError if it or `iterations` < 1."""
        if iterations < 1 or length < 1:
            raise ValueError("iterations or length out of range")
        self._mac = Mac(SHA1)
        self._mac.set_key(password)
        self._salt = bytes(salt)
        self._iterations = iterations
        self._length = length
        self._derived = bytearray()
        self._left = 0  # iterations until the next 20 bytes are derived; 0 if they are not begun

    def step(self, iterations: int) -> bool:
        """Does at most `iterations` more (2 compressions each, no heap). True when all are done."""
        mac = self._mac
        states = mac.states
        while iterations > 0 and len(self._derived) < self._length:
            if not self._left:
                # The first iteration's message is the salt and the number of the block, from 1.
                number = len(self._derived) // _DIGEST_SIZE + 1
                mac.hash(self._salt + number.to_bytes(4, "big"))
                states[3 * _DIGEST_SIZE :] = mac.result
                iterations -= 1
                self._left = self._iterations - 1
            now = min(iterations, self._left, midstates.MOST)
            if now:
                mac.chain(states, None, ~now)
                iterations -= now
                self._left -= now
            if not self._left:
                self._derived.extend(memoryview(states)[3 * _DIGEST_SIZE :])
        return len(self._derived) >= self._length

    def result(self) -> bytes:
        """The derived key. Raises ValueError as long as there are steps to do."""
        if len(self._derived) < self._length:
            raise ValueError("derivation not finished")
        return bytes(memoryview(self._derived)[: self._length])

    def forget(self) -> None:
        """Wipe the password and what was derived from it. Do not use the object afterwards."""
        self._mac.forget()
        for index in range(len(self._derived)):
            self._derived[index] = 0
