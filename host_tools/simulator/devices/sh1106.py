"""Model of an SH1106 OLED module, 1.3 inch, 128 x 64 (Sino Wealth data sheet SH1106).

Differs from the SSD1306: the RAM has 132 columns, of which the panel shows 2 to 129; there is page
addressing only, and the column pointer stops behind the last column; segment remap turns the
picture itself; the panel's voltage comes from a DC-DC converter under command AD (8B on, 8A off),
which is on after power-up. Commands 20, 21, 22 and 8D do not exist: their argument bytes are taken
for commands of their own.
"""

from host_tools.simulator.devices.oled import WIDTH, Oled


class SH1106(Oled):
    """The controller with its panel, at address 0x3C."""

    name = "sh1106"
    status_id = 0x08
    reset_contrast = 0x80
    ram_columns = 132
    first_visible_column = 2
    own_arguments = {
        0x30: 0, 0x31: 0, 0x32: 0, 0x33: 0,  # pump voltage
        0xAD: 1,  # DC-DC converter
        0xE0: 0, 0xEE: 0,  # read-modify-write, its end
    }  # fmt: skip

    def _reset_registers(self) -> None:
        self._dc_dc = True
        self._resume_column: int | None = None

    @property
    def supplied(self) -> bool:
        """Whether the DC-DC converter runs."""
        return self._dc_dc

    def _store(self, value: int) -> None:
        if self._column < self.ram_columns:
            self._ram[self._page][self._column] = value
            self._column += 1

    def _execute_own(self, command: int, arguments: list[int]) -> bool:
        if command == 0xAD:
            if arguments[0] in (0x8A, 0x8B):
                self._dc_dc = arguments[0] == 0x8B
            else:
                self._complain(f"DC-DC mode 0x{arguments[0]:02x}")
        elif command == 0xE0:
            self._resume_column = self._column
        elif command == 0xEE:
            if self._resume_column is not None:
                self._column, self._resume_column = self._resume_column, None
        else:
            return command in self.own_arguments
        return True

    def _column_at(self, x: int) -> int:
        if not self._remap:
            x = WIDTH - 1 - x
        return self.first_visible_column + x
