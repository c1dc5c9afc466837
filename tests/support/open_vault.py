"""A vault on any storage, with stand-ins for what it takes of the board; on both interpreters."""

from picototp.vault.vault import open_vault


class HandClock:
    """A counter that moves when a test says so; each look at it takes `look_us`."""

    def __init__(self, look_us=0):
        self.us = 0
        self.look_us = look_us

    def now_us(self):
        self.us += self.look_us
        return self.us

    def now_ms(self):
        return self.now_us() // 1000


class Sources:
    """Bytes that never repeat and are the same in every run; with `number` set back to what it was,
    the same again."""

    def __init__(self):
        self.number = 0

    def urandom(self, count):
        return bytes(count)

    def jitter(self):
        self.number += 1
        return self.number.to_bytes(4, "big")


SOURCES = Sources()


def opened(storage, monotonic=None, sources=None):
    """The vault in a storage, loaded."""
    return open_vault(storage, sources or SOURCES, monotonic or HandClock())
