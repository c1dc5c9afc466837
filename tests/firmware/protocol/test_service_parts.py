"""What the service answers about the token itself, from the service alone; the whole token is in
test_service_reading.py."""

import pytest

from picototp.app import link
from picototp.codes import otp
from picototp.protocol import frames, pin_service, request, service
from picototp.protocol.request import RequestError
from tests.firmware.protocol.service_rig import make_token


@pytest.fixture(scope="module")
def one_token():
    """Which nothing here changes."""
    return make_token()


def ask(token, op, **fields):
    return token.service.handle({"op": op, **fields}, 0)


# --- the self-test -----------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", range(4))
def test_one_wrong_code_fails_the_self_test(one_token, monkeypatch, wrong):
    right, asked = otp.totp, []

    def totp(*what):
        asked.append(what)
        return b"00000000" if len(asked) == wrong + 1 else right(*what)

    monkeypatch.setattr(service.otp, "totp", totp)
    assert ask(one_token, "selftest")["codes"] is False


def test_a_wrong_hmac_fails_the_self_test(one_token, monkeypatch):
    monkeypatch.setattr(service, "hmac", lambda *what: bytes(20))
    assert ask(one_token, "selftest")["codes"] is False


def test_the_self_test_tries_each_algorithm_with_the_keys_of_the_standard(one_token, monkeypatch):
    right, asked = otp.totp, []

    def totp(*what):
        asked.append(what)
        return right(*what)

    monkeypatch.setattr(service.otp, "totp", totp)
    assert ask(one_token, "selftest")["codes"] is True
    assert [(what[0], len(what[1])) for what in asked] == [
        ("SHA1", 20), ("SHA256", 32), ("SHA512", 64), ("SHA1", 20),
    ]  # fmt: skip


def test_a_firmware_that_is_not_right_is_told(one_token, monkeypatch):
    monkeypatch.setattr(type(one_token), "firmware_is_right", lambda self: False)
    assert ask(one_token, "selftest")["firmware"] is False


@pytest.mark.parametrize(("uptime_ms", "told"), [(999, 0), (1_000_999, 1000), (1_001_000, 1001)])
def test_for_how_long_it_has_been_up(one_token, monkeypatch, uptime_ms, told):
    monkeypatch.setattr(one_token.monotonic, "now_ms", lambda: uptime_ms)
    assert ask(one_token, "status")["uptime_s"] == told


# --- memory ------------------------------------------------------------------------------------


@pytest.fixture
def collected(monkeypatch):
    """What was done, with the collections of garbage among it."""
    done = []
    monkeypatch.setattr(service.gc, "collect", lambda: done.append("collected"))
    return done


def test_status_tells_what_memory_is_free_without_garbage(one_token, monkeypatch, collected):
    facts = one_token.facts
    monkeypatch.setattr(one_token, "facts", lambda: collected.append("facts") or facts())
    ask(one_token, "status")
    assert collected == ["collected", "facts"]


def test_the_self_test_leaves_no_garbage(one_token, collected):
    ask(one_token, "selftest")  # what it loads for the first time may collect as well
    collected.clear()
    ask(one_token, "selftest")
    assert collected == ["collected"]


def test_a_module_is_loaded_into_a_clean_heap(collected):
    token = make_token()
    collected.clear()
    load = token.service._late["lock"]
    token.service._late["lock"] = lambda: collected.append("loaded") or load()
    for _ in range(2):
        with pytest.raises(RequestError):
            ask(token, "lock")
    assert collected == ["collected", "loaded"]


@pytest.mark.parametrize("where", ["request", "answer"])
def test_without_memory_garbage_is_collected_before_anything_is_said(monkeypatch, where):
    token = make_token()
    done = []
    write = token.port.write
    monkeypatch.setattr(link.gc, "collect", lambda: done.append("collected"))
    monkeypatch.setattr(token.port, "write", lambda data: done.append("said") or write(data))

    def exhausted(*what):
        raise MemoryError

    if where == "request":
        token.service._handlers["status"] = exhausted
    else:
        token.service._handlers["status"] = lambda message: {"x": "y" * frames.MAX_LINE}
    assert token.request("status")["error"]["code"] == "no-memory"
    assert done == ["collected", "said"]


