"""The boards that the firmware is for, and what the tools have to know of each.

Names and flash layouts: MicroPython, ports/rp2/boards/RPI_PICO*; the file system takes the end of
the flash. UF2 families: pico-sdk, boot/uf2.h. Only a Pico has been run, as an emulated RP2040.
"""

from dataclasses import dataclass

KB = 1024
DOWNLOADS = "https://micropython.org/resources/firmware/"
_RELEASE = "20260406-v1.28.0"
RP2040_FAMILY = 0xE48B_FF56
RP2350_ARM_FAMILY = 0xE48B_FF59
# A block of this family goes to its address on any chip. Images for the RP2350 begin with one, at
# the end of the room for flash, which works round a fault of its boot ROM (data sheet, RP2350-E10).
ABSOLUTE_FAMILY = 0xE48B_FF57


@dataclass(frozen=True)
class Board:
    """`name` is what --board takes, `machine` how MicroPython calls itself on it."""

    name: str
    title: str
    chip: str
    micropython: str
    machine: str
    uf2_family: int
    bootsel_id: str  # in INFO_UF2.TXT, by which the drive of its boot ROM is known
    flash_size: int
    file_system_size: int

    @property
    def file_system_start(self) -> int:
        """Bytes from the start of the flash."""
        return self.flash_size - self.file_system_size

    @property
    def image_name(self) -> str:
        """The official image of MicroPython that goes with this firmware."""
        return f"{self.micropython}-{_RELEASE}.uf2"

    @property
    def image_url(self) -> str:
        """Where it is."""
        return DOWNLOADS + self.image_name


PICO = Board(
    "pico",
    "Raspberry Pi Pico",
    chip="RP2040",
    uf2_family=RP2040_FAMILY,
    bootsel_id="RPI-RP2",
    micropython="RPI_PICO",
    machine="Raspberry Pi Pico with RP2040",
    flash_size=2048 * KB,
    file_system_size=1408 * KB,
)
PICO_W = Board(
    "pico-w",
    "Raspberry Pi Pico W",
    chip="RP2040",
    uf2_family=RP2040_FAMILY,
    bootsel_id="RPI-RP2",
    micropython="RPI_PICO_W",
    machine="Raspberry Pi Pico W with RP2040",
    flash_size=2048 * KB,
    file_system_size=848 * KB,
)
PICO_2 = Board(
    "pico2",
    "Raspberry Pi Pico 2",
    chip="RP2350",
    uf2_family=RP2350_ARM_FAMILY,
    bootsel_id="RP2350",
    micropython="RPI_PICO2",
    machine="Raspberry Pi Pico2 with RP2350",
    flash_size=4096 * KB,
    file_system_size=3072 * KB,
)
PICO_2_W = Board(
    "pico2-w",
    "Raspberry Pi Pico 2 W",
    chip="RP2350",
    uf2_family=RP2350_ARM_FAMILY,
    bootsel_id="RP2350",
    micropython="RPI_PICO2_W",
    machine="Raspberry Pi Pico 2 W with RP2350",
    flash_size=4096 * KB,
    file_system_size=2560 * KB,
)
BOARDS = {board.name: board for board in (PICO, PICO_W, PICO_2, PICO_2_W)}
CHIPS = tuple(dict.fromkeys(board.chip for board in BOARDS.values()))


def of_family(uf2_family: int) -> list[Board]:
    """The boards that UF2 files of a family are for; none if it is unknown."""
    return [board for board in BOARDS.values() if board.uf2_family == uf2_family]


def of_drive(info: str) -> list[Board]:
    """The boards that a boot ROM with this INFO_UF2.TXT can be on; none if it is unknown."""
    ids = [line.partition(":")[2].strip() for line in info.splitlines() if "Board-ID" in line]
    return [board for board in BOARDS.values() if board.bootsel_id in ids]
