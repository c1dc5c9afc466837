"""The requests for the time and for a code, to the microsecond, between a clock and a vault that
only say what they are told; test_service_time.py and test_service_pin.py have the whole token."""

import types

import pytest

from picototp.clock.states import MISSING, MOVED_BACK, NOT_SET, OK, ClockError
from picototp.clock.timekeeper import COARSE_US
from picototp.codes import otp
from picototp.protocol.code_service import CodeService
from picototp.protocol.request import Consent, RequestError
from picototp.protocol.time_service import ROLLOVER_TIMEOUT_US, TimeService
from picototp.protocol.time_status import TimeStatus
from wired_token import an_account
from workbench import NOW_UNIX_S

NOW_US = NOW_UNIX_S * 1_000_000
ARRIVED_US = 41


class Clock:
    """Timekeeper, counter, setter and what was done to them, in `asked`."""

    def __init__(self):
        self.asked = []
        self.state = OK
        self.rollovers_seen = 3
        self.uncertainty_us = 5
        self.at_us = 1_000  # the counter
        self.zero_us = NOW_US - 1_000
        self.record = types.SimpleNamespace(floor_unix_s=0, jump_unix_s=0, jump_s=0)
        self.setting, self.last_step_us = True, -12
        self.asks = False
        for name in ("check", "want_rollover", "check_settable", "begin", "cancel", "refuse",
                     "keep_drift", "set_aging"):  # fmt: skip
            setattr(self, name, self._noted(name))
        self.old_aging = 0
        self.aging = lambda: self.old_aging
        self.times = TimeStatus(self, self)
        self.times.arrived_us = ARRIVED_US
        self.service = TimeService(self.times, self, self, self)

    def _noted(self, name):
        return lambda *what: self.asked.append((name, *what))

    def now_us(self):
        return self.at_us

    def unix_us(self, at_us):
        if self.state != OK:
            raise ClockError(self.state, "no time")
        return self.zero_us + at_us

    def needs_button(self, unix_us, at_us):
        self.asked.append(("needs button", unix_us, at_us))
        return self.asks

    def poll(self, now_us):
        self.asked.append(("poll", now_us))

    def ask(self, op, **fields):
        self.asked.clear()
        return self.service.handlers[op](fields)

    def setting_of(self, **changes):
        fields = {"unix_us": NOW_US + 500, "ticks_us": 900, "uncertainty_us": 8}
        return self.ask("set_time", **{**fields, **changes})


@pytest.fixture
def clock():
    return Clock()


def now(clock, **changes):
    """What the answer tells."""
    us = {"ticks_us": clock.at_us, "unix_us": clock.zero_us + clock.at_us, "uncertainty_us": 5}
    return {"state": OK, "arrived_us": ARRIVED_US, **us, **changes}


# --- the time ----------------------------------------------------------------------------------


def test_the_time_now(clock):
    assert clock.ask("time") == now(clock)
    assert clock.asked == [("check",)]


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("state", [NOT_SET, MISSING])
def test_a_clock_without_a_time_tells_its_state_at_once(clock, state, fresh):
    clock.state = state
    told = {"state": state, "arrived_us": ARRIVED_US, "ticks_us": 1_000}
    assert clock.ask("time", fresh=fresh) == told


@pytest.mark.parametrize("later_us", [1, ROLLOVER_TIMEOUT_US, ROLLOVER_TIMEOUT_US + 1])
def test_a_fresh_time_waits_for_a_rollover_until_its_time_is_over(clock, later_us):
    wait = clock.ask("time", fresh=True)
    assert wait.must_end is False and wait.cancel() is None
    clock.asked.clear()
    if later_us > ROLLOVER_TIMEOUT_US:
        with pytest.raises(RequestError) as caught:
            wait.poll(1_000 + later_us)
        assert caught.value.code == "no-rollover"
        assert clock.asked == []
    else:
        assert wait.poll(1_000 + later_us) is None
        assert clock.asked == [("want_rollover",)]
    clock.at_us += later_us
    clock.times.arrived_us = 77  # of another request
    clock.rollovers_seen += 1
    assert wait.poll(clock.at_us) == now(clock)  # even then


def test_a_fresh_time_waits_no_more_for_a_clock_that_is_lost(clock):
    wait = clock.ask("time", fresh=True)
    clock.state = MISSING
    told = {"state": MISSING, "arrived_us": ARRIVED_US, "ticks_us": 1_000}
    assert wait.poll(1_001) == told


