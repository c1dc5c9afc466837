"""Bundles that are whole run, and nothing else does; a slot is left when it must be."""

import os
import random
import struct
from binascii import crc32
from pathlib import Path

import pytest

from host_tools.pico import board_files, bundle_file
from host_tools.pico.firmware_build import compile_text
from interpreters import Worker
from picototp.board import slots

SEED = int(os.environ.get("PICOTOTP_TEST_SEED", "20261130"))
PICO_MPY = 4 << 10 | 3 << 8 | 6  # armv6m, version 6.3
RP2350_MPY = 7 << 10 | 3 << 8 | 6
MUTATIONS = 10_000
LONGEST_HOLE = 600
HERE = Path(__file__).parent
FIRMWARE = HERE.parents[2] / "firmware"
FILES = {
    "/hello.py": b"hello",
    "/picototp/__init__.mpy": b"M\x06\x13\x1f" + bytes(range(200)),
    "/picototp/app/loop.mpy": b"M\x06\x03\x1f" + b"loop" * 30,
}


def bundle(version="1.2.3", files=FILES):
    return bundle_file.pack(files, version)


@pytest.fixture
def held(tmp_path):
    """A function that has slots.py look at this content."""

    found = []

    def hold(content, mpy=PICO_MPY):
        path = tmp_path / "firmware.a"
        path.write_bytes(content)
        found.append(slots.Bundle(str(path), mpy))
        return found[-1]

    yield hold
    for one in found:
        one._file.close()


def test_a_bundle_holds_what_was_packed(held):
    found = held(bundle())
    assert found.version == b"1.2.3"
    assert found.is_right() and found.digest() == bundle()[-32:]
    for path, content in FILES.items():
        assert found.open(path, "rb").read() == content
        assert path == "/hello.py" or found.stat(path)[0] == 0x8000
    assert found.stat("/picototp")[0] == found.stat("/picototp/app")[0] == 0x4000
    # MicroPython goes on to look for a module then.
    assert found.stat("/picototp/none")[0] == 0x8000
    for missing in ("/picototp/none.mpy", "/picototp/app/loop.py", "/hello.mpy"):
        with pytest.raises(OSError):
            found.stat(missing)
    with pytest.raises(OSError):
        found.open("/picototp/none.mpy", "rb")


def changed(at, data):
    content = bytearray(bundle())
    at %= len(content)
    content[at : at + len(data)] = data
    return bytes(content)


def with_right_crc(content):
    return content[:16] + struct.pack("<I", crc32(content[:16] + content[20:])) + content[20:]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no bundle"),
        (bundle()[:39], "no bundle"),
        (changed(0, b"X"), "no bundle"),
        (changed(8, b"\x02"), "another format"),
        (changed(9, b"\x07"), "for another chip"),
        (changed(10, bytes((11 << 2 | 3,))), "for another chip"),
        (bundle()[:-1], "another length"),
        (bundle() + b"\0", "another length"),
        (changed(-1, bytes((bundle()[-1] ^ 1,))), "damaged"),
        (changed(100, bytes((bundle()[100] ^ 0x80,))), "damaged"),
        (with_right_crc(changed(44, struct.pack("<I", 1 << 31))), "its index is wrong"),
        (with_right_crc(changed(52, struct.pack("<I", 0))), "its index is wrong"),
        (with_right_crc(changed(20, b"\xff\xff")), "its index is wrong"),
    ],
)
def test_a_bad_bundle_is_refused_by_name(held, content, why):
    with pytest.raises(slots.Refused) as caught:
        held(content)
    assert caught.value.args == (why,)


def test_a_board_runs_what_is_for_its_processor(held):
    assert held(bundle(), RP2350_MPY)
    for mpy in (PICO_MPY + 1, PICO_MPY - (1 << 8), 11 << 10 | 3 << 8 | 6, 3 << 10 | 3 << 8 | 6):
        with pytest.raises(slots.Refused, match="another chip"):
            held(bundle(), mpy)


