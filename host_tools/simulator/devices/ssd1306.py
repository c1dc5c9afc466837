"""Model of an SSD1306 128 x 64 OLED module (Solomon Systech data sheet SSD1306 rev 1.1).

RAM: 8 pages of 128 columns, bit 0 of a byte is its top pixel. Commands that the data sheet allows
only in another addressing mode are ignored and noted in `complaints`. The module makes the panel's
voltage with the charge pump: without 8D 14 nothing lights (data sheet, application note). Segment
remap (A0/A1) acts on data as they are written and leaves what is in the RAM alone (section 10.1.8).
"""

from host_tools.simulator.devices.oled import WIDTH, Oled

HORIZONTAL, VERTICAL, PAGE = 0, 1, 2
_PUMP_ON = 0x04  # bit 2 of the argument of 8D


class SSD1306(Oled):
    """The controller with its panel, at address 0x3C."""

    name = "ssd1306"
    status_id = 0x03
    own_arguments = {
        0x20: 1,  # addressing mode
        0x21: 2,  # column window
        0x22: 2,  # page window
        0x26: 6, 0x27: 6,  # horizontal scroll
        0x29: 5, 0x2A: 5,  # vertical and horizontal scroll
        0x2E: 0, 0x2F: 0,  # scroll off, on
        0x8D: 1,  # charge pump
        0xA3: 2,  # vertical scroll area
    }  # fmt: skip

    def _reset_registers(self) -> None:
        self._mode = PAGE
        self._columns = (0, 127)
        self._pages = (0, 7)
        self._pump = False

    @property
    def supplied(self) -> bool:
        """Whether the charge pump runs."""
        return self._pump

    def _store(self, value: int) -> None:
        column = WIDTH - 1 - self._column if self._remap else self._column
        self._ram[self._page][column] = value
        if self._mode == VERTICAL:
            self._page, wrapped = _next(self._page, self._pages, 7)
            if wrapped:
                self._column, _ = _next(self._column, self._columns, 127)
            return
        self._column, wrapped = _next(self._column, self._columns, 127)
        if wrapped and self._mode == HORIZONTAL:
            self._page, _ = _next(self._page, self._pages, 7)

    def _execute_own(self, command: int, arguments: list[int]) -> bool:
        if command <= 0x1F or 0xB0 <= command <= 0xB7:
            if self._mode != PAGE:
                self._complain(f"0x{command:02x} outside page addressing mode")
                return True
            self._execute(command, arguments)
            self._column &= 0x7F
        elif command == 0x20:
            self._set_mode(arguments[0] & 3)
        elif command in (0x21, 0x22):
            self._set_window(command, arguments)
        elif command == 0x8D:
            self._pump = bool(arguments[0] & _PUMP_ON)
        else:
            return command in self.own_arguments  # the scroll commands end here
        return True

    def _set_mode(self, mode: int) -> None:
        if mode > PAGE:
            self._complain(f"addressing mode {mode}")
        else:
            self._mode = mode

    def _set_window(self, command: int, arguments: list[int]) -> None:
        limit = 127 if command == 0x21 else 7
        start, end = (value & limit for value in arguments)
        if self._mode == PAGE:
            self._complain(f"0x{command:02x} in page addressing mode")
        elif start > end or arguments != [start, end]:
            self._complain(f"0x{command:02x} with window {arguments}")
        elif command == 0x21:
            self._columns, self._column = (start, end), start
        else:
            self._pages, self._page = (start, end), start

    def _column_at(self, x: int) -> int:
        return WIDTH - 1 - x  # the RAM is in order of segments; the glass is mounted turned round


def _next(pointer: int, window: tuple[int, int], limit: int) -> tuple[int, bool]:
    """An address pointer one further in its window, and whether it went back to the start."""
    if pointer == window[1]:
        return window[0], True
    return (pointer + 1) & limit, False
