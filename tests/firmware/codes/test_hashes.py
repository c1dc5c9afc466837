"""The hashes, every variant where it can run, against FIPS 180, NIST CAVP and hashlib.

The assembler alone is in test_sha_thumb.py.
"""

import hashlib
import random
from array import array
from pathlib import Path

import pytest

from chip_interpreter import on_the_chip_too
from interpreters import RemoteError
from nist_messages import cavp, cavp_messages
from picototp.codes import midstates, sha1, sha1_plain, sha256, variants
from tests.firmware.codes.test_sha_thumb import sha256_compressed

SEED = 20260101
FIPS_896 = (
    b"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
    b"hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu"
)
# FIPS 180-2, A.1, A.2, C.1 and C.2, and the digests of nothing.
EXAMPLES = {
    "sha1": {
        b"": "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        b"abc": "a9993e364706816aba3e25717850c26c9cd0d89d",
        b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq": (
            "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
        ),
    },
    "sha512": {
        b"": (
            "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
            "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"
        ),
        b"abc": (
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        ),
        FIPS_896: (
            "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018"
            "501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909"
        ),
    },
}
# FIPS 180-2, A.3 and C.3: a million times "a".
MILLION = {
    "sha1": "34aa973cd4c4daa4f61eeb2bdbad27316534016f",
    "sha512": (
        "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973eb"
        "de0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b"
    ),
}
# Of the long messages of SHA-512, every how manyth where it is fast, and where it is plain Python.
LONG_STEP = {"sha1": (1, 1), "sha512": (5, 20)}
MONTE_ROUNDS = {"sha1": (100, 1), "sha512": (5, 0)}
# Bytes of a long message that fit easily into one request to the small heap of the other side.
PIECE = 2500
BLOCK = {"sha1": 64, "sha512": 128}
WORDS = {"sha1": 5, "sha512": 16}


@pytest.fixture(
    scope="module",
    params=["cpython-plain", "micropython-plain", "micropython-viper"],
)
def probe(request, cpython, micropython):
    """Calls `hash_probe` for one variant: probe("sha1", "digests", ...)."""
    where, variant = request.param.split("-")
    interpreter = {"cpython": cpython, "micropython": micropython}[where]
    interpreter.add_path(Path(__file__).parent)

    def call(hash_name, function, *args):
        return interpreter.call("hash_probe", function, f"{hash_name}_{variant}", *args)

    call.variant = variant
    return call


def messages(lengths, seed=SEED):
    source = random.Random(seed)
    return [source.randbytes(length) for length in lengths]


def expected(hash_name, texts):
    return [hashlib.new(hash_name, text).digest() for text in texts]


def batches(items, size):
    """So that no request outgrows the small heap of the other side."""
    return [items[at : at + size] for at in range(0, len(items), size)]


@pytest.mark.parametrize("name", ["sha1", "sha512"])
def test_fips_examples(probe, name):
    found = probe(name, "digests", list(EXAMPLES[name]))
    assert [digest.hex() for digest in found] == list(EXAMPLES[name].values())


@pytest.mark.parametrize("probe", ["micropython-viper"], indirect=True)
@pytest.mark.parametrize("name", ["sha1", "sha512"])
def test_a_million_bytes(probe, name):
    assert probe(name, "repeated", b"a" * 1000, 1000).hex() == MILLION[name]


@pytest.mark.parametrize("name", ["sha1", "sha512"])
def test_nist_short_messages(probe, name):
    cases = list(cavp_messages(name, "ShortMsg"))
    assert [len(text) for text, _ in cases] == list(range(BLOCK[name] + 1))
    for batch in batches(cases, 40):
        found = probe(name, "digests", [text for text, _ in batch])
        assert found == [digest for _, digest in batch]


@pytest.mark.parametrize("name", ["sha1", "sha512"])
def test_nist_long_messages(probe, name):
    cases = list(cavp_messages(name, "LongMsg"))
    assert len(cases) == BLOCK[name]
    for text, digest in cases[:: LONG_STEP[name][probe.variant == "plain"]]:
        probe(name, "begin")
        for piece in batches(text, PIECE):
            probe(name, "add", piece)
        assert probe(name, "finish") == digest, f"{len(text)} bytes"


