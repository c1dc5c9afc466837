"""A storage for the vault whose power can fail at any step and whose flash can fill up.

A step is a file opened for writing (which empties it at once), one byte written, a file closed,
or a file removed. What was done before the cut has happened, what comes after has not. That is
harsher than littlefs, which shows nothing of a file before it is closed; `commits_at_close`
gives that behaviour instead.
"""

import io

from picototp.board.storage import UNCLEAN


class PowerCut(BaseException):
    """No Exception: nothing in the firmware may catch it."""


class FlashModel:
    def __init__(self, files=None, steps_left=None, room_bytes=None, commits_at_close=False):
        self.files = dict(files or {})
        self.steps = 0
        self.steps_left = steps_left
        self.room_bytes = room_bytes
        self.commits_at_close = commits_at_close
        self.open_files = 0
        self.readers = []  # that are open: else forgetting one would close it

    def step(self):
        if self.steps_left is not None:
            if self.steps_left <= 0:
                raise PowerCut
            self.steps_left -= 1
        self.steps += 1

    def open_read(self, name):
        if name not in self.files:
            raise OSError(2, "missing")
        self.open_files += 1
        return _Reader(self, self.files[name])

    def open_write(self, name):
        self.step()
        if not self.commits_at_close:
            self.files[name] = b""
        self.open_files += 1
        return _Writer(self, name)

    def remove(self, name):
        if name not in self.files:
            raise OSError(2, "missing")
        self.step()
        del self.files[name]

    def exists(self, name):
        return name in self.files

    def breathe(self, saves):
        """Nobody has to hear of long work here."""

    def make_room(self):
        """Nothing ever takes the room here."""

    @property
    def unclean(self):
        return UNCLEAN in self.files

    def mark_unclean(self):
        self.open_write(UNCLEAN).close()


class _Reader(io.BytesIO):
    def __init__(self, flash, data):
        super().__init__(data)
        self._flash = flash
        flash.readers.append(self)

    def close(self):
        if not self.closed:
            self._flash.open_files -= 1
            self._flash.readers.remove(self)
        super().close()


class _Writer:
    def __init__(self, flash, name):
        self._flash = flash
        self._name = name
        self._data = bytearray()

    def write(self, data):
        flash = self._flash
        if flash.steps_left is None and flash.room_bytes is None:
            flash.steps += len(data)
            self._data += data
            return len(data)
        for byte in bytes(data):
            if flash.room_bytes is not None:
                if flash.room_bytes <= 0:
                    raise OSError(28, "no space left")
                flash.room_bytes -= 1
            flash.step()
            self._data.append(byte)
            if not flash.commits_at_close:
                flash.files[self._name] = bytes(self._data)
        return len(data)

    def close(self):
        self._flash.open_files -= 1
        self._flash.step()
        self._flash.files[self._name] = bytes(self._data)


def fields(account):
    """An account as a tuple, to compare."""
    return (
        account.issuer,
        account.name,
        bytes(account.secret),
        account.algorithm,
        account.digits,
        account.period_s,
        account.kind,
        account.counter,
        account.issuer_ascii,
        account.name_ascii,
    )


def contents(vault):
    """All that a vault holds, as a list of tuples."""
    return [fields(vault.account(index)) for index in range(len(vault))]
