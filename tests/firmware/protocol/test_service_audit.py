"""What leaves the port: every request in every state of the token, with each answer of its user.

All bytes that were sent are searched for the secrets, keys, PINs and what is made of these, in raw,
hexadecimal, base32 and base64 form; so are the files in flash as soon as there is a PIN.
"""

import base64
import hmac

import pytest

import open_vault
import quick_pbkdf2
from every_request import ENTROPY, MISPLACED, NEW, OTHER, PIN, PINS, WRONG, every_request
from leaks import forms, leaked, made_of
from open_vault import opened
from picototp.codes import base32, otp
from picototp.vault import key_record
from picototp.vault.keystore import KeyStore
from tests.firmware.protocol.service_rig import ACCOUNTS, make_token
from wired_token import READ_S, SESSION, WiredToken
from workbench import NOW_UNIX_S, MemoryStorage

HOUR_NS = 3600 * 10**9
REQUESTS = every_request(NOW_UNIX_S)


# --- states ------------------------------------------------------------------------------------


def started(files):
    """A token at power-up, with these files."""
    storage = MemoryStorage()
    storage.files = dict(files)
    token = WiredToken((), storage)
    token.hello()
    return token


def unlocked(files):
    """With a PIN, which was entered."""
    token = started(files)
    assert token.request("unlock", pin=PIN)["ok"]
    return token


def at_the_menu(files):
    token = unlocked(files)
    token.hold()
    assert token.screen.title == "Menu"
    return token


def asking_by_the_menu(files):
    token = at_the_menu(files)
    while token.screen.items[token.screen.selected] != "Erase all":
        token.click()
    token.hold()
    assert token.screen.title == "Erase everything?"
    return token


def asking_for_the_host(files):
    token = unlocked(files)
    assert token.request("set_pin", pin=OTHER)["wait"] == "button"
    return token


def in_a_batch(files):
    token = unlocked(files)
    assert token.request("batch_begin", what="add", count=2)["ok"]
    assert token.request("batch_entry", **{**NEW, "name": "first"})["ok"]
    return token


def checking_a_pin(files):
    token = started(files)
    token.number += 1
    assert not token.post({"id": token.number, "s": SESSION, "op": "unlock", "pin": PIN})
    return token


def at_the_last_attempt(files):
    token = started(files)
    token.clock.elapse_ns(HOUR_NS)
    return token


# What the files are of, and how the token comes from there. While it is locked, destroyed or busy
# it serves less.
STATES = {
    "no PIN": ("open", started),
    "locked": ("pinned", started),
    "unlocked": ("pinned", unlocked),
    "too soon for a PIN": ("nearly lost", started),
    "last attempt": ("nearly lost", at_the_last_attempt),
    "destroyed": ("destroyed", started),
    "menu open": ("pinned", at_the_menu),
    "question of the menu": ("pinned", asking_by_the_menu),
    "in a batch": ("pinned", in_a_batch),
    "question of a host": ("pinned", asking_for_the_host),
    "checking a PIN": ("pinned", checking_a_pin),
}
NEEDS_NO_PIN = {"hello", "status", "wipe", "selftest", "log", "maintenance", "diagnose"}
NEEDS_NO_PIN |= {"time", "set_time", "set_aging", "clock_log", "lock", "unlock"}
NEEDS_NO_PIN |= {"display", "set_display", "set_order", "show"}
NEEDS_A_BATCH = {"batch_entry", "batch_end"}
SERVED = {
    "no PIN": set(REQUESTS) - NEEDS_A_BATCH - {"lock", "unlock"},
    "locked": NEEDS_NO_PIN,
    "unlocked": set(REQUESTS) - NEEDS_A_BATCH - {"unlock"},
    "too soon for a PIN": NEEDS_NO_PIN - {"unlock"},
    "last attempt": NEEDS_NO_PIN,
    "destroyed": (NEEDS_NO_PIN | {"list", "typing"}) - {"lock", "unlock", "show"},
    "menu open": set(REQUESTS) - NEEDS_A_BATCH - {"unlock"},
    "question of the menu": set(REQUESTS) - NEEDS_A_BATCH - {"unlock", "show"},
    "in a batch": set(REQUESTS) - {"unlock"},
    "question of a host": {"hello"},
    "checking a PIN": {"hello"},
}


@pytest.fixture(scope="module", autouse=True)
def quick():
    """PINs take no time."""
    with quick_pbkdf2.patched(), pytest.MonkeyPatch.context() as patch:
        # All tokens draw the same salts, so that each PIN is stretched once.
        patch.setattr(open_vault.Sources, "jitter", lambda sources: b"always the same")
        yield


@pytest.fixture(scope="module")
def flash():
    """The files of a token without PIN, with one, and so on."""
    token = make_token()
    found = {"open": dict(token.storage.files)}
    vault = opened(token.storage, token.monotonic)
    assert vault.changing_pin(bytearray(PIN.encode())).step(100_000)
    found["pinned"] = dict(token.storage.files)
    vault.lock()
    for _ in range(vault.keys.limit - 1):
        assert vault.keys.unlocking(bytearray(WRONG.encode())).step(100_000)
        token.clock.elapse_ns(HOUR_NS)
    found["nearly lost"] = dict(token.storage.files)
    assert vault.keys.unlocking(bytearray(WRONG.encode())).step(100_000)
    assert vault.keys.destroyed
    found["destroyed"] = dict(token.storage.files)
    return found


# --- what must not leave -----------------------------------------------------------------------


def stretched(record, pin):
    """What is made of a PIN (pin.py)."""
    rounds = key_record.rounds_of(record)
    value = quick_pbkdf2.derived(pin.encode(), key_record.salt_of(record), rounds, 20)
    names = (b"picototp key wrap 1", b"picototp key check 1")
    return {value, *(hmac.digest(value, name, "sha256") for name in names)}