@pytest.mark.parametrize("name", ["sha1", "sha512"])
def test_nist_monte_carlo(probe, name):
    (_, seed), *entries = cavp(name, "Monte")
    digests = [bytes.fromhex(value) for key, value in entries if key == "MD"]
    assert len(digests) == 100
    rounds = MONTE_ROUNDS[name][probe.variant == "plain"]
    if rounds:
        found = probe(name, "monte_carlo", bytes.fromhex(seed), rounds)
        assert found == digests[:rounds]


@pytest.mark.parametrize("name", ["sha1", "sha512"])
def test_lengths_over_two_blocks(probe, name):
    size = BLOCK[name]
    for batch in batches(messages(range(size + 1, 2 * size + 20, 3)), 40):
        assert probe(name, "digests", batch) == expected(name, batch)


@pytest.mark.parametrize("name", ["sha1", "sha512"])
def test_pieces_give_the_digest_of_the_whole(probe, name):
    source = random.Random(SEED)
    size = BLOCK[name]
    for _ in range(20):
        text = source.randbytes(source.randrange(4 * size))
        cuts = sorted(source.randrange(len(text) + 1) for _ in range(4))
        prefixes = [text[:cut] for cut in [*cuts, len(text)]]
        assert probe(name, "in_pieces", text, cuts) == expected(name, prefixes)


@pytest.mark.parametrize("name", ["sha1", "sha512"])
def test_pieces_that_end_where_a_block_does(probe, name):
    size = BLOCK[name]
    text = messages([3 * size])[0]
    for cuts in ([10, size], [size - 1, size, size + 1], [size, 2 * size], [1, 2 * size], [5, 5]):
        prefixes = [text[:cut] for cut in [*cuts, len(text)]]
        assert probe(name, "in_pieces", text, cuts) == expected(name, prefixes)


@pytest.mark.parametrize("name", ["sha1", "sha512"])
def test_a_copy_goes_its_own_way(probe, name):
    for length in (0, 10, BLOCK[name], BLOCK[name] + 7):
        head, one, other = messages([length, 70, 90])
        found = probe(name, "copied", head, one, other)
        assert list(found) == expected(name, [head + one, head + other])


@pytest.mark.parametrize("name", ["sha1", "sha512"])
def test_variants_agree_on_any_state_and_offset(cpython, micropython, name):
    source = random.Random(SEED)
    folder = Path(__file__).parent
    edge = [0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF]
    cases = []
    for _ in range(60):
        words = [source.choice([source.getrandbits(32), *edge]) for _ in range(WORDS[name])]
        offset = source.randrange(9)
        fill = source.choice([None, 0x00, 0xFF, 0x80])
        size = BLOCK[name] + offset
        block = source.randbytes(size) if fill is None else bytes([fill]) * size
        cases.append([words, block, offset])
    cpython.add_path(folder)
    micropython.add_path(folder)
    for batch in batches(cases, 10):
        plain = cpython.call("hash_probe", "compress_many", f"{name}_plain", batch)
        assert micropython.call("hash_probe", "compress_many", f"{name}_plain", batch) == plain
        assert micropython.call("hash_probe", "compress_many", f"{name}_viper", batch) == plain


@pytest.mark.parametrize("name", ["sha1", "sha512"])
def test_viper_takes_no_heap(micropython, name):
    micropython.add_path(Path(__file__).parent)
    words = [0xFFFFFFFF] * WORDS[name]
    assert micropython.call("hash_probe", "heap_used", f"{name}_viper", words, bytes(128)) == 0


BEST = {"cpython": "plain", "micropython": "viper", "rp2040": "thumb"}
ALGORITHMS = {"SHA1": "sha1", "SHA256": "sha256", "SHA512": "sha512"}


@on_the_chip_too
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_each_interpreter_chooses_its_best(interpreter, algorithm):
    name = ALGORITHMS[algorithm]
    best = BEST[interpreter.name]
    if name == "sha256" and best != "thumb":
        best = None  # hashlib's
    interpreter.add_path(Path(__file__).parent)
    assert interpreter.call("hash_probe", "chosen", name) == best
    assert interpreter.call("hash_probe", "own_chain", name) == (best == "thumb")


