"""The conversation over the port: sessions, consent, and lines that are no requests."""

import pytest

from picototp import __version__
from picototp.protocol import frames
from picototp.protocol.frames import CONSENT_TIMEOUT_MS
from picototp.screens.values import CodeScreen, ConfirmScreen
from tests.firmware.app.link_rig import failed
from tests.firmware.app.link_rig import stranger as stranger  # a fixture
from tests.firmware.app.link_rig import token as token  # a fixture
from wired_token import READ_S, SESSION

ADD = {
    "op": "add",
    "issuer": "Example",
    "name": "new",
    "secret": "JBSWY3DPEHPK3PXP",
    "algorithm": "SHA1",
    "digits": 6,
    "period": 30,
    "kind": "totp",
}


# --- hello -------------------------------------------------------------------------------------


@pytest.mark.parametrize("op", ["status", "list", "add", "wipe", "nonsense"])
def test_hello_first(stranger, op):
    assert failed(stranger.request(op), "hello-first")
    stranger.hello()
    assert stranger.request("list")["ok"] is True


def test_what_hello_tells(stranger):
    answer = stranger.hello()
    assert answer["v"] == frames.VERSION
    assert answer["firmware"] == __version__
    assert answer["token"] == "e6614103e7452d2f"
    assert set(answer["ops"]) == {
        *("display", "set_display", "set_order", "show"),
        *("status", "list", "add", "rename", "move", "remove", "wipe", "check"),
        *("selftest", "time", "set_time", "set_aging", "clock_log", "log", "maintenance"),
        *("unlock", "lock", "set_pin", "set_limit", "set_lock_after", "code", "diagnose"),
        *("batch_begin", "batch_entry", "batch_end", "typing"),
    }
    assert answer["limits"] == {
        "accounts": 255,
        "name_bytes": 64,
        "issuer_bytes": 64,
        "ascii_bytes": 48,
        "secret_bytes": 128,
        "steam_characters": 5,
        "period_s": 86_400,
        "line_bytes": 1024,
    }


@pytest.mark.parametrize("version", [0, 2, "1", None, [1]])
def test_another_version(token, version):
    answer = token.request("hello", s="other", v=version)
    assert failed(answer, "wrong-version")
    assert token.request("status")["ok"] is True


@pytest.mark.parametrize("session", [None, "", "x" * 17, "ü" * 9, 7, True, ["x"], {"a": 1}])
def test_no_session(token, session):
    (answer,) = token.post({"id": 1, "s": session, "op": "hello", "v": 1})
    assert failed(answer, "bad-request")
    assert answer["s"] is None
    assert token.request("status")["ok"] is True


@pytest.mark.parametrize("session", ["x", "x" * 16, "ü" * 8, "😀" * 4, '\x00\x1f\\"'])
def test_any_short_text_is_a_session(stranger, session):
    stranger.hello(session)
    assert stranger.request("list", s=session)["ok"] is True


def test_a_restart_ends_the_session(token):
    token.restart()
    assert failed(token.request("status"), "hello-first")


# --- two hosts ---------------------------------------------------------------------------------


def test_another_host_takes_over(token):
    assert failed(token.request("status", s="other"), "other-host")
    token.hello("other")
    assert failed(token.request("status"), "other-host")
    assert token.request("status", s="other")["ok"] is True
    token.hello()
    assert token.request("status")["ok"] is True


def test_a_takeover_withdraws_the_question(token):
    files = dict(token.storage.files)
    token.request("wipe")
    assert isinstance(token.screen, ConfirmScreen)
    answers = token.post({"id": 77, "s": "other", "op": "hello", "v": 1})
    assert failed(answers[0], "other-host")
    assert (answers[0]["id"], answers[0]["s"]) == (token.number, SESSION)
    assert (answers[1]["id"], answers[1]["s"], answers[1]["ok"]) == (77, "other", True)
    assert isinstance(token.screen, CodeScreen)
    token.hold()
    assert token.answers() == []
    assert token.storage.files == files


def test_a_takeover_in_the_very_turn_of_the_yes_changes_nothing(token):
    """The yes is there, but nobody has acted on it when the other host's hello arrives."""
    files = dict(token.storage.files)
    hello = frames.encode(frames.REQUEST_MARK, {"id": 77, "s": "other", "op": "hello", "v": 1})
    token.request("wipe")
    handle = token.interface.handle

    def handle_and_hear(gesture, now_ms):
        handle(gesture, now_ms)
        if token.interface.answer is not None:
            token.port.incoming += hello

    token.interface.handle = handle_and_hear
    token.button.down = True
    while token.interface.answer is None:
        token.turn()
    answers = token.send(b"")
    assert failed(answers[0], "other-host")
    assert len(answers) == 2
    assert token.storage.files == files


