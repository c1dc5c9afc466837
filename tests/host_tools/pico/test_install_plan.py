"""What an installation consists of, and what it leaves alone."""

import json
import os
import subprocess

import pytest

from host_tools.errors import ToolError
from host_tools.pico import board_files, firmware_source, install_plan
from host_tools.pico.boards import BOARDS
from host_tools.pico.repl import _CHUNK_BYTES, BoardError, _without_interrupt
from interpreters import find_micropython

PICO_MPY = 4 << 10 | 3 << 8 | 6  # armv6m, version 6.3: what MicroPython 1.28 says on a Pico
RP2350_MPY = 7 << 10 | 3 << 8 | 6  # armv7emsp


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return board_files.collect()


def test_everything_is_compiled_but_what_micropython_runs_by_name(files):
    sources = [path for path in files if path.endswith(".py")]
    assert sorted(sources) == ["/boot.py", "/main.py"]
    assert "/picototp/board/maintenance.mpy" in files
    assert "/lib/adafruit_ds3231.mpy" in files


def test_of_the_drivers_what_is_imported_is_installed_and_nothing_else():
    """Asked of the real interpreter, for the drivers try to import what only CircuitPython has."""
    code = (
        "import sys, picototp.board.rtc\n"
        "for name in sys.modules:\n"
        "    print(name, getattr(sys.modules[name], '__file__', ''))\n"
    )
    packages = firmware_source.driver_source("adafruit_ds3231").parent
    done = subprocess.run(
        [find_micropython(), "-c", code],
        env={**os.environ, "MICROPYPATH": f"{firmware_source.PACKAGE_FOLDER.parent}:{packages}"},
        capture_output=True,
        text=True,
        check=True,
    )
    imported = [line.split() for line in done.stdout.splitlines() if line.startswith("adafruit")]
    files = [os.path.relpath(path, packages) for _, path in imported]
    assert sorted(files) == sorted(firmware_source.DRIVER_FILES)


def test_the_drivers_licences_come_along(files):
    licences = [files[path] for path in files if path.startswith("/lib/LICENSES/")]
    assert len(licences) == 3
    assert all(b"Permission is hereby granted" in text for text in licences)


def test_the_manifest_names_all_other_files(files):
    manifest = json.loads(files[board_files.MANIFEST])
    assert {*manifest["files"], board_files.MANIFEST} == set(files)
    assert board_files.listed(files[board_files.MANIFEST]) == manifest["files"]


def test_the_manifest_changes_with_any_file():
    one = board_files.with_manifest({"/main.py": b"1"}, "1")
    other = board_files.with_manifest({"/main.py": b"2"}, "1")
    assert one[board_files.MANIFEST] != other[board_files.MANIFEST]


@pytest.mark.parametrize("damaged", [b"", b"{", b"[]", b"{}", b'{"files": 3}', b'{"files": [3]}'])
def test_a_damaged_manifest_lists_nothing(damaged):
    assert board_files.listed(damaged) == []


def test_stale_is_what_was_installed_or_would_be_imported_instead():
    on_board = [
        "/main.py",
        "/picototp/gone.mpy",
        "/picototp/app/loop.py",  # a copy by hand
        "/lib/adafruit_ds3231.py",
        "/lib/once_needed.mpy",
        "/lib/somebody.py",
        "/notes.txt",
        "/data/vault.0",
        "/data/picototp/x",
    ]
    old = ["/lib/once_needed.mpy", "/data/vault.0"]
    assert board_files.stale(on_board, {"/main.py": b""}, old) == [
        "/lib/adafruit_ds3231.py",
        "/lib/once_needed.mpy",
        "/picototp/app/loop.py",
        "/picototp/gone.mpy",
    ]


def test_changed_is_told_by_content():
    wanted = {"/a": b"new", "/b": b"same", "/c": b"missing"}
    on_board = {"/a": board_files.sha256(b"old"), "/b": board_files.sha256(b"same")}
    assert board_files.changed(on_board, wanted) == ["/a", "/c"]


def test_a_pico_loads_the_files(files):
    assert board_files.mpy_problem(files, PICO_MPY) is None


@pytest.mark.parametrize(
    "mpy",
    [
        PICO_MPY + 1,  # bytecode of another version
        PICO_MPY - (1 << 8),  # the same, but another version of machine code
        7 << 10 | 2 << 8 | 6,  # an RP2350 with another version of machine code
        11 << 10 | 3 << 8 | 6,  # an RP2350 in RISC-V mode
        3 << 10 | 3 << 8 | 6,  # an older ARM
    ],
)
def test_another_board_does_not(files, mpy):
    assert board_files.mpy_problem(files, mpy)


class Board:
    """What `check_board` asks of a REPL."""

    port = "/dev/ttyX"

    def __init__(self, *answer):
        self._answer = answer

    def evaluate(self, expression):
        return self._answer


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (("circuitpython", (9, 2, 1), "Raspberry Pi Pico with rp2040", 0), "not MicroPython"),
        (("micropython", (1, 27, 0), "Raspberry Pi Pico with RP2040", PICO_MPY), "too old"),
        (("micropython", (1, 28, 0), "Raspberry Pi Pico2 with RP2350-RISCV", 0), "or RP2350"),
        (("micropython", (1, 28, 0), "Generic ESP32 module with ESP32", 0), "with RP2040"),
    ],
)
def test_a_board_that_cannot_be_a_token_is_named(answer, words):
    with pytest.raises(ToolError) as caught:
        install_plan.check_board(Board(*answer))
    assert words in caught.value.message
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("board", BOARDS.values(), ids=lambda board: board.name)
@pytest.mark.parametrize("version", [(1, 28, 0), (1, 29, 0), (2, 0, 0)])
def test_a_pico_is_welcome(version, board):
    answer = ("micropython", version, board.machine, PICO_MPY)
    assert install_plan.check_board(Board(*answer)) == PICO_MPY


def test_an_rp2350_runs_what_is_compiled_for_the_rp2040(files):
    assert board_files.mpy_problem(files, RP2350_MPY) is None


@pytest.mark.parametrize(
    "chunk",
    [
        b"\x03",
        b"\x00\x01\x03\x02" * 20,
        bytes(range(_CHUNK_BYTES)),
        bytes(value for value in range(256) if value != 3)[:_CHUNK_BYTES],
        bytes(value for value in range(256) if value != 3)[-_CHUNK_BYTES:],
    ],
)
def test_no_byte_on_the_line_stops_the_board(chunk):
    assert len(chunk) <= _CHUNK_BYTES
    sent = _without_interrupt(chunk)
    assert b"\x03" not in sent
    assert sent[1:].replace(sent[:1], b"\x03") == chunk


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Traceback ...\nOSError: 28\n", 28),
        ("OSError: [Errno 28] ENOSPC\n", 28),
        ("OSError: [Errno 2] ENOENT: /x", 2),
        ("ValueError: 28", None),
        ("OSError: no such thing", None),
        ("", None),
    ],
)
def test_errors_of_the_board(text, number):
    error = BoardError(text)
    assert error.number == number
    assert ("full" in error.message) == (number == 28)
    assert "\n" not in error.message
