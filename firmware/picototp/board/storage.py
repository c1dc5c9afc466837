"""The files of the token, in one folder of its flash file system (littlefs)."""

import os

FOLDER = "/data"
_ENOENT = 2


class Storage:
    """Opens, removes and looks for files by name. Every method may raise OSError.

    `before_write`, if it is not None, is called before a file is opened to be written.
    """

    def __init__(self, folder: str = FOLDER):
        self._folder = folder
        self.before_write = None
        try:
            os.stat(folder)  # first, for it takes littlefs 1 ms, and mkdir at a start 48
        except OSError:
            os.mkdir(folder)

    def _path(self, name: str) -> str:
        return f"{self._folder}/{name}"

    def open_read(self, name: str):
        """A binary file to read."""
        return open(self._path(name), "rb")

    def open_write(self, name: str):
        """A binary file to write, empty at first. littlefs keeps it when it is closed."""
        if self.before_write is not None:
            self.before_write()
        return open(self._path(name), "wb")

    def remove(self, name: str) -> None:
        """Remove a file."""
        os.remove(self._path(name))

    def exists(self, name: str) -> bool:
        """Whether the file is there."""
        try:
            os.stat(self._path(name))
        except OSError:
            return False
        return True

    def names(self) -> list:
        """Of all files."""
        return os.listdir(self._folder)

    def touch(self, name: str) -> None:
        """Have littlefs put into the folder's log once more what it knows of a file, if there is
        one. Whatever is opened to be written gets another time, even if nothing is."""
        try:
            open(self._path(name), "r+b").close()  # "ab" would make one
        except OSError as error:
            if error.errno != _ENOENT:
                raise
