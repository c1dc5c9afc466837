"""HMAC on both interpreters: RFC 2202, RFC 4231, and CPython's own for random keys and messages."""

import hashlib
import hmac
import random
from pathlib import Path

import pytest

from chip_interpreter import on_the_chip_too
from interpreters import RemoteError
from picototp.codes.hmac import Mac

VECTORS = Path(__file__).resolve().parents[2] / "vectors" / "codes"
HASHES = {"SHA1": "sha1", "SHA256": "sha256", "SHA512": "sha512"}
SEED = 20260102
# Around the blocks of 64 and 128 bytes, from where on keys are hashed first.
KEY_LENGTHS = [0, 1, 19, 20, 63, 64, 65, 127, 128, 129, 200, 300]


def rows(name):
    lines = (VECTORS / name).read_text().splitlines()
    found = [line.split() for line in lines if not line.startswith("#")]
    assert len(found) == 7
    return found


@on_the_chip_too
def test_rfc_2202(interpreter):
    for key, data, digest in rows("rfc2202_hmac_sha1.txt"):
        args = bytes.fromhex(key), bytes.fromhex(data)
        assert interpreter.call("picototp.codes.hmac", "hmac", "SHA1", *args).hex() == digest


@on_the_chip_too
@pytest.mark.parametrize(("algorithm", "column"), [("SHA256", 2), ("SHA512", 3)])
def test_rfc_4231(interpreter, algorithm, column):
    for row in rows("rfc4231_hmac_sha2.txt"):
        args = bytes.fromhex(row[0]), bytes.fromhex(row[1])
        found = interpreter.call("picototp.codes.hmac", "hmac", algorithm, *args).hex()
        assert found[: len(row[column])] == row[column]
        assert len(found) == 2 * hashlib.new(HASHES[algorithm]).digest_size


def random_cases():
    source = random.Random(SEED)
    lengths = [(key, source.randrange(301)) for key in KEY_LENGTHS for _ in range(2)]
    lengths += [(source.randrange(301), source.randrange(301)) for _ in range(40)]
    return [(source.randbytes(key), source.randbytes(message)) for key, message in lengths]


@pytest.mark.parametrize("algorithm", HASHES)
def test_random_keys_and_messages(interpreter, algorithm):
    for key, message in random_cases():
        found = interpreter.call("picototp.codes.hmac", "hmac", algorithm, key, message)
        assert found == hmac.new(key, message, HASHES[algorithm]).digest(), (
            f"seed {SEED}, key of {len(key)}, message of {len(message)} bytes"
        )


@pytest.mark.parametrize("algorithm", ["", "sha1", "SHA-1", "MD5", "SHA224"])
def test_unknown_algorithm(interpreter, algorithm):
    for module, function, args in [
        ("hmac", "hmac", (algorithm, b"key", b"")),
        ("hmac", "Mac", (algorithm,)),
        ("hmac", "load", (algorithm,)),
    ]:
        with pytest.raises(RemoteError) as caught:
            interpreter.call("picototp.codes." + module, function, *args)
        assert caught.value.type_name == "ValueError"
        assert caught.value.message == "unknown algorithm"


@pytest.fixture
def probe(interpreter):
    interpreter.add_path(Path(__file__).parent)

    def call(function, *args):
        return interpreter.call("otp_probe", function, *args)

    return call


@pytest.mark.parametrize("algorithm", HASHES)
def test_one_mac_for_many_keys_and_messages(probe, algorithm):
    """Nothing of an earlier key or message may show in a later result, longer or shorter."""
    source = random.Random(SEED)
    steps = []
    expected = []
    key = b""
    for _ in range(60):
        kind = source.choice(["set_key", "hash", "hash", "keyed"])
        data = source.randbytes(
            source.choice([0, 1, 8, 20, 55, 56, 64, 65, 111, 112, 128, 129, 300])
        )
        if kind == "set_key":
            key = data
            steps.append([kind, data])
        elif kind == "hash":
            steps.append([kind, data])
            expected.append(hmac.new(key, data, HASHES[algorithm]).digest())
        else:
            counter = source.choice([0, 255, 2**32, 2**64 - 1, source.getrandbits(64)])
            # It takes a key of its own, and forgets the one that was set.
            steps += [[kind, data, counter], ["set_key", key]]
            message = counter.to_bytes(8, "big")
            expected.append(hmac.new(data, message, HASHES[algorithm]).digest())
    steps.insert(0, ["set_key", b""])
    assert probe("mac_results", algorithm, steps) == expected, f"seed {SEED}"


