"""What each method of a client sends, and what it makes of the answer."""

import pytest

from answers import CLOCK, STATUS
from host_tools.client import diagnosis
from host_tools.client.answers import Account, Code
from host_tools.client.fields import BadAnswer
from host_tools.client.status import Typing
from host_tools.client.token_client import TokenClient
from host_tools.credentials.credential import Credential
from host_tools.errors import NoToken, ToolError
from picototp.codes import otp
from picototp.vault.names import name_hash
from scripted_token import ACCOUNT, HELLO, ScriptedToken

ALICE = Account("Example", "alice", "totp", "SHA1", 6, 30, 0)
NAMED = {"issuer": "Example", "name": "alice"}
SECRET = b"12345678901234567890"
CREDENTIAL = Credential("Example", "alice", SECRET, "SHA256", 8, 60)
DESCRIBED = {
    **NAMED,
    "secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
    "algorithm": "SHA256",
    "digits": 8,
    "period": 60,
    "kind": "totp",
    "counter": 0,
}
TIME = {"state": "ok", "arrived_us": 1, "ticks_us": 2, "unix_us": 3, "uncertainty_us": 4}
DISPLAY = {"brightness": 50, "dark_after_s": 60, "upside_down": False, "order": "fixed"}
BUS = {"sda": 1, "scl": 1, "sda_pulled": 1, "scl_pulled": 1, "found": [], "swapped": []}
BUTTON = {"down": False, "presses": 1, "edges": 2, "bounce_us": 3}
FLASH = {"block_bytes": 4096, "blocks": 2, "free": 1, "wrote": True}
ANSWERS = {
    "time": TIME,
    "set_time": TIME,
    "display": DISPLAY,
    "show": {"locked": False},
    "selftest": {"codes": True, "slots": ["ok"], "firmware": True},
}


def client(**script) -> TokenClient:
    """A client of a token that knows every request, and answers so."""
    return TokenClient(ScriptedToken(**{**ANSWERS, **script}))


def sent(token) -> list[dict]:
    """What was asked after hello, without what numbers a request."""
    frame = ("id", "s")
    heard = token.connection.heard[1:]
    return [{name: one[name] for name in one if name not in frame} for one in heard]


@pytest.mark.parametrize(
    ("ask", "request_"),
    [
        (lambda token: token.status(), {"op": "status"}),
        (lambda token: token.error_log(), {"op": "log"}),
        (lambda token: token.self_test(), {"op": "selftest"}),
        (lambda token: token.add(CREDENTIAL), {"op": "add", **DESCRIBED, "replace": False}),
        (lambda token: token.add(CREDENTIAL, True), {"op": "add", **DESCRIBED, "replace": True}),
        (
            lambda token: token.rename(ALICE, "New", "bob"),
            {"op": "rename", **NAMED, "new_issuer": "New", "new_name": "bob"},
        ),
        (lambda token: token.move(ALICE, 3), {"op": "move", **NAMED, "to": 3}),
        (lambda token: token.remove(ALICE), {"op": "remove", **NAMED}),
        (lambda token: token.wipe(), {"op": "wipe"}),
        (lambda token: token.code(ALICE), {"op": "code", **NAMED}),
        (
            lambda token: token.put_account(CREDENTIAL),
            {"op": "batch_entry", **DESCRIBED, "replace": False},
        ),
        (
            lambda token: token.put_account(CREDENTIAL, True),
            {"op": "batch_entry", **DESCRIBED, "replace": True},
        ),
        (lambda token: token.put_removal(ALICE), {"op": "batch_entry", **NAMED}),
        (lambda token: token.end_batch(3), {"op": "batch_end", "count": 3}),
        (lambda token: token.unlock("1234"), {"op": "unlock", "pin": "1234"}),
        (lambda token: token.lock(), {"op": "lock"}),
        (lambda token: token.set_pin("1234"), {"op": "set_pin", "pin": "1234"}),
        (lambda token: token.set_pin(None), {"op": "set_pin", "pin": None}),
        (lambda token: token.set_limit(7), {"op": "set_limit", "limit": 7}),
        (lambda token: token.set_lock_after(0), {"op": "set_lock_after", "seconds": 0}),
        (lambda token: token.time(), {"op": "time"}),
        (lambda token: token.time(fresh=True), {"op": "time", "fresh": True}),
        (
            lambda token: token.set_time(1, 2, 3),
            {"op": "set_time", "unix_us": 1, "ticks_us": 2, "uncertainty_us": 3},
        ),
        (
            lambda token: token.set_time(1, 2, 3, confirm=True, drift_ppb=4),
            {
                **{"op": "set_time", "unix_us": 1, "ticks_us": 2, "uncertainty_us": 3},
                **{"confirm": True, "drift_ppb": 4},
            },
        ),
        (
            lambda token: token.set_time(1, 2, 3, drift_ppb=4),
            {"op": "set_time", "unix_us": 1, "ticks_us": 2, "uncertainty_us": 3, "drift_ppb": 4},
        ),
        (lambda token: token.set_aging(-5), {"op": "set_aging", "aging": -5}),
        (lambda token: token.display(), {"op": "display"}),
        (lambda token: token.set_display(brightness=5), {"op": "set_display", "brightness": 5}),
        (lambda token: token.set_order("name"), {"op": "set_order", "order": "name"}),
        (lambda token: token.show(), {"op": "show"}),
        (lambda token: token.show(ALICE), {"op": "show", **NAMED}),
        (lambda token: token.set_typing(None), {"op": "typing", "on": False}),
        (
            lambda token: token.set_typing(Typing("enter", "off", "de")),
            {"op": "typing", "on": True, "end": "enter", "num_lock": "off", "layout": "de"},
        ),
        (lambda token: token.enter_maintenance(), {"op": "maintenance"}),
    ],
    ids=lambda value: value["op"] if isinstance(value, dict) else "",
)
def test_a_method_sends_its_request_and_nothing_else(ask, request_):
    with client() as token:
        ask(token)
    assert sent(token) == [request_]


