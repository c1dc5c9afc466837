"""A folder as the vault's storage, on both interpreters: what the board's storage does, without
the rest of the board."""

import os


class FolderStorage:
    def __init__(self, folder):
        self._folder = folder
        self.before_write = None
        try:
            os.mkdir(folder)
        except OSError:
            os.stat(folder)

    def _path(self, name):
        return self._folder + "/" + name

    def open_read(self, name):
        return open(self._path(name), "rb")

    def open_write(self, name):
        if self.before_write is not None:
            self.before_write()
        return open(self._path(name), "wb")

    def remove(self, name):
        os.remove(self._path(name))

    def exists(self, name):
        try:
            os.stat(self._path(name))
        except OSError:
            return False
        return True