def test_a_setting_that_began_ends_though_another_program_took_over(token):
    token.run(3)
    token.chip.advance(0.25)
    now_us = token.monotonic.now_us()
    true_us = token.true_unix_ns() // 1000
    token.request("set_time", unix_us=true_us, ticks_us=now_us, uncertainty_us=0)
    token.button.down = True
    while not token.setter.setting:
        token.turn()
    answers = token.post({"id": 77, "s": "other", "op": "hello", "v": 1})
    assert failed(answers[0], "other-host")
    token.button.down = False
    token.run(3)
    assert abs(token.rtc_error_us()) < 1000
    assert token.keeper.record.settings == 1
    assert "clock.setting" not in token.storage.files
    assert token.request("time", s="other")["state"] == "ok"


def test_saying_hello_again_drops_ones_own_question(token):
    token.request("wipe")
    answers = token.post({"id": 78, "s": SESSION, "op": "hello", "v": 1})
    assert [answer["ok"] for answer in answers] == [False, True]
    assert not isinstance(token.screen, ConfirmScreen)


# --- consent -----------------------------------------------------------------------------------


def test_yes(token):
    assert token.confirmed(**ADD) == {"ok": True, "index": 1}
    assert token.vault.label(1) == ("Example", "new")
    assert token.screen.name == "new"


def test_no(token):
    files = dict(token.storage.files)
    token.request(**ADD)
    token.button.down = True
    token.run(0.1)
    token.button.down = False
    assert failed(token.answered(), "refused")
    assert token.storage.files == files


def test_silence(token):
    files = dict(token.storage.files)
    began_ns = token.clock.now_ns()
    token.request(**ADD)
    assert failed(token.answered(), "timed-out")
    assert token.clock.now_ns() - began_ns == pytest.approx(30e9, rel=0.01)
    assert token.storage.files == files
    assert token.confirmed(**ADD)["ok"] is True


def test_a_press_from_before_the_question_is_no_yes(token):
    """There is no question while the button is down, and the host is told so."""
    token.button.down = True
    token.run(0.3)
    told = token.request(**ADD, reads=False)
    assert told == {"wait": "later", "why": "in-use", "wait_s": 60, "timeout_ms": 60_000}
    token.run(5)
    assert token.answers() == []
    assert not token.interface.asking
    token.button.down = False
    assert token.answered() == {"wait": "button", "timeout_ms": CONSENT_TIMEOUT_MS}
    token.press(900)  # at once: the finger has not read it
    assert token.answers() == []
    assert len(token.vault) == 1
    token.press(900)
    assert token._mine(token.answers()[0]) == {"ok": True, "index": 1}


@pytest.mark.parametrize("before_ms", [0, 5, 20, 50, 100, 500, 900])
def test_a_hold_for_something_else_is_no_yes(token, before_ms):
    """A program that asks just before the finger comes down, as it does for an HOTP code."""
    token.click()
    token.request("maintenance", reads=False)
    token.run(before_ms / 1000, wait_ms=1)
    token.hold()
    token.run(2)
    assert not token.restart_wanted
    assert token.answers() == []
    assert isinstance(token.screen, ConfirmScreen)
    token.click()
    assert failed(token._mine(token.answers()[0]), "refused")


def test_a_question_is_withdrawn_before_it_is_put(token):
    token.button.down = True
    token.run(0.3)
    token.request("wipe", reads=False)
    answers = token.post({"id": 77, "s": "other", "op": "hello", "v": 1})
    assert failed(answers[0], "other-host")
    token.button.down = False
    token.run(2)
    assert token.answers() == []
    assert not token.interface.asking
    assert "wait" in token.request("wipe", s="other", reads=False)
    assert token.interface.asking  # at once: nobody was bothered


def ends_without_a_yes(token, end):
    """A question that somebody refuses, leaves alone, or takes back."""
    if end == "no":
        token.click()
        assert failed(token._mine(token.answers()[0]), "refused")
    elif end == "silence":
        assert failed(token.answered(), "timed-out")
    else:
        token.post({"id": 77, "s": SESSION, "op": "hello", "v": 1})


