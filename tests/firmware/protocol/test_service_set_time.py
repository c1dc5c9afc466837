"""Setting the clock over the port: what is asked, what is refused, and what the log keeps of it."""

import pytest

from picototp.protocol import frames
from picototp.screens.values import ConfirmScreen
from tests.firmware.protocol.service_rig import error_of, in_use, true_now
from wired_token import SESSION
from workbench import BUILT_UNIX_S, NOW_UNIX_S


@pytest.mark.parametrize("off_s", [-777, -0.4, 0.0, 0.0008, 0.3, 86_400])
def test_set_time(token, off_s):
    token.chip.set_unix_ns(token.chip.unix_ns() + round(off_s * 1e9))
    token.run(3)
    answer = token.confirmed("set_time", **true_now(token))
    assert (answer["ok"], answer["state"]) == (True, "ok")
    assert abs(token.rtc_error_us()) < 1000
    fresh = token.request("time", fresh=True)
    age_us = token.monotonic.now_us() - fresh["ticks_us"]
    assert abs(fresh["unix_us"] + age_us - token.true_unix_ns() / 1000) < 1500
    clock = token.request("status")["clock"]
    assert clock["error_bound_s"] < 0.005
    assert abs(clock["set_unix_s"] - NOW_UNIX_S) < 20


def test_what_is_asked_before_the_clock_is_set(token):
    token.chip.set_unix_ns(token.chip.unix_ns() - 90_500_000_000)
    token.run(3)
    token.request("set_time", **true_now(token))
    assert token.screen.title == "Set the clock?"
    assert token.screen.lines == (
        "moves 90 s ahead",
        "old 14:03:44 UTC",
        "new 14:05:15 UTC",
    )


def test_what_is_asked_before_an_unset_clock_is_set(token):
    token.chip.osf = True
    token.run(2)
    token.request("set_time", **true_now(token))
    assert token.screen.lines == ("It is not set yet.", "new 2026-11-23 14:05", "UTC")
    token.button.down = True
    assert token.answered()["state"] == "ok"
    assert abs(token.rtc_error_us()) < 1000


def test_set_time_refused(token):
    token.chip.advance(0.25)
    token.request("set_time", **true_now(token))
    token.click()
    assert error_of(token.answers()[-1]) == "refused"
    token.run(2)
    assert token.rtc_error_us() == pytest.approx(250_000, abs=1)
    assert token.request("time")["state"] == "ok"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"unix_us": BUILT_UNIX_S * 10**6 - 1}, "bad-time"),
        ({"unix_us": 0}, "bad-time"),
        ({"unix_us": 4_102_444_800_000_000}, "bad-time"),
        ({"unix_us": 2**53}, "bad-time"),
        ({"unix_us": 2**53 + 1}, "bad-request"),
        ({"unix_us": -1}, "bad-request"),
        ({"unix_us": 1.5e15}, "bad-request"),
        ({"unix_us": None}, "bad-request"),
        ({"ticks_us": -1}, "bad-request"),
        ({"ticks_us": 2**53}, "bad-request"),
        ({"ticks_us": "1"}, "bad-request"),
        ({"uncertainty_us": -1}, "bad-request"),
        ({"uncertainty_us": 2**41}, "bad-request"),
        ({"uncertainty_us": None}, "bad-request"),
    ],
)
def test_set_time_errors(token, changes, code):
    assert error_of(token.request("set_time", **true_now(token, **changes))) == code
    assert not isinstance(token.screen, ConfirmScreen)


def test_a_moment_of_the_counter_that_is_long_past(token):
    token.clock.elapse(400)
    token.turn()
    early = true_now(token)
    token.run(1)
    assert "wait" in token.request("set_time", **early)
    token.click()
    token.clock.elapse(400)
    token.turn()
    token.clock.elapse(201)
    token.turn()
    token.answers()
    assert error_of(token.request("set_time", **early)) == "bad-request"


