"""The four boards: facts from MicroPython's and pico-sdk's sources, written down a second time."""

import struct
from pathlib import Path

import pytest

from hardware import netlist
from host_tools.commands import image, install
from host_tools.commands.terminal import exit_code
from host_tools.errors import NoToken, ToolError
from host_tools.pico import board_files, bootsel, littlefs_image, micropython_image, uf2
from host_tools.pico.boards import BOARDS, PICO, PICO_2, PICO_W, Board

ROOT = Path(__file__).resolve().parents[3]
# name: UF2 family, flash, file system (MICROPY_HW_FLASH_STORAGE_BYTES), its start, Board-ID.
FACTS = {
    "pico": (0xE48BFF56, 2 << 20, 1408 << 10, 0xA0000, "RPI-RP2"),
    "pico-w": (0xE48BFF56, 2 << 20, 848 << 10, 0x12C000, "RPI-RP2"),
    "pico2": (0xE48BFF59, 4 << 20, (4 << 20) - (1 << 20), 0x100000, "RP2350"),
    "pico2-w": (0xE48BFF59, 4 << 20, (4 << 20) - (1536 << 10), 0x180000, "RP2350"),
}
OFFICIAL = {
    "pico": "RPI_PICO-20260406-v1.28.0.uf2",
    "pico-w": "RPI_PICO_W-20260406-v1.28.0.uf2",
    "pico2": "RPI_PICO2-20260406-v1.28.0.uf2",
    "pico2-w": "RPI_PICO2_W-20260406-v1.28.0.uf2",
}
ABSOLUTE = 0xE48BFF57
every_board = pytest.mark.parametrize("board", BOARDS.values(), ids=lambda board: board.name)


def block(board: Board, offset=0, family=None, data=bytes(256)) -> bytes:
    family = board.uf2_family if family is None else family
    head = (0x0A324655, 0x9E5D5157, 0x2000, 0x1000_0000 + offset, 256, 0, 1, family)
    return struct.pack("<8I", *head) + data.ljust(476, b"\0") + struct.pack("<I", 0x0AB16F30)


def micropython(board: Board, folder, first=b""):
    """A file that could be the board's MicroPython."""
    path = folder / board.image_name
    name = (b"MicroPython on " + board.machine.encode()).ljust(256, b"\0")
    path.write_bytes(first + block(board, 0) + block(board, 256, data=name))
    return path


@every_board
def test_facts(board):
    told = (
        *(board.uf2_family, board.flash_size, board.file_system_size),
        *(board.file_system_start, board.bootsel_id),
    )
    assert told == FACTS[board.name]
    assert board.image_name == OFFICIAL[board.name]
    assert board.machine.rpartition(" ")[2] == board.chip


@every_board
def test_the_token_image_has_family_and_layout_of_its_board(board, tmp_path):
    base = uf2.read_image(micropython(board, tmp_path), board)
    data = image.token_uf2(base, board)
    families = {struct.unpack_from("<I", data, at + 28)[0] for at in range(0, len(data), 512)}
    assert families == {board.uf2_family}
    path = tmp_path / "token.uf2"
    path.write_bytes(data)
    blocks = uf2.read_image(path, board).blocks
    content = b"".join(blocks[at] for at in range(board.file_system_start, board.flash_size, 256))
    assert content == littlefs_image.file_system(board_files.collect(), board.file_system_size)
    assert littlefs_image.stored_file(content, "/boot.py").startswith(b'"""Runs first.')
    assert max(blocks) == board.flash_size - 256


def test_the_drawings_know_the_same_boards():
    drawn = {f"Raspberry Pi {board.title}": board.chip for board in netlist.BOARDS}
    assert drawn == {board.title: board.chip for board in BOARDS.values()}


def test_the_page_says_what_the_table_says():
    page = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
    for board in BOARDS.values():
        start = f"{board.file_system_start // 1024:,} KB"
        row = f"| `{board.name}` | `{board.image_name}` | `{board.bootsel_id}` | {start} |"
        assert row in page


def test_the_block_that_an_rp2350_wants_first_stays_first(tmp_path):
    first = block(PICO_2, 0xFFFF00, family=ABSOLUTE, data=b"\xef" * 256)
    base = uf2.read_image(micropython(PICO_2, tmp_path, first), PICO_2)
    assert base.first == [first] and 0xFFFF00 not in base.blocks
    data = image.token_uf2(base, PICO_2)
    assert data.startswith(first) and data.count(struct.pack("<I", ABSOLUTE)) == 1


def test_an_rp2040_has_no_such_block(tmp_path):
    path = micropython(PICO, tmp_path, block(PICO, 0xFFFF00, family=ABSOLUTE))
    with pytest.raises(ToolError, match="another chip"):
        uf2.read_image(path, PICO)


