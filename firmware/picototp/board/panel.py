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
        self._look_for_it()

    @property
    def ok(self) -> bool:
        """Whether the display answered last time."""
        return self._driver is not None

    @property
    def stale(self) -> bool:
        """Whether it is time to look for a lost display and to show the screen again."""
        return self._driver is None and self._monotonic.now_ms() - self._tried_ms >= RETRY_MS

    def show(self, screen, render) -> None:
        """Show a screen value, drawn by `render(screen, frame)`; None darkens the display."""
        if self._driver is None and self.stale:
            self._look_for_it()
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

    def rest(self) -> None:
        """To be called in every turn while the display is dark: a bit of what waits until then."""
        driver = self._driver
        if driver is None:
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
        except OSError:
            self._lose()

    def _lose(self) -> None:
        self._driver = None
        self._tried_ms = self._monotonic.now_ms()
