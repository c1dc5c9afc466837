"""The display as the main loop sees it: give it a screen value, and it is shown if there is one.

A display that does not answer is looked for again every two seconds; when it is back, it gets the
whole picture. The rest of the token works on without it.
"""

from framebuf import MONO_VLSB, FrameBuffer

from picototp.board import config, display

RETRY_MS = 2_000


class Panel:
    """Owns the picture and the driver. `monotonic` gives milliseconds for the retries."""

    def __init__(self, i2c, monotonic):
        self._i2c = i2c
        self._monotonic = monotonic
        self._picture = bytearray(1024)
        self._frame = FrameBuffer(self._picture, 128, 64, MONO_VLSB)
        self._driver: display.Display | None = None
        self._tried_ms = 0
        self._disturbed = False
        self._dark = True
        self._look = (0x7F, False)
        self._look_for_it()

    @property
    def ok(self) -> bool:
        """Whether the display answered last time."""
        return self._driver is not None

    @property
    def stale(self) -> bool:
        """Whether the screen is to be shown again: it is time to look for a lost display, or
        something else was on it."""
        if self._disturbed:
            return True
        return self._driver is None and self._monotonic.now_ms() - self._tried_ms >= RETRY_MS

    def show(self, screen, render) -> None:
        """Show a screen value, drawn by `render(screen, frame)`; None darkens the display."""
        if self._driver is None and self.stale:
            self._look_for_it()
        self._disturbed = False
        self._dark = screen is None
        driver = self._driver
        if driver is None:
            return
        try:
            if screen is None:
                driver.off()
                self._frame.fill(0)
            else:
                render(screen, self._frame)
                driver.light(self._picture)
        except OSError:
            self._lose()

    def configure(self, brightness: int, upside_down: bool) -> None:
        """Have it so bright (per cent), and that way up, from the next `show` on."""
        self._look = (brightness * 255 // 100, upside_down)
        self._disturbed = True
        if self._driver is not None:
            try:
                self._driver.look(*self._look)
            except OSError:
                self._lose()

    def disturb(self) -> None:
        """Darken it, and have the screen that belongs there shown again."""
        self.show(None, None)
        self._disturbed = True

    def rest(self) -> None:
        """To be called in every turn while no screen is shown: a bit of what waits until the
        display is dark."""
        driver = self._driver
        if driver is None or not self._dark:
            return
        try:
            driver.blank_some()
        except OSError:
            self._lose()

    def _look_for_it(self) -> None:
        try:
            found = display.detect(self._i2c, config.DISPLAY_ADDRESSES)
            if found is None:
                self._lose()
                return
            address, controller = found
            if config.DISPLAY_CONTROLLER != "auto":
                controller = config.DISPLAY_CONTROLLER
            self._driver = display.Display(self._i2c, address, controller)
            self._driver.init()
            self._driver.look(*self._look)
        except OSError:
            self._lose()

    def _lose(self) -> None:
        self._driver = None
        self._tried_ms = self._monotonic.now_ms()