@pytest.mark.parametrize("count", [1_000, pytest.param(MUTATIONS, marks=pytest.mark.thorough)])
def test_bundles_mutated_at_random_are_refused(held, count):
    """All of them; and where the CRC was made right again, all that is left is within the file,
    and the hash still tells."""
    chance = random.Random(SEED)
    print(f"PICOTOTP_TEST_SEED={SEED}")
    whole = bundle()
    let_through = 0
    for _ in range(count):
        content = mutated(whole, chance)
        if content == whole:
            continue
        repaired = chance.random() < 0.5 and len(content) > 60
        if repaired:
            content = with_right_crc(content[:12] + struct.pack("<I", len(content)) + content[16:])
        try:
            found = held(content)
        except slots.Refused:
            continue
        assert repaired, content.hex()
        let_through += 1
        assert not found.is_right() or content == whole
        for path in FILES:
            try:
                assert found.open(path, "rb").read() in content
            except OSError:
                continue
        found._file.close()
    print(f"{let_through} had a right CRC, and a wrong hash")
    assert let_through < count // 2


def mutated(whole, chance):
    """With some bytes changed, cut out, put in, or cut off."""
    content = bytearray(whole)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(content) + 1)
        way = chance.choice(("bit", "byte", "cut", "out", "in"))
        if way == "bit" and at < len(content):
            content[at] ^= 1 << chance.randrange(8)
        elif way == "byte" and at < len(content):
            content[at] = chance.randrange(256)
        elif way == "cut":
            del content[at:]
        elif way == "out":
            del content[at : at + chance.randint(1, 40)]
        elif way == "in":
            content[at:at] = chance.randbytes(chance.randint(1, 40))
    return bytes(content)


# --- which slot runs ----------------------------------------------------------------------------


@pytest.fixture
def token(tmp_path, micropython):
    """A function: what so many starts of a token with these files come to."""
    micropython.add_path(Path(__file__).parent)

    def start(a, b, use, count=1):
        for name, content in (("firmware.a", a), ("firmware.b", b), ("firmware.use", use)):
            path = tmp_path / name
            path.unlink(missing_ok=True)
            if content is not None:
                path.write_bytes(content)
        return [
            None if one is None else tuple(one)
            for one in micropython.call("slots_probe", "starts", str(tmp_path), count)
        ]

    return start


OLD, NEW = (bundle(version, {"/hello.py": b"hello"}) for version in ("1", "2"))
TORN = NEW[:-7]
RAN_WELL = board_files.chosen("a", slots.PROVEN)
ON_TRIAL = board_files.chosen("b", slots.NEW)


def test_the_chosen_slot_runs(token):
    assert token(OLD, NEW, RAN_WELL, 3) == [("a", "=-", "1")] * 3
    assert token(OLD, NEW, b"b=-") == [("b", "=-", "2")]


def test_without_a_choice_the_slot_that_is_whole_runs(token):
    for use in (None, b"", b"x=-", b"a", b"a=-0", b"a9-", b"a=\xff"):
        assert token(OLD, None, use) == [("a", "=-", "1")]
        assert token(None, NEW, use) == [("b", "=?", "2")]


def test_what_does_not_last_in_two_starts_is_given_up(token):
    assert token(OLD, NEW, ON_TRIAL, 4) == [
        ("b", "1-", "2"),
        ("b", "2-", "2"),
        ("a", "=!", "1"),
        ("a", "=!", "1"),
    ]


def test_what_is_all_there_is_goes_on_trying(token):
    for other in (None, TORN):
        assert token(other, NEW, ON_TRIAL, 4)[-1] == ("b", "2-", "2")


def test_a_damaged_slot_leads_to_the_other(token):
    assert token(TORN, NEW, RAN_WELL, 2) == [("b", "=?", "2")] * 2
    assert token(OLD, TORN, ON_TRIAL, 2) == [("a", "=?", "1")] * 2


def test_two_bad_slots_run_nothing(token):
    assert token(TORN, b"", RAN_WELL, 2) == [None, None]
    assert token(None, None, None) == [None]


def test_a_heap_full_of_holes_has_room_for_modules(tmp_path):
    """Long after a start there is no free piece as long as a module, but many short ones."""
    function = "def f{0}(x):\n" + "    x = x * 3 + {0}\n" * 9 + "    return x\n\n\n"
    text = "".join(function.format(number) for number in range(120))
    module = compile_text(text + "VALUE = f0(1)\n", "late", None)
    assert len(module) > 5 * LONGEST_HOLE
    content = bundle_file.pack({"/late.mpy": module}, "1")
    (tmp_path / "firmware.a").write_bytes(content)
    with Worker([FIRMWARE, HERE], heap_size="256k") as micropython:
        found = micropython.call("slots_probe", "imports", str(tmp_path), "late", LONGEST_HOLE)
    assert tuple(found) == (3**9, True)
