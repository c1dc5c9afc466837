"""Random bytes for keys, salts and nonces, out of sources none of which is trusted alone.

MicroPython's `os.urandom` on an RP2040 is fed by the ring oscillator, of which the data sheet
(section 2.17) says that it is not random enough for security: bits are biased and correlated, and
change with voltage and temperature. So each draw mixes

    os.urandom        32 bytes, of which some hundred bits may be unpredictable
    jitter            noise and timing that the board sampled (board/entropy_sources.py)
    the host's bytes  32 of a PC's generator, which our tools send with each hello: add_hex()

by HMAC-SHA-256 over all of it, as HKDF extracts (RFC 5869, 2.2), keyed by a pool that carries over
what came before:

    secret = HMAC(pool, "draw" | urandom | jitter)
    result = HMAC(secret, "out" | number of the draw)      pool = HMAC(secret, "pool")

A result is unpredictable if any one source was, now or at an earlier draw since power-up; a source
that somebody else controls takes nothing away, because it cannot undo what it does not know. The
pool after a draw does not tell what was drawn.

The host's bytes come in time: the data key is made by the first change of a token that has none,
new or wiped, and a PIN's salt when the PIN is set; a computer asks for both, after its hello.
Anyone who records the line knows these bytes; then only the other two sources count. A host that
sends none is served, too.
"""

import binascii

from picototp.codes.stream_mac import StreamMac

DRAW_MAX_BYTES = 32
_URANDOM_BYTES = 32
HOST_BYTES = 32


class Entropy:
    """`urandom(count)` and `jitter()` give bytes; both are called for each draw."""

    def __init__(self, urandom, jitter):
        self._urandom = urandom
        self._jitter = jitter
        self._pool = bytearray(DRAW_MAX_BYTES)
        self._draws = 0

    def add(self, data: bytes) -> None:
        """Mix in bytes from outside: any number, of any quality."""
        self._step((b"add", data), b"pool")[:] = bytes(DRAW_MAX_BYTES)

    def add_hex(self, text) -> bool:
        """Mix in the bytes of the host; False if `text` is not HOST_BYTES of them in hex."""
        if not isinstance(text, str) or len(text) != 2 * HOST_BYTES:
            return False
        try:
            self.add(binascii.unhexlify(text))
        except ValueError:
            return False
        return True

    def draw(self, count: int) -> bytearray:
        """At most 32 random bytes. Raises ValueError for more."""
        if count > DRAW_MAX_BYTES:
            raise ValueError("at most 32 bytes")
        self._draws += 1
        number = self._draws.to_bytes(4, "big")
        drawn = self._step((b"draw", self._urandom(_URANDOM_BYTES), self._jitter()), number)
        wanted = drawn[:count]
        drawn[:] = bytes(DRAW_MAX_BYTES)
        return wanted

    def _step(self, pieces: tuple, number: bytes) -> bytearray:
        mac = StreamMac(self._pool)
        hashed = mac.begin()
        for piece in pieces:
            hashed.update(piece)
        secret = StreamMac(mac.finish(hashed))
        self._pool[:] = secret.of(b"pool")
        drawn = bytearray(secret.of(b"out" + number))
        mac.forget()
        secret.forget()
        return drawn