def test_set_time_without_a_chip(token):
    token.bus.set_fault("ds3231", "nack")
    assert error_of(token.request("set_time", **true_now(token))) == "missing"


@pytest.mark.parametrize("when", ["before the yes", "after it"])
def test_the_chip_vanishes_while_it_is_set(token, when):
    token.request("set_time", **true_now(token))
    if when == "before the yes":
        token.bus.set_fault("ds3231", "nack")
    token.button.down = True
    while token.interface.answer is None:
        token.turn()
    token.turn()
    token.bus.set_fault("ds3231", "nack")
    answers = token.answers()
    while not answers:
        token.turn()
        answers = token.answers()
    assert error_of(answers[0]) == "missing"
    token.button.down = False
    token.bus.set_fault("ds3231", "ok")
    token.run(2)
    expected = "ok" if when == "before the yes" else "not-set"
    assert token.request("time")["state"] == expected


@pytest.mark.parametrize("when", ["before the yes", "after it"])
def test_the_flash_fails_while_the_clock_is_set(token, when):
    token.request("set_time", **true_now(token))
    token.storage.broken = when == "before the yes"
    token.button.down = True
    while token.interface.answer is None:
        token.turn()
    token.turn()
    token.storage.broken = True
    answers = token.answers()
    while not answers:
        token.turn()
        answers = token.answers()
    assert error_of(answers[0]) == ("storage" if when == "before the yes" else "not-set")
    token.run(2)
    assert token.request("time")["state"] == ("ok" if when == "before the yes" else "not-set")


@pytest.mark.parametrize("off_s", [-1.5, -0.003, 0.4, 1.9])
def test_a_small_correction_asks_nobody(token, off_s):
    in_use(token)
    token.run(2)
    token.chip.set_unix_ns(token.chip.unix_ns() + round(off_s * 1e9))
    token.request("time", fresh=True)
    answer = token.request("set_time", **true_now(token))
    assert (answer["ok"], answer["state"], answer["confirmed"]) == (True, "ok", False)
    assert answer["step_us"] == pytest.approx(-off_s * 1e6, abs=2000)
    assert not isinstance(token.screen, ConfirmScreen)
    assert abs(token.rtc_error_us()) < 1000
    clock = token.request("status")["clock"]
    assert (clock["settings"], clock["refused"]) == (2, 0)
    assert clock["moved_us"] == pytest.approx(abs(off_s) * 1e6, abs=2000)


def test_a_refused_setting_is_counted_and_logged(token):
    in_use(token)
    for hours, say_no in ((-2, token.click), (8760, lambda: token.run(31))):
        moved_us = token.true_unix_ns() // 1000 + hours * 3_600_000_000
        assert "wait" in token.request("set_time", **true_now(token, unix_us=moved_us))
        say_no()
        assert error_of(token.answers()[-1]) in ("refused", "timed-out")
    clock = token.request("status")["clock"]
    assert (clock["settings"], clock["refused"]) == (1, 2)
    entries = token.request("clock_log")["entries"]
    assert [entry["kind"] for entry in entries] == ["confirmed", "refused", "refused"]
    for entry, hours in zip(entries[1:], (-2, 8760), strict=True):
        assert entry["step_us"] == pytest.approx(hours * 3.6e9, abs=50_000)
    assert abs(token.rtc_error_us()) < 1000


def test_a_withdrawn_question_is_no_refusal(token):
    in_use(token)
    moved_us = token.true_unix_ns() // 1000 - 60_000_000
    assert "wait" in token.request("set_time", **true_now(token, unix_us=moved_us))
    token.hello("other")
    assert token.request("status", s="other")["clock"]["refused"] == 0


def test_a_refusal_that_cannot_be_written_is_a_refusal(token):
    in_use(token)
    moved_us = token.true_unix_ns() // 1000 - 60_000_000
    token.request("set_time", **true_now(token, unix_us=moved_us))
    token.storage.broken = True
    token.click()
    assert error_of(token.answers()[-1]) == "refused"


