"""Requests that change accounts: what is asked, what is done, what is refused."""

import base64
import hashlib

import pyotp
import pytest

from picototp.codes import base32
from picototp.screens.values import ConfirmScreen
from tests.firmware.protocol.service_rig import (
    ALICE,
    BOB,
    COUNTER,
    NEW,
    NOBODY,
    error_of,
    fast_vault,
    names,
)
from wired_token import WiredToken, an_account, broken_vault_files


def test_add(token):
    assert token.confirmed("add", **NEW) == {"ok": True, "index": 3}
    account = token.vault.account(3)
    assert account.secret == base64.b32decode("JBSWY3DPEHPK3PXP" * 2)
    assert (account.algorithm, account.digits, account.period_s) == ("SHA256", 8, 45)
    judge = pyotp.TOTP("JBSWY3DPEHPK3PXP" * 2, digits=8, digest=hashlib.sha256, interval=45)
    assert token.screen.code == judge.at(token.true_unix_ns() // 10**9).encode()


def test_add_hotp_and_no_issuer(token):
    fields = {**NEW, "issuer": "", "kind": "hotp", "counter": 2**64 - 2}
    del fields["period"]
    asked = token.request("add", **fields)
    assert "wait" in asked
    assert token.screen.lines == (
        "(no issuer)", "new@example.com", "SHA256, 8 digits, HOTP", "no. 4",
    )  # fmt: skip
    token.button.down = True
    assert token.answered()["index"] == 3
    assert (token.vault.account(3).kind, token.vault.account(3).counter) == ("hotp", 2**64 - 2)


def test_add_replaces_only_when_asked(token):
    fields = {**NEW, **ALICE}
    assert error_of(token.request("add", **fields)) == "duplicate"
    for not_true in (False, 1, "true", None):
        assert error_of(token.request("add", **fields, replace=not_true)) == "duplicate"
    token.request("add", **fields, replace=True)
    assert token.screen.title == "Replace account?"
    token.button.down = True
    assert token.answered() == {"ok": True, "index": 0}
    assert token.vault.account(0).digits == 8
    assert len(token.vault) == 3


def test_the_longest_add_fits_a_line(token):
    fields = {
        **{**NEW, "issuer": "ü" * 32, "name": "😀" * 16, "algorithm": "SHA512"},
        "secret": base32.encode(b"\xff" * 128),
        **{"kind": "hotp", "counter": 2**64 - 2, "period": 86_400, "replace": False},
    }
    token.number = 2**53 - 3
    assert token.confirmed("add", **fields)["ok"] is True
    token.number = 2**53 - 3
    renamed = {"new_issuer": "ÿ" * 32, "new_name": "ß" * 32}
    names = {"issuer": "ü" * 32, "name": "😀" * 16}
    assert token.confirmed("rename", **names, **renamed)["ok"] is True


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"issuer": "x" * 65}, "bad-issuer"),
        ({"issuer": "a\nb"}, "bad-issuer"),
        ({"issuer": None}, "bad-request"),
        ({"name": ""}, "bad-name"),
        ({"name": "ü" * 33}, "bad-name"),
        ({"name": "\x7f"}, "bad-name"),
        ({"name": ["x"]}, "bad-request"),
        ({"secret": ""}, "bad-secret"),
        ({"secret": "JBSWY3D1"}, "bad-secret"),
        ({"secret": "A" * 208}, "bad-secret"),
        ({"secret": 7}, "bad-request"),
        ({"algorithm": "MD5"}, "bad-algorithm"),
        ({"algorithm": "sha1"}, "bad-algorithm"),
        ({"algorithm": None}, "bad-request"),
        ({"digits": 5}, "bad-digits"),
        ({"digits": 9}, "bad-digits"),
        ({"digits": 100}, "bad-request"),
        ({"digits": True}, "bad-request"),
        ({"digits": 6.0}, "bad-request"),
        ({"digits": "6"}, "bad-request"),
        ({"period": 0}, "bad-period"),
        ({"period": 86_401}, "bad-period"),
        ({"period": -1}, "bad-request"),
        ({"period": None}, "bad-request"),
        ({"kind": "steam"}, "bad-kind"),
        ({"kind": 1}, "bad-request"),
        ({"counter": 2**64 - 1}, "bad-counter"),
        ({"counter": 2**64}, "bad-request"),
        ({"counter": -1}, "bad-request"),
    ],
)
def test_add_errors_come_before_the_question(token, changes, code):
    answer = token.request("add", **{**NEW, **changes})
    assert error_of(answer) == code
    assert not isinstance(token.screen, ConfirmScreen)
    secret = changes.get("secret")
    if isinstance(secret, str) and len(secret) > 4:
        assert secret not in answer["error"]["message"]


