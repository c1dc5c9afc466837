"""Which power cuts are alike: those after which a start reads the same of the flash."""

import random
from functools import partial

import pytest
from littlefs import LittleFS, UserContext
from littlefs.lfs import LFSConfig

from flash_log import SEED, FlashLog, lasting
from flash_tree import files_in, sector, sectors_read, with_files
from host_tools.client.ports import SerialConnection
from host_tools.client.token_client import TokenClient
from host_tools.credentials.credential import Credential
from host_tools.pico.flash_layout import SECTOR_SIZE
from host_tools.pico.littlefs_image import file_system
from host_tools.simulator.board import VirtualBoard
from host_tools.simulator.devices.flash import Flash
from tests.chip.chip_bench import say_yes
from tests.chip.cut_starts import telling_cuts

BIG = bytes(range(256)) * 40
ALICE = Credential("Example", "alice", b"12345678901234567890")


def spoilt(flash: bytes) -> bytes:
    """The flash with something else in every sector that littlefs has no reason to read."""
    print(f"PICOTOTP_TEST_SEED={SEED}")
    content = bytearray(random.Random(SEED).randbytes(len(flash)))
    for number, data in sectors_read(flash).items():
        content[number * SECTOR_SIZE : (number + 1) * SECTOR_SIZE] = data
    return bytes(content)


class FlashDisk(UserContext):
    """Has littlefs work on the flash model."""

    def __init__(self, flash: Flash) -> None:
        super().__init__(flash.size)
        self.flash = flash

    def read(self, cfg: LFSConfig, block: int, off: int, size: int) -> bytes:
        return self.flash.read(block * SECTOR_SIZE + off, size)

    def prog(self, cfg: LFSConfig, block: int, off: int, data: bytes) -> int:
        self.flash.program(block * SECTOR_SIZE + off, data)
        return 0

    def erase(self, cfg: LFSConfig, block: int) -> int:
        self.flash.erase(block)
        return 0


def test_all_files_are_in_the_sectors_that_are_read():
    flash = file_system({"/big": BIG, "/data/small": b"small"})
    found = sectors_read(flash)
    assert all(sector(flash, number) == data for number, data in found.items())
    assert len(found) >= 2 + len(BIG) / SECTOR_SIZE + 2  # two folders, of two sectors each
    assert len(found) < len(flash) / SECTOR_SIZE / 2
    assert files_in(spoilt(flash)) == files_in(flash)


def test_only_cuts_that_leave_something_else_to_read_tell():
    flash = Flash(None, 64)
    flash.fill(file_system({"/old": BIG}, flash.size))
    disk = LittleFS(context=FlashDisk(flash), block_size=SECTOR_SIZE, block_count=flash.sectors)
    with FlashLog(flash) as log, disk.open("/new", "wb") as file:
        file.write(BIG[::-1])
    telling = [*telling_cuts(log)]
    assert 1 < len(telling) < log.cuts / 2
    states = [files_in(content) for content in log.contents()]
    assert len(lasting(states)) > 1
    assert lasting([states[cut] for cut in telling]) == lasting(states)
    seen = {}
    for cut, content in enumerate(log.contents()):
        assert (sectors_read(content) != seen) == (cut in telling), cut
        seen = sectors_read(content)


@pytest.mark.chip
def test_a_start_does_not_see_what_littlefs_does_not_read(plug_in, firmware, tmp_path_factory):
    """The same start, to a ten-thousandth, and the same flash operations, with an account that is
    added as well: what littlefs takes into use it erases first."""
    content = with_files(firmware, {"/data/other": BIG})
    found = []
    for flash in (content, spoilt(content)):
        folder = tmp_path_factory.mktemp("start")
        (folder / "flash.bin").write_bytes(flash)
        token = plug_in(VirtualBoard(folder))
        start_ns = token.engine.ready_ns
        agree = partial(say_yes, token)
        with TokenClient(SerialConnection(token.port.path), agree) as host:
            host.add(ALICE)
            accounts = host.accounts()
        files = files_in(token.board.flash)
        found.append((start_ns, token.board.flash.operations, accounts, {*files}))
        token.power(False)
    (one_ns, *one), (other_ns, *other) = found
    assert one == other
    assert one_ns == pytest.approx(other_ns, rel=1e-4)