@pytest.mark.parametrize("end", ["no", "silence", "withdrawn"])
def test_after_no_yes_the_next_question_waits_and_waits_longer(token, end):
    token.request("wipe")
    for pause_s in (5, 10, 20, 40, 60, 60):
        ends_without_a_yes(token, end)
        ended_ns = token.clock.now_ns()
        told = token.request("wipe", reads=False)
        assert (told["wait"], told["why"]) == ("later", "refused")
        assert pause_s - 1 <= told["wait_s"] <= pause_s
        assert told["timeout_ms"] <= told["wait_s"] * 1000 < told["timeout_ms"] + 1000
        assert not token.interface.asking
        assert token._mine(token.awaited(70))["wait"] == "button"
        waited_s = (token.clock.now_ns() - ended_ns) / 1e9
        assert pause_s - 1 < waited_s < pause_s + 1
        token.run(READ_S)
    token.hold()
    assert token._mine(token.answers()[0]) == {"ok": True}


def test_another_session_waits_as_well(token):
    token.request("wipe")
    token.click()
    token.hello("other")
    assert token.request("wipe", s="other", reads=False)["wait"] == "later"


def test_the_button_used_for_something_else_ends_the_pause(token):
    token.request("wipe")
    token.click()
    token.answers()
    token.click()
    assert token.request("wipe", reads=False)["wait"] == "button"
    assert token.interface.asking


def test_a_press_that_did_not_count_ends_no_pause(token):
    token.request("wipe")
    token.click()
    token.answers()
    assert token.request("wipe", reads=False)["wait"] == "later"
    assert token._mine(token.awaited(6))["wait"] == "button"
    token.click()  # too early
    token.run(READ_S)
    token.click()
    assert failed(token._mine(token.answers()[0]), "refused")
    assert token.request("wipe", reads=False)["wait_s"] == 10


def test_after_a_yes_the_next_question_comes_at_once(token):
    token.request("wipe")
    token.click()
    token.answers()
    assert token.confirmed(**ADD)["ok"]
    assert token.request("wipe", reads=False)["wait"] == "button"


# --- a display that fails while it asks --------------------------------------------------------


@pytest.mark.parametrize("held_ms", [None, 10, 400, 780])
def test_a_display_that_fails_shows_nothing_to_agree_to(token, held_ms):
    """Before the finger comes down, or while it is down."""
    token.request("wipe")
    token.button.down = held_ms is not None
    token.run((held_ms or 0) / 1000)
    token.panel.ok = False
    token.button.down = True
    token.run(2)
    assert failed(token._mine(token.answers()[0]), "no-display")
    assert len(token.vault) == 1


def test_busy(token):
    token.request(**ADD)
    number = token.number
    for op in ("status", "wipe", "add"):
        assert failed(token.request(op), "busy")
    token.number = number
    token.button.down = True
    assert token.answered() == {"ok": True, "index": 1}


def test_the_question_is_what_is_shown(token):
    token.request(**ADD)
    screen = token.screen
    assert screen.title == "Add account?"
    assert screen.lines == ("Example", "new", "SHA1, 6 digits, 30 s", "no. 2")


def test_no_display_to_ask_on(token):
    token.panel.ok = False
    assert failed(token.request(**ADD), "no-display")
    assert token.request("status")["display"] == "missing"
    token.run(1)
    assert len(token.vault) == 1
    token.panel.ok = True
    assert token.confirmed(**ADD)["ok"] is True


def test_flash_that_fails_after_the_yes(token):
    token.storage.broken = True
    assert failed(token.confirmed(**ADD), "storage")
    token.storage.broken = False
    assert len(token.vault) == 1
    assert token.confirmed(**ADD)["ok"] is True


def test_no_memory_is_an_answer(token):
    def exhausted():
        raise MemoryError

    token.facts = exhausted
    assert failed(token.request("status"), "no-memory")
    del token.facts
    assert token.request("status")["ok"] is True


def test_an_answer_that_does_not_fit_in_a_line(token):
    token.facts = lambda: {"errors": "x" * frames.MAX_LINE}
    assert failed(token.request("status"), "no-memory")
    del token.facts
    assert token.request("status")["ok"] is True


def test_what_fails_while_it_is_awaited_is_cancelled(token):
    """Setting the clock, in the midst of which memory ends: the clock is checked again after it."""
    now = token.request("time")
    fields = {"unix_us": now["unix_us"], "ticks_us": now["ticks_us"], "uncertainty_us": 1000}
    assert "wait" in token.request("set_time", **fields)
    token.button.down = True
    while not token.keeper.suspended:
        token.turn()

    def exhausted(now_us):
        raise MemoryError

    token.setter.poll = exhausted
    assert failed(token.awaited(), "no-memory")
    assert not token.keeper.suspended
