"""How a fuzz target takes what it needs from the bytes that it got."""


class Source:
    """Makes decisions out of bytes; when there are no more, all are zero."""

    def __init__(self, data):
        self._data = data
        self._at = 0

    def number(self, below):
        """A number from 0 to `below` - 1."""
        size = (below.bit_length() + 7) // 8
        return int.from_bytes(self.chunk(size), "big") % below

    def chunk(self, size):
        """So many bytes, or fewer at the end."""
        taken = self._data[self._at : self._at + size]
        self._at += size
        return taken

    def rest(self):
        return self._data[self._at :]

    @property
    def left(self):
        return self._at < len(self._data)