# --- the log -----------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [0, 1, 797, 798, 799, 800, 801, 2048])
@pytest.mark.parametrize(("character", "bytes_each"), [("x", 1), ("\n", 2)])
def test_of_a_long_log_the_end_is_told_as_much_as_fits(one_token, length, character, bytes_each):
    text = character * length
    one_token.log_text = text
    told = ask(one_token, "log")["text"]
    room = request.ROOM - 2  # without its quotes
    assert told == character * min(length, room // bytes_each)


# --- the PIN, as it is shown -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pin", "shown"),
    [
        (b"\x00\x1f\x20", "<00><1f><20>"),
        (b"!~", "!~"),
        (b"\x7f\x80\xff", "<7f><80><ff>"),
        (b"<=>", "<3c>=<3e>"),
    ],
)
def test_each_byte_of_a_pin_is_shown_as_itself_or_in_hex(pin, shown):
    assert pin_service._visible(bytearray(pin)) == shown


def test_the_request_that_held_a_pin_holds_it_no_more():
    message = {"op": "unlock", "pin": "é"}
    assert pin_service._pin_of(message) == bytearray(b"\xc3\xa9")
    assert message == {"op": "unlock"}


# --- settings that flash refuses ---------------------------------------------------------------


def test_an_order_that_cannot_be_kept_is_as_it_was():
    token = make_token()
    assert ask(token, "set_order", order="name").then() == {}
    token.storage.broken = True
    with pytest.raises(OSError):
        ask(token, "set_order", order="recent").then()
    token.storage.broken = False
    assert ask(token, "display")["order"] == "name"


def test_a_look_that_cannot_be_kept_is_as_it_was():
    token = make_token()
    token.storage.broken = True
    looks = {"brightness": 1, "dark_after_s": 120, "upside_down": True}
    question = ask(token, "set_display", **looks)
    with pytest.raises(OSError):
        question.then()
    token.storage.broken = False
    assert ask(token, "display") == {
        "brightness": 50, "dark_after_s": 30, "upside_down": False, "order": "fixed",
    }  # fmt: skip


# --- the parts of the board --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "answer"),
    [("bus", {"found": [0x3C, 0x68]}), ("display", {"address": 0x3C}), ("flash", {"free": 300})],
)
def test_a_part_that_is_looked_at_at_once(one_token, part, answer):
    assert ask(one_token, "diagnose", part=part) == answer


@pytest.mark.parametrize(
    ("part", "answer"),
    [
        ("clock", {"answers": True, "ms": 70}),
        ("button", {"presses": 2, "ms": 70}),
        ("pattern", {"shown": True}),
    ],
)
def test_a_part_that_is_watched(one_token, part, answer):
    wait = ask(one_token, "diagnose", part=part, ms=70, presses=2)
    assert wait.must_end is False
    assert [wait.poll(0), wait.poll(0)] == [None, None]
    wait.cancel()
    assert [wait.poll(0), wait.poll(0), wait.poll(0)] == [None, None, answer]


# --- a wrong PIN, and a time, in words ----------------------------------------------------------


class Keys:
    """Those of a token with so many failures, of so many that are allowed."""

    destroyed = False

    def __init__(self, failures, limit):
        self.failures, self.limit = failures, limit

    def wait_s(self):
        return 8


@pytest.mark.parametrize(
    ("failures", "limit", "left", "message"),
    [
        (3, 10, 7, "wrong PIN: 7 attempts left; wait 8 s"),
        (9, 10, 1, "wrong PIN: 1 attempts left; wait 8 s"),
        (3, None, None, "wrong PIN; wait 8 s"),
    ],
)
def test_what_a_wrong_pin_costs(failures, limit, left, message):
    error = pin_service._wrong_pin(Keys(failures, limit))
    assert (error.code, error.message) == ("wrong-pin", message)
    assert error.data == {"tries_left": left, "wait_s": 8}


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "1 s"), (120, "120 s"), (121, "2 min"), (180, "3 min"), (3600, "60 min")],
)
def test_a_time_until_the_lock(seconds, words):
    assert pin_service._time(seconds) == words
