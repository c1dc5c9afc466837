"""What the other tests here say about power cuts: a log is right, and its probe sees what is wrong.

These need no chip.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flash_log import FlashLog, lasting
from host_tools.pico import board_files, bundle_file
from host_tools.pico.flash_layout import PAGE_SIZE, SECTOR_SIZE
from host_tools.pico.littlefs_image import file_system
from host_tools.simulator.devices.flash import Flash, PowerCut, Tear, torn
from interpreters import RemoteError

SECTORS = 2

steps = st.lists(
    st.one_of(
        st.integers(0, SECTORS - 1),
        st.tuples(
            st.integers(0, SECTORS * SECTOR_SIZE // PAGE_SIZE - 1),
            st.binary(min_size=1, max_size=PAGE_SIZE),
        ),
    ),
    max_size=8,
)


def play(flash: Flash, steps) -> None:
    for step in steps:
        if isinstance(step, int):
            flash.erase(step)
        else:
            flash.program(step[0] * PAGE_SIZE, step[1])


@settings(max_examples=40)
@given(steps)
def test_a_log_knows_what_each_cut_leaves(steps):
    flash = Flash(None, SECTORS)
    play(flash, [0, (1, b"\x5a" * 100)])
    with FlashLog(flash) as log:
        play(flash, steps)
    flash.erase(0)  # no longer part of it
    contents = list(log.contents())
    assert len(log.operations) == len(steps) and log.cuts == len(contents) == 2 * len(steps) + 1
    for cut, content in enumerate(contents):
        other = Flash(None, SECTORS)
        play(other, [0, (1, b"\x5a" * 100)])
        number, is_torn = divmod(cut, 2)
        other.cut_after(number + 1)
        try:
            play(other, steps)
        except PowerCut:
            pass
        other.power_on()
        held = bytearray(other.read(0, other.size))
        if is_torn:
            offset, result = log.operations[number]
            place = slice(offset, offset + len(result))
            held[place] = torn(bytes(held[place]), result, *log.tear(number))
        assert content == held, cut


def test_a_log_tears_in_every_way():
    log = FlashLog(Flash(None, 1), seed=1)
    assert {log.tear(number)[0] for number in range(20)} == set(Tear)
    assert log.tear(7)[1].random() == log.tear(7)[1].random()


OLD_FILES = {"/boot.py": b"old boot", "/main.py": b"old", "/lib/one.mpy": b"one" * 500}
OLD_DIGESTS = {path: board_files.sha256(data) for path, data in OLD_FILES.items()}
VAULT = {"/data/vault.0": b"kept"}
ONE, TWO = (bundle_file.pack({"/a.py": version.encode()}, version) for version in ("1", "2"))
NEW_FILES = {"/boot.py": b"boot", "/main.py": b"main", "/firmware.a": ONE, "/firmware.use": b"a=-"}


def look(prober, folder, files, old=OLD_DIGESTS):
    """What `installations` makes of a flash with these files, and of a vault."""
    log = FlashLog(Flash(None, 1))
    log.before = file_system(files)
    kept = {path: board_files.sha256(data) for path, data in VAULT.items()}
    return prober.call("cut_probe", "installations", *log.write(folder), old, kept)


def test_the_probe_knows_the_new_the_old_and_none(prober, tmp_path):
    assert look(prober, tmp_path, {**NEW_FILES, **VAULT}) == ["1"]
    both = {**NEW_FILES, "/firmware.b": TWO, **VAULT}
    assert look(prober, tmp_path, both) == ["1"]
    assert look(prober, tmp_path, {**both, "/firmware.use": b"b0-"}) == ["2"]
    assert look(prober, tmp_path, {**OLD_FILES, **VAULT}) == ["old"]
    assert look(prober, tmp_path, {**OLD_FILES, **VAULT, "/firmware.a": ONE}) == ["old"]
    assert look(prober, tmp_path, {**NEW_FILES, **VAULT, "/main.py": b""}) == [""]
    assert look(prober, tmp_path, VAULT) == [""]


@pytest.mark.parametrize(
    "files",
    [
        {**OLD_FILES, **VAULT, "/lib/one.mpy": b"another"},
        {**NEW_FILES, "/data/vault.0": b"lost"},
        {**NEW_FILES, **VAULT, "/firmware.a": ONE[:-1]},
        {**NEW_FILES, **VAULT, "/firmware.use": b"b=-"},
    ],
)
def test_the_probe_sees_a_mixture(prober, tmp_path, files):
    with pytest.raises(RemoteError):
        look(prober, tmp_path, files)


def test_the_probe_sees_a_damaged_vault(prober, tmp_path):
    log = FlashLog(Flash(None, 1))
    log.before = file_system({"/data/vault.0": b"no vault", "/data/vault.1": b"neither"})
    assert lasting(["a", "a", "b", "a"]) == ["a", "b", "a"]
    with pytest.raises(RemoteError, match="damaged"):
        prober.call("cut_probe", "vaults", *log.write(tmp_path))


def test_the_probe_sees_a_flash_that_cannot_be_mounted(prober, tmp_path):
    log = FlashLog(Flash(None, 1))
    log.before = bytes(352 * SECTOR_SIZE)
    with pytest.raises(RemoteError, match="OSError"):
        prober.call("cut_probe", "vaults", *log.write(tmp_path))
