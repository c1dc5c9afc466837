"""The NOR flash: bits, sectors, files, power cuts."""

import os
import random
import signal
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host_tools.pico.flash_layout import PAGE_SIZE, SECTOR_SIZE
from host_tools.simulator.devices.flash import Flash, PowerCut, Tear

SECTORS = 3
SEED = int(os.environ.get("PICOTOTP_TEST_SEED", random.randrange(1 << 32)))


@pytest.fixture(params=["memory", "file"])
def flash(request, tmp_path):
    flash = Flash(None if request.param == "memory" else tmp_path / "flash.bin", SECTORS)
    yield flash
    flash.close()


def test_a_new_flash_is_erased(flash):
    assert flash.size == SECTORS * SECTOR_SIZE
    assert flash.read(0, flash.size) == b"\xff" * flash.size
    assert flash.operations == 0


def test_programming_only_clears_bits_and_erasing_sets_a_sector(flash):
    flash.program(SECTOR_SIZE, b"\xf0\x0f\xff")
    flash.program(SECTOR_SIZE, b"\xaa\xaa\xaa")
    assert flash.read(SECTOR_SIZE - 1, 5) == b"\xff\xa0\x0a\xaa\xff"
    flash.program(2 * SECTOR_SIZE, b"\x00")
    flash.erase(1)
    assert flash.read(SECTOR_SIZE, SECTOR_SIZE) == b"\xff" * SECTOR_SIZE
    assert flash.read(2 * SECTOR_SIZE, 1) == b"\x00"
    assert flash.operations == 4


