"""Driver of the OLED: SSD1306 or SH1106, 128 x 64 pixels, on I2C. Sends only what changed.

Sources: Solomon Systech SSD1306 rev 1.1 and Sino Wealth SH1106 data sheets. A transfer begins
with a control byte that says what the rest is: 0x00 commands, 0x40 picture data (section 8.1.5.2).
Of the bus it uses machine.I2C's `writeto`, with its count of acknowledged bytes, and `readfrom`.

A display that is lost shows as OSError from any method. Then call `init` until it works, then
`show`, which sends the whole picture again, and `on`.
"""

SSD1306 = "ssd1306"
SH1106 = "sh1106"

_EIO = 5
_COLUMNS = 128
_PAGES = 8  # of 8 rows each
_PICTURE_BYTES = 1024
_BLANK_PAGE = bytes(_COLUMNS)
# The order in which pages are sent: first the rows 16 to 47, where a code is.
_MIDDLE = (2, 3, 4, 5)
_REST = (1, 0, 6, 7)
_CHUNK = 16  # columns compared at once: skipping fewer would cost more than it saves
_SH1106_LEFT = 2  # its RAM has 132 columns, of which the panel shows those from 2 on

# What both have in common: off, clock, 64 rows, no offset, first line, and the picture turned so
# that it is upright with the pins above it.
_START = b"\x00\xae\xd5\x80\xa8\x3f\xd3\x00\x40\xa1\xc8\xda\x12"
_SSD1306_START = (
    b"\x8d\x14"  # charge pump on
    b"\x20\x00"  # horizontal addressing
    b"\x2e"  # no scrolling
    b"\xd9\xf1\xdb\x40"
)  # pre-charge and VCOMH level for the charge pump
_SH1106_START = b"\xad\x8b\xd9\x22\xdb\x35"  # DC-DC converter on, pre-charge, VCOMH level
_FINISH = b"\xa4\xa6"  # show what is in the RAM, not inverted
_NOP = b"\x00\xe3"


def detect(i2c, addresses: tuple = (0x3C, 0x3D)) -> tuple | None:
    """(address, controller) of the first display that answers, or None.

    The low nibble of the status byte tells the controllers apart. No data sheet promises that; what
    modules were seen to answer is 8 or 0 for SH1106 and 3, 4, 6 or 7 for SSD1306.
    """
    for address in addresses:
        try:
            i2c.writeto(address, _NOP)
        except OSError:
            continue
        try:
            status = i2c.readfrom(address, 1)[0]
        except OSError:
            return address, SSD1306  # a module that cannot be read
        return address, SH1106 if status & 0x0F in (0x00, 0x08) else SSD1306
    return None


class Display:
    """One OLED. `init` leaves it dark: then `light` a picture, or `show` it, and `on`."""

    def __init__(self, i2c, address: int, controller: str) -> None:
        self._i2c = i2c
        self._address = address
        self._is_sh1106 = controller == SH1106
        self._shown = memoryview(bytearray(_PICTURE_BYTES))  # what the panel has in its RAM
        self._known = bytearray(_PAGES)  # for each page, whether that is so
        self._is_blank = False
        self._lit = False
        self._data = bytearray(1 + _COLUMNS)
        self._data[0] = 0x40
        self._window = bytearray(  # set page and column, or 0x21 and 0x22 with first and last
            b"\x00\xb0\x10\x00" if self._is_sh1106 else b"\x00\x21\0\0\x22\0\0"
        )

    def init(self) -> None:
        """Sets the controller up, whatever state it was in, and leaves the panel dark."""
        self.invalidate()
        self._lit = False
        self._write(_START + (_SH1106_START if self._is_sh1106 else _SSD1306_START) + _FINISH)

    def on(self) -> None:
        """Lights the panel; sends nothing if it is lit."""
        if not self._lit:
            self._write(b"\x00\xaf")
            self._lit = True

    def off(self) -> None:
        """Darkens the panel, which keeps its picture; sends nothing if it is dark."""
        if self._lit:
            self._write(b"\x00\xae")
            self._lit = False

    def look(self, contrast: int, upside_down: bool) -> None:
        """Brightness, 0 to 255, and which way is up; until the next `init`. The next `show` sends
        everything: a panel turns only what it gets from then on. An SSD1306 starts with 127; more
        wears the panel sooner."""
        turned = b"\xa0\xc0" if upside_down else b"\xa1\xc8"
        self._write(bytes((0x00, 0x81, contrast)) + turned)
        self.invalidate()

    def invalidate(self) -> None:
        """Forgets what the panel shows: the next `show` sends everything."""
        for page in range(_PAGES):
            self._known[page] = 0
        self._is_blank = False

    def show(self, picture: bytearray) -> None:
        """Makes the panel show `picture`: 1,024 bytes as of framebuf.MONO_VLSB at 128 x 64."""
        self._show_pages(picture, _MIDDLE)
        self._show_pages(picture, _REST)

    def light(self, picture: bytearray) -> None:
        """`show` and `on`, as early as the code can be read: half of the 25 ms, if it was dark."""
        # Out of the dark most of it is new, so that looking for what is not takes longer.
        self._show_pages(picture, _MIDDLE, not self._lit)
        self.on()
        self._show_pages(picture, _REST)

    def blank_some(self) -> None:
        """Blanks one page that is not blank yet, in 3 ms. Call it now and then in the dark, so that
        `light` shows nothing old, and no code stays in the panel's RAM."""
        if self._is_blank:
            return
        for page in range(_PAGES):
            at = page * _COLUMNS
            if not self._known[page] or self._shown[at : at + _COLUMNS] != _BLANK_PAGE:
                self._send(page, 0, memoryview(_BLANK_PAGE))
                return
        self._is_blank = True

    def _show_pages(self, picture, pages, whole=False):
        """Sends what differs, or the whole of each page in which something differs."""
        view = memoryview(picture)
        self._is_blank = False
        for page in pages:
            start = page * _COLUMNS
            end = start + _COLUMNS
            known = self._known[page]
            if not known or self._shown[start:end] != view[start:end]:
                if whole or not known:
                    self._send(page, 0, view[start:end])
                else:
                    self._show_changes(page, view[start:end])

    def _show_changes(self, page, wanted):
        """Sends each run of chunks of a page that differ."""
        shown = self._shown[page * _COLUMNS : (page + 1) * _COLUMNS]
        at = 0
        while at < _COLUMNS:
            end = at
            while end < _COLUMNS and shown[end : end + _CHUNK] != wanted[end : end + _CHUNK]:
                end += _CHUNK
            if end > at:
                self._send(page, at, wanted[at:end])
            at = end + _CHUNK  # the chunk that ended the run is the same on both sides

    def _send(self, page, column, columns):
        """Sends bytes of one page, from a column on."""
        window, data, count = self._window, self._data, len(columns)
        at = page * _COLUMNS + column
        if self._is_sh1106:
            column += _SH1106_LEFT
            window[1] = 0xB0 | page
            window[2] = 0x10 | column >> 4
            window[3] = column & 0x0F
        else:
            window[2] = column
            window[3] = column + count - 1
            window[5] = window[6] = page
        known = count == _COLUMNS or self._known[page]
        self._known[page] = 0  # an error on the way leaves it so
        self._write(window)
        data[1 : 1 + count] = columns
        self._write(memoryview(data)[: 1 + count])
        self._shown[at : at + count] = columns
        self._known[page] = known

    def _write(self, buffer):
        """One transfer. A display that stops acknowledging during it raises OSError, too."""
        if self._i2c.writeto(self._address, buffer) != len(buffer):
            raise OSError(_EIO)
