"""What `picototp bench` measures with, on the emulated Pico: its cheap parts, and no judgement."""

import json

import pytest

from host_tools.benchmark import install_times, rows, vault_times
from host_tools.benchmark.emulated_pico import START_UNIX_S, EmulatedPico
from host_tools.benchmark.i2c_meter import I2CMeter
from host_tools.benchmark.prompt_times import at_prompt, run_guest
from host_tools.client.ports import PATIENCE_VARIABLE
from host_tools.errors import ToolError
from host_tools.pico import micropython_image, uf2
from host_tools.pico.board_files import collect
from host_tools.pico.littlefs_image import stored_file
from tests.host_tools.benchmark.bench_answers import plausible, run

pytestmark = pytest.mark.chip

SECOND_NS = 1_000_000_000
I2C = "import machine\ni2c = machine.I2C(0, sda=machine.Pin(4), scl=machine.Pin(5), freq=400_000)\n"

FLASH = """
import rp2, time
flash = rp2.Flash()
def timed(action, *arguments):
    start = time.ticks_us()
    action(*arguments)
    return time.ticks_diff(time.ticks_us(), start)
def erase():
    return timed(flash.ioctl, 6, 300)
def page():
    return timed(flash.writeblocks, 300, bytes(256), 0)
def block():
    return timed(flash.writeblocks, 301, bytes(4096))
"""


@pytest.fixture(scope="module")
def image() -> uf2.Image:
    if micropython_image.cached_image() is None:
        pytest.fail("no MicroPython image; fetch it: picototp simulate --engine rp2040 --headless")
    return micropython_image.find_image(None)


def test_its_time_is_its_own_and_repeats(image, tmp_path):
    code = (
        "import time\na = time.ticks_us()\nfor _ in range(100): pass\nprint((a, time.ticks_us()))"
    )
    seen = []
    for number in (1, 2):
        folder = tmp_path / str(number)
        folder.mkdir()
        with EmulatedPico(image, {}, folder) as pico:
            seen.append((pico.run_code(code), pico.chip.now_ns))
            unix_ns = pico.unix_ns()
            pico.skip(40 * SECOND_NS)
            assert pico.unix_ns() - unix_ns == pytest.approx(40 * SECOND_NS, abs=2_000_000)
            assert unix_ns - START_UNIX_S * SECOND_NS < SECOND_NS
    assert seen[0] == seen[1]


def test_the_meter_sees_each_transfer_with_its_bits(image, tmp_path):
    with EmulatedPico(image, {}, tmp_path) as pico:
        meter = I2CMeter(pico.chip)
        pico.run_code(I2C + "i2c.writeto(0x3C, bytes(100))\ni2c.readfrom_mem(0x68, 0, 7)")
    display, rtc = meter.transfers
    assert (display.address, rtc.address) == (0x3C, 0x68)
    assert meter.to_display() == [display] and meter.to_display(since=1) == []
    assert display.bus_ns == pytest.approx((101 * 9 + 2) * 2_500, rel=0.01)
    # Address and register; START again; address and seven bytes.
    assert rtc.bus_ns == pytest.approx((10 * 9 + 3) * 2_500, rel=0.01)
    for transfer in meter.transfers:
        assert transfer.bus_ns - 2_500 <= transfer.end_ns - transfer.start_ns + 1_000


def test_its_time_has_the_flash_in_it(image, tmp_path):
    with EmulatedPico(image, {}, tmp_path) as pico:
        pico.run_code(FLASH)
        before, start_ns = pico.board.flash.operations, pico.chip.now_ns
        erase_us, page_us, block_us = pico.run_code("print((erase(), page(), block()))")
        assert pico.board.flash.operations - before == 1 + 1 + (1 + 16)
        assert pico.chip.now_ns - start_ns > (erase_us + page_us + block_us) * 1_000
    # What MicroPython does besides is less than a millisecond for each block.
    assert 45_000 < erase_us < 46_000
    assert 400 < page_us < 1_400
    assert 45_000 + 16 * 400 < block_us < 45_000 + 16 * 400 + 3_000


def test_a_file_that_micropython_wrote(image, tmp_path):
    with EmulatedPico(image, {"/data/old": b"before"}, tmp_path) as pico:
        pico.run_code("with open('/data/new', 'wb') as file: file.write(bytes(range(100)))")
        content = pico.board.flash.read(0, pico.board.flash.size)
    assert stored_file(content, "/data/new") == bytes(range(100))
    assert stored_file(content, "/data/old") == b"before"
    with pytest.raises(FileNotFoundError):
        stored_file(content, "/data/other")


def test_a_restart_is_none_by_accident_and_keeps_the_flash(image, tmp_path):
    with EmulatedPico(image, {}, tmp_path) as pico:
        pico.run_code("with open('/kept', 'w') as file: file.write('here')")
        pico.restart()
        assert pico.run_code("print(repr(open('/kept').read()))") == "here"
        with pytest.raises(ToolError, match="restarted while it was measured"):
            pico.run_code("import machine; machine.reset()")


def test_loading_accounts_is_timed(image):
    assert 0.001 < vault_times.loading_s(image) < 60


def test_what_fails_there_is_an_error_here(image, tmp_path):
    with EmulatedPico(image, {}, tmp_path) as pico:
        assert pico.run_code("pass") is None
        with pytest.raises(ToolError, match="emulated Pico: ZeroDivisionError"):
            pico.run_code("1 // 0")
        assert pico.run_code("print(6 * 7)") == 42


def test_the_display_by_itself(image, capsys, tmp_path):
    path = tmp_path / "bench.json"
    assert run("--only", "display", "--json", str(path)) == 0
    content = json.loads(path.read_text())
    found = plausible(content)
    assert set(found) == {key for key in rows.SPECS if key.startswith("display.")}
    # 1,024 bytes of 9 bits at 400 kHz cannot take less.
    assert found["display.whole"] > found["display.whole.bus"] > 23.04
    assert content["image"].endswith(".uf2")
    assert content["notes"][0] == rows.NOTE
    assert rows.NOTE[:50] in capsys.readouterr().out


def test_codes_are_timed(image):
    with at_prompt(image) as pico:
        run_guest(pico, "import bench_codes")
        figures = run_guest(pico, "print(bench_codes.compression())")
        codes = run_guest(pico, "print(bench_codes.codes('SHA1', 20, 2))")
    assert set(figures) == {"sha1.routine", "sha1.call", "call.empty"}
    assert set(codes) == {"raw", "kept", "hashlib"}
    assert all(1 < taken_us < 1e5 for taken_us in [*figures.values(), *codes.values()])


@pytest.mark.timeout(900)
def test_an_installation_is_counted_and_an_update_timed(image, monkeypatch):
    monkeypatch.setenv(PATIENCE_VARIABLE, "15")
    figures = install_times.measure(image, lambda _what: None)
    pages = sum(-(-len(content) // 256) for content in collect().values())
    assert pages < figures["install.operations"] < 1.3 * pages
    assert figures["install.update"] > 1  # of erasing alone