SECRETS = {account.secret for account in ACCOUNTS} | {base32.decode(NEW["secret"])}
SECRETS |= {NEW["secret"].encode(), ENTROPY}  # as it was typed, and what keys are made of


class Audit:
    """Collects what one token must not tell, and looks for it in what it told."""

    def __init__(self, token):
        self._token = token
        self._hidden = SECRETS | PINS  # and never in flash when there is a PIN
        self._kept = set()
        self.notice()

    def notice(self):
        """Remember the keys that the token has now, and what it keeps of its PIN."""
        key = self._token.vault.keys._key
        if key is not None:
            self._hidden |= made_of(bytes(key))
        for name in key_record.FILE_NAMES:
            record = self._token.storage.files.get(name, b"")
            if record and key_record.state_of(record) == key_record.PIN:
                self._kept |= {record[16:32], record[32:64], record[64:96]}
                for pin in (PIN, OTHER):
                    self._hidden |= stretched(record, pin)

    def check(self, codes_are_fine=False):
        """AssertionError if what the token sent, or keeps behind a PIN, tells of it."""
        said = self._token.everything_sent + self._token.port.sent
        assert said and not leaked(said, self._hidden | self._kept)
        if not codes_are_fine:
            assert not leaked(said, self._codes())
        if self._token.vault.keys.has_pin:
            for name, content in self._token.storage.files.items():
                assert not leaked(content, self._hidden), name

    def _codes(self):
        """As they would stand in an answer."""
        now_s = self._token.true_unix_ns() // 10**9
        for account in ACCOUNTS:
            first = now_s // account.period_s - 3
            counters = range(first, first + 5) if account.kind == "totp" else range(5, 9)
            for counter in counters:
                code = otp.hotp(account.algorithm, account.secret, counter, account.digits)
                yield b'"' + code + b'"'


def settle(token):
    """Until it has answered."""
    turns = 0
    while token.link._pending is not None:
        token.turn()
        turns += 1
        assert turns < 5000, "it never answers"


def agree(token):
    token.press(1000)


def disagree(token):
    token.click()


def say_nothing(token):
    token.clock.elapse_ns(31 * 10**9)
    token.run(0.1)


USERS = (agree, disagree, say_nothing)


def heard(token, op, fields, user):
    """Make a request, and have the user answer whatever question there is then. Returns whether the
    token served it, and whether it asked for it."""
    token.number += 1
    number = token.number
    answers = token.post({"id": number, "s": SESSION, "op": op, **fields})
    while (pending := token.link._pending) and pending.consent and not pending.asked:
        token.run(1)  # the token puts its question off: it has one of its own, or a PIN is entered
        answers += token.answers()
    if token.interface.asking:
        token.run(READ_S)
        pages = 0
        while "next page" in getattr(token.screen, "hint", ""):
            token.click()
            token.run(READ_S)
            pages += 1
        user(token)
    else:
        pages = 0
    settle(token)
    token.run(0.1)
    mine = [answer for answer in answers + token.answers() if answer["id"] == number]
    if mine[0].get("wait") == "later":
        del mine[0]
    asked = "wait" in mine[0]
    assert len(mine) == 1 + asked + pages, "a page is told of as the question was"
    return mine[-1]["ok"], asked


@pytest.mark.parametrize("state", STATES)
def test_nothing_leaves_that_must_not(flash, state):
    of, prepare = STATES[state]
    served = set()
    for op in REQUESTS:
        for fields in (*REQUESTS[op], MISPLACED):
            for user in USERS:
                token = prepare(flash[of])
                audit = Audit(token)
                ok, asked = heard(token, op, fields, user)
                if ok:
                    served.add(op)
                audit.notice()
                audit.check(op == "code" and user is agree)
                if not asked:
                    break
    assert served == SERVED[state], served ^ SERVED[state]


def test_every_request_is_audited(token):
    """Who adds one says in REQUESTS how it is asked for."""
    assert set(REQUESTS) == {"hello", *token.hello()["ops"]}


def test_an_unknown_request_does_not_come_back(flash):
    token = started(flash["pinned"])
    for op in (PIN, NEW["secret"], [PIN], {"pin": PIN}, None):
        assert token.request(op)["error"]["code"] in ("unknown-op", "bad-request")
    Audit(token).check()


@pytest.mark.parametrize("form", sorted(forms(bytes(range(250, 256)) * 4)))
def test_a_leak_is_found(form):
    assert leaked(b"before" + form.upper() + b"after", [bytes(range(250, 256)) * 4, b"12345"])


@pytest.mark.parametrize("encode", [base64.b32encode, base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("before", range(6))
def test_a_leak_is_found_in_something_longer(encode, before):
    secret = b"a secret of some length"
    assert leaked(encode(b"before"[:before] + secret + b"after"), [secret]) == [secret]
    assert not leaked(encode(b"before"[:before] + secret[1:] + b"after"), [secret])


def test_a_key_that_leaves_is_found(flash, monkeypatch):
    """So that the audit can fail."""
    monkeypatch.setattr(KeyStore, "failures", property(lambda keys: keys._key.hex()))
    token = started(flash["open"])
    heard(token, "status", {}, agree)
    with pytest.raises(AssertionError):
        Audit(token).check()


def test_a_secret_that_stays_in_flash_is_found(flash):
    token = started(flash["pinned"])
    token.storage.files["log"] = b"entered: " + WRONG.encode()
    heard(token, "status", {}, agree)
    with pytest.raises(AssertionError, match="log"):
        Audit(token).check()
