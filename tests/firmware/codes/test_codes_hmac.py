"""HMAC on both interpreters: RFC 2202, RFC 4231, and CPython's own for random keys and messages."""

import hmac
import random
from pathlib import Path

import pytest

from interpreters import RemoteError

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


def test_rfc_2202(interpreter):
    for key, data, digest in rows("rfc2202_hmac_sha1.txt"):
        args = bytes.fromhex(key), bytes.fromhex(data)
        assert interpreter.call("picototp.codes.hmac", "hmac", "SHA1", *args).hex() == digest


@pytest.mark.parametrize(("algorithm", "column"), [("SHA256", 2), ("SHA512", 3)])
def test_rfc_4231(interpreter, algorithm, column):
    for row in rows("rfc4231_hmac_sha2.txt"):
        args = bytes.fromhex(row[0]), bytes.fromhex(row[1])
        found = interpreter.call("picototp.codes.hmac", "hmac", algorithm, *args).hex()
        assert found[: len(row[column])] == row[column]
        assert len(found) == 2 * interpreter.call(
            "picototp.codes.algorithms", "digest_size", algorithm
        )


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
        ("algorithms", "digest_size", (algorithm,)),
        ("algorithms", "block_size", (algorithm,)),
    ]:
        with pytest.raises(RemoteError) as caught:
            interpreter.call("picototp.codes." + module, function, *args)
        assert caught.value.type_name == "ValueError"
        assert caught.value.message == "unknown algorithm"
