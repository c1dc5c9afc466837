"""Keys from passwords are those of other libraries; each cost has a limit, and it counts."""

import hashlib

import pytest
from cryptography.exceptions import UnsupportedAlgorithm

from exports.accounts import argon2id, cbc, gcm
from host_tools.credentials.importers import ciphers
from host_tools.credentials.importers.entry import ImportProblem, WrongPassword

SALT = b"salt of 16 bytes"
KEY, NONCE = bytes(range(32)), bytes(range(12))


def refusal(make):
    with pytest.raises(ImportProblem) as caught:
        make()
    return caught.value.message


@pytest.mark.parametrize("algorithm", ["SHA1", "SHA256", "SHA512"])
def test_pbkdf2(algorithm):
    expected = hashlib.pbkdf2_hmac(algorithm.lower(), b"password", SALT, 3)
    assert ciphers.pbkdf2("password", SALT, 3, algorithm, len(expected)) == expected
    assert ciphers.pbkdf2("password", SALT, 3, algorithm) == hashlib.pbkdf2_hmac(
        algorithm.lower(), b"password", SALT, 3, 32
    )


def test_the_most_iterations_of_pbkdf2(monkeypatch):
    monkeypatch.setattr(ciphers, "PBKDF2_MOST_ITERATIONS", 3)
    assert len(ciphers.pbkdf2("p", SALT, 1, "SHA1")) == 32
    assert len(ciphers.pbkdf2("p", SALT, 3, "SHA1")) == 32
    assert "iterations" in refusal(lambda: ciphers.pbkdf2("p", SALT, 4, "SHA1"))


def test_scrypt():
    expected = hashlib.scrypt(b"password", salt=SALT, n=16, r=2, p=3, dklen=32)
    assert ciphers.scrypt("password", SALT, 16, 2, 3) == expected


@pytest.mark.parametrize("costs", [(32, 2, 1), (16, 4, 1), (16, 3, 1)])
def test_the_most_memory_of_scrypt(monkeypatch, costs):
    monkeypatch.setattr(ciphers, "SCRYPT_MOST_BYTES", 128 * 16 * 2)
    assert len(ciphers.scrypt("p", SALT, 16, 2, 1)) == 32
    assert "(n, r and p of scrypt)" in refusal(lambda: ciphers.scrypt("p", SALT, *costs))


@pytest.mark.parametrize("costs", [(32, 2, 2), (16, 3, 2), (16, 2, 3), (64, 1, 2)])
def test_the_most_work_of_scrypt(monkeypatch, costs):
    monkeypatch.setattr(ciphers, "SCRYPT_MOST_WORK", 16 * 2 * 2)
    assert len(ciphers.scrypt("p", SALT, 16, 2, 2)) == 32
    assert "(n, r and p of scrypt)" in refusal(lambda: ciphers.scrypt("p", SALT, *costs))


@pytest.mark.parametrize("n", [1, 3, 6, 12, 15, 17])
def test_n_of_scrypt_is_a_power_of_two(n):
    assert "(n, r and p of scrypt)" in refusal(lambda: ciphers.scrypt("p", SALT, n, 1, 1))
    assert len(ciphers.scrypt("p", SALT, 2, 1, 1)) == 32


@pytest.mark.parametrize(
    ("costs", "says"),
    [
        ((0, 1, 1), "(n of scrypt)"),
        ((2, 0, 1), "(r of scrypt)"),
        ((2, 1, 0), "(p of scrypt)"),
        # One below is let through to the next judgement, of all three together.
        ((3, 1 << 16, 1), "(n, r and p of scrypt)"),
        ((3, (1 << 16) + 1, 1), "(r of scrypt)"),
        ((3, 1, 1 << 16), "(n, r and p of scrypt)"),
        ((3, 1, (1 << 16) + 1), "(p of scrypt)"),
        ((ciphers.SCRYPT_MOST_BYTES, 1, 1), "(n, r and p of scrypt)"),
        ((ciphers.SCRYPT_MOST_BYTES + 1, 1, 1), "(n of scrypt)"),
    ],
)
def test_each_cost_of_scrypt_has_ends(costs, says):
    assert says in refusal(lambda: ciphers.scrypt("p", SALT, *costs))


