"""PBKDF2-HMAC-SHA-1 on both interpreters: RFC 6070, hashlib, any slicing."""

import hashlib
import random
from pathlib import Path

import pytest

from chip_interpreter import on_the_chip_too
from interpreters import RemoteError

SEED = 20260105
# RFC 6070, section 2, but for the one of 16,777,216 iterations.
RFC_6070 = [
    (b"password", b"salt", 1, "0c60c80f961f0e71f3a9b524af6012062fe037a6"),
    (b"password", b"salt", 2, "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957"),
    (b"password", b"salt", 4096, "4b007901b765489abead49d926f721d065a429c1"),
    (
        b"passwordPASSWORDpassword",
        b"saltSALTsaltSALTsaltSALTsaltSALTsalt",
        4096,
        "3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038",
    ),
    (b"pass\0word", b"sa\0lt", 4096, "56fa6aa75548099dcc37d7f03425e0c3"),
]


@pytest.fixture
def probe(interpreter):
    interpreter.add_path(Path(__file__).parent)

    def call(function, *args):
        return interpreter.call("otp_probe", function, *args)

    return call


@on_the_chip_too
def test_rfc_6070(probe):
    for password, salt, iterations, key in RFC_6070:
        found, _ = probe("derived", password, salt, iterations, len(key) // 2, 1000)
        assert found.hex() == key


def test_random_ones_in_random_steps(probe):
    source = random.Random(SEED)
    for _ in range(25):
        password = source.randbytes(source.choice([0, 1, 20, 63, 64, 65, 100]))
        salt = source.randbytes(source.choice([0, 8, 16, 51, 52, 60, 200]))
        iterations = source.randrange(1, 30)
        length = source.choice([1, 19, 20, 21, 40, 41, 64])
        step = source.choice([1, 2, iterations, iterations + 1, 7, 1000])
        found, steps = probe("derived", password, salt, iterations, length, step)
        key = hashlib.pbkdf2_hmac("sha1", password, salt, iterations, length)
        assert found == key, f"seed {SEED}"
        # Every step does its share, the last one what is left.
        assert steps == -(-iterations * -(-length // 20) // step)


def test_not_finished(probe):
    for steps in ([], [0], [9], [4, 5], [-1]):
        with pytest.raises(RemoteError) as caught:
            probe("result_too_early", steps)
        assert caught.value.type_name == "ValueError"
    assert len(probe("result_too_early", [4, 6])) == 20


@pytest.mark.parametrize(("iterations", "length"), [(0, 20), (-1, 20), (1, 0), (1, -1)])
def test_out_of_range(probe, iterations, length):
    with pytest.raises(RemoteError) as caught:
        probe("derived", b"password", b"salt", iterations, length, 1)
    assert caught.value.type_name == "ValueError"
    assert "password" not in caught.value.message
