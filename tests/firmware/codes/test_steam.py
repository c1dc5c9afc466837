"""Steam's codes, against pyotp's own Steam."""

import pyotp.contrib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from open_vault import opened
from picototp.codes import base32, otp, steam
from picototp.vault.account import STEAM_CHARACTERS, Account, check
from picototp.vault.errors import VaultError
from picototp.vault.record import unpack_summary
from picototp.vault.slot import FLAG_ASCII_NAMES, FLAG_STEAM, Slot
from wired_token import WiredToken
from workbench import NOW_UNIX_S, MemoryStorage

KEY = b"a secret of Gordon's"


def judge(key, unix_s):
    return pyotp.contrib.Steam(base32.encode(key)).at(unix_s)


def steam_account(name="gordon", **changes):
    return Account("Steam", name, KEY, digits=STEAM_CHARACTERS, **changes)


@given(
    st.binary(min_size=14, max_size=64), st.integers(0, 253_402_300_799)
)  # the judge knows no later year
def test_as_pyotp_makes_them(key, unix_s):
    expected = judge(key, unix_s).encode()
    assert otp.totp("SHA1", key, unix_s, 30, STEAM_CHARACTERS) == expected
    assert otp.Generator("SHA1", key, STEAM_CHARACTERS).code(unix_s // 30) == expected


def test_an_account_of_steam_gets_its_characters_and_the_others_their_digits():
    first, second = otp.Generator("SHA1", KEY, 5), otp.Generator("SHA1", KEY, 6)
    assert first.code(1).isalnum() and second.code(1).isdigit()
    assert first.code(1) == otp.hotp("SHA1", KEY, 1, STEAM_CHARACTERS)
    assert steam.CHARACTERS == otp.STEAM_CHARACTERS == STEAM_CHARACTERS


@pytest.mark.parametrize(
    "changes", [{"kind": "hotp"}, {"algorithm": "SHA256"}, {"period_s": 60}], ids=str
)
def test_what_steam_never_makes_is_refused(changes):
    check(steam_account())
    with pytest.raises(VaultError) as caught:
        check(steam_account(**changes))
    assert caught.value.code == "bad-digits"


def flags_in(storage, vault):
    """What the heads of the files say."""
    slots = [Slot(storage, name, bytearray(512), vault.keys) for name in ("vault.0", "vault.1")]
    for slot in slots:
        slot.look()
    return {slot.flags & (FLAG_STEAM | FLAG_ASCII_NAMES) for slot in slots if slot.generation}


def test_a_file_without_steam_is_as_earlier_firmware_wrote_it():
    storage = MemoryStorage()
    vault = opened(storage)
    vault.add(Account("Example", "alice", KEY))
    assert flags_in(storage, vault) == {0}


def test_a_file_with_steam_says_so_until_the_account_is_gone_and_rewritten():
    """Earlier firmware knows no such flag, and takes the file as newer than it: it shows nothing,
    and overwrites nothing."""
    storage = MemoryStorage()
    vault = opened(storage)
    vault.add(steam_account(issuer_ascii="", name_ascii=""))
    assert flags_in(storage, vault) == {FLAG_STEAM}
    vault.add(Account("Example", "alice", KEY))
    vault.move(1, 0)
    again = opened(storage)
    assert flags_in(storage, again) == {FLAG_STEAM}
    assert again.account(1).digits == STEAM_CHARACTERS
    assert again.summary(1)[4] == STEAM_CHARACTERS
    again.add(Account("", "\u4e16", KEY, name_ascii="Shi"))
    assert FLAG_STEAM | FLAG_ASCII_NAMES in flags_in(storage, again)
    assert len(opened(storage)) == 3


def test_any_other_number_of_digits_is_still_damage():
    storage = MemoryStorage()
    vault = opened(storage)
    vault.add(steam_account())
    bodies = []
    vault._visit(0, lambda _, body: bodies.append(bytearray(body)) or True)
    (body,) = bodies
    assert unpack_summary(memoryview(body))[4] == STEAM_CHARACTERS
    body[2] = 4
    with pytest.raises(VaultError):
        unpack_summary(memoryview(body))


def test_from_the_port_to_the_display():
    token = WiredToken()
    hello = token.hello()
    assert hello["limits"]["steam_characters"] == STEAM_CHARACTERS
    token.run(3)
    fields = {"issuer": "Steam", "name": "gordon", "secret": base32.encode(KEY)}
    fields |= {"algorithm": "SHA1", "period": 30, "kind": "totp", "digits": STEAM_CHARACTERS}
    assert token.request("add", **fields)["wait"] == "button"
    assert "Steam's codes" in token.screen.lines
    token.hold()
    assert token.answered()["ok"]
    unix_s = int(token.chip.unix())
    assert token.screen.code.decode() in {judge(KEY, unix_s), judge(KEY, unix_s + 1)}
    proof = otp.check_proof("SHA1", KEY, NOW_UNIX_S // 30, STEAM_CHARACTERS)
    named = {"issuer": "Steam", "name": "gordon"}
    assert token.request("check", **named, unix=NOW_UNIX_S, proof=proof)["match"] is True
    code = token.confirmed("code", **named)["code"]
    assert code in {judge(KEY, int(token.chip.unix()) + early_s) for early_s in range(-3, 2)}
