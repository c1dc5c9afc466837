"""What the firmware does with any bytes in its flash: targets as in fuzz_port.py."""

import hashlib
import json
import struct
import zlib

from byte_source import Source

import quick_pbkdf2
from open_vault import HandClock, opened
from picototp.clock.log import LOG_FILE
from picototp.clock.record import SET_FILE, UNDER_WAY_FILE
from picototp.vault.errors import VaultError
from picototp.vault.key_record import FILE_NAMES as KEY_FILES
from picototp.vault.slot import HEADER_BYTES, TRAILER_BYTES, VERSION
from picototp.vault.slot_pair import FILE_NAMES, MAX_ACCOUNTS
from picototp.vault.tries import FILE_NAMES as TRIES_FILES
from wired_token import WiredToken, an_account
from workbench import NOW_UNIX_S, MemoryStorage

PIN = b"the right PIN"
HOUR_US = 3_600_000_000  # longer than any delay
LONGEST_ROUNDS = 10_000_000


def _good_vault():
    storage = MemoryStorage()
    vault = opened(storage)
    vault.add(an_account("alice"))
    vault.add(an_account("bob", algorithm="SHA512", digits=8, period_s=60))
    vault.add(an_account("counter", kind="hotp", counter=5))
    return storage.files, vault.keys.seal


GOOD_FILES, SEAL = _good_vault()
GOOD_KEYS = {name: data for name, data in GOOD_FILES.items() if name not in FILE_NAMES}


def _crypted(data):
    """A vault file with its payload decrypted, or encrypted."""
    payload = bytearray(data[HEADER_BYTES:-TRAILER_BYTES])
    SEAL.apply(data[24:40], 0, payload)
    return data[:HEADER_BYTES] + bytes(payload) + data[-TRAILER_BYTES:]


# As whoever has the key sees it: this is what is mutated before it is sealed again.
GOOD_VAULT = {name: _crypted(GOOD_FILES[name]) for name in FILE_NAMES}


def _mutated(source, data):
    """A file with some bytes overwritten, cut out or put in."""
    data = bytearray(data)
    for _ in range(source.number(8)):
        at = source.number(len(data) + 1)
        kind, size = source.number(3), source.number(12)
        if kind == 0:
            piece = source.chunk(size)
            data[at : at + len(piece)] = piece
        elif kind == 1:
            del data[at : at + size]
        else:
            data[at:at] = source.chunk(size)
    return bytes(data)


def _resealed(data):
    """The file with lengths and checksums that are right for what is in it now."""
    if len(data) < HEADER_BYTES + TRAILER_BYTES:
        return data
    body = bytearray(data[:-TRAILER_BYTES])
    struct.pack_into(">I", body, 12, len(body) - HEADER_BYTES)
    struct.pack_into(">I", body, 20, zlib.crc32(body[:20]))
    if body[4] != VERSION:
        return bytes(body) + hashlib.sha256(body).digest()
    body = _crypted(bytes(body) + bytes(TRAILER_BYTES))[:-TRAILER_BYTES]
    return body + SEAL.mac.of(body)


def _accounts(vault):
    """What each position holds: an account's fields, or None if it is unreadable."""
    found = []
    for index in range(len(vault)):
        try:
            found.append(tuple(vars(vault.account(index)).items()))
        except VaultError as error:
            assert error.code in ("damaged", "storage")
            found.append(None)
    return found


def _generations():
    """The account lists that the good files stand for: either may be what is left."""
    lists = []
    for name in FILE_NAMES:
        storage = MemoryStorage()
        storage.files = {**GOOD_KEYS, name: GOOD_FILES[name]}
        lists.append(_accounts(opened(storage)))
    return lists


GENERATIONS = _generations()


def vault_target(data):
    """Damaged vault files: one of the old lists or none of it, and never another."""
    source = Source(data)
    storage = MemoryStorage()
    storage.files = {name: _mutated(source, GOOD_FILES[name]) for name in FILE_NAMES}
    storage.files.update(GOOD_KEYS)
    vault = opened(storage)
    assert _accounts(vault) in [*GENERATIONS, []]
    if vault.damaged or vault.too_new:
        before = dict(storage.files)
        for change in (lambda: vault.add(an_account("x")), lambda: vault.remove(0)):
            try:
                change()
            except VaultError:
                continue
            raise AssertionError("a closed vault was changed")
        assert storage.files == before


def sealed_vault_target(data):
    """Vault files with right checksums around anything: whoever can write flash can make them.

    Reading and showing such accounts is refused or works; the token never falls over.
    """
    source = Source(data)
    storage = MemoryStorage()
    storage.files = {name: _resealed(_mutated(source, GOOD_VAULT[name])) for name in FILE_NAMES}
    storage.files.update(GOOD_KEYS)
    token = WiredToken(storage=storage)
    assert len(token.vault) <= MAX_ACCOUNTS
    token.hello()
    for op in ("status", "list"):
        _must_answer(token, op)
    for _ in range(3):
        token.click()
    token.hold()
    token.request("add", issuer="A", name="b", secret="MZXW6YTB", algorithm="SHA1", digits=6,
                  kind="totp")  # fmt: skip