@every_board
def test_the_image_of_another_board_is_refused_and_named(board, tmp_path):
    path = micropython(board, tmp_path)
    for other in BOARDS.values():
        if other is board:
            assert uf2.read_image(path, other).blocks[0] == bytes(256)
            continue
        with pytest.raises(ToolError) as caught:
            uf2.read_image(path, other)
        assert f"--board {board.name}" in caught.value.message
        assert "\n" not in caught.value.message


@every_board
def test_a_program_that_reaches_into_the_file_system_is_refused(board, tmp_path):
    path = tmp_path / "large.uf2"
    path.write_bytes(uf2.write_uf2({0: bytes(256), board.file_system_start: bytes(256)}, board))
    with pytest.raises(ToolError, match="file system"):
        image.token_uf2(uf2.read_image(path, board), board)


@every_board
def test_an_image_in_the_cache_is_found_by_its_name(board, tmp_path, monkeypatch):
    monkeypatch.setattr(micropython_image, "cache_folder", lambda: tmp_path)
    for other in BOARDS.values():
        micropython(other, tmp_path)
    digest = micropython_image.hashlib.sha256((tmp_path / PICO.image_name).read_bytes())
    monkeypatch.setattr(micropython_image, "PINNED_SHA256", digest.hexdigest())
    found = micropython_image.find_image(None, board=board)
    assert found.path.name == board.image_name


def test_what_cannot_be_known_again_is_not_fetched(tmp_path, monkeypatch):
    """The SHA-256 of the Pico's image alone is known here."""
    monkeypatch.setattr(micropython_image, "cache_folder", lambda: tmp_path)
    monkeypatch.setattr(micropython_image.urllib.request, "urlopen", None)
    with pytest.raises(ToolError) as caught:
        micropython_image.find_image(None, board=PICO_W)
    assert PICO_W.image_url in caught.value.message and "--image" in caught.value.message
    assert "\n" not in caught.value.message


def drive(folder, board_id: str):
    folder.mkdir()
    text = f"UF2 Bootloader v1.0\nModel: Raspberry Pi\nBoard-ID: {board_id}\n"
    (folder / "INFO_UF2.TXT").write_text(text)
    return folder


@every_board
def test_the_drive_of_its_chip_is_found_and_of_the_other_is_named(board, tmp_path):
    here = drive(tmp_path / "here", board.bootsel_id)
    assert bootsel.find_drive([here], board) == here
    for other in BOARDS.values():
        if other.chip != board.chip:
            with pytest.raises(ToolError) as caught:
                bootsel.find_drive([here], other)
            assert f"--board {board.name}" in caught.value.message


def test_a_drive_whose_id_only_begins_alike_is_another_chips(tmp_path):
    other = drive(tmp_path / "other", "RPI-RP2999")
    with pytest.raises(ToolError, match="another chip"):
        bootsel.find_drive([other], PICO)


def test_without_a_drive_it_says_which_one_is_looked_for():
    with pytest.raises(NoToken, match="RP2350"):
        bootsel.find_drive([], PICO_2)


# --- on the command line -------------------------------------------------------------------------


def end(command, *arguments: str) -> int:
    """The exit code of a command."""
    return exit_code(lambda: command.main(args=list(arguments), standalone_mode=False))


def test_board_goes_with_flash(capsys):
    assert end(install.install, "--board", "pico2") == 2
    assert "--board goes with --flash" in capsys.readouterr().err


@every_board
def test_flashing_takes_the_image_of_the_board_and_its_drive(board, tmp_path, monkeypatch, capsys):
    path = micropython(board, tmp_path)
    here = drive(tmp_path / "here", board.bootsel_id)
    monkeypatch.setattr(bootsel, "_mounts", lambda: [here])
    copied = []
    monkeypatch.setattr(bootsel, "copy_to", lambda *what: copied.append(what[:2]))
    assert end(install.install, "--flash", "--board", board.name, "--image", str(path)) == 0
    assert copied == [(here, path)]
    for other in BOARDS.values():
        if other is not board:
            assert end(install.install, "--flash", "--board", other.name, "--image", str(path)) == 1
            assert f"--board {board.name}" in capsys.readouterr().err.splitlines()[-1]
    assert len(copied) == 1


@every_board
def test_an_image_of_everything_for_each_board(board, tmp_path):
    path, out = micropython(board, tmp_path), tmp_path / "token.uf2"
    arguments = ("-o", str(out), "--board", board.name, "--image", str(path))
    assert end(image.image, *arguments) == 0
    assert uf2.read_image(out, board).blocks[board.file_system_start]


def test_an_unknown_board_is_a_wrong_option(tmp_path):
    assert end(image.image, "-o", str(tmp_path / "a.uf2"), "--board", "pico3") == 2