def test_argon2id():
    expected = argon2id("password", SALT, 2, 64, 3)
    assert ciphers.argon2id("password", SALT, 2, 64, 3) == expected
    assert len(ciphers.argon2id("password", SALT, 1, 8, 1, length=16)) == 16


@pytest.mark.parametrize(
    ("costs", "says"),
    [
        ((1, 32, 1), ""),
        ((4, 8, 1), ""),
        ((2, 16, 2), ""),
        ((0, 32, 1), "(passes of Argon2)"),
        ((33, 8, 1), "(passes of Argon2)"),
        ((32, 8, 1), "(passes and memory of Argon2)"),
        ((5, 8, 1), "(passes and memory of Argon2)"),
        ((1, 0, 1), "(memory of Argon2)"),
        ((1, 41, 1), "(memory of Argon2)"),
        ((1, 40, 1), "(passes and memory of Argon2)"),
        ((1, 32, 0), "(lanes of Argon2)"),
        ((1, 32, 5), "(lanes of Argon2)"),
        ((1, 31, 4), "(parameters of Argon2)"),  # each lane wants eight KiB
        ((1, 32, 4), ""),
    ],
)
def test_each_cost_of_argon2_has_ends(monkeypatch, costs, says):
    monkeypatch.setattr(ciphers, "ARGON2_MOST_KIB", 40)
    monkeypatch.setattr(ciphers, "ARGON2_MOST_WORK", 32)
    monkeypatch.setattr(ciphers, "ARGON2_MOST_LANES", 4)
    if says:
        assert says in refusal(lambda: ciphers.argon2id("p", SALT, *costs))
    else:
        assert ciphers.argon2id("p", SALT, *costs) == argon2id("p", SALT, *costs)


def test_a_computer_without_argon2_is_told(monkeypatch):
    def refuse(**_costs):
        raise UnsupportedAlgorithm("no Argon2")

    monkeypatch.setattr(ciphers, "Argon2id", refuse)
    assert "has no Argon2" in refusal(lambda: ciphers.argon2id("p", SALT, 1, 8, 1))


@pytest.mark.parametrize("value", [0, -1, 11, True, "5", 5.0, None, b"5"])
def test_what_is_no_whole_number_in_its_limits_is_named(value):
    assert "(the thing)" in refusal(lambda: ciphers.checked(value, 10, "the thing"))
    assert [ciphers.checked(fine, 10, "the thing") for fine in (1, 10)] == [1, 10]


@pytest.mark.parametrize("length", [0, 1, 15, 16, 17, 40])
def test_what_is_encrypted_opens(length):
    text = bytes(range(length))
    assert ciphers.open_gcm(KEY, NONCE, b"".join(gcm(KEY, NONCE, text))) == text
    assert ciphers.open_gcm(KEY, NONCE, b"".join(gcm(KEY, NONCE, text, b"with")), b"with") == text
    assert ciphers.open_cbc(KEY, bytes(16), cbc(KEY, bytes(16), text)) == text


def test_what_does_not_open_is_a_wrong_password():
    sealed, chained = b"".join(gcm(KEY, NONCE, b"text")), cbc(KEY, bytes(16), b"text")
    for make in (
        lambda: ciphers.open_gcm(KEY[::-1], NONCE, sealed),
        lambda: ciphers.open_gcm(KEY, NONCE, sealed, b"other"),
        lambda: ciphers.open_gcm(KEY, b"", sealed),
        lambda: ciphers.open_gcm(KEY, NONCE, b""),
        lambda: ciphers.open_gcm(b"short", NONCE, sealed),
        lambda: ciphers.open_cbc(KEY, b"", chained),
        lambda: ciphers.open_cbc(KEY, bytes(16), chained[:-1]),
        lambda: ciphers.open_cbc(KEY, bytes(16), b""),
        lambda: ciphers.open_cbc(b"short", bytes(16), chained),
        lambda: ciphers.open_cbc(KEY, bytes(15) + b"\x80", chained),  # changes the padding
    ):
        with pytest.raises(WrongPassword):
            make()


def test_a_password_that_is_no_text_is_told():
    assert ciphers.encoded("é") == b"\xc3\xa9"
    assert "is not text" in refusal(lambda: ciphers.encoded("\udcff"))