def _vault_with_pin():
    storage = MemoryStorage()
    storage.files = dict(GOOD_FILES)
    vault = opened(storage)
    with quick_pbkdf2.patched():
        assert vault.changing_pin(bytearray(PIN)).step(LONGEST_ROUNDS)
        vault.lock()
        assert vault.keys.unlocking(bytearray(b"wrong")).step(LONGEST_ROUNDS)
    return storage.files


PIN_FILES = _vault_with_pin()


def key_files_target(data):
    """Damaged records of the key and of the wrong PINs, their checksums right or not: the right PIN
    opens the accounts or does not, another never does, and each attempt is charged."""
    source = Source(data)
    storage = MemoryStorage()
    storage.files = dict(PIN_FILES)
    for name in (*KEY_FILES, *TRIES_FILES):
        if source.number(2):
            continue  # this one is as it was
        file = _mutated(source, PIN_FILES[name])
        storage.files[name] = _with_crc(file[:-4]) if source.number(2) else file
    clock = HandClock()
    vault = opened(storage, clock)
    assert (
        vault.too_new or vault.damaged or vault.keys.destroyed or vault.keys.wiping or vault.locked
    )
    for pin in (b"wrong", PIN, b"wrong"):
        clock.us += HOUR_US
        failures = vault.keys.failures
        try:
            with quick_pbkdf2.patched():
                attempt = vault.keys.unlocking(bytearray(pin))
                assert vault.keys.failures == min(failures + 1, 255)
                while not attempt.step(LONGEST_ROUNDS):
                    pass
        except VaultError as error:
            assert error.code in ("bad-pin", "destroyed", "too-new", "too-soon")
            continue
        assert attempt.ok <= (pin == PIN)
        if attempt.ok:
            vault.unlock()
            assert _accounts(vault) in GENERATIONS
            vault.lock()


def clock_files_target(data):
    """Any record and log of the clock, with a right CRC or not: it starts, shows, answers."""
    source = Source(data)
    seals, under_way = source.number(4), source.number(2)
    record = source.chunk(source.number(64))
    log = source.rest()[:700]
    storage = MemoryStorage()
    storage.files = {
        SET_FILE: _with_crc(record) if seals & 1 else record,
        LOG_FILE: _with_crc(log) if seals & 2 else log,
    }
    if under_way:
        storage.files[UNDER_WAY_FILE] = b""
    token = WiredToken((an_account(),), storage=storage)
    token.hello()
    token.click()
    token.run(2)
    for op in ("status", "time", "clock_log"):
        _must_answer(token, op)
    token.request("set_time", unix_us=NOW_UNIX_S * 10**6 + 7 * 10**6,
                  ticks_us=token.monotonic.now_us() - 1000, uncertainty_us=1000)  # fmt: skip


def _with_crc(body):
    return body + struct.pack(">I", zlib.crc32(body))


def _must_answer(token, op):
    answer = token.request(op)
    assert answer["ok"] is True or answer["error"]["code"] in ("damaged", "too-new", "storage")
    json.dumps(answer)


def _overwritten(at, piece):
    """The seed that makes `_mutated` write these bytes there, in both files."""
    seed = b""
    for name in FILE_NAMES:
        at_bytes = ((len(GOOD_VAULT[name]) + 1).bit_length() + 7) // 8
        seed += b"\x01" + at.to_bytes(at_bytes, "big") + b"\x00" + bytes((len(piece),)) + piece
    return seed


_NAMES_AT = HEADER_BYTES + 2 + 14 + 1 + GOOD_VAULT[FILE_NAMES[0]][HEADER_BYTES + 16] + 1

# name: (a function that makes the target, seeds)
TARGETS = {
    "vault": (lambda: vault_target, (b"", bytes(range(60)), b"\x03\x00\x08\x00\x02ab" * 8)),
    "sealed-vault": (
        lambda: sealed_vault_target,
        (
            _overwritten(HEADER_BYTES, b"\xff\xff"),  # a length
            _overwritten(HEADER_BYTES + 2, b"\x00\x00\xff"),  # kind, algorithm, digits
            _overwritten(HEADER_BYTES + 2, b"\x01\x01\xff\x00\x00\x00"),  # digits and period
            _overwritten(_NAMES_AT, b"\xff\xfe"),  # no UTF-8
            _overwritten(16, b"\xff\xff"),  # the number of records
        ),
    ),
    "key-files": (
        lambda: key_files_target,
        (
            b"",
            # Both records of the key, or both counts, in which one byte is something else.
            b"".join(b"\x00\x01" + bytes((at, 0, 1)) + b"\xff\x01" for at in (5, 5)),
            b"".join(b"\x00\x01" + bytes((at, 0, 1)) + b"\x06\x01" for at in (6, 6)),
            b"".join(b"\x00\x01" + bytes((at, 0, 1)) + b"\x0f\x01" for at in (13, 13)),
            b"\x01\x01" + b"".join(b"\x00\x01" + bytes((5, 0, 1)) + b"\x00\x01" for _ in range(2)),
        ),
    ),
    "clock-files": (
        lambda: clock_files_target,
        (
            b"",
            b"\x03\x01\x08" + b"\x69" * 8,
            b"\x03\x00\x36\x02" + b"\xff" * 150,
            b"\x01\x01\x08'iiihii\0\0\0\0i",
        ),
    ),
}