@pytest.mark.parametrize("algorithm", HASHES)
def test_keyed_leaves_no_key_behind(probe, algorithm):
    for key in (b"k" * 20, b"k" * 64, b"k" * 128):
        left = probe("left_after_keyed", algorithm, key)
        assert left["midstates"] == bytes(len(left["midstates"]))
        assert b"k" not in left["blocks"]
        assert left["result"] == hmac.new(key, bytes(7) + b"\7", HASHES[algorithm]).digest()


@pytest.mark.parametrize("algorithm", HASHES)
def test_the_blocks_are_padded_as_the_hashes_say(algorithm):
    """FIPS 180-4, 5.1: a 1 bit, zeros, and the length in bits, the key's block included. The plain
    chain makes its own padding; the one in assembler takes the block as it is."""
    mac = Mac(algorithm)
    given = []
    mac.chain = lambda states, blocks, mode: given.append(bytes(blocks))
    size = mac._block_size
    mac.hash(b"abc")
    mac.keyed(b"key", 0x0102030405060708)
    short, keyed = given
    assert short == b"abc\x80" + bytes(size - 6) + (8 * (size + 3)).to_bytes(2, "big")
    counter = bytes(range(1, 9))
    length = (8 * (size + 8)).to_bytes(2, "big")
    assert keyed == b"key".ljust(size, b"\0") + counter + b"\x80" + bytes(size - 11) + length


@pytest.mark.parametrize("algorithm", HASHES)
def test_a_message_goes_into_one_block_as_long_as_its_length_fits_behind_it(algorithm):
    """An eighth of the block is for the length, and a byte for the 1 bit. The plain chain would
    read a longer one too, the one in assembler would not."""
    mac = Mac(algorithm)
    blocks = []
    plain = mac.chain

    def chain(states, block, order):
        blocks.append(bytes(block))
        plain(states, block, order)

    mac.chain = chain
    mac.set_key(b"key")
    size = mac._block_size
    longest = size - size // 8 - 1
    for length in range(size + 2):
        blocks.clear()
        mac.hash(bytes(range(length)))
        assert bytes(mac.result) == hmac.digest(b"key", bytes(range(length)), HASHES[algorithm])
        assert len(blocks) == (length <= longest), length
        if length == longest:
            bits = (8 * (size + length)).to_bytes(size // 8, "big")
            assert blocks == [bytes(range(length)) + b"\x80" + bits]


@pytest.mark.parametrize("algorithm", HASHES)
def test_a_key_is_hashed_from_one_byte_more_than_a_block_on(algorithm):
    mac = Mac(algorithm)
    keys = []
    mac.chain = lambda states, blocks, order: keys.append(bytes(blocks[: mac._block_size]))
    size = mac._block_size
    for length in (size, size + 1):
        key = bytes(range(length))
        padded = key if length == size else hashlib.new(HASHES[algorithm], key).digest()
        for give in (mac.set_key, lambda key: mac.keyed(key, 1)):
            keys.clear()
            give(key)
            assert keys == [padded.ljust(size, b"\0")]
            assert bytes(mac._blocks) == mac._at_rest, "nothing of it is left"


@pytest.mark.parametrize("algorithm", HASHES)
def test_what_is_forgotten_is_neither_key_nor_result(algorithm):
    mac = Mac(algorithm)
    mac.set_key(b"key")
    mac.hash(b"message")
    assert any(mac.states) and any(mac.result)
    mac.forget()
    assert not any(mac.states) and not any(mac.result)
