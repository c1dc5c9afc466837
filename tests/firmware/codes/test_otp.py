"""HOTP and TOTP on both interpreters: the RFCs' tables, pyotp and another judge, the bounds."""

import hashlib
import hmac
import random
from base64 import b32encode
from pathlib import Path

import pyotp
import pytest

from chip_interpreter import on_the_chip_too
from interpreters import RemoteError
from judges import needs_code_judge, totp

OTP = "picototp.codes.otp"
VECTORS = Path(__file__).resolve().parents[2] / "vectors" / "codes"
HASHES = {"SHA1": hashlib.sha1, "SHA256": hashlib.sha256, "SHA512": hashlib.sha512}
RFC_KEYS = {
    name: (b"1234567890" * 7)[:length]
    for name, length in (("SHA1", 20), ("SHA256", 32), ("SHA512", 64))
}
SEED = 20260103
# Overflows of signed and unsigned 32 bits, and of MicroPython's 31-bit small integers.
EDGES = [0, 1, 29, 30, 2**30 - 1, 2**30, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**33 + 5, 20000000000]


def rows(name):
    lines = (VECTORS / name).read_text().splitlines()
    return [line.split() for line in lines if not line.startswith("#")]


def random_accounts(count):
    """Keys of at least 14 bytes, which is pyotp's least, and as long as ours may be."""
    source = random.Random(SEED)
    for _ in range(count):
        yield (
            source.choice(list(HASHES)),
            source.randbytes(source.choice([14, 20, 32, 63, 64, 65, 127, 128])),
            source.choice([*EDGES, source.randrange(2**35)]),
            source.choice([1, 29, 30, 60, 3600, 86400]),
            source.choice([6, 7, 8]),
        )


@on_the_chip_too
def test_rfc_6238_appendix_b(interpreter):
    table = rows("rfc6238_totp.txt")
    assert len(table) == 6
    for unix_s, *codes in table:
        for (algorithm, key), code in zip(RFC_KEYS.items(), codes, strict=True):
            assert (
                interpreter.call(OTP, "totp", algorithm, key, int(unix_s), 30, 8) == code.encode()
            )


@on_the_chip_too
def test_rfc_4226_appendix_d(interpreter):
    table = rows("rfc4226_hotp.txt")
    assert len(table) == 10
    key = RFC_KEYS["SHA1"]
    for counter, digest, number, code in table:
        found = interpreter.call(
            "picototp.codes.hmac", "hmac", "SHA1", key, int(counter).to_bytes(8, "big")
        )
        assert found.hex() == digest
        assert interpreter.call(OTP, "truncate", found, 8) == number.zfill(8)[-8:].encode()
        assert interpreter.call(OTP, "hotp", "SHA1", key, int(counter), 6) == code.encode()


