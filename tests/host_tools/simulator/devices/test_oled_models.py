"""The SSD1306 and SH1106 models over the bus: framing, addressing, panel settings, picture."""

import itertools

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from host_tools.simulator.devices.i2c import I2CBus
from host_tools.simulator.devices.sh1106 import SH1106
from host_tools.simulator.devices.ssd1306 import SSD1306

# As the data sheet's application note and the usual modules want it.
INIT = bytes.fromhex("ae200040a1a83fc8d300da12d580d9f1db3081ffa4a68d14")
WHOLE = bytes.fromhex("21007f220007")
DARK = ["." * 128] * 64
LIT = ["#" * 128] * 64


class Panel:
    """A display on a bus."""

    def __init__(self, display=None):
        self.display = SSD1306() if display is None else display
        self.bus = I2CBus()
        self.bus.attach(self.display)

    def commands(self, *values):
        data = b"".join(v if isinstance(v, bytes) else bytes((v,)) for v in values)
        assert self.bus.write(0x3C, b"\x00" + data) == 1 + len(data)

    def data(self, data):
        assert self.bus.write(0x3C, b"\x40" + data) == 1 + len(data)

    def fill(self, value):
        self.commands(WHOLE)
        self.data(bytes((value,)) * 1024)

    def lit(self):
        """Coordinates (x, y) of the lit pixels."""
        return {
            (x, y)
            for y, row in enumerate(self.display.rows())
            for x, character in enumerate(row)
            if character == "#"
        }


@pytest.fixture
def panel():
    panel = Panel()
    panel.commands(INIT, 0xAF)
    panel.fill(0)
    return panel


def sh1106_panel():
    panel = Panel(SH1106())
    panel.commands(0xA1, 0xC8, 0xAF)
    for page in range(8):
        panel.commands(0xB0 + page, 0x00, 0x10)
        panel.data(bytes(132))
    return panel


def test_a_fresh_panel_is_dark_and_says_so():
    panel = Panel()
    assert panel.display.rows() == DARK
    assert not panel.display.on
    assert panel.bus.read(0x3C, 1) == b"\x43"
    panel.commands(0xAF)
    assert panel.bus.read(0x3C, 2) == b"\x03\x03"
    assert Panel(SH1106()).bus.read(0x3C, 1) == b"\x48"


def test_nothing_lights_without_the_charge_pump(panel):
    panel.fill(0xFF)
    assert panel.display.rows() == LIT
    panel.commands(0x8D, 0x10)
    assert panel.display.rows() == DARK and panel.display.on
    panel.commands(0x8D, 0x14)
    assert panel.display.rows() == LIT
    panel.commands(0xAE)
    assert panel.display.rows() == DARK and not panel.display.on


def test_the_ram_has_noise_in_it_after_power_up():
    panel = Panel()
    panel.commands(INIT, 0xAF)
    assert 1_000 < len(panel.lit()) < 7_000


def test_upright_orientation_and_bit_order(panel):
    panel.commands(WHOLE)
    panel.data(b"\x01" + bytes(126) + b"\x80")
    assert panel.lit() == {(0, 0), (127, 7)}


@pytest.mark.parametrize(
    ("commands", "pixel"),
    [("a1c8", (3, 17)), ("a0c8", (124, 17)), ("a1c0", (3, 46)), ("a0c0", (124, 46))],
)
def test_remapping_mirrors(panel, commands, pixel):
    panel.commands(bytes.fromhex(commands), bytes.fromhex("210303220202"))
    panel.data(b"\x02")
    assert panel.lit() == {pixel}


def test_segment_remap_leaves_old_data_alone_on_the_ssd1306_only(panel):
    panel.commands(WHOLE)
    panel.data(b"\x01")
    panel.commands(0xA0)
    assert panel.lit() == {(0, 0)}
    other = sh1106_panel()
    other.commands(0xB0, 0x02, 0x10)
    other.data(b"\x01")
    assert other.lit() == {(0, 0)}
    other.commands(0xA0)
    assert other.lit() == {(127, 0)}


def test_inverse_and_all_on(panel):
    panel.data(b"\x01")
    panel.commands(0xA7)
    assert panel.lit() == {(x, y) for x in range(128) for y in range(64)} - {(0, 0)}
    panel.commands(0xA5)
    assert panel.display.rows() == LIT
    panel.commands(0xA4, 0xA6)
    assert panel.lit() == {(0, 0)}


