"""What leaves the port of a token on MicroPython's unix port, and what its flash tells: every
request in each state of its PIN, and requests of which something is wrong.

The same is done on the emulated chip, with fewer of them: test_chip_pin.py.
"""

import os
import random
import time

import pytest

from every_request import ALICE, COUNTER, NEW, OTHER, PIN, WRONG
from host_tools.client.wire_errors import TokenError
from host_tools.credentials.credential import Credential
from picototp.codes import otp
from port_audit import PortAudit, send_spoilt_requests
from waiting import PATIENCE_S, eventually

SEED = int(os.environ.get("PICOTOTP_TEST_SEED", "20261128"))
SPOILT, BATCHES = 1500, 3
LEFT_BYTES = 8192  # of garbage, at different moments
KEY, HOTP_KEY = b"the secret of alice!", b"the secret of counter"
ACCOUNTS = (
    Credential(ALICE["issuer"], ALICE["name"], KEY),
    Credential(COUNTER["issuer"], COUNTER["name"], HOTP_KEY, kind="hotp", counter=5),
)
HOUR_S = 3600
NEEDS_NO_PIN = {"hello", "status", "selftest", "log", "time", "clock_log", "diagnose", "display"}
LOCKED = NEEDS_NO_PIN | {"lock", "show"}  # to show an account there means to ask for the PIN
# Without a question; only the end of a batch asks.
OPEN = NEEDS_NO_PIN | {"list", "check", "show", "batch_begin", "batch_entry"}


@pytest.fixture
def audited(hands):
    """A token with two accounts, and the audit of its port from then on."""
    with hands.client() as client:
        for account in ACCOUNTS:
            client.add(account)
    return hands, PortAudit(hands.token, {KEY, HOTP_KEY})


def codes_of_now() -> set[bytes]:
    first = int(time.time()) // 30 - 3
    codes = {otp.hotp("SHA1", KEY, counter, 6) for counter in range(first, first + 6)}
    return codes | {otp.hotp("SHA1", HOTP_KEY, counter, 6) for counter in range(4, 10)}


def test_nothing_leaves_that_must_not(audited):
    hands, audit = audited
    served = audit.ask_everything(hands.no, but=("set_pin",))
    assert served == OPEN
    audit.check(codes_of_now())
    with hands.client() as client:
        client.request("set_pin", pin=PIN)
    # The PIN is the same whether it is asked for or changed: no question is answered with yes.
    served = audit.ask_everything(hands.no, but=("lock", "unlock"))
    assert served == OPEN
    audit.check(codes_of_now())
    with hands.client() as client:
        client.request("lock")
    served = audit.ask_everything(hands.no, but=("unlock",))
    assert served == LOCKED
    for wrong in (WRONG, OTHER):
        with hands.client() as client:
            for pin, code in ((wrong, "wrong-pin"), (PIN, "too-soon")):
                with pytest.raises(TokenError) as caught:
                    client.request("unlock", pin=pin)
                assert caught.value.code == code
        served = audit.ask_everything(hands.no, but=("unlock",))
        assert served == LOCKED
        hands.elapse(HOUR_S)
    audit.check(codes_of_now())
    with hands.client() as client:
        client.request("unlock", pin=PIN)
        assert client.status().pin_failures == 0
        assert len(client.accounts()) == len(ACCOUNTS)
    audit.check_flash()


def test_nothing_leaves_but_a_code_where_every_question_is_answered_with_yes(audited):
    """Each request that asks, carried out; at last ten wrong PINs, and a wipe."""
    hands, audit = audited
    with hands.client() as client:
        client.request("set_pin", pin=PIN)
        shown = {client.request("code", **which)["code"] for which in (ALICE, COUNTER)}
        assert {code.encode() for code in shown} <= codes_of_now()
        client.request("add", **NEW)
        client.request("rename", **ALICE, new_issuer="", new_name="x")
        client.request("move", issuer="", name="x", to=2)
        client.request("remove", issuer=NEW["issuer"], name=NEW["name"])
        client.request("set_lock_after", seconds=5)
        client.request("set_aging", aging=3)
        client.request("set_pin", pin=OTHER)
        client.request("set_limit", limit=5)
        client.request("lock")
        for left in (4, 3, 2, 1, 0):
            with pytest.raises(TokenError) as caught:
                client.request("unlock", pin=WRONG)
            assert caught.value.code == ("wrong-pin" if left else "destroyed")
            hands.elapse(HOUR_S)
    said = bytes(audit.said)
    for code in shown:
        assert said.count(f'"{code}"'.encode()) == 1
        audit.said[:] = audit.said.replace(f'"{code}"'.encode(), b'"the code"')
    audit.check(codes_of_now())
    audit.check_flash()
    served = audit.ask_everything(hands.no)
    assert served == NEEDS_NO_PIN | {"list"}
    with hands.client() as client:
        client.request("wipe")
        assert client.accounts() == []
    audit.check(codes_of_now())
    audit.check_flash()


def test_requests_of_which_something_is_wrong_change_nothing(audited):
    hands, audit = audited
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    path = hands.token.port.path
    facts = ("pin", "pin_limit", "lock_after_s", "vault", "reset_cause", "errors_logged")
    seen = []
    for _ in range(BATCHES):
        with hands.client() as client:
            accounts, status = client.accounts(), client.status()
            seen.append((accounts, {fact: getattr(status, fact) for fact in facts}))
        before = chance.getstate()
        send_spoilt_requests(path, chance, SPOILT // BATCHES, PATIENCE_S)
    with hands.client() as client:
        free = client.status().heap_free
    chance.setstate(before)  # the same ones again: all modules that they need are there
    send_spoilt_requests(path, chance, SPOILT // BATCHES, PATIENCE_S)
    with hands.client() as client:
        eventually(  # what was let go counts until the firmware collects it
            lambda: client.status().heap_free > free - LEFT_BYTES, "as much memory as before"
        )
        for account in ACCOUNTS:
            assert client.check(account, int(time.time()))
    assert seen == [seen[0]] * len(seen)
    audit.check(codes_of_now())
