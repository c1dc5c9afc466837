"""What the user sees: button, darkness, menu, faults, and a token that helps itself."""

import base64
import os
import signal
import time

import pyotp
import pytest

import picototp
from host_tools.client.status import Status
from host_tools.credentials.credential import Credential
from host_tools.simulator.devices.flash import PowerCut
from host_tools.simulator.digits import read_code
from programs import tool
from tests.end_to_end.hands import EARLY_S
from waiting import eventually

KEY = b"12345678901234567890"
JUDGE = pyotp.TOTP(base64.b32encode(KEY).decode())


@pytest.fixture
def loaded(hands):
    """Hands on a token with three accounts, dark."""
    with hands.client() as client:
        for name in ("one", "two", "three"):
            client.add(Credential("Example", name, KEY))
    hands.elapse(31)
    assert not hands.token.screen_on
    return hands


def status(hands) -> Status:
    with hands.client() as client:
        return client.status()


def code_shown(hands) -> str | None:
    return read_code(hands.token.screen())


# --- button and display --------------------------------------------------------------------------


def test_a_press_wakes_the_display_and_goes_nowhere(loaded):
    loaded.click()
    loaded.sees("three", "3/3")
    assert loaded.code()


def test_clicks_and_double_clicks_go_round(loaded):
    loaded.click()
    for steps, there in (
        ([loaded.click], "one"),
        ([loaded.click], "two"),
        ([loaded.double_click], "one"),
        ([loaded.double_click], "three"),
        ([loaded.click, loaded.click], "two"),
    ):
        for step in steps:
            step()
        loaded.sees(there)


def test_dark_30_s_after_the_last_press(loaded):
    loaded.click()
    loaded.elapse(20)
    loaded.click()
    loaded.elapse(29)
    assert loaded.token.screen_on
    loaded.elapse(1.5)
    assert not loaded.token.screen_on
    assert not any("#" in row for row in loaded.token.screen())


def test_the_menu_locks_at_once(loaded):
    loaded.click()
    loaded.hold()
    loaded.sees("Menu", "Lock now")
    loaded.hold()
    assert not loaded.token.screen_on


def test_the_menu_shows_clock_and_version(loaded):
    loaded.click()
    loaded.hold()
    loaded.click()
    loaded.hold()
    loaded.sees("Clock", time.strftime("%Y-%m-", time.gmtime(loaded.token.board.rtc.unix())))
    loaded.click()
    loaded.click()
    loaded.hold()
    loaded.sees("About", f"PicoTOTP {picototp.__version__}", "3 accounts")


def test_the_next_code_is_shown_in_the_last_five_seconds(loaded):
    rtc = loaded.token.board.rtc
    loaded.elapse((40 - rtc.unix() % 30) % 30)  # 10 s into a period
    loaded.click()
    loaded.assert_code(JUDGE.at)
    assert not loaded.shows("next ")
    loaded.elapse(25.3 - rtc.unix() % 30)
    following = JUDGE.at(int(rtc.unix()) + 30)
    loaded.sees(f"next {following[:3]} {following[3:]}")
    loaded.elapse(5)
    eventually(lambda: code_shown(loaded) == following, "the next code")
    assert not loaded.shows("next ")


def test_the_code_changes_when_the_rtc_begins_a_new_period(loaded):
    """Hardly before it, and soon after: the best of ten counts."""
    rtc = loaded.token.board.rtc
    late_s = []
    with loaded.client() as client:
        eventually(lambda: client.request("time")["uncertainty_us"] < 20_000, "the phase")
    while not late_s or (min(late_s) > 0.25 and len(late_s) < 10):
        loaded.elapse(31)  # dark again
        loaded.elapse((56 - rtc.unix() % 30) % 30)
        loaded.wake()
        loaded.elapse(29.4 - rtc.unix() % 30)
        boundary_s = rtc.unix() // 30 * 30 + 30
        old, new = JUDGE.at(int(boundary_s) - 1), JUDGE.at(int(boundary_s))
        assert loaded.code() == old or rtc.unix() > boundary_s - EARLY_S
        eventually(lambda new=new: code_shown(loaded) == new, "the new code")
        late_s.append(rtc.unix() - boundary_s)
        assert late_s[-1] > -EARLY_S
    print(f"after the period's end: {late_s} s")
    assert min(late_s) < 0.25


