"""A storage that knows which of its files are open; on the board, only closing writes them."""

from workbench import MemoryStorage


class WatchedStorage(MemoryStorage):
    """Holds every file that was opened, so that nothing but `close` closes it."""

    def __init__(self):
        super().__init__()
        self.opened = []

    def open_read(self, name):
        self.opened.append(super().open_read(name))
        return self.opened[-1]

    def open_write(self, name):
        self.opened.append(super().open_write(name))
        return self.opened[-1]

    def all_are_closed(self):
        return all(file.closed for file in self.opened)
