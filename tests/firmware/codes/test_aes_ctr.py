"""AES-256-CTR on both interpreters: NIST's vector, `cryptography` for random pieces, forgetting."""

import hmac
import random
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from chip_interpreter import on_the_chip_too
from interpreters import RemoteError
from picototp.codes import aes_ctr, ctr_plain

VECTORS = Path(__file__).resolve().parents[2] / "vectors" / "codes"
SEED = 20260301
KEY = bytes(range(32))


@pytest.fixture
def probe(interpreter):
    interpreter.add_path(Path(__file__).parent)

    def call(function, *args):
        return interpreter.call("ctr_probe", function, *args)

    return call


def judged(key, nonce, data, offset=0):
    """What OpenSSL makes of data that stands `offset` bytes into the message."""
    encryptor = Cipher(algorithms.AES(key), modes.CTR(nonce)).encryptor()
    return encryptor.update(bytes(offset) + data)[offset:]


@on_the_chip_too
def test_sp_800_38a_f_5_5(probe):
    lines = (VECTORS / "sp800_38a_ctr_aes256.txt").read_text().splitlines()
    key, nonce, plain, cipher = (bytes.fromhex(line) for line in lines if line[0] != "#")
    assert len(plain) == 64
    assert probe("applied", key, nonce, 0, plain) == cipher
    assert probe("applied", key, nonce, 0, cipher) == plain
    assert probe("applied", key, nonce, 37, plain[37:]) == cipher[37:]


def test_random_places_and_lengths(probe):
    source = random.Random(SEED)
    lengths = [0, 1, 15, 16, 17, 255, 256, 257, 512, 513]
    lengths += [source.randrange(700) for _ in range(15)]
    for length in lengths:
        key, nonce, data = source.randbytes(32), source.randbytes(16), source.randbytes(length)
        offset = source.choice([0, 1, 16, 255, source.randrange(70_000)])
        found = probe("applied", key, nonce, offset, data, source.randrange(5), 3)
        assert found == judged(key, nonce, data, offset), (length, offset)


def test_the_counter_carries_over_all_of_its_bytes(probe):
    for nonce in (b"\xff" * 16, bytes(8) + b"\xff" * 8, bytes(13) + b"\xff\xff\xfe"):
        for offset in (0, 16, 4096, 2**20):
            assert probe("applied", KEY, nonce, offset, bytes(600)) == judged(
                KEY, nonce, bytes(600), offset
            )


def test_any_slicing_in_any_order_gives_the_same(probe):
    source = random.Random(SEED)
    data = source.randbytes(1500)
    for sizes in ([1, 7, 300], [512], [16], [255, 257]):
        assert probe("in_pieces", KEY, bytes(16), data, sizes) == judged(KEY, bytes(16), data)


@pytest.mark.parametrize("length", [0, 16, 24, 31, 33])
def test_a_key_of_another_length_is_refused(interpreter, probe, length):
    with pytest.raises(RemoteError) as caught:
        probe("applied", bytes(length), bytes(16), 0, b"x")
    assert caught.value.is_a(ValueError)


@on_the_chip_too
def test_each_interpreter_uses_its_fast_loops(interpreter, probe):
    fast = interpreter.name != "cpython"
    assert probe("loops_in_use") == "picototp.codes." + ("ctr_viper" if fast else "ctr_plain")


def test_loops_that_are_wrong_or_missing_are_not_chosen(probe):
    plain = "picototp.codes.ctr_plain"
    assert probe("chosen", ["absent_variant", "wrong_ctr", plain]) == plain
    with pytest.raises(RemoteError) as caught:
        probe("chosen", ["wrong_ctr"])
    assert caught.value.type_name == "RuntimeError"


