"""The program that emulates the chip dies, hangs, cannot begin, or is there twice."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from host_tools.errors import ToolError
from host_tools.simulator.board import VirtualBoard
from host_tools.simulator.control import Control
from host_tools.simulator.rp2040 import boot_rom, emulator, javascript
from host_tools.simulator.virtual_token import VirtualToken
from tests.chip.chip_bench import PATIENCE_S, Bench, eventually

pytestmark = pytest.mark.chip

ROOT = Path(__file__).resolve().parents[2]
SRAM = 0x2000_0000


def node_of(parent: int) -> int:
    """The process of the chip that this process emulates; 0 if there is none yet."""
    command = ["pgrep", "-P", str(parent), "-f", "main.js"]
    found = subprocess.run(command, capture_output=True, text=True).stdout.split()
    assert len(found) < 2
    return int(found[0]) if found else 0


def test_the_simulator_ends_with_the_reason_when_node_dies(image, tmp_path):
    state = tmp_path / "state"
    command = ("simulate", "--engine", "rp2040", "--headless", "--state", str(state))
    program = "from host_tools.cli import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", program, *command, "--image", str(image.path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'firmware'}"},
    )
    with process:
        assert process.stdout.readline().startswith("serial port: ")
        said = process.stderr.readline()  # that it is at the prompt
        assert "picototp install" in said
        flash = (state / "flash.bin").read_bytes()
        os.kill(node_of(process.pid), signal.SIGKILL)
        out, error = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, out) == (1, "")
    assert error.count("\n") == 1 and "Node was killed by signal 9" in error
    assert (state / "flash.bin").read_bytes() == flash


SIMULATOR = """
import sys
from host_tools.pico.micropython_image import find_image
from host_tools.simulator.board import VirtualBoard
from host_tools.simulator.virtual_token import VirtualToken
token = VirtualToken(VirtualBoard(), image=find_image(None))
token.__enter__()
print("up", flush=True)
sys.stdin.read()
"""
# A program on the chip that never does anything that crosses the line, told to run for a day.
BUSY = """
import pathlib, tempfile
from host_tools.benchmark.emulated_pico import EmulatedPico
from host_tools.pico.micropython_image import find_image
files = {"/main.py": b"import machine\\nmachine.disable_irq()\\nwhile True: pass"}
with tempfile.TemporaryDirectory() as folder:
    with EmulatedPico(find_image(None), files, pathlib.Path(folder)) as pico:
        pico.run_for(1_000_000_000)
        print("up", flush=True)
        pico.run_for(86_400_000_000_000)
"""


@pytest.mark.parametrize(
    ("code", "when"),
    [(SIMULATOR, "begun"), (SIMULATOR, "up"), (BUSY, "up")],
    ids=["while it starts", "at the prompt", "while the chip is busy"],
)
def test_node_ends_when_the_simulator_is_killed(image, code, when):
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'firmware'}"},
    )
    if when == "up":
        assert process.stdout.readline() == b"up\n"
    node = eventually(lambda: node_of(process.pid), "Node")
    process.send_signal(signal.SIGKILL)
    process.communicate()
    eventually(lambda: not lives(node), "the end of Node")


def lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("megabytes", [1, 4])
def test_a_node_without_memory_says_so(image, monkeypatch, megabytes):
    monkeypatch.setenv("NODE_OPTIONS", f"--max-old-space-size={megabytes}")
    with pytest.raises(ToolError, match=r"out of memory|OOM") as raised:
        VirtualToken(VirtualBoard(), image=image).__enter__()
    assert "\n" not in raised.value.message


def test_a_node_that_hangs_is_given_up(plug_in, monkeypatch):
    # Before the start: a wait that has begun keeps the patience that it began with.
    monkeypatch.setattr(emulator, "_PATIENCE_S", 5.0)
    token = plug_in(VirtualBoard())
    os.kill(token.engine.run.chip._emulator._process.pid, signal.SIGSTOP)
    error = eventually(lambda: token.engine.failure, "a failure")
    assert "has not answered" in error.message and "\n" not in error.message
    with pytest.raises(ToolError, match="has not answered"):
        token.check()
    assert not token.engine.running


def test_two_chips_do_not_disturb_each_other(plug_in):
    one, other = Bench(plug_in(VirtualBoard())), Bench(plug_in(VirtualBoard()))
    write = 'f = open("/name", "w"); f.write({!r}); f.close()'
    one.run(write.format("one"))
    other.run(write.format("other"))
    one.restarts(one.token.engine.reset)
    assert other.run('print(repr(open("/name").read()))') == "other"
    one.token.power(False)
    assert other.run("print(6 * 7)") == 42
    one.token.power(True)
    assert one.token.engine.ready.wait(PATIENCE_S)
    assert one.run('print(repr(open("/name").read()))') == "one"
    assert one.board.unique_id != other.board.unique_id


def test_the_memory_is_shown_and_not_disturbed(bench):
    address = bench.run(
        "import uctypes; kept = bytearray(b'seen from outside' * 3)\nprint(uctypes.addressof(kept))"
    )
    assert bench.token.memory(address, 17) == b"seen from outside"
    whole = bench.token.memory(SRAM, 264 << 10)
    assert whole[address - SRAM :].startswith(b"seen from outside" * 3)
    assert bench.run("print(kept == b'seen from outside' * 3)") is True


@pytest.mark.parametrize(
    ("address", "length"),
    [(SRAM - 4, 8), (SRAM + (264 << 10) - 4, 8), (0, 4), (SRAM, (264 << 10) + 1)],
)
def test_memory_that_is_not_there_is_refused(bench, address, length):
    line = f'{{"op":"memory","address":{address},"length":{length}}}'.encode()
    answer = Control(bench.token).answer(line)
    assert b'"ok": false' in answer and b"the SRAM is 0x20000000 to 0x20041fff" in answer


def test_without_power_there_is_no_memory(plug_in):
    token = plug_in(VirtualBoard())
    token.power(False)
    with pytest.raises(ToolError, match="no power"):
        token.memory(SRAM, 4)


def test_without_node_the_extra_is_named(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(javascript, "_in_extra", lambda *names: None)
    javascript.node.cache_clear()
    with pytest.raises(ToolError, match=r"Node 18 or newer.*picototp\[chip\]") as raised:
        javascript.emulator_command()
    assert "\n" not in raised.value.message
    javascript.node.cache_clear()


def test_a_node_that_is_too_old_is_none(monkeypatch, tmp_path):
    old = tmp_path / "node"
    old.write_text("#!/bin/sh\necho v16.20.2\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(javascript, "_in_extra", lambda *names: None)
    javascript.node.cache_clear()
    with pytest.raises(ToolError, match="Node 18 or newer"):
        javascript.node()
    javascript.node.cache_clear()


def test_without_its_boot_rom_the_extra_is_named(monkeypatch):
    monkeypatch.setattr(boot_rom, "_PACKAGE", "no-such-package")
    boot_rom.boot_rom.cache_clear()
    with pytest.raises(ToolError, match=r"boot ROM.*picototp\[chip\]"):
        boot_rom.boot_rom()
    boot_rom.boot_rom.cache_clear()