def test_random_accounts_against_pyotp(interpreter):
    for algorithm, key, unix_s, period_s, digits in random_accounts(150):
        secret = b32encode(key).decode()
        # Its TOTP class refuses periods above 120 s; its HOTP is what that one calls.
        judge = pyotp.HOTP(secret, digits=digits, digest=HASHES[algorithm])
        found = interpreter.call(OTP, "totp", algorithm, key, unix_s, period_s, digits)
        assert found == judge.at(unix_s // period_s).encode(), f"seed {SEED}, time {unix_s}"


def test_hotp_counters_against_pyotp(interpreter):
    key = RFC_KEYS["SHA1"]
    judge = pyotp.HOTP(b32encode(key).decode(), digits=8)
    for counter in [*EDGES, 2**62, 2**63 - 1, 2**63, 2**64 - 1]:
        assert interpreter.call(OTP, "hotp", "SHA1", key, counter, 8) == judge.at(counter).encode()


@needs_code_judge
def test_some_accounts_against_another_judge(interpreter):
    for algorithm, key, unix_s, period_s, digits in random_accounts(8):
        judge = totp(key, unix_s, algorithm, digits, period_s)
        found = interpreter.call(OTP, "totp", algorithm, key, unix_s, period_s, digits)
        assert found == judge.encode()


def test_counter_at_the_edges_of_a_period(interpreter):
    for unix_s in EDGES:
        for period_s in (1, 30, 86400):
            assert interpreter.call(OTP, "counter_at", unix_s, period_s) == unix_s // period_s
    assert interpreter.call(OTP, "counter_at", 59, 30) == 1
    assert interpreter.call(OTP, "counter_at", 60, 30) == 2


def test_truncate_pads_and_takes_every_offset(interpreter):
    for offset in range(16):
        digest = bytearray(b"\xff" * 20)
        digest[offset : offset + 4] = b"\x80\x00\x00\x07"
        digest[19] = (digest[19] & 0xF0) | offset
        number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
        for digits in (6, 7, 8):
            code = str(number % 10**digits).zfill(digits)
            assert interpreter.call(OTP, "truncate", bytes(digest), digits) == code.encode()
    assert interpreter.call(OTP, "truncate", bytes(20), 6) == b"000000"
    assert interpreter.call(OTP, "truncate", b"\xff" * 19 + b"\xf0", 8) == b"47483647"


def test_check_proof(interpreter):
    for algorithm, key in RFC_KEYS.items():
        for counter in (0, 1, 2**64 - 1):
            digest = hmac.new(key, counter.to_bytes(8, "big"), HASHES[algorithm]).digest()
            for digits in (6, 8):
                at = digest[-1] & 15
                number = int.from_bytes(digest[at : at + 4], "big") & 0x7FFFFFFF
                code = str(number % 10**digits).zfill(digits)
                proof = hashlib.sha256(b"picototp check 1\x00" + digest + code.encode())
                found = interpreter.call(OTP, "check_proof", algorithm, key, counter, digits)
                assert found == proof.hexdigest()


KEY = b"a secret that no message may hold"
OUT_OF_RANGE = [
    ("hotp", ("SHA1", b"", 0, 6)),
    ("hotp", ("SHA1", KEY * 4, 0, 6)),
    ("hotp", ("SHA1", KEY, -1, 6)),
    ("hotp", ("SHA1", KEY, 2**64, 6)),
    ("hotp", ("SHA1", KEY, 0, 4)),
    ("hotp", ("SHA1", KEY, 0, 9)),
    ("hotp", ("sha1", KEY, 0, 6)),
    ("totp", ("SHA1", KEY, -1, 30, 6)),
    ("totp", ("SHA1", KEY, 59.0, 30, 6)),
    ("totp", ("SHA1", KEY, 59, 0, 6)),
    ("totp", ("SHA1", KEY, 59, 86401, 6)),
    ("totp", ("SHA1", KEY, 59, 30, 4)),
    ("counter_at", (0, 0)),
    ("counter_at", (0, -30)),
    ("truncate", (bytes(19), 6)),
    ("truncate", (bytes(20), 10)),
    ("check_proof", ("SHA1", b"", 0, 6)),
    ("check_proof", ("SHA1", KEY, 2**64, 6)),
    ("check_proof", ("SHA1", KEY, 0, 9)),
    ("check_proof", ("MD5", KEY, 0, 6)),
]


@pytest.mark.parametrize(("function", "args"), OUT_OF_RANGE)
def test_out_of_range(interpreter, function, args):
    with pytest.raises(RemoteError) as caught:
        interpreter.call(OTP, function, *args)
    assert caught.value.type_name == "ValueError"
    assert "secret" not in caught.value.message
    assert KEY.hex() not in caught.value.message


@pytest.mark.parametrize("account", [("SHA1", b"", 6), ("SHA1", KEY * 4, 6), ("SHA1", KEY, 4)])
def test_generator_out_of_range(interpreter, account):
    interpreter.add_path(Path(__file__).parent)
    with pytest.raises(RemoteError) as caught:
        interpreter.call("otp_probe", "codes", [account], [])
    assert caught.value.type_name == "ValueError"
    for counter in (-1, 2**64):
        with pytest.raises(RemoteError) as caught:
            interpreter.call("otp_probe", "codes", [["SHA1", KEY, 6]], [counter])
        assert caught.value.type_name == "ValueError"


def test_a_counter_that_is_no_integer(interpreter):
    for counter in (1.5, "1", None):
        with pytest.raises(RemoteError) as caught:
            interpreter.call(OTP, "hotp", "SHA1", KEY, counter, 6)
        assert caught.value.type_name == "TypeError"
        assert "secret" not in caught.value.message


def test_generators_side_by_side(interpreter):
    interpreter.add_path(Path(__file__).parent)
    accounts = [[name, key, digits] for name, key, _, _, digits in random_accounts(12)]
    counters = [0, 1, 2**31, 2**32 + 1, 2**64 - 1]
    found = interpreter.call("otp_probe", "codes", accounts, counters)
    for counter, codes in zip(counters, found, strict=True):
        for (name, key, digits), code in zip(accounts, codes, strict=True):
            judge = pyotp.HOTP(b32encode(key).decode(), digits=digits, digest=HASHES[name])
            assert code == judge.at(counter).encode(), f"seed {SEED}"


def test_bounds_themselves_are_allowed(interpreter):
    for algorithm in RFC_KEYS:
        assert len(interpreter.call(OTP, "hotp", algorithm, b"k", 0, 6)) == 6
        assert len(interpreter.call(OTP, "hotp", algorithm, b"k" * 128, 2**64 - 1, 8)) == 8
        assert len(interpreter.call(OTP, "totp", algorithm, b"k", 0, 86400, 7)) == 7


def test_a_generator_has_the_same_bounds_and_codes(interpreter):
    interpreter.add_path(Path(__file__).parent)
    counters = [0, 1, 2**64 - 1]
    accounts = [[a, key, n] for a in RFC_KEYS for key in (b"k", b"k" * 128) for n in (5, 6, 7, 8)]
    for codes, counter in zip(
        interpreter.call("otp_probe", "codes", accounts, counters), counters, strict=True
    ):
        for (algorithm, key, digits), code in zip(accounts, codes, strict=True):
            assert code == interpreter.call(OTP, "hotp", algorithm, key, counter, digits)
            assert len(code) == digits


def test_each_interpreter_writes_digits_with_its_fast_loop(interpreter):
    interpreter.add_path(Path(__file__).parent)
    fast = interpreter.name != "cpython"
    expected = "picototp.codes." + ("decimal_viper" if fast else "decimal_plain")
    assert interpreter.call("otp_probe", "decimal_in_use") == expected


def test_a_truncation_that_is_wrong_or_missing_is_not_chosen(interpreter):
    interpreter.add_path(Path(__file__).parent)
    plain = "picototp.codes.decimal_plain"
    names = ["no_such_module", "absent_variant", "wrong_decimal", plain]
    assert interpreter.call("otp_probe", "decimal_choice", names) == plain
    with pytest.raises(RemoteError) as caught:
        interpreter.call("otp_probe", "decimal_choice", ["wrong_decimal"])
    assert caught.value.type_name == "RuntimeError"
