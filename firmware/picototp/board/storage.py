"""The files of the token, in one folder of its flash file system (littlefs), and their cleaning.

littlefs writes elsewhere and erases later: old copies of a file stay in flash until clean() was
called often enough (flash_cleaner.py). Before a secret in a file becomes old, call mark_unclean().
"""

import os

FOLDER = "/data"
UNCLEAN = "unclean"  # an empty file, there while old copies of secrets may be in flash
_ENOENT = 2


class Storage:
    """Opens, removes and looks for files by name. Every method but clean() may raise OSError.

    `before_write`, if it is not None, is called before a file is opened to be written; `working`
    by breathe().
    """

    def __init__(self, folder=FOLDER):
        self._folder = folder
        self.before_write = None
        self.working = None
        self._cleaner = None  # at work
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
        self.breathe(True)
        self.make_room()
        file = open(self._path(name), "wb")  # noqa: SIM115  the caller closes it
        self.breathe(True)  # that may have erased two blocks, and closing a new file another
        return file

    def breathe(self, saves: bool) -> None:
        """Call it in the midst of long work, and of what `saves` after each block of flash at the
        latest: one may take 400 ms."""
        if self.working is not None:
            self.working(saves)

    def make_room(self) -> None:
        """Call it before writing to a file that has been open for longer than a turn of the main
        loop: cleaning may have taken all the room since."""
        if self.before_write is not None:
            self.before_write()

    def remove(self, name: str) -> None:
        """Remove a file."""
        self.breathe(True)
        os.remove(self._path(name))

    def exists(self, name: str) -> bool:
        """Whether the file is there."""
        try:
            os.stat(self._path(name))
        except OSError:
            return False
        return True

    def names(self) -> list:
        """The names of all files."""
        return os.listdir(self._folder)

    def touch(self, name: str) -> None:
        """Have littlefs put into the folder's log once more what it knows of a file, if there is
        one. Whatever is opened to be written gets another time, even if nothing is."""
        try:
            open(self._path(name), "r+b").close()  # "ab" would make one
        except OSError as error:
            if error.errno != _ENOENT:
                raise

    # --- old copies in flash -----------------------------------------------------------------

    @property
    def unclean(self) -> bool:
        """Whether flash may hold old copies of secrets, which clean() is to erase."""
        return self.exists(UNCLEAN)

    def mark_unclean(self) -> None:
        """Have clean() begin from the start. Call it before a secret in flash becomes old."""
        if not self.unclean:  # littlefs may take an erase for a file that is there already
            self.open_write(UNCLEAN).close()
        self._cleaner = None

    def clean(self) -> bool:
        """Erase at most one block of flash that may hold old copies; whether there are more.
        Raises nothing: if flash fails there seem to be none, so ask again later."""
        try:
            if self._cleaner is None:
                if not self.unclean:
                    return False
                from picototp.board.flash_cleaner import Cleaner  # where there is something to do

                self._cleaner = Cleaner(self)
            if not self._cleaner.step():
                return True
            self.remove(UNCLEAN)
        except (OSError, MemoryError):
            if self._cleaner is not None:
                self._cleaner.stop()
        self._cleaner = None
        return False