def test_a_full_token():
    token = WiredToken(storage=fast_vault([an_account(f"n{n}") for n in range(255)]))
    token.hello()
    assert error_of(token.request("add", **NEW)) == "full"
    replaced = {**NEW, "issuer": "Example", "name": "n254"}
    assert token.confirmed("add", **replaced, replace=True) == {"ok": True, "index": 254}
    assert token.confirmed("remove", issuer="Example", name="n0")["ok"] is True
    assert token.confirmed("add", **NEW) == {"ok": True, "index": 254}


def test_rename(token):
    fields = {"new_issuer": "", "new_name": "Zoë"}
    token.request("rename", **BOB, **fields)
    assert token.screen.lines == ("Example: bob", "to", "(no issuer): Zoë", "no. 2")
    token.button.down = True
    assert token.answered() == {"ok": True, "index": 1}
    assert token.vault.label(1) == ("", "Zoë")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({**NOBODY, "new_issuer": "", "new_name": "x"}, "not-found"),
        ({**ALICE, "new_issuer": "Example", "new_name": "bob"}, "duplicate"),
        ({**ALICE, "new_issuer": "Example", "new_name": ""}, "bad-name"),
        ({**ALICE, "new_issuer": "x" * 65, "new_name": "x"}, "bad-issuer"),
        ({**ALICE, "new_issuer": "x"}, "bad-request"),
        ({**ALICE, "new_name": "x"}, "bad-request"),
        ({"new_issuer": "x", "new_name": "x"}, "bad-request"),
    ],
)
def test_rename_errors(token, fields, code):
    assert error_of(token.request("rename", **fields)) == code


def test_move(token):
    assert token.confirmed("move", **COUNTER, to=0) == {"ok": True, "index": 0}
    assert names(token) == ["counter", "alice", "bob"]
    assert token.screen.name == "counter"
    assert token.confirmed("move", **COUNTER, to=2)["index"] == 2
    assert names(token) == ["alice", "bob", "counter"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({**NOBODY, "to": 0}, "not-found"),
        ({**ALICE, "to": 3}, "bad-request"),
        ({**ALICE, "to": -1}, "bad-request"),
        ({**ALICE, "to": "0"}, "bad-request"),
        (ALICE, "bad-request"),
    ],
)
def test_move_errors(token, fields, code):
    assert error_of(token.request("move", **fields)) == code


def test_remove(token):
    assert token.confirmed("remove", **ALICE) == {"ok": True, "index": 0}
    assert token.confirmed("remove", **COUNTER) == {"ok": True, "index": 0}
    assert names(token) == ["bob"]
    assert error_of(token.request("remove", **ALICE)) == "not-found"
    assert token.confirmed("remove", **BOB)["ok"] is True
    assert token.screen.title == "No accounts yet"
    assert error_of(token.request("remove", **BOB)) == "not-found"
    assert error_of(token.request("remove", name="bob")) == "bad-request"


def test_wipe(token):
    token.request("wipe")
    assert token.screen.lines[0] == "All 3 accounts"
    token.button.down = True
    assert token.answered() == {"ok": True}
    assert len(token.vault) == 0
    assert list(token.storage.files) == ["unclean"]
    assert token.request("list")["total"] == 0
    token.button.down = False
    assert token.request("status")["cleaning"] is True
    token.run(10)
    assert token.storage.files == {}
    assert token.request("status")["cleaning"] is False


def test_a_damaged_vault_can_only_be_wiped():
    token = WiredToken(storage=broken_vault_files("damaged"))
    token.hello()
    to = {"to": 0, "new_issuer": "", "new_name": "x", "unix": 0, "proof": ""}
    for op in ("rename", "move", "remove", "check"):
        assert error_of(token.request(op, **ALICE, **to)) == "damaged"
    assert error_of(token.request("add", **NEW)) == "damaged"
    assert token.request("list")["total"] == 0
    assert token.confirmed("wipe")["ok"] is True
    assert token.request("status")["vault"] == "ok"
    assert token.confirmed("add", **NEW)["ok"] is True


def test_a_vault_of_newer_firmware_is_left_alone():
    storage = broken_vault_files("too-new")
    before = dict(storage.files)
    token = WiredToken(storage=storage)
    token.hello()
    to = {"to": 0, "new_issuer": "", "new_name": "x", "unix": 0, "proof": ""}
    for op in ("rename", "move", "remove", "check", "wipe"):
        assert error_of(token.request(op, **ALICE, **to)) == "too-new"
    assert error_of(token.request("add", **NEW)) == "too-new"
    assert token.request("list")["total"] == 0
    assert "too-new" in token.request("selftest")["slots"]
    token.click()
    assert token.screen.title == "Accounts too new"
    assert token.storage.files == before


def test_maintenance_needs_the_button(token):
    token.request("maintenance")
    token.click()
    assert error_of(token.answers()[-1]) == "refused"
    assert not token.restart_wanted
    assert token.confirmed("maintenance") == {"ok": True}
    assert token.restart_wanted