@pytest.mark.parametrize(
    ("wrong", "place", "change"),
    [("fill", 2, 1), ("fill", 3, -1), ("fill", 3, 1), ("mix", 1, -1), ("mix", 3, -1)]
    + [("mix", 4, -1)],
)
def test_either_loop_alone_can_be_found_wrong(wrong, place, change):
    """By what it begins with, or by how much it does."""

    class Loops:
        fill, mix = ctr_plain.fill, ctr_plain.mix

    def spoilt(*given):
        changed = [one + change if at == place else one for at, one in enumerate(given)]
        getattr(ctr_plain, wrong)(*changed)

    assert aes_ctr.is_right(Loops)
    setattr(Loops, wrong, staticmethod(spoilt))
    assert not aes_ctr.is_right(Loops)


def test_no_more_blocks_are_encrypted_than_the_piece_lies_in(monkeypatch):
    """Each takes a Pico a tenth of a millisecond."""
    filled = []

    class Loops:
        mix = staticmethod(ctr_plain.mix)

        @staticmethod
        def fill(blocks, first, number, count):
            filled.append((number, count))
            ctr_plain.fill(blocks, first, number, count)

    monkeypatch.setattr(aes_ctr, "_loops", Loops)
    cipher = aes_ctr.AesCtr(KEY)
    for offset in (0, 1, 15, 16, 31):
        for length in (0, 1, 15, 16, 17, 511, 512, 513, 1024, 1025):
            filled.clear()
            data = bytearray(length)
            cipher.apply(bytes(16), offset, data)
            assert data == judged(KEY, bytes(16), bytes(length), offset)
            first, last = offset // 16, (offset + length - 1) // 16
            touched = [number + at for number, count in filled for at in range(count)]
            assert touched == (list(range(first, last + 1)) if length else [])
            assert all(count == 32 for _, count in filled[:-1]), "as many at a time as there may be"


def test_the_plain_loops_on_micropython(micropython, probe):
    micropython.add_path(Path(__file__).parent)
    found = micropython.call("ctr_probe", "plain_filled", bytes(14) + b"\xff\xfe", 1, 3)
    assert found == b"".join((0xFFFF + n).to_bytes(16, "big") for n in range(3))


def test_blocks_make_no_garbage(micropython):
    micropython.add_path(Path(__file__).parent)
    one_batch = micropython.call("ctr_probe", "heap_of_many_blocks", 16)
    ten_batches = micropython.call("ctr_probe", "heap_of_many_blocks", 160)
    print(one_batch, "bytes of heap for 16 blocks,", ten_batches, "for 160")
    assert one_batch <= 256  # a slice and its like, for 64-bit objects
    assert ten_batches <= 10 * one_batch


def test_what_is_forgotten_is_gone(probe):
    assert probe("forgotten", KEY) == [True] * 5


# Streams, tags


@on_the_chip_too
def test_stream_mac_makes_the_tags_of_rfc_4231(probe):
    seen = 0
    for line in (VECTORS / "rfc4231_hmac_sha2.txt").read_text().splitlines():
        if line.startswith("#"):
            continue
        key, message, digest, _ = line.split()
        if len(key) > 128:
            with pytest.raises(RemoteError) as caught:
                probe("mac", bytes.fromhex(key), [])
            assert caught.value.is_a(ValueError)
            continue
        data = bytes.fromhex(message)
        found = probe("mac", bytes.fromhex(key), [data[:3], b"", data[3:]]).hex()
        assert found[: len(digest)] == digest
        seen += 1
    assert seen == 5


def test_the_longest_key_of_a_mac_is_a_block(probe):
    key = bytes(range(64))
    assert probe("mac", key, [b"abc"]) == hmac.digest(key, b"abc", "sha256")
    with pytest.raises(RemoteError) as caught:
        probe("mac", bytes(65), [b"abc"])
    assert caught.value.is_a(ValueError)


def test_equal(probe):
    tag = bytes(range(32))
    assert probe("equal", tag, bytearray(tag)) is True
    assert probe("equal", b"", b"") is True
    for other in (b"", tag[:-1], tag + b"\0"):
        assert probe("equal", tag, other) is False
    for place in range(32):
        for bit in (1, 0x80):
            other = bytearray(tag)
            other[place] ^= bit
            assert probe("equal", tag, bytes(other)) is False