def test_start_line_and_offset_scroll_up_and_wrap(panel):
    panel.data(b"\x01")
    for command, y in ((b"\x41", 63), (b"\x7f", 1), (b"\x40\xd3\x01", 63), (b"\xd3\x3f", 1)):
        panel.commands(command)
        assert panel.lit() == {(0, y)}


def test_offset_shifts_the_other_way_when_the_scan_is_not_reversed(panel):
    panel.data(b"\x01")
    panel.commands(0xC0, 0xD3, 0x08)  # COM0, at the bottom of the module, shows row 8
    assert panel.lit() == {(0, 7)}
    panel.commands(0xA8, 0x2F, 0xA5)  # 48 rows, from row 8 on COM0
    assert panel.display.rows() == LIT[:8] + DARK[:16] + LIT[:40]


def test_a_smaller_multiplex_ratio_leaves_rows_dark(panel):
    panel.commands(0xA5, 0xA8, 0x1F)
    assert panel.display.rows() == DARK[:32] + LIT[:32]
    panel.commands(0xC0)
    assert panel.display.rows() == DARK[:32] + LIT[:32]
    assert panel.display.complaints == []
    panel.commands(0xA8, 0x0E)
    assert panel.display.complaints == ["multiplex ratio 15"]


def expected_cells(mode, columns, pages):
    """Order in which a window is filled, as (column, page)."""
    column_range = range(columns[0], columns[1] + 1)
    page_range = range(pages[0], pages[1] + 1)
    if mode == 0:
        cells = [(column, page) for page in page_range for column in column_range]
    else:
        cells = [(column, page) for column in column_range for page in page_range]
    return itertools.cycle(cells)


def window(limit):
    return st.tuples(st.integers(0, limit), st.integers(0, limit)).map(sorted)


@settings(max_examples=60)
@given(st.sampled_from([0, 1]), window(127), window(7), st.binary(max_size=1500),
       st.integers(0, 1500))  # fmt: skip
def test_windows_are_filled_in_order_and_wrap(mode, columns, pages, data, split):
    panel = Panel()
    panel.commands(INIT, 0xAF)
    panel.fill(0)
    panel.commands(0x20, mode, 0x21, *columns, 0x22, *pages)
    panel.data(data[:split])
    panel.data(data[split:])  # the pointers outlive a transfer
    ram = {}
    for cell, value in zip(expected_cells(mode, columns, pages), data, strict=False):
        ram[cell] = value
    assert panel.lit() == {
        (column, 8 * page + bit)
        for (column, page), value in ram.items()
        for bit in range(8)
        if value >> bit & 1
    }
    assert panel.display.complaints == []


@settings(max_examples=40)
@given(st.integers(0, 7), st.integers(0, 127), st.binary(max_size=200))
@example(3, 120, b"\xa5" * 40)
def test_page_addressing_stays_in_its_page(page, column, data):
    panel = Panel()
    panel.commands(INIT, 0xAF)
    panel.fill(0)
    panel.commands(0x20, 2, 0xB0 + page, column & 0x0F, 0x10 | column >> 4)
    panel.data(data)
    ram = {(column + i) % 128: value for i, value in enumerate(data)}
    assert panel.lit() == {
        (x, 8 * page + bit) for x, value in ram.items() for bit in range(8) if value >> bit & 1
    }


@settings(max_examples=40)
@given(st.integers(0, 7), st.integers(0, 131), st.binary(max_size=200))
@example(3, 120, b"\xa5" * 40)
def test_the_sh1106_shows_columns_2_to_129_and_stops_at_the_end(page, column, data):
    panel = sh1106_panel()
    panel.commands(0xB0 + page, column & 0x0F, 0x10 | column >> 4)
    panel.data(data)
    ram = {column + i: value for i, value in enumerate(data)}
    assert panel.lit() == {
        (x - 2, 8 * page + bit)
        for x, value in ram.items()
        for bit in range(8)
        if 2 <= x < 130 and value >> bit & 1
    }
    assert panel.display.complaints == []


def test_control_bytes_may_mix_commands_and_data(panel):
    before = panel.display.data_bytes_written
    # Single commands, one single data byte, then a stream of data, all in one transfer.
    single = b"".join(bytes((0x80, c)) for c in (0x21, 5, 9, 0x22, 1, 1))
    panel.bus.write(0x3C, single + b"\xc0\x01" + b"\x40\x02\x04\x00")
    assert panel.lit() == {(5, 8), (6, 9), (7, 10)}
    assert panel.display.data_bytes_written - before == 4