steps = st.lists(
    st.one_of(
        st.tuples(st.just("erase"), st.integers(0, SECTORS - 1), st.just(b"")),
        st.tuples(
            st.just("program"),
            st.integers(0, SECTORS * SECTOR_SIZE // PAGE_SIZE - 1),
            st.binary(min_size=1, max_size=PAGE_SIZE),
        ),
    ),
    max_size=12,
)


@settings(max_examples=60)
@given(steps)
def test_operations_agree_with_a_byte_by_byte_model(steps):
    flash = Flash(None, SECTORS)
    model = [0xFF] * flash.size
    for kind, where, data in steps:
        if kind == "erase":
            flash.erase(where)
            model[where * SECTOR_SIZE : (where + 1) * SECTOR_SIZE] = [0xFF] * SECTOR_SIZE
        else:
            flash.program(where * PAGE_SIZE, data)
            for i, value in enumerate(data, where * PAGE_SIZE):
                model[i] &= value
    assert flash.read(0, flash.size) == bytes(model)
    assert flash.operations == len(steps)


def test_pages_that_follow_each_other_are_an_operation_each(flash):
    flash.program(256, bytes(600))
    assert flash.operations == 3
    assert flash.read(255, 602) == b"\xff" + bytes(600) + b"\xff"


@pytest.mark.parametrize(("offset", "count"), [(1, 256), (255, 2), (300, 256)])
def test_a_program_that_would_wrap_in_its_page_is_refused(flash, offset, count):
    with pytest.raises(ValueError):
        flash.program(offset, bytes(count))
    assert flash.read(0, 1024) == b"\xff" * 1024


def test_nothing_happens_outside(flash):
    for operation in (
        lambda: flash.read(-1, 1),
        lambda: flash.read(flash.size, 1),
        lambda: flash.program(flash.size - 256, bytes(512)),
        lambda: flash.erase(SECTORS),
        lambda: flash.erase(-1),
        lambda: flash.cut_after(0),
    ):
        with pytest.raises(ValueError):
            operation()
    assert flash.operations == 0


@pytest.mark.parametrize("tear", [None, *Tear])
def test_a_cut_erase(flash, tear):
    flash.program(0, bytes(SECTOR_SIZE))
    flash.cut_after(1, tear, SEED)
    with pytest.raises(PowerCut):
        flash.erase(0)
    for operation in (
        lambda: flash.erase(1),
        lambda: flash.program(0, b"\x00"),
        lambda: flash.read(0, 1),
    ):
        with pytest.raises(PowerCut):
            operation()
    assert flash.operations == 16
    flash.power_on()
    check_tear(bytes(SECTOR_SIZE), b"\xff" * SECTOR_SIZE, flash.read(0, SECTOR_SIZE), tear)
    flash.erase(0)
    assert flash.operations == 17


def check_tear(old, result, found, tear):
    """That `found` is what such a tear leaves."""
    if tear is None:
        assert found == old
        return
    assert found not in (old, result)
    done = len(found) - len(
        found.lstrip(result[:1]) if tear is Tear.HEAD else found.lstrip(old[:1])
    )
    match tear:
        case Tear.HEAD:
            assert found == result[:done] + old[done:]
        case Tear.TAIL:
            assert found == old[:done] + result[done:]
        case Tear.BITS:
            changed = sum(byte.bit_count() for byte in map(int.__xor__, old, found))
            assert 0.4 < changed / (8 * len(found)) < 0.6, f"seed {SEED}"


@pytest.mark.parametrize("tear", [None, *Tear])
def test_the_nth_operation_is_cut(flash, tear):
    flash.cut_after(2, tear, SEED)
    with pytest.raises(PowerCut):
        flash.program(0, bytes(1024))
    flash.power_on()
    assert flash.read(0, 256) == bytes(256)
    check_tear(b"\xff" * 256, bytes(256), flash.read(256, 256), tear)
    assert flash.read(512, 512) == b"\xff" * 512
    flash.program(0, bytes(1024))
    assert flash.read(0, 1024) == bytes(1024)


def test_the_seed_chooses_the_tear(flash):
    found = set()
    for seed in (1, 2, 1):
        flash.erase(0)
        flash.cut_after(1, Tear.BITS, seed)
        with pytest.raises(PowerCut):
            flash.program(0, bytes(256))
        flash.power_on()
        found.add(flash.read(0, 256))
    assert len(found) == 2


def test_power_off_and_on(flash):
    flash.power_off()
    with pytest.raises(PowerCut):
        flash.read(0, 1)
    flash.power_on()
    assert flash.read(0, 1) == b"\xff"


def test_a_file_keeps_the_content_and_is_written_at_once(tmp_path):
    path = tmp_path / "flash.bin"
    flash = Flash(path, SECTORS)
    flash.program(SECTOR_SIZE, b"kept")
    content = path.read_bytes()
    assert len(content) == SECTORS * SECTOR_SIZE
    assert content[SECTOR_SIZE : SECTOR_SIZE + 5] == b"kept\xff"
    flash.close()
    again = Flash(str(path), SECTORS)
    assert again.read(SECTOR_SIZE, 4) == b"kept"
    again.erase(1)
    assert path.read_bytes() == b"\xff" * SECTORS * SECTOR_SIZE
    again.close()


def test_a_short_file_is_filled_up_and_a_long_one_refused(tmp_path):
    path = tmp_path / "flash.bin"
    path.write_bytes(b"abc")
    flash = Flash(path, 1)
    flash.close()
    assert path.read_bytes() == b"abc" + b"\xff" * (SECTOR_SIZE - 3)
    path.write_bytes(bytes(SECTOR_SIZE + 1))
    with pytest.raises(ValueError):
        Flash(path, 1)
    assert path.read_bytes() == bytes(SECTOR_SIZE + 1)


def test_killing_the_process_loses_nothing_that_was_done(tmp_path):
    path = tmp_path / "flash.bin"
    script = (
        "import sys, os, signal\n"
        "from host_tools.simulator.devices.flash import Flash\n"
        "flash = Flash(sys.argv[1], 1)\n"
        "flash.program(256, b'done')\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    run = subprocess.run([sys.executable, "-c", script, str(path)], env=environment, timeout=30)
    assert run.returncode == -signal.SIGKILL
    assert path.read_bytes()[256:261] == b"done\xff"