RECORD = ("set_unix_s", "settings", "refused", "confirmed_unix_s", "moved_us", "jump_unix_s")
RECORD += ("jump_s", "drift_ppb", "drift_uncertainty_ppb")


@pytest.mark.parametrize("heard", [False, True])
@pytest.mark.parametrize("state", [OK, NOT_SET])
def test_what_status_tells(clock, state, heard):
    clock.state = state
    fields = {name: number for number, name in enumerate(RECORD, 5)}
    clock.record = types.SimpleNamespace(
        **fields, aging=-7, error_bound_s=lambda unix_s: unix_s - NOW_UNIX_S
    )
    clock.hears_square_wave = lambda now_us: heard and now_us == clock.at_us
    clock.at_us += 2_000_000
    told = {"state": state, **fields, "trimmed_aging": -7}
    if state == OK:
        told |= {"unix_us": NOW_US + 2_000_000, "uncertainty_us": 5, "error_bound_s": 2}
        told["rollover"] = "square-wave" if heard else "polled"
    assert clock.times.status() == told
    assert clock.asked == [("check",)]


# --- setting it --------------------------------------------------------------------------------


@pytest.mark.parametrize("confirm", [None, False, 1, "true"])
def test_a_setting_that_needs_no_button(clock, confirm):
    wait = clock.setting_of(confirm=confirm)
    begun = ("begin", NOW_US + 500, 900, 8, False)
    needs = ("needs button", NOW_US + 500, 900)
    assert clock.asked == [("check_settable", NOW_US + 500), ("check",), needs, begun]
    assert wait.must_end is True
    assert wait.poll(1_050) is None and clock.asked[-1] == ("poll", 1_050)
    clock.setting = False
    assert wait.poll(1_060) == now(clock, confirmed=False, step_us=-12)
    assert ("keep_drift",) not in clock.asked
    wait.cancel()
    assert clock.asked[-1] == ("cancel",)


@pytest.mark.parametrize("asks", [False, True])
def test_a_setting_that_the_user_is_asked_about(clock, asks):
    clock.asks = asks
    question = clock.setting_of(confirm=not asks, drift_ppb=-3, drift_uncertainty_ppb=4)
    assert isinstance(question, Consent) and question.title == "Set the clock?"
    question.otherwise()
    assert clock.asked[-1] == ("refuse", NOW_US + 500, 900, 8)
    wait = question.then()
    assert clock.asked[-1] == ("begin", NOW_US + 500, 900, 8, True)
    clock.setting = False
    assert wait.poll(2_000) == now(clock, confirmed=True, step_us=-12)
    assert clock.asked[-1] == ("keep_drift", -3, 4)


def test_a_setting_that_has_failed(clock):
    wait = clock.setting_of(drift_ppb=1, drift_uncertainty_ppb=4)
    clock.setting, clock.state = False, NOT_SET
    with pytest.raises(ClockError) as caught:
        wait.poll(2_000)
    assert caught.value.state == NOT_SET
    assert clock.asked[-1] == ("poll", 2_000)


def lines(clock, **changes):
    clock.asks = True
    return clock.setting_of(**changes).lines


def test_the_question_tells_the_time_that_it_will_be_now(clock):
    """What was right at 600 ms on the counter, if it is 1 s there now."""
    clock.at_us, clock.zero_us = 1_000_000, NOW_US - 1_000_000
    assert lines(clock, unix_us=NOW_US + 1_200_000, ticks_us=600_000) == (
        "moves 1600 ms ahead", "old 14:05:09 UTC", "new 14:05:10 UTC",
    )  # fmt: skip
    back = lines(clock, unix_us=NOW_US - 1, ticks_us=1_000_000)
    assert back == ("moves 0 ms back", "old 14:05:09 UTC", "new 14:05:08 UTC")
    clock.record.jump_unix_s, clock.record.jump_s = NOW_UNIX_S, -7_200
    assert lines(clock)[0] == "was moved 2 h back"