def test_arguments_may_come_in_transfers_of_their_own(panel):
    for command in (0x21, 5, 9, 0x22, 1, 1, 0x81, 0x33):
        panel.bus.write(0x3C, bytes((0x80, command)))
    panel.data(b"\x01")
    assert panel.lit() == {(5, 8)}
    assert panel.display.contrast == 0x33


@pytest.mark.parametrize(
    "command", ["26000007000000", "27000007000000", "290000070001", "2a0000070001",
                "a30040", "2e", "2f", "d580", "d9f1", "db20", "da12", "e3"]
)  # fmt: skip
def test_commands_take_exactly_their_arguments(panel, command):
    panel.commands(bytes.fromhex(command), 0x81, 0x21)
    assert panel.display.contrast == 0x21
    assert panel.display.complaints == []


def test_counters_tell_what_was_sent(panel):
    panel.display.data_bytes_written = panel.display.command_bytes_written = 0
    panel.commands(0x21, 10, 13, 0x22, 2, 2)
    panel.data(b"1234")
    assert panel.display.data_bytes_written == 4
    assert panel.display.command_bytes_written == 6


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        ("23", "unknown command 0x23"),
        ("b0", "0xb0 outside page addressing mode"),
        ("2003", "addressing mode 3"),
        ("210905", "0x21 with window [9, 5]"),
        ("220009", "0x22 with window [0, 9]"),
        ("da02", "sequential COM pins on a panel that is wired for alternative ones"),
    ],
)
def test_what_the_data_sheet_does_not_allow_is_noted(panel, command, complaint):
    panel.commands(bytes.fromhex(command))
    assert panel.display.complaints == [complaint]
    panel.data(b"\x01")
    assert panel.lit() == {(0, 0)}


def test_malformed_transfers_are_noted_too(panel):
    panel.commands(0x20, 2, 0x21, 0, 5)
    panel.commands(0x81)
    panel.data(b"\x00")
    panel.bus.write(0x3C, b"\x01\xe3")
    assert panel.display.complaints == [
        "0x21 in page addressing mode",
        "data while command 0x81 waits for arguments",
        "control byte 0x01",
    ]


def test_the_sh1106_takes_unknown_arguments_for_commands():
    panel = sh1106_panel()
    panel.commands(0x8D, 0x14)
    panel.commands(0x21, 0x00, 0x7F)
    assert panel.display.complaints == ["unknown command 0x8d", "unknown command 0x21"]
    panel.commands(0xA5)
    assert panel.display.rows() == LIT
    panel.commands(0xAD, 0x8A)
    assert panel.display.rows() == DARK
    panel.commands(0xAD, 0x8B)
    assert panel.display.rows() == LIT


def test_sh1106_read_modify_write_returns_to_its_column():
    panel = sh1106_panel()
    panel.commands(0xB1, 0x04, 0x10, 0xE0)
    panel.data(b"\x01\x01")
    panel.commands(0xEE)
    panel.data(b"\x02")
    assert panel.lit() == {(2, 9), (3, 8)}


def test_state_outlives_everything_but_power(panel):
    panel.fill(0xFF)
    panel.display.present = False
    panel.display.present = True
    assert panel.display.rows() == LIT
    panel.display.power_off()
    assert panel.display.rows() == DARK and not panel.display.on
    assert panel.display.contrast == 0x7F
    panel.commands(0xAF)
    assert panel.display.rows() == DARK  # the pump is off again


@pytest.mark.parametrize("scale", [1, 2, 3, 4, 8])
def test_png_shows_each_pixel_in_its_place(panel, tmp_path, scale):
    panel.commands(0x21, 7, 7, 0x22, 3, 3)
    panel.data(b"\x05")
    path = tmp_path / "screen.png"
    panel.display.png(path, scale)
    with Image.open(path) as picture:
        assert picture.size == (130 * scale, 66 * scale)
        bright = bright_cells(picture.convert("RGB"), scale)
    assert bright == {(7, 24), (7, 26)}


def bright_cells(picture, scale):
    """Panel pixels whose top left image pixel is bright."""
    return {
        (x, y)
        for x in range(-1, 129)
        for y in range(-1, 65)
        if sum(picture.getpixel(((x + 1) * scale, (y + 1) * scale))) > 300
    }


def test_png_refuses_an_absurd_scale(panel, tmp_path):
    for scale in (0, 33):
        with pytest.raises(ValueError):
            panel.display.png(tmp_path / "screen.png", scale)