def test_a_long_name_scrolls(hands):
    with hands.client() as client:
        client.add(Credential("Example", "a-very-long-name-that-fits-nowhere@example.com", KEY))
    hands.sees("a-very-long-name")
    hands.elapse(5)
    eventually(lambda: not hands.shows("a-very-long-name"), "it moved")


# --- the clock -----------------------------------------------------------------------------------


def assert_no_code_within(hands, seconds: float, message: str) -> None:
    """At the end of that time the message is there, and never again a code."""
    hands.elapse(seconds)
    hands.sees(message)
    assert code_shown(hands) is None
    hands.elapse(5)
    assert code_shown(hands) is None and hands.shows(message)


def test_rtc_unplugged_while_a_code_is_shown(loaded):
    loaded.click()
    assert loaded.code()
    loaded.token.board.bus.set_fault("ds3231", "nack")
    assert_no_code_within(loaded, 1.5, "RTC not found")
    loaded.token.board.bus.set_fault("ds3231", "ok")
    loaded.elapse(2)
    assert loaded.code(), "the time is known again"


def test_oscillator_stopped_while_a_code_is_shown(loaded):
    loaded.click()
    assert loaded.code()
    loaded.token.board.rtc.osf = True
    assert_no_code_within(loaded, 1.5, "Clock not set")


def test_coin_cell_lost(loaded, tmp_path):
    loaded.token.power(False)
    loaded.token.board.rtc.lose_power()
    loaded.token.power(True)
    loaded.token.engine.ready.wait(20)
    loaded.click()
    assert_no_code_within(loaded, 0.1, "Clock not set")


@pytest.mark.parametrize("unix_s", [picototp.BUILT_UNIX_S - 3600, 946_684_800])
def test_a_time_before_the_firmware_was_built(boot, unix_s):
    hands = boot(unix_s=unix_s)
    with hands.client() as client:
        client.add(Credential("", "a", KEY))
    assert_no_code_within(hands, 0.1, "Clock not set")


def test_registers_that_hold_no_date(loaded):
    loaded.click()
    assert loaded.code()
    bus = loaded.token.board.bus
    with loaded.token.board.lock:
        bus.write(0x68, b"\x05\x1f")  # month 1F
    assert_no_code_within(loaded, 1.5, "Clock not set")
    assert status(loaded).clock.state == "unreadable"


def test_the_rtc_set_to_another_hour_behind_our_back(loaded):
    """The anchor is compared every second: the code follows the RTC."""
    loaded.click()
    loaded.code()
    rtc = loaded.token.board.rtc
    rtc.set_unix_ns(rtc.unix_ns() + 3600 * 10**9)
    loaded.elapse(1.5)
    eventually(lambda: code_shown(loaded) == JUDGE.at(int(rtc.unix())), "its code")


@pytest.mark.parametrize("days", [1, 400])
def test_the_rtc_set_to_another_day_behind_our_back(boot, days):
    """The token's own counter knows that this day has not come."""
    hands = boot()
    with hands.client() as client:
        client.add(Credential("", "a", KEY))
        now = client.time()
        client.set_time(now.unix_us, now.ticks_us, 1000)
    hands.elapse(3)
    rtc = hands.token.board.rtc
    rtc.set_unix_ns(rtc.unix_ns() + days * 86_400 * 10**9)
    hands.wake()
    assert_no_code_within(hands, 1.5, "Clock not set")
    for _ in range(3):
        hands.elapse(1.1)  # one look may have been misread; three were not
    hands.token.power(False)
    hands.token.power(True)
    hands.token.engine.ready.wait(20)
    eventually(lambda: hands.wake() or hands.token.screen_on, "light")
    assert_no_code_within(hands, 1.5, "Clock not set")