@pytest.mark.parametrize(
    ("ask", "answer", "fields", "value"),
    [
        (
            lambda token: token.diagnose_bus(),
            BUS,
            {"part": "bus"},
            diagnosis.BusReading(False, False, False, False, (), ()),
        ),
        (
            lambda token: token.diagnose_clock(),
            {"answers": False},
            {"part": "clock", "ms": 3200},
            None,
        ),
        (lambda token: token.diagnose_display(), {"address": None}, {"part": "display"}, None),
        (
            lambda token: token.diagnose_flash(),
            FLASH,
            {"part": "flash"},
            diagnosis.FlashReading(4096, 2, 1, True),
        ),
        (
            lambda token: token.diagnose_button(4, 5000),
            BUTTON,
            {"part": "button", "presses": 4, "ms": 5000},
            diagnosis.ButtonReading(False, 1, 2, 3),
        ),
        (
            lambda token: token.show_pattern(6000),
            {"shown": True},
            {"part": "pattern", "ms": 6000},
            True,
        ),
        (
            lambda token: token.show_pattern(6000),
            {"shown": False},
            {"part": "pattern", "ms": 6000},
            False,
        ),
    ],
    ids=lambda value: value.get("part", "") if isinstance(value, dict) else "",
)
def test_a_diagnosis_is_asked_for_and_read(ask, answer, fields, value):
    with client(diagnose=answer) as token:
        assert ask(token) == value
    assert sent(token) == [{"op": "diagnose", **fields}]


def test_what_is_read_of_an_answer():
    script = {"log": {"text": "a\nb"}, "code": {"code": "755224", "left_s": 12}}
    with client(**script) as token:
        assert token.info.token == HELLO["token"]
        assert token.status().facts == {**STATUS, "clock": CLOCK}
        assert token.error_log() == "a\nb"
        assert token.self_test().slots == ("ok",)
        assert token.code(ALICE) == Code("755224", 12)
        assert token.time().unix_us == token.set_time(1, 2, 3).unix_us == 3
        assert token.display().as_json() == DISPLAY
        assert token.accounts() == [ALICE] and token.clock_log() == []


def test_whether_the_display_shows_the_account_or_asks_for_the_pin():
    for locked in (True, False):
        with client(show={"locked": locked}) as token:
            assert token.show() is not locked
    with client(show={}) as token, pytest.raises(BadAnswer):
        token.show()


# --- the proof that both compute the same code ---------------------------------------------------


@pytest.mark.parametrize("match", [True, False])
def test_a_time_or_a_counter_goes_with_the_proof(match):
    counted = Credential("", "bob", SECRET, kind="hotp", counter=7)
    with client(check={"match": match}) as token:
        assert token.check(CREDENTIAL, 125) is match  # the third minute
        assert token.check(counted, 125) is match
    proof = otp.check_proof("SHA256", SECRET, 2, 8)
    of_counter = otp.check_proof("SHA1", SECRET, 7, 6)
    assert sent(token) == [
        {"op": "check", **NAMED, "proof": proof, "unix": 125},
        {"op": "check", "issuer": "", "name": "bob", "proof": of_counter, "counter": 7},
    ]


# --- what the token's firmware knows -------------------------------------------------------------


def knows(*limits, ops=()):
    return {**HELLO, "limits": dict.fromkeys(limits, 5), "ops": [*ops]}


def test_the_codes_of_steam_need_firmware_that_knows_them():
    steam = Credential("Steam", "alice", SECRET, digits=5)
    for tell in (TokenClient.add, TokenClient.put_account):
        with client(hello=knows("accounts")) as token:
            with pytest.raises(ToolError, match=r"cannot make Steam's codes.*picototp install"):
                tell(token, steam)
            tell(token, CREDENTIAL)
        assert [one["name"] for one in sent(token)] == ["alice"]
        with client(hello=knows("steam_characters")) as token:
            tell(token, steam)
        assert sent(token)[0]["digits"] == 5


