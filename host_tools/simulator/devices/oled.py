"""What the SSD1306 and SH1106 OLED controllers share: I2C framing, panel state, the picture.

The panel is 128 x 64 and mounted as on the usual modules: segment remap on (A1) and COM scan
reversed (C8) show the picture upright. A panel has no reset line here, so its state outlives a
restart of the firmware and ends with `power_off`.

Not modelled: the scroll commands are accepted but nothing moves; clock, pre-charge and VCOMH
settings have no visible effect.
"""

import random
from collections.abc import Mapping
from os import PathLike

from host_tools.simulator.devices.i2c import I2CDevice
from host_tools.simulator.devices.oled_picture import write_png

WIDTH, HEIGHT, PAGES = 128, 64, 8
_MAX_COMPLAINTS = 100
_OTHER_ID = 0x08 ^ 0x03  # between what an SH1106 and an SSD1306 answer
_CO, _DC = 0x80, 0x40  # control byte, SSD1306 data sheet section 8.1.5.2

# Arguments that follow a command which both controllers know.
_COMMON_ARGUMENTS = {
    0x81: 1,  # contrast
    0xA4: 0, 0xA5: 0,  # show RAM, all pixels on
    0xA6: 0, 0xA7: 0,  # normal, inverse
    0xA8: 1,  # multiplex ratio
    0xAE: 0, 0xAF: 0,  # display off, on
    0xD3: 1,  # display offset
    0xD5: 1,  # clock
    0xD9: 1,  # pre-charge
    0xDA: 1,  # COM pins
    0xDB: 1,  # VCOMH
    0xE3: 0,  # nothing
}  # fmt: skip
for _first, _last in (
    (0x00, 0x1F),  # column address, low and high nibble
    (0x40, 0x7F),  # start line
    (0xA0, 0xA1),  # segment remap
    (0xB0, 0xB7),  # page address
    (0xC0, 0xC0),  # COM scan direction
    (0xC8, 0xC8),
):
    _COMMON_ARGUMENTS.update(dict.fromkeys(range(_first, _last + 1), 0))