# --- faults --------------------------------------------------------------------------------------


def test_a_display_that_is_unplugged_for_a_while(loaded):
    loaded.click()
    loaded.token.board.bus.set_fault("ssd1306", "nack")
    loaded.elapse(1)
    eventually(lambda: status(loaded).display == "missing", "its loss")
    loaded.token.board.display.power_off()  # it comes back with noise in its RAM
    loaded.token.board.bus.set_fault("ssd1306", "ok")
    loaded.elapse(3)
    loaded.sees("Example", "three", "3/3")
    assert loaded.code()


def test_a_token_that_starts_without_its_display_finds_it_later(boot):
    hands = boot()
    hands.token.board.bus.set_fault("ssd1306", "nack")
    hands.token.engine.reset()
    hands.token.engine.ready.wait(20)
    hands.click()
    assert not hands.token.screen_on
    hands.token.board.bus.set_fault("ssd1306", "ok")
    hands.elapse(2.5)
    hands.sees("No accounts yet")


def test_flash_that_fails_during_an_add_leaves_the_old_list(loaded):
    port = loaded.token.port.path
    uri = "otpauth://totp/Example:four?secret=JBSWY3DPEHPK3PXP"

    def fail_and_agree():
        loaded.token.board.flash.cut_after(2)
        loaded.yes()

    result = tool("provision", "--port", port, "add", "-", typed=uri, on_confirm=fail_and_agree)
    assert result.code == 1 and "flash" in result.complaint
    loaded.token.board.flash.power_on()
    loaded.token.engine.reset()
    loaded.token.engine.ready.wait(20)
    assert status(loaded).accounts == 3
    with loaded.client() as client:
        assert "corrupt" not in client.request("selftest")["slots"]


def test_an_unexpected_error_is_shown_and_logged_and_the_token_restarts(loaded):
    """A pin that cannot be read: nothing in the firmware expects that."""
    button = loaded.token.board.button
    look, left = button.look, [1]

    def fail_once():
        if left[0]:
            left[0] -= 1
            raise PowerCut("the pin cannot be read")
        return look()

    loaded.wake()
    button.look = fail_once
    # The display gets its picture in parts, so all of it is waited for.
    lines = ("Internal error", "OSError", "The token restarts.")
    eventually(lambda: all(loaded.shows(line) for line in lines), "the error on the display")
    before = loaded.token.engine._run
    loaded.token.board.elapse(6)
    eventually(lambda: loaded.token.engine._run not in (before, None), "the restart")
    facts = status(loaded)
    assert facts.accounts == 3 and facts.errors_logged and facts.reset_cause == 3
    result = tool("provision", "--port", loaded.token.port.path, "status")
    assert result.code == 0 and "OSError" in result.out and "picototp.app.loop" in result.out
    loaded.click()
    assert loaded.code()


@pytest.mark.skipif(not os.path.exists("/proc"), reason="needs /proc: run it on Linux")
def test_the_watchdog_restarts_a_firmware_that_hangs(loaded):
    """The interpreter is stopped, as a processor in an endless loop would be."""
    run = loaded.token.engine._run
    os.kill(run._process.pid, signal.SIGSTOP)
    run._fed -= 8.0  # the watchdog's time, which counts real seconds, is over
    eventually(lambda: loaded.token.engine._run not in (run, None), "the restart")
    facts = status(loaded)
    assert facts.accounts == 3 and facts.reset_cause == 3


def test_hours_in_the_dark(loaded):
    """Simulated hours pass without a press; the watchdog is fed, and codes are right after it."""
    for _ in range(20):
        loaded.elapse(600)
    facts = status(loaded)
    assert facts.uptime_s > 12_000 and facts.reset_cause == 1
    loaded.click()
    loaded.assert_code(JUDGE.at)