@on_the_chip_too
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_what_is_chosen_gets_nists_short_messages_right(interpreter, algorithm):
    interpreter.add_path(Path(__file__).parent)
    for batch in batches(list(cavp_messages(ALGORITHMS[algorithm], "ShortMsg")), 10):
        found = interpreter.call("hash_probe", "digests_of", algorithm, [text for text, _ in batch])
        assert found == [digest for _, digest in batch]


def test_a_wrong_or_missing_variant_is_passed_over(interpreter):
    interpreter.add_path(Path(__file__).parent)
    start = interpreter.get("picototp.codes.sha1", "_START")
    block = b"abc\x80" + bytes(59) + b"\x18"
    proof = bytes.fromhex(EXAMPLES["sha1"][b"abc"])
    plain = "picototp.codes.sha1_plain"
    names = ["no_such_module", "absent_variant", "wrong_variant", plain]
    assert interpreter.call("hash_probe", "choose", names, start, block, proof) == plain


def test_no_working_variant_is_an_error(interpreter):
    interpreter.add_path(Path(__file__).parent)
    with pytest.raises(RemoteError) as caught:
        interpreter.call(
            "hash_probe", "choose", ["wrong_variant"], bytes(20), bytes(64), b"\1" * 20
        )
    assert caught.value.type_name == "RuntimeError"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_chain_is_believed_only_if_every_order_is_right(interpreter, algorithm):
    interpreter.add_path(Path(__file__).parent)
    name = ALGORITHMS[algorithm]
    one, two = (hashlib.pbkdf2_hmac(name, b"password", b"salt", times) for times in (1, 2))

    def choice(wrong, one=one, two=two):
        return interpreter.call("hash_probe", "chain_choice", algorithm, wrong, one, two)

    assert choice(None) == "own"
    for order in ("PREPARE", "ONCE", "KEYED"):
        assert choice(interpreter.get("picototp.codes.midstates", order)) == "general"
    assert choice(None, one=two) == choice(None, two=one) == "general"


def spoilt_at(offsets):
    """A compression function that is wrong where the block begins at one of these offsets."""

    def compress(state, block, offset):
        sha1_plain.compress(state, block, offset)
        if offset in offsets:
            state[4] ^= 1

    return compress


def test_a_variant_has_to_be_right_at_an_even_and_at_an_odd_offset():
    block = b"abc\x80" + bytes(59) + b"\x18"
    proof = bytes.fromhex(EXAMPLES["sha1"][b"abc"])
    for offsets, right in (((), True), ((0,), False), ((1,), False), ((2,), True)):
        assert variants.is_right(spoilt_at(offsets), sha1._START, block, proof) is right


def test_words_are_big_endian_and_all_of_them():
    assert list(variants.words(b"\0\0\0\1\xff\0\0\2")) == [1, 0xFF000002]
    assert variants.to_bytes(variants.words(bytes(range(64)))) == bytes(range(64))


def test_sha256_over_a_compression_function_has_its_shape():
    """Only a Pico has such a function; here, one that is not the firmware's."""

    def compress(state, block, offset):
        block = bytes(block[offset : offset + 64])
        state[:] = array("I", sha256_compressed(list(state), block))

    made = sha256.over(compress)
    assert (made.block_size, made.digest_size, made.midstate_size) == (64, 32, 32)
    assert len(made.midstate(bytes(64))) == 32
    for text in messages([0, 3, 55, 56, 63, 64, 65, 130]):
        assert made.of(text) == hashlib.sha256(text).digest()
    states = bytearray(4 * 32)
    chain = midstates.chain_over(made)
    chain(states, b"password" + bytes(56), midstates.PREPARE)
    chain(states, b"salt\0\0\0\1\x80" + bytes(53) + b"\x02\x40", ~1)
    chain(states, None, ~2)
    assert states[96:] == hashlib.pbkdf2_hmac("sha256", b"password", b"salt", 3)


def test_sha256_of_hashlib_has_its_shape():
    made = sha256.OverHashlib
    for text in messages([0, 64, 100]):
        assert made.of(text) == hashlib.sha256(text).digest()
    block = messages([64])[0]
    resumed = made.resumed(made.midstate(block))
    resumed.update(b"more")
    assert resumed.digest() == hashlib.sha256(block + b"more").digest()