class Oled(I2CDevice):
    """Base of the controllers.

    For tests: `data_bytes_written` and `command_bytes_written` count what came over the bus
    (set them to 0 at will), and `complaints` lists what the data sheet does not allow.
    """

    address = 0x3C
    acknowledges_all = True
    ram_columns = WIDTH
    first_visible_column = 0
    status_id = 0x00
    reset_contrast = 0x7F
    own_arguments: Mapping[int, int] = {}

    def __init__(self) -> None:
        self._arguments = {**_COMMON_ARGUMENTS, **self.own_arguments}
        self.data_bytes_written = 0
        self.command_bytes_written = 0
        self.complaints: list[str] = []
        self.misread = False
        self.power_off()

    def power_off(self) -> None:
        """Power lost: dark, registers at their reset values.

        The RAM comes back with noise in it, as on a real panel, and the same noise every time.
        """
        noise = random.Random(1306)
        self._ram = [bytearray(noise.randbytes(self.ram_columns)) for _ in range(PAGES)]
        self.on = False
        self.contrast = self.reset_contrast
        self.inverted = False
        self.all_on = False
        self._start_line = 0
        self._remap = False
        self._reverse_scan = False
        self._multiplex = HEIGHT
        self._offset = 0
        self._page = 0
        self._column = 0
        self._command: list[int] = []
        self._control: int | None = None
        self._reset_registers()

    def _reset_registers(self) -> None:
        """Power-on values of the controller's own registers; the charge pump among them."""
        raise NotImplementedError

    @property
    def supplied(self) -> bool:
        """Whether the charge pump gives the panel the voltage to light up."""
        raise NotImplementedError

    # The bus.

    def _begin(self, writing: bool) -> None:
        self._control = None  # the first byte is a control byte

    def write_byte(self, value: int) -> bool:
        """A control byte, a command byte or a byte of picture data; always acknowledged."""
        if self._control is None:
            if value & ~(_CO | _DC):
                self._complain(f"control byte 0x{value:02x}")
            self._control = value
            return True
        if self._control & _DC:
            self._take_data(value)
        else:
            self._take_command_byte(value)
        if self._control & _CO:
            self._control = None
        return True

    def read_byte(self) -> int:
        """The status byte: bit 6 is set while the display is off.

        `misread`: the identity in it is not its own, as clones of either controller have been seen
        to answer.
        """
        return self.status_id ^ (_OTHER_ID if self.misread else 0) | (0x00 if self.on else 0x40)

    def _take_data(self, value: int) -> None:
        self.data_bytes_written += 1
        if self._command:
            self._complain(f"data while command 0x{self._command[0]:02x} waits for arguments")
            self._command = []
        self._store(value)

    def _take_command_byte(self, value: int) -> None:
        self.command_bytes_written += 1
        self._command.append(value)
        command, *arguments = self._command
        if command not in self._arguments:
            self._complain(f"unknown command 0x{command:02x}")
            self._command = []
        elif len(arguments) == self._arguments[command]:
            self._command = []
            if not self._execute_own(command, arguments):
                self._execute(command, arguments)

    def _store(self, value: int) -> None:
        """Puts a byte where the address pointers point, and moves them."""
        raise NotImplementedError

    def _execute_own(self, command: int, arguments: list[int]) -> bool:
        """Executes a command in the controller's own way; returns whether it did."""
        raise NotImplementedError

    def _execute(self, command: int, arguments: list[int]) -> None:
        if command <= 0x0F:
            self._column = self._column & 0xF0 | command
        elif command <= 0x1F:
            self._column = self._column & 0x0F | (command & 0x0F) << 4
        elif 0x40 <= command <= 0x7F:
            self._start_line = command & 0x3F
        elif command == 0x81:
            self.contrast = arguments[0]
        elif command in (0xA0, 0xA1):
            self._remap = command == 0xA1
        elif command in (0xA4, 0xA5):
            self.all_on = command == 0xA5
        elif command in (0xA6, 0xA7):
            self.inverted = command == 0xA7
        elif command == 0xA8:
            self._set_multiplex(arguments[0])
        elif command in (0xAE, 0xAF):
            self.on = command == 0xAF
        elif 0xB0 <= command <= 0xB7:
            self._page = command & 7
        elif command in (0xC0, 0xC8):
            self._reverse_scan = command == 0xC8
        elif command == 0xD3:
            self._offset = arguments[0] & 0x3F
        elif command == 0xDA and not arguments[0] & 0x10:
            self._complain("sequential COM pins on a panel that is wired for alternative ones")

    def _set_multiplex(self, value: int) -> None:
        ratio = (value & 0x3F) + 1
        if ratio < 16:
            self._complain(f"multiplex ratio {ratio}")
        else:
            self._multiplex = ratio

    def _complain(self, text: str) -> None:
        if len(self.complaints) < _MAX_COMPLAINTS:
            self.complaints.append(text)

    # What the viewer sees.

    def _column_at(self, x: int) -> int:
        """RAM column that feeds the viewer's column x."""
        raise NotImplementedError

    def pixels(self) -> list[bytes]:
        """64 rows from the top, each 128 bytes from the left, 1 where a pixel is lit."""
        if not (self.on and self.supplied):
            return [bytes(WIDTH)] * HEIGHT
        columns = [self._column_at(x) for x in range(WIDTH)]
        return [self._row(HEIGHT - 1 - y, columns) for y in range(HEIGHT)]

    def _row(self, com: int, columns: list[int]) -> bytes:
        """The pixels on one COM line (SSD1306 data sheet, tables 10-1 and 10-2)."""
        if self._reverse_scan:
            row = self._multiplex - 1 - (com - self._offset) % HEIGHT
        else:
            row = (com + self._offset) % HEIGHT
        if not 0 <= row < self._multiplex:
            return bytes(WIDTH)
        if self.all_on:
            return b"\x01" * WIDTH
        page, bit = divmod((row + self._start_line) % HEIGHT, 8)
        ram = self._ram[page]
        return bytes((ram[column] >> bit & 1) ^ self.inverted for column in columns)

    def rows(self) -> list[str]:
        """The same as 64 strings of 128 characters, `#` lit and `.` dark."""
        return [row.translate(_CHARACTERS).decode() for row in self.pixels()]

    def png(self, path: str | PathLike[str], scale: int = 4) -> None:
        """Writes what the viewer sees as a PNG with `scale` image pixels for one of the panel's.

        Raises ValueError for a scale outside 1 to 32 and OSError if the file cannot be written.
        """
        write_png(path, self.pixels(), scale, self.contrast)


_CHARACTERS = bytes.maketrans(b"\x00\x01", b".#")
