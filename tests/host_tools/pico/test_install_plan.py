"""What an installation consists of, and what it leaves alone."""

import os
import subprocess

import pytest

import picototp
from host_tools.errors import ToolError
from host_tools.pico import board_files, firmware_build, firmware_source, install_plan
from host_tools.pico.boards import BOARDS
from host_tools.pico.firmware_source import DRIVER_PACKAGES
from host_tools.pico.repl import _CHUNK_BYTES, BoardError, _without_interrupt
from interpreters import find_micropython
from picototp.board import slots

PICO_MPY = 4 << 10 | 3 << 8 | 6  # armv6m, version 6.3: what MicroPython 1.28 says on a Pico
RP2350_MPY = 7 << 10 | 3 << 8 | 6  # armv7emsp


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return board_files.collect()


def test_a_new_token_has_few_files(files):
    names = ["/boot.py", "/firmware.a", "/firmware.use", "/main.py", "/rescue.mpy", "/slots.mpy"]
    assert sorted(files) == names
    assert files["/firmware.use"] == b"a=-"


def test_the_bundle_holds_the_firmware_compiled_and_the_drivers(files, tmp_path):
    path = tmp_path / "bundle"
    path.write_bytes(files["/firmware.a"])
    bundle = slots.Bundle(str(path), PICO_MPY)
    assert bundle.is_right() and bundle.version.decode() == picototp.__version__
    driver = firmware_build.names().modules["adafruit_ds3231"]
    for module in ("picototp/wiring", "picototp/board/maintenance", driver):
        assert bundle.open(f"/{module}.mpy", "rb").read()[:1] == b"M"
    licences = [bundle.open(f"/licences/{name}.txt", "rb").read() for name in DRIVER_PACKAGES]
    bundle._file.close()
    assert len(licences) == 3
    assert all(b"Permission is hereby granted" in text for text in licences)


def test_a_bundle_is_the_same_each_time(files, monkeypatch, tmp_path):
    """Built of the sources alone: kept or not."""
    monkeypatch.setattr(firmware_build, "cache_folder", lambda: tmp_path)
    build = firmware_build.bundle.__wrapped__
    assert build(compiled=False) == build(compiled=False) == firmware_build.bundle(compiled=False)
    (kept,) = (tmp_path / "bundles").iterdir()
    kept.write_bytes(kept.read_bytes()[:-1])
    assert build(compiled=False) == firmware_build.bundle(compiled=False)


def test_of_the_drivers_what_is_imported_is_installed_and_nothing_else():
    """Asked of the real interpreter, for the drivers try to import what only CircuitPython has."""
    code = (
        "import sys, picototp.board.busio_adapter\n"
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
    stand_ins = [name.replace(".", "/") + ".py" for name in firmware_build.STAND_INS]
    assert sorted(files) == sorted([*firmware_source.DRIVER_FILES, *stand_ins])


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
        "/main.py.new",  # of an installation that was cut off
        "/firmware.b.new",
    ]
    old = ["/lib/once_needed.mpy", "/data/vault.0"]
    assert board_files.stale(on_board, {"/main.py": b""}, old) == [
        "/firmware.b.new",
        "/lib/adafruit_ds3231.py",
        "/lib/once_needed.mpy",
        "/main.py.new",
        "/picototp/app/loop.py",
        "/picototp/gone.mpy",
    ]


def test_a_pico_loads_the_files(files):
    assert board_files.mpy_problem(files["/firmware.a"], PICO_MPY) is None


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
    assert board_files.mpy_problem(files["/firmware.a"], mpy)


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
    assert board_files.mpy_problem(files["/firmware.a"], RP2350_MPY) is None


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