def first_write_is_late(token):
    """So that the RTC holds the new time while another try is awaited; gives what undoes it."""
    plain, late = token.i2c.writeto, []

    def held_up(address, buffer, stop=True):
        if bytes(buffer[:1]) == b"\x00" and len(buffer) == 8 and not late:
            token.clock.elapse(0.012)
            late.append(True)
        return plain(address, buffer, stop)

    token.i2c.writeto = held_up
    return late


def send_only(token, **fields):
    message = {"id": 77, "s": SESSION, "op": "set_time", **fields}
    token.port.incoming += frames.encode(frames.REQUEST_MARK, message)


def test_a_hello_between_two_writes_leaves_the_clock_set_and_charged(token):
    in_use(token)
    late = first_write_is_late(token)
    send_only(token, **true_now(token, unix_us=token.true_unix_ns() // 1000 + 1_900_000))
    while not late:
        token.turn()
    token.hello("other")
    assert error_of(token.request("set_time", s="other", **true_now(token))) == "busy"
    token.run(3)
    assert token.request("time", s="other")["state"] == "ok"
    assert token.rtc_error_us() == pytest.approx(1_900_000, abs=1000)
    assert token.keeper.record.moved_us == pytest.approx(1_900_000, abs=20_000)


@pytest.mark.parametrize("turns", [1, 2, 3, 10, 30, 60, 90, 110])
def test_no_program_unsets_the_clock_without_the_button(token, turns):
    """A small setting, noise, and another program's hello, at any moment."""
    in_use(token)
    send_only(token, **true_now(token))
    for _ in range(turns):
        token.turn()
    token.port.incoming += b"\xff\x00 ?P1 {\n"
    for _ in range(3):
        token.hello("other")
        token.hello("third")
    token.run(3)
    assert token.request("time", s="third")["state"] == "ok"
    token.restart()
    token.hello()
    assert token.request("time")["state"] == "ok"


def test_a_setting_that_nobody_waits_for_ends_if_memory_does(token):
    in_use(token)
    late = first_write_is_late(token)
    send_only(token, **true_now(token))
    while not late:
        token.turn()
    token.hello("other")

    def exhausted(now_us):
        raise MemoryError

    plain, token.setter.poll = token.setter.poll, exhausted
    token.turn()
    token.setter.poll = plain
    assert not token.setter.setting and not token.keeper.suspended
    assert token.request("time", s="other")["state"] == "not-set"


def test_an_uncertainty_beyond_an_hour_is_refused(token):
    in_use(token)
    fields = true_now(token)
    for wrong in (3_600_000_001, 1 << 40, -1):
        assert (
            error_of(token.request("set_time", **{**fields, "uncertainty_us": wrong}))
            == "bad-request"
        )
    assert token.keeper.record.settings == 1


def test_the_mark_of_a_large_step_ahead(token):
    in_use(token)
    ahead_us = token.true_unix_ns() // 1000 + 40 * 86_400_000_000
    assert token.confirmed("set_time", **true_now(token, unix_us=ahead_us))["ok"] is True
    assert token.request("status")["clock"]["jump_s"] == 40 * 86_400
    token.click()
    assert token.screen.clock_line == "! moved 40 d ahead"
    token.run(1)
    token.request("set_time", **true_now(token))
    assert token.screen.lines[0] == "was moved 40 d ahead"
    token.button.down = True
    assert token.answered()["ok"] is True
    token.button.down = False
    token.run(1)
    assert token.screen.clock_line == "! moved 40 d ahead"
    assert token.confirmed("set_time", **true_now(token))["confirmed"] is True
    assert token.request("status")["clock"]["jump_s"] == 0
    assert "ago" in token.screen.clock_line


def test_the_mark_of_a_large_step_back(token):
    in_use(token)
    back_us = token.true_unix_ns() // 1000 - 4 * 86_400_000_000
    assert token.confirmed("set_time", **true_now(token, unix_us=back_us))["ok"] is True
    token.click()
    assert token.screen.clock_line == "! moved 4 d back"
    token.run(1)
    token.request("set_time", **true_now(token))
    assert token.screen.lines[0] == "was moved 4 d back"


def test_what_is_asked_when_the_clock_was_moved_back(token):
    in_use(token)
    token.chip.set_unix_ns(token.chip.unix_ns() - 7200 * 10**9)
    token.run(2)
    assert token.request("time")["state"] == "moved-back"
    token.request("set_time", **true_now(token))
    lines = ("It was moved back.", "new 2026-11-23 14:05", "was 2026-11-23 14:05")
    assert token.screen.lines == lines


def test_the_drift_is_kept_with_the_setting(token):
    drift = {"drift_ppb": -1500, "drift_uncertainty_ppb": 200}
    assert token.confirmed("set_time", **true_now(token), **drift)["ok"] is True
    token.restart()
    token.hello()
    clock = token.request("status")["clock"]
    assert {name: clock[name] for name in drift} == drift


@pytest.mark.parametrize(
    "drift",
    [
        {"drift_ppb": 50_001, "drift_uncertainty_ppb": 1},
        {"drift_ppb": 1.5, "drift_uncertainty_ppb": 1},
        {"drift_ppb": 10, "drift_uncertainty_ppb": -1},
        {"drift_ppb": 10},
    ],
)
def test_a_drift_that_cannot_be_one(token, drift):
    assert error_of(token.request("set_time", **true_now(token), **drift)) == "bad-request"


@pytest.mark.parametrize(
    ("aging", "words"), [(-7, "0.7 ppm faster"), (12, "1.2 ppm slower"), (0, "0.0 ppm faster")]
)
def test_set_aging(token, aging, words):
    token.request("set_aging", aging=aging)
    assert token.screen.title == "Trim the clock?"
    assert token.screen.lines == (words, "aging register +0", f"to {aging:+d}")
    token.button.down = True
    assert token.answered() == {"ok": True, "aging": aging}
    assert token.chip.aging == aging
    token.button.down = False
    token.run(1)
    assert token.request("status")["clock"]["trimmed_aging"] == aging
    assert token.request("time", fresh=True)["uncertainty_us"] < 1000


@pytest.mark.parametrize("aging", [-129, 128, None, "1", 1.0])
def test_an_aging_that_cannot_be_one(token, aging):
    assert error_of(token.request("set_aging", aging=aging)) == "bad-request"


def test_set_aging_without_a_chip(token):
    token.bus.set_fault("ds3231", "nack")
    assert error_of(token.request("set_aging", aging=1)) == "missing"


def test_no_turn_of_the_main_loop_is_long_after_a_setting(token):
    """Not even the one after: the display must show at once what was done."""
    in_use(token)
    message = {"id": 77, "s": SESSION, "op": "set_time", **true_now(token)}
    token.port.incoming += frames.encode(frames.REQUEST_MARK, message)
    longest_ns = 0
    for _ in range(300):
        before_ns = token.clock.now_ns()
        token.loop.turn()
        longest_ns = max(longest_ns, token.clock.now_ns() - before_ns)
        token.clock.elapse_ns(8_000_000)
    assert len(token.answers()) == 1
    assert longest_ns < 100_000_000


def test_a_host_may_have_a_small_setting_confirmed(token):
    """Only so does the bound, which grew by what programs did unasked, become small again."""
    in_use(token)
    ahead = true_now(token, unix_us=token.true_unix_ns() // 1000 + 1_500_000)
    assert token.request("set_time", **ahead)["ok"] is True
    assert token.request("status")["clock"]["error_bound_s"] > 1.5
    assert token.confirmed("set_time", **true_now(token), confirm=True)["confirmed"] is True
    assert token.request("status")["clock"]["error_bound_s"] < 0.01