@pytest.mark.parametrize(
    ("state", "why"),
    [(MOVED_BACK, "It was moved back."), (NOT_SET, "It is not set yet.")],
)
@pytest.mark.parametrize(
    ("floor_s", "last"), [(0, "UTC"), (NOW_UNIX_S, "was 2026-11-23 14:05")]
)  # fmt: skip
def test_the_question_about_a_clock_without_a_time(clock, state, why, floor_s, last):
    clock.state, clock.record.floor_unix_s = state, floor_s
    assert lines(clock) == (why, "new 2026-11-23 14:05", last)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [(5, -128, "13.3 ppm faster"), (-128, 127, "25.5 ppm slower"), (5, 4, "0.1 ppm faster"),
     (-5, -4, "0.1 ppm slower"), (3, 12, "0.9 ppm slower"), (2, 12, "1.0 ppm slower")],
)  # fmt: skip
def test_the_question_about_a_trim(clock, old, new, words):
    clock.old_aging = old
    question = clock.ask("set_aging", aging=new)
    assert question.lines == (words, f"aging register {old:+d}", f"to {new:+d}")
    assert clock.asked == []
    assert question.then() == {"aging": new}
    assert clock.asked == [("set_aging", new)]


# --- a code ------------------------------------------------------------------------------------


class Vault:
    """One account."""

    def __init__(self, **changes):
        self.only = an_account(**changes)
        self.counter = self.only.counter

    def named(self, issuer, name):
        return 0

    def summary(self, index):
        return self.only.issuer, self.only.name, self.only.kind

    def names(self, index):
        return self.only.issuer, self.only.name, "", ""

    def account(self, index):
        return self.only

    def find_with_like(self, issuer, name):
        return 0, [0]

    def advance_counter(self, index):
        self.counter += 1
        return self.counter - 1


def code_question(clock, vault):
    service = CodeService(vault, clock, clock)
    return service.handlers["code"]({"issuer": "Example", "name": "alice"})


def judged(vault, counter):
    account = vault.only
    return otp.hotp(account.algorithm, account.secret, counter, account.digits).decode()


@pytest.mark.parametrize("period_s", [30, 45])
@pytest.mark.parametrize("into_us", [0, 1, 999_999, 1_000_000, 29_999_999])
def test_a_code_and_for_how_long_it_lasts(clock, period_s, into_us):
    vault = Vault(period_s=period_s)
    clock.zero_us = 1_000 * period_s * 1_000_000 + into_us - clock.at_us
    question = code_question(clock, vault)
    assert question.lines == ("Example", "alice", "goes to the computer.", "no. 1")
    left_s = period_s - into_us // 1_000_000
    wait = question.then()
    assert wait.poll(0) == {"code": judged(vault, 1_000), "left_s": left_s}
    assert wait.cancel() is None


def test_a_code_waits_for_a_clock_that_knows_its_period(clock):
    """Until the rollover that must come: then the clock is known better."""
    vault = Vault()
    clock.uncertainty_us = 2 * COARSE_US
    clock.zero_us = 30_000_000 * 1_000 - clock.at_us
    wait = code_question(clock, vault).then()
    for later_us in (0, 1, 1_000_000):
        clock.at_us, clock.zero_us = 1_000 + later_us, 30_000_000 * 1_000 - 1_000 - later_us
        assert wait.poll(0) is None
    late_us = 1_000 + ROLLOVER_TIMEOUT_US
    clock.at_us, clock.zero_us = late_us, 30_000_000 * 1_000 - late_us
    assert wait.poll(0) is None
    clock.at_us, clock.zero_us = late_us + 1, 30_000_000 * 1_000 - late_us - 1
    with pytest.raises(RequestError) as caught:
        wait.poll(0)
    assert caught.value.code == "no-rollover"
    clock.uncertainty_us = 5
    assert wait.poll(0)["code"] == judged(vault, 1_000)


def test_no_code_of_a_clock_that_was_lost(clock):
    question = code_question(clock, Vault())
    assert clock.asked == [("check",)]
    clock.state = MISSING
    for lost in (lambda: code_question(clock, Vault()), lambda: question.then().poll(0)):
        with pytest.raises(ClockError):
            lost()


def test_a_code_of_a_counter_asks_no_clock_and_moves_it_with_the_yes(clock):
    vault = Vault(kind="hotp", counter=5)
    clock.state = MISSING
    question = code_question(clock, vault)
    assert vault.counter == 5
    assert question.then() == {"code": judged(vault, 5), "left_s": None}
    assert vault.counter == 6 and clock.asked == []
