"""The display driver against the models of both controllers.

What it sends is recorded on the real MicroPython and played to a model; for `detect` it runs here.
"""

from collections.abc import Iterator

import pytest

from host_tools.simulator.devices.i2c import I2CBus, Nack
from host_tools.simulator.devices.oled import Oled
from host_tools.simulator.devices.sh1106 import SH1106
from host_tools.simulator.devices.ssd1306 import SSD1306
from picototp.board.display import detect
from tests.firmware.screens.on_micropython import run

SEED = "20261123"


class Playback:
    """Plays a recording to a model and notes the bytes of picture data that each case took."""

    def __init__(self, model: Oled, lines: list[str]) -> None:
        self.model = model
        self.bus = I2CBus()
        self.bus.attach(model)
        self.data_bytes: dict[str, list[int]] = {}
        self.when_lit: dict[str, list[str]] = {}  # what stood there at the first light
        self.pictures = 0
        self.lit = False
        self.shown: dict[str, list[str]] = {}
        for line in lines:
            self._play(*line.split(" ", 1))

    def _play(self, what: str, rest: str = "") -> None:
        if what == "w":
            was_on = self.model.on
            self.bus.write(0x3C, bytes.fromhex(rest))
            if self.model.on and not was_on:
                self.when_lit[self.case] = self.model.rows()
            self.data_bytes[self.case][-1] = self.model.data_bytes_written
        elif what == "lost":
            self.model.power_off()
        elif what == "case":
            self.case = rest
            self.model.data_bytes_written = 0
            self.data_bytes.setdefault(rest, []).append(0)
        elif what == "shown":
            self.pictures += 1
            lit_before, self.model.on = self.model.on, True
            self.shown[self.case] = self.model.rows()
            assert self.shown[self.case] == rows(bytes.fromhex(rest)), self.case
            self.model.on = lit_before
        elif what == "turned":
            expected = [row[::-1] for row in reversed(rows(bytes.fromhex(rest)))]
            assert self.model.rows() == expected, self.case
        elif what == "dark":
            assert not self.model.on
        else:
            raise ValueError(what)


def rows(picture: bytes) -> list[str]:
    """64 rows of '#' and '.' of a MONO_VLSB picture."""
    return [
        "".join("#" if picture[y // 8 * 128 + x] >> y % 8 & 1 else "." for x in range(128))
        for y in range(64)
    ]


@pytest.fixture(scope="module", params=["ssd1306", "sh1106"])
def played(request: pytest.FixtureRequest) -> Iterator[Playback]:
    model = SSD1306() if request.param == "ssd1306" else SH1106()
    print("seed", SEED)
    yield Playback(model, run("record_display.py", request.param, SEED))


def test_every_picture_arrives_exactly(played: Playback) -> None:
    assert played.pictures > 120
    assert played.model.on
    assert played.model.supplied


def test_the_controller_has_nothing_to_complain_about(played: Playback) -> None:
    assert played.model.complaints == []


def test_a_picture_that_did_not_change_costs_nothing(played: Playback) -> None:
    assert played.data_bytes["start"] == [1024]
    assert played.data_bytes["unchanged"] == [0]


def test_one_second_costs_few_bytes(played: Playback) -> None:
    seconds = played.data_bytes["second"]
    assert len(seconds) == 24
    assert max(seconds) < 130
    assert min(seconds) > 0


def test_the_dark_leaves_nothing_in_the_panel(played: Playback) -> None:
    assert set("".join(played.shown["blanked"])) == {"."}
    assert played.data_bytes["blank"] == [0]


def test_light_comes_with_the_code_and_without_anything_old(played: Playback) -> None:
    first, then = played.when_lit["light"], played.shown["light"]
    assert first[16:48] == then[16:48]
    assert set("".join(first[:16] + first[48:])) == {"."}
    assert set("".join(then[:16] + then[48:])) == {".", "#"}


class BusOfMachine:
    """machine.I2C's methods over the models' bus."""

    def __init__(self, bus: I2CBus) -> None:
        self.bus = bus

    def writeto(self, address: int, buffer: bytes) -> int:
        try:
            return self.bus.write(address, buffer)
        except Nack as error:
            raise OSError(5) from error

    def readfrom(self, address: int, count: int) -> bytes:
        try:
            return self.bus.read(address, count)
        except Nack as error:
            raise OSError(5) from error


@pytest.mark.parametrize("address", [0x3C, 0x3D])
@pytest.mark.parametrize(
    ("status", "controller"),
    [
        (0x43, "ssd1306"),
        (0x03, "ssd1306"),
        (0x06, "ssd1306"),
        (0x47, "ssd1306"),
        (0x04, "ssd1306"),
        (0x48, "sh1106"),
        (0x08, "sh1106"),
        (0x40, "sh1106"),
        (0x00, "sh1106"),
    ],
)
def test_detect_knows_the_controller_by_its_status(
    address: int, status: int, controller: str
) -> None:
    model = SSD1306()
    model.address = address
    model.read_byte = lambda: status
    bus = I2CBus()
    bus.attach(model)
    assert detect(BusOfMachine(bus)) == (address, controller)


def test_detect_finds_no_display() -> None:
    assert detect(BusOfMachine(I2CBus())) is None


def test_detect_takes_a_display_that_cannot_be_read_for_the_usual_one() -> None:
    class WriteOnly(BusOfMachine):
        def readfrom(self, address: int, count: int) -> bytes:
            raise OSError(5)

    bus = I2CBus()
    bus.attach(SH1106())
    assert detect(WriteOnly(bus)) == (0x3C, "ssd1306")
