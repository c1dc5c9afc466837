"""Requests that change nothing: list, status, log, self-test, comparing codes."""

import pytest

from picototp import __version__
from picototp.codes import otp
from picototp.protocol import frames
from tests.firmware.protocol.service_rig import (
    ALICE,
    BOB,
    COUNTER,
    NOBODY,
    error_of,
    fast_vault,
    longest_accounts,
    make_token,
)
from wired_token import WiredToken, broken_vault_files
from workbench import NOW_UNIX_S

# --- reading -----------------------------------------------------------------------------------


def test_list(token):
    answer = token.request("list")
    assert (answer["ok"], answer["total"], answer["next"]) == (True, 3, 3)
    assert answer["accounts"][1] == {
        "issuer": "Example",
        "name": "bob",
        "kind": "totp",
        "algorithm": "SHA512",
        "digits": 8,
        "period": 60,
        "counter": 0,
    }
    assert answer["accounts"][2]["kind"] == "hotp"
    assert answer["accounts"][2]["counter"] == 5
    assert token.request("list", **{"from": 2})["accounts"] == answer["accounts"][2:]
    for start in (3, 255):
        assert token.request("list", **{"from": start})["accounts"] == []


def test_list_of_255_accounts_with_the_longest_names():
    accounts = list(longest_accounts(255))
    token = WiredToken(storage=fast_vault(accounts))
    session = "\x00" * 16  # escaped, too, and so is the longest id
    token.hello(session)
    found = []
    while True:
        token.number = 2**53 - 2
        answer = token.request("list", s=session, **{"from": len(found)})
        assert answer["accounts"]
        found += answer["accounts"]
        assert answer["next"] == len(found)
        if answer["next"] == answer["total"]:
            break
    assert [entry["name"] for entry in found] == [account.name for account in accounts]
    assert len({entry["name"] for entry in found}) == 255
    token.number = 2**53 - 2
    for op in ("hello", "status", "log", "selftest", "time"):
        token.log_text = '"\\\n' * 700
        token.number -= 1
        assert token.request(op, s=session, v=frames.VERSION)["ok"] is True


def test_status(token):
    answer = token.request("status")
    clock = answer.pop("clock")
    assert answer == {
        "ok": True,
        "accounts": 3,
        "vault": "ok",
        "encrypted": True,
        "cleaning": False,
        "pin": False,
        "locked": False,
        "pin_failures": 0,
        "pin_limit": 10,
        "lock_after_s": 60,
        "pin_wait_s": 0,
        "firmware": __version__,
        "uptime_s": 3,
        "display": "ok",
        "heap_free": 100_000,
        "reset_cause": 1,
        "errors_logged": False,
        "typing": None,
    }
    assert clock["state"] == "ok"
    assert abs(clock["unix_us"] - token.true_unix_ns() / 1000) < 50_000
    assert clock["uncertainty_us"] < 1000
    assert (clock["set_unix_s"], clock["error_bound_s"]) == (0, None)
    assert (clock["temperature_c"], clock["aging"]) == (25.0, 0)


@pytest.mark.parametrize("kind", ["damaged", "too-new"])
def test_status_of_a_vault_that_cannot_be_used(kind):
    token = WiredToken(storage=broken_vault_files(kind))
    token.hello()
    answer = token.request("status")
    assert (answer["vault"], answer["accounts"]) == (kind, 0)


def test_status_without_a_clock(token):
    token.chip.osf = True
    assert token.request("status")["clock"]["state"] == "not-set"
    token.bus.set_fault("ds3231", "nack")
    clock = token.request("status")["clock"]
    assert clock["state"] == "missing"
    assert not {"unix_us", "uncertainty_us", "error_bound_s", "aging", "temperature_c"} & set(clock)


@pytest.mark.parametrize("text", ["", "short", "x" * 2048, '"\\\n' * 600, "\n" * 2048])
def test_log(token, text):
    token.log_text = text
    answer = token.request("log")
    assert text.endswith(answer["text"])
    assert len(answer["text"]) >= min(len(text), 380)


def test_selftest(token):
    answer = token.request("selftest")
    assert sorted(answer.pop("slots")) == ["active", "sound"]
    assert answer == {"ok": True, "codes": True, "firmware": True}


def test_selftest_finds_a_rotten_slot(token):
    for name, data in token.storage.files.items():
        token.storage.files[name] = data[:-1] + bytes((data[-1] ^ 1,))
    assert token.request("selftest")["slots"] == ["corrupt", "corrupt"]


# --- check -------------------------------------------------------------------------------------


def proof(name, counter):
    index = {"alice": 0, "bob": 1, "counter": 2}[name]
    account = make_token().vault.account(index)
    return otp.check_proof(account.algorithm, account.secret, counter, account.digits)


def test_check(token):
    right = proof("alice", NOW_UNIX_S // 30)
    assert token.request("check", **ALICE, unix=NOW_UNIX_S, proof=right)["match"] is True
    assert token.request("check", **ALICE, unix=NOW_UNIX_S + 30, proof=right)["match"] is False
    assert token.request("check", **BOB, unix=NOW_UNIX_S, proof=right)["match"] is False
    assert token.request("check", **ALICE, unix=NOW_UNIX_S, proof="")["match"] is False
    right = proof("bob", NOW_UNIX_S // 60)
    assert token.request("check", **BOB, unix=NOW_UNIX_S, proof=right)["match"] is True


@pytest.mark.parametrize("unix_s", [0, 2**40])
def test_check_at_the_ends_of_time(token, unix_s):
    right = proof("alice", unix_s // 30)
    assert token.request("check", **ALICE, unix=unix_s, proof=right)["match"] is True


def test_check_of_a_counter(token):
    right = proof("counter", 5)
    assert token.request("check", **COUNTER, counter=5, proof=right)["match"] is True
    assert token.request("check", **COUNTER, counter=6, proof=right)["match"] is False
    assert token.request("check", **COUNTER, counter=2**64 - 1, proof=right)["match"] is False
    assert token.vault.account(2).counter == 5


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({**NOBODY, "unix": 0, "proof": ""}, "not-found"),
        ({**ALICE, "proof": ""}, "bad-request"),
        ({**ALICE, "unix": 0}, "bad-request"),
        ({**ALICE, "unix": -1, "proof": ""}, "bad-request"),
        ({**ALICE, "unix": 2**40 + 1, "proof": ""}, "bad-request"),
        ({**ALICE, "unix": 1.5, "proof": ""}, "bad-request"),
        ({**ALICE, "unix": True, "proof": ""}, "bad-request"),
        ({**ALICE, "counter": 2**64, "proof": ""}, "bad-request"),
        ({"name": "alice", "unix": 0, "proof": ""}, "bad-request"),
    ],
)
def test_check_errors(token, fields, code):
    assert error_of(token.request("check", **fields)) == code
