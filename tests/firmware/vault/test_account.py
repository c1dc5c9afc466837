"""What may enter the vault: the limits at the door, one field at a time."""

import pytest

from picototp.vault import account as limits
from picototp.vault.account import Account, check
from picototp.vault.errors import VaultError
from picototp.vault.record import RECORD_MAX_BYTES, pack_record, unpack_account, unpack_summary
from tests.firmware.vault.vault_flash_model import fields

SECRET = b"never to be seen"


def make(**changes):
    values = {"issuer": "ACME", "name": "bob", "secret": SECRET}
    values.update(changes)
    return Account(**values)


LARGEST = {
    "issuer": "é" * 32,
    "name": "€" * 21 + "x",
    "secret": bytes(128),
    "algorithm": "SHA512",
    "digits": 8,
    "period_s": 86400,
    "kind": "hotp",
    "counter": 2**64 - 2,
    "issuer_ascii": "i" * 48,
    "name_ascii": "n" * 48,
}
SMALLEST = {"issuer": "", "name": "x", "secret": b"\0", "period_s": 1}


FOREIGN = {"issuer": "A B\u00a0C", "name": "日本", "name_ascii": "RiBen"}


@pytest.mark.parametrize("values", [LARGEST, SMALLEST, FOREIGN, {}])
def test_limits_are_inclusive_and_survive_packing(values):
    account = make(**values)
    check(account)
    record = pack_record(account)
    assert len(record) <= RECORD_MAX_BYTES
    assert int.from_bytes(record[:2], "big") == len(record) - 2
    assert fields(unpack_account(memoryview(record)[2:])) == fields(account)


def test_what_is_not_said_of_an_account_is_what_most_have():
    assert fields(Account("ACME", "bob", SECRET)) == (
        "ACME", "bob", SECRET, "SHA1", 6, 30, "totp", 0, "", "",
    )  # fmt: skip


def test_largest_account_fills_the_largest_record():
    assert len(pack_record(make(**LARGEST))) == RECORD_MAX_BYTES


REFUSED = [
    ("bad-name", {"name": ""}),
    ("bad-name", {"name": "x" * 65}),
    ("bad-name", {"name": "é" * 33}),
    ("bad-name", {"name": None}),
    ("bad-name", {"name": b"bob"}),
    ("bad-issuer", {"issuer": "x" * 65}),
    ("bad-issuer", {"issuer": "€" * 22}),
    ("bad-issuer", {"issuer": None}),
    ("bad-secret", {"secret": b""}),
    ("bad-secret", {"secret": bytes(129)}),
    ("bad-secret", {"secret": "never to be seen"}),
    ("bad-digits", {"digits": 4}),
    ("bad-digits", {"digits": 5, "algorithm": "SHA256"}),
    ("bad-digits", {"digits": 9}),
    ("bad-digits", {"digits": 6.0}),
    ("bad-digits", {"digits": 5.0}),
    ("bad-digits", {"digits": "6"}),
    ("bad-period", {"period_s": 0}),
    ("bad-period", {"period_s": -30}),
    ("bad-period", {"period_s": 86401}),
    ("bad-period", {"period_s": 30.0}),
    ("bad-period", {"period_s": True}),
    ("bad-algorithm", {"algorithm": "MD5"}),
    ("bad-algorithm", {"algorithm": "sha1"}),
    ("bad-algorithm", {"algorithm": None}),
    ("bad-kind", {"kind": "TOTP"}),
    ("bad-kind", {"kind": "motp"}),
    ("bad-counter", {"counter": -1}),
    ("bad-counter", {"counter": 2**64 - 1}),
    ("bad-counter", {"counter": 2**64}),
    ("bad-counter", {"counter": 1.5}),
]
for ascii_label in (None, b"x", "x" * 49, "é", " x", "x ", "x  y", "x\n", "\x7f"):
    REFUSED.append(("bad-issuer", {"issuer_ascii": ascii_label}))
    REFUSED.append(("bad-name", {"name_ascii": ascii_label}))
for code in [*range(0x20), *range(0x7F, 0xA0), 0xD800, 0xDFFF]:
    REFUSED.append(("bad-name", {"name": "a" + chr(code)}))
    REFUSED.append(("bad-issuer", {"issuer": chr(code) + "a"}))


@pytest.mark.parametrize(("code", "changes"), REFUSED)
def test_refused_at_the_door(code, changes):
    with pytest.raises(VaultError) as caught:
        check(make(**changes))
    assert caught.value.code == code
    assert caught.value.message == str(caught.value)
    assert "never" not in repr(caught.value)


def test_an_account_never_shows_its_secret():
    text = repr(make()) + str(make())
    assert "never" not in text and SECRET.hex() not in text


def test_limits_that_the_protocol_reports():
    assert (limits.NAME_MAX_BYTES, limits.ISSUER_MAX_BYTES) == (64, 64)
    assert limits.SECRET_MAX_BYTES == 128
    assert (limits.DIGITS, limits.PERIOD_MAX_S) == ((6, 7, 8), 86400)


def test_a_summary_has_no_secret():
    body = memoryview(pack_record(make(**LARGEST)))[2:]
    account = make(**LARGEST)
    assert unpack_summary(body) == (
        account.issuer, account.name, "hotp", "SHA512", 8, 86400, 2**64 - 2,
    )  # fmt: skip


def test_every_shortened_or_misnumbered_record_is_refused():
    record = pack_record(make())
    for length in range(len(record) - 2):
        with pytest.raises(VaultError) as caught:
            unpack_account(memoryview(record)[2 : 2 + length])
        assert caught.value.code == "damaged"
    record = pack_record(make(**FOREIGN))
    whole = len(pack_record(make(issuer=FOREIGN["issuer"], name=FOREIGN["name"])))
    for length in range(len(record) - 2):
        if length != whole - 2:  # what stands for the names may be missing as a whole
            with pytest.raises(VaultError):
                unpack_account(memoryview(record)[2 : 2 + length])
    with pytest.raises(VaultError):
        unpack_account(memoryview(record + b"\0")[2:])
    record = pack_record(make())
    for offset in (2, 3):  # kind and algorithm
        for value in (0, 4, 255):
            spoilt = bytearray(record)
            spoilt[offset] = value
            with pytest.raises(VaultError):
                unpack_account(memoryview(spoilt)[2:])


@pytest.mark.parametrize("changes", [{"digits": 0}, {"digits": 9}, {"period_s": 0}])
def test_a_record_beyond_the_limits_is_refused(changes):
    """Its checksum may be right all the same."""
    record = pack_record(make(**changes))
    with pytest.raises(VaultError) as caught:
        unpack_account(memoryview(record)[2:])
    assert caught.value.code == "damaged"


def test_the_longest_period_is_read_and_a_longer_one_is_not():
    assert unpack_account(memoryview(pack_record(make(period_s=86_400)))[2:]).period_s == 86_400
    with pytest.raises(VaultError):
        unpack_account(memoryview(pack_record(make(period_s=86_401)))[2:])
