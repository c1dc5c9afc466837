"""Format version 1, read by an independent reader and compared with a committed file.

The file in tests/vectors/vault/v1.hex must stay readable for ever: never write it anew.
"""

import hashlib
import struct
import zlib
from pathlib import Path

from vault_flash_model import FlashModel, contents, fields

from picototp.vault.account import Account
from picototp.vault.vault import Vault

FIXTURE = Path(__file__).resolve().parents[2] / "vectors" / "vault" / "v1.hex"
ACCOUNTS = [
    Account("ACME Co", "alice@example.com", b"12345678901234567890"),
    Account("", "no issuer", bytes(range(128)), "SHA512", 8, 60),
    Account("Zoë's Bücher", "鍵", b"\x00\xff", "SHA256", 7, 86400),
    Account("Bank", "counter", b"12345678901234567890", kind="hotp", counter=2**64 - 2),
]


def independent_reader(data):
    """(generation, flags, accounts) of a vault file, by the description and no firmware code."""
    magic, version, cipher, flags, zero, generation, size, count, zero2, crc = struct.unpack_from(
        ">4sBBBBIIHHI", data
    )
    assert (magic, version, cipher, zero, zero2) == (b"PTVL", 1, 0, 0, 0)
    assert crc == zlib.crc32(data[:20])
    assert data[24:88] == bytes(64)
    assert len(data) == 88 + size + 32
    assert data[-32:] == hashlib.sha256(data[:-32]).digest()
    accounts, at = [], 88
    for _ in range(count):
        (length,) = struct.unpack_from(">H", data, at)
        accounts.append(read_record(data[at + 2 : at + 2 + length]))
        at += 2 + length
    assert at == 88 + size
    return generation, flags, accounts


def read_record(body):
    kind, algorithm, digits, period_s, counter = (
        body[0], body[1], body[2], int.from_bytes(body[3:6], "big"), body[6:14],
    )  # fmt: skip
    texts, at = [], 14
    while at < len(body):
        texts.append(body[at + 1 : at + 1 + body[at]])
        at += 1 + body[at]
    secret, issuer, name = texts
    return (
        issuer.decode(),
        name.decode(),
        secret,
        {1: "SHA1", 2: "SHA256", 3: "SHA512"}[algorithm],
        digits,
        period_s,
        {1: "totp", 2: "hotp"}[kind],
        int.from_bytes(counter, "big"),
    )


def written():
    flash = FlashModel()
    vault = Vault(flash)
    vault.load()
    for account in ACCOUNTS:
        vault.add(account)
    return flash, vault


def test_the_committed_file_stays_readable():
    data = bytes.fromhex(FIXTURE.read_text())
    expected = [fields(account) for account in ACCOUNTS]
    assert independent_reader(data) == (5, 0, expected)
    for name in ("vault.0", "vault.1"):
        vault = Vault(FlashModel({name: data}))
        vault.load()
        assert contents(vault) == expected
        assert vault.generation == 5


def test_what_is_written_is_the_committed_file_byte_for_byte():
    flash, vault = written()
    assert vault.generation == 5
    assert flash.files[vault._active.name] == bytes.fromhex(FIXTURE.read_text())


def test_the_independent_reader_agrees_after_every_kind_of_change():
    flash, vault = written()
    changes = [
        lambda: vault.move(3, 0),
        lambda: vault.rename(1, "é" * 32, "x"),
        lambda: vault.advance_counter(0),
        lambda: vault.add(Account("é" * 32, "x", b"y"), True),
        lambda: vault.remove(2),
    ]
    for change in changes:
        change()
        generation, flags, accounts = independent_reader(flash.files[vault._active.name])
        assert (generation, flags, accounts) == (vault.generation, 0, contents(vault))


def test_a_removal_marks_the_first_file_and_not_the_second():
    flash, vault = written()
    vault.remove(0)
    read = sorted(independent_reader(data) for data in flash.files.values())
    assert [(generation, flags) for generation, flags, _ in read] == [(6, 1), (7, 0)]
    assert read[0][2] == read[1][2] == contents(vault)