@pytest.mark.parametrize(
    ("issuer", "name", "shown"),
    [
        ("Example", "alice", None),
        ("B\u00e4r", "alice", ["Bar", ""]),
        ("Example", "Zo\u00eb", ["", "Zoe"]),
        ("B\u00e4r", "Zo\u00eb", ["Bar", "Zoe"]),
    ],
)
def test_what_the_display_may_show_in_place_of_a_name(issuer, name, shown):
    def tell(token):
        token.add(Credential(issuer, name, SECRET))
        token.rename(ALICE, issuer, name)

    with client(hello=knows("ascii_bytes")) as token:
        tell(token)
    assert [one.get("ascii") for one in sent(token)] == [shown, shown]
    with client(hello=knows("accounts")) as token:
        tell(token)
    assert not any("ascii" in one for one in sent(token)), "earlier firmware takes no such field"


def test_a_batch_is_no_larger_than_the_token():
    with client(hello=knows("accounts", ops=["batch_end"])) as token:
        assert token.takes_batches
        for count in (4, 5, 6):
            token.begin_batch("add", count)
    assert [(one["what"], one["count"]) for one in sent(token)] == [
        ("add", 4),
        ("add", 5),
        ("add", 5),
    ]
    with client(hello=knows("accounts", ops=["batch_begin"])) as token:
        assert not token.takes_batches


# --- the hashes of names -------------------------------------------------------------------------

OWN = name_hash("Example", "alice")


@pytest.mark.parametrize(
    ("ask", "hashes"),
    [
        (lambda token: token.add(CREDENTIAL), [OWN]),
        (lambda token: token.rename(ALICE, "", "bob"), [OWN, name_hash("", "bob")]),
        (lambda token: token.move(ALICE, 0), [OWN]),
        (lambda token: token.remove(ALICE), [OWN]),
        (lambda token: token.code(ALICE), [OWN]),
        (lambda token: token.wipe(), []),
    ],
)
def test_the_hashes_are_those_of_the_names_in_the_question(ask, hashes):
    during = []
    wait = [{"wait": "button", "timeout_ms": 30_000}, {"code": "755224"}]
    ops = ("add", "rename", "move", "remove", "code", "wipe")
    token = client(**dict.fromkeys(ops, wait))
    token.on_wait = lambda: during.append(list(token.name_hashes))
    with token:
        ask(token)
        assert token.name_hashes == []
    assert during == [hashes]


def test_the_hashes_are_forgotten_after_an_error_too():
    with client(remove=[]) as token:
        with pytest.raises(NoToken):
            token.remove(ALICE)
        assert token.name_hashes == []


# --- the session ---------------------------------------------------------------------------------


class Closing(ScriptedToken):
    """Knows whether it was closed."""

    closed = 0

    def close(self):
        self.closed += 1


def test_the_line_is_closed_at_the_end_and_where_nobody_answers():
    line = Closing()
    with TokenClient(line) as token:
        assert token.info.version == 1 and line.closed == 0
    assert line.closed == 1
    silent = Closing(hello=[])
    with pytest.raises(NoToken), TokenClient(silent):
        pass
    assert silent.closed == 1


def test_who_did_not_say_hello_knows_nothing():
    with pytest.raises(AssertionError, match="say hello first"):
        _ = TokenClient(ScriptedToken()).info


def test_hello_takes_as_long_as_it_is_told():
    line = ScriptedToken(hello=[])
    with pytest.raises(NoToken):
        TokenClient(line).hello(2.0)
    assert 2.0 <= line.now_s() < 2.5


# --- lists in several answers --------------------------------------------------------------------


def many(count, a_page):
    """A token with that many accounts, so many to a page."""

    def page(asked):
        first = asked["from"]
        entries = [
            {**ACCOUNT, "name": f"a{one}"} for one in range(first, min(first + a_page, count))
        ]
        return {"accounts": entries, "total": count}

    return page


@pytest.mark.parametrize(
    ("count", "asked"), [(0, [0]), (1, [0]), (3, [0]), (4, [0, 3]), (6, [0, 3]), (7, [0, 3, 6])]
)
def test_a_list_is_asked_for_until_it_is_whole(count, asked):
    with client(list=many(count, 3)) as token:
        assert [one.name for one in token.accounts()] == [f"a{one}" for one in range(count)]
    assert [one["from"] for one in sent(token)] == asked


def test_a_list_that_ends_early_is_taken_as_it_is():
    with client(list=lambda asked: many(2, 1)(asked) | {"total": 5}) as token:
        assert len(token.accounts()) == 2


# --- who may hear a secret -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "is_secret"),
    [
        ({"pin": "1"}, True),
        ({"secret": ""}, True),
        ({"pin": None, "secret": "A"}, True),
        ({"pin": None}, False),
        ({"name": "pin"}, False),
        ({"one": {"two": {"pin": "1"}}}, True),
        ({"one": [["x"], ({"secret": "A"},)]}, True),
        ({"one": [{"name": "a"}], "two": "secret"}, False),
        ({}, False),
    ],
    ids=str,
)
def test_it_is_asked_who_may_hear_what_is_secret_however_deep(fields, is_secret):
    asked = []
    with TokenClient(ScriptedToken(), before_secret=asked.append) as token:
        token.request("later", **fields)
        assert asked == ([token.info] if is_secret else [])
