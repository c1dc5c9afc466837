"""UF2 files: the one of a whole token, and copying one onto a board in BOOTSEL mode."""

import struct
import threading
from pathlib import Path

import pytest

from host_tools.commands import image
from host_tools.errors import NoToken, ToolError, UsageProblem
from host_tools.pico import (
    board_files,
    bootsel,
    flash_layout,
    littlefs_image,
    uf2,
)
from waiting import eventually

PROGRAM = bytes(range(256))


@pytest.fixture
def micropython(tmp_path):
    """A UF2 file that could be MicroPython's."""
    path = tmp_path / "micropython.uf2"
    path.write_bytes(uf2.write_uf2({0: PROGRAM, 0x1000: PROGRAM[::-1]}))
    return path


def test_the_token_image_holds_micropython_and_the_firmware(micropython, tmp_path):
    path = tmp_path / "token.uf2"
    path.write_bytes(image.token_uf2(uf2.read_image(micropython)))
    blocks = uf2.read_image(path).blocks
    assert blocks[0] == PROGRAM
    assert blocks[0x1000] == PROGRAM[::-1]
    start = flash_layout.FILE_SYSTEM_START
    size = flash_layout.FILE_SYSTEM_SIZE
    content = b"".join(blocks[offset] for offset in range(start, start + size, 256))
    assert content == littlefs_image.file_system(board_files.collect())
    assert len(blocks) == 2 + size // 256


def test_its_blocks_are_numbered_and_for_the_rp2040(micropython):
    data = image.token_uf2(uf2.read_image(micropython))
    count = len(data) // 512
    addresses = []
    for number in range(count):
        fields = struct.unpack_from("<8I", data, number * 512)
        assert fields[0:2] == (0x0A324655, 0x9E5D5157)
        assert fields[2] == 0x2000
        assert fields[4:] == (256, number, count, 0xE48BFF56)
        assert struct.unpack_from("<I", data, number * 512 + 508) == (0x0AB16F30,)
        addresses.append(fields[3])
    assert addresses == sorted(set(addresses))
    assert addresses[0] == 0x1000_0000


def test_an_image_that_reaches_into_the_file_system_is_refused(tmp_path):
    path = tmp_path / "large.uf2"
    path.write_bytes(uf2.write_uf2({0: PROGRAM, flash_layout.FILE_SYSTEM_START: PROGRAM}))
    with pytest.raises(ToolError, match="file system"):
        image.token_uf2(uf2.read_image(path))


# --- a board in BOOTSEL mode ---------------------------------------------------------------------


@pytest.fixture
def drive(tmp_path):
    """What the boot ROM shows, as a folder."""
    folder = tmp_path / "RPI-RP2"
    folder.mkdir()
    text = "UF2 Bootloader v3.0\nModel: Raspberry Pi RP2\nBoard-ID: RPI-RP2\n"
    (folder / "INFO_UF2.TXT").write_text(text)
    return folder


def test_the_drive_is_found_among_others(drive, tmp_path):
    assert bootsel.find_drive([tmp_path, tmp_path / "nowhere", drive]) == drive


@pytest.mark.parametrize(
    ("name", "folder"),
    [("/media/jürgen/RPI-RP2", "/media/jürgen/RPI-RP2"), ("/a\\040b\\134c", "/a b\\c")],
)
def test_a_mount_point_of_any_name(name, folder):
    assert bootsel._mount_point(f"/dev/sda1 {name} vfat rw 0 0") == Path(folder)


def test_no_drive(tmp_path):
    with pytest.raises(NoToken, match="BOOTSEL"):
        bootsel.find_drive([tmp_path])


def test_two_drives(drive):
    with pytest.raises(UsageProblem, match="several"):
        bootsel.find_drive([drive, drive])


def test_another_chips_drive(drive):
    (drive / "INFO_UF2.TXT").write_text("Model: Raspberry Pi RP2350\nBoard-ID: RP2350\n")
    with pytest.raises(ToolError, match="another chip"):
        bootsel.find_drive([drive])


def test_the_image_is_copied_and_the_restart_seen(drive, micropython):
    size = micropython.stat().st_size

    def restart() -> None:
        """As the boot ROM: with the last block the drive goes."""
        copy = drive / "NEW.UF2"
        eventually(lambda: copy.exists() and copy.stat().st_size == size)
        (drive / "INFO_UF2.TXT").unlink()

    board = threading.Thread(target=restart)
    board.start()
    sent = []
    bootsel.copy_to(drive, micropython, sent.append)
    board.join()
    assert sent[-1] == size
    assert (drive / "NEW.UF2").read_bytes() == micropython.read_bytes()


def test_a_board_that_does_not_restart(drive, micropython):
    with pytest.raises(ToolError, match="did not accept"):
        bootsel.copy_to(drive, micropython, restart_s=0.2)


def test_a_drive_that_goes_too_early(drive, tmp_path):
    micropython = tmp_path / "long.uf2"
    micropython.write_bytes(uf2.write_uf2({at: PROGRAM for at in range(0, 0x8000, 256)}))
    (drive / "NEW.UF2").symlink_to("/dev/full")
    with pytest.raises(ToolError, match="copying"):
        bootsel.copy_to(drive, micropython, restart_s=0.2)
