"""synctime.py's memory: what it keeps of each run, shows of it, and does because of it."""

import json
import time

import pytest
from PIL import Image

from display_text import shows
from host_tools.clock.history import DATA_VARIABLE, ClockHistory, Measurement, Trim, trims
from host_tools.errors import ToolError
from host_tools.simulator.devices.ds3231 import AGING
from programs import tool

DAY_S = 86_400
HERE = ("--source", "host")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """This computer's memory, empty."""
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))
    monkeypatch.delenv("PICOTOTP_PORT", raising=False)
    return tmp_path


@pytest.fixture
def history(hands, folder):
    """That of the token at hand, without a file yet."""
    with hands.client() as token:
        return ClockHistory(token.info.token, pytest.fail)


def drifting(ppm, days, until_s, aging=0):
    """A sync a day that set the clock each time."""
    records = []
    for day in range(days, 0, -1):
        for at_s, error_s, after_set in (
            (until_s - day * DAY_S, 0.0, True),
            (until_s - (day - 1) * DAY_S - 60, ppm * 1e-6 * DAY_S, False),
        ):
            records.append(Measurement(at_s, error_s, 0.002, after_set, aging, 25.0, "ntp"))
    return records


def fill(history, records):
    for record in records:
        history.append(record)


def ten_days():
    return drifting(1.7, 10, time.time())


def synctime(hands, *arguments, answer=1.0):
    """The tool's result; it is told yes by a hold, or no by a click of 0.1 s."""

    def confirm():
        seen.extend(hands.wait_for_question())
        hands.token.press(answer)

    seen = []
    result = tool("synctime", "--port", hands.token.port.path, *arguments, on_confirm=confirm)
    return result, seen


def test_every_run_is_kept(hands, history):
    assert synctime(hands, *HERE, "--check")[0].code == 0
    (checked,) = history.read()
    assert (checked.after_set, checked.aging, checked.source) == (False, 0, "host")
    assert checked.temperature_c == 25.0 and abs(checked.unix_s - time.time()) < 30
    assert max(abs(checked.error_s), 0.1) < checked.uncertainty_s
    assert synctime(hands, *HERE)[0].code == 0
    again, before, after = history.read()
    assert again == checked and not before.after_set and after.after_set
    assert before.unix_s < after.unix_s
    assert checked.set_unix_s == before.set_unix_s == 0  # as nobody had set it
    assert abs(after.set_unix_s - after.unix_s) < 30


def test_a_setting_from_elsewhere_is_no_drift(hands, history):
    assert synctime(hands, *HERE)[0].code == 0
    with hands.client() as token:
        token.request("set_time", unix_us=time.time_ns() // 1000, **moment(token))
    # Reading that question moved the token's clock, which must not lead to another one.
    hands.token.board.rtc.set_unix_ns(time.time_ns())
    result, _ = synctime(hands, *HERE, "--check")
    assert result.code == 0 and "the clock was set by another computer" in result.err
    set_here, checked = history.read()[-2:]
    assert set_here.after_set and checked.set_unix_s != set_here.set_unix_s
    result, _ = synctime(hands, "--history")
    assert "note: once the clock was set elsewhere" in result.err
    again, _ = synctime(hands, *HERE, "--check")
    assert again.code == 0 and "elsewhere" not in again.err


def test_a_memory_that_cannot_be_written_keeps_nobody_from_syncing(hands, history, folder):
    (folder / "clock").write_text("in the way")
    result, _ = synctime(hands, *HERE)
    assert result.code == 0 and "after:" in result.out
    assert result.err.count("warning: cannot ") == 1 and "Traceback" not in result.err
    result, _ = synctime(hands, *HERE, "--trim")
    assert result.code == 1 and "error: not trimmed" in result.err and "after:" in result.out


def test_what_is_known_of_the_drift_goes_to_the_token(hands, history):
    fill(history, ten_days())
    result, _ = synctime(hands, *HERE, "--json")
    assert result.code == 0, result.err
    drift = json.loads(result.out)["drift"]
    assert drift["ppm"] == pytest.approx(1.7, abs=0.01)
    with hands.client() as token:
        clock = token.status().clock
    assert clock.drift_ppb == pytest.approx(drift["ppm"] * 1000, abs=1)
    assert clock.drift_uncertainty_ppb == pytest.approx(drift["half_width_ppm"] * 1000, abs=1)


def test_a_trim(hands, history):
    fill(history, ten_days())
    result, seen = synctime(hands, *HERE, "--trim")
    assert result.code == 0, result.err
    assert "trim:   trimmed: +17 steps" in result.out
    assert shows(seen, "1.7 ppm slower")
    assert hands.token.board.rtc.aging == 17
    *_, trim, last = history.read()
    assert (trim.aging_from, trim.aging_to, trim.undo) == (0, 17, False)
    assert trim.ppm == pytest.approx(1.7, abs=0.01) and last.aging == 17


def test_a_trim_that_is_refused(hands, history):
    fill(history, ten_days())
    with hands.client() as token:  # so that the only question is about the trim
        token.request("set_time", unix_us=time.time_ns() // 1000, **moment(token))
    # Reading that question moved the token's clock, which must not lead to another one.
    hands.token.board.rtc.set_unix_ns(time.time_ns())
    result, _ = synctime(hands, *HERE, "--trim", answer=0.1)
    assert result.code == 4 and "after:" in result.out
    assert hands.token.board.rtc.aging == 0 and not trims(history.read())


def moment(token):
    return {"ticks_us": token.request("time")["ticks_us"], "uncertainty_us": 1000}


def test_no_trim_without_a_reason(hands, history):
    result, _ = synctime(hands, *HERE, "--trim", "--json")
    assert result.code == 0, result.err
    trim = json.loads(result.out)["trim"]
    assert trim["aging"] is None and "nothing is known" in trim["reason"]
    assert hands.token.board.rtc.aging == 0


def test_a_trim_that_made_it_worse_is_taken_back(hands, history):
    now_s = time.time()
    trim = Trim(now_s - 5 * DAY_S, 0, 17, 1.7, 0.01)
    fill(history, [*drifting(1.7, 5, trim.unix_s), trim, *drifting(3.4, 4, now_s, aging=17)])
    hands.token.board.bus.write(0x68, bytes((AGING, 17)))
    result, seen = synctime(hands, *HERE)
    assert result.code == 0, result.err
    assert "made the drift worse: +3.40 ppm, +1.70 before" in result.err
    assert "trim:   undone, aging is +0 again" in result.out
    assert shows(seen, "1.7 ppm faster")
    assert hands.token.board.rtc.aging == 0 and trims(history.read())[-1].undo
    refused, _ = synctime(hands, *HERE, "--trim")
    assert refused.code == 0 and "--trim-again" in refused.out
    assert hands.token.board.rtc.aging == 0


# --- looking back --------------------------------------------------------------------------------


def looking_back(*arguments):
    return tool("synctime", *arguments)


def test_the_history_needs_no_token(folder):
    trim = Trim(time.time(), -128, 127, -12.345, 0.0123, undo=True)
    fill(ClockHistory("0123456789abcdef"), [*ten_days(), trim])
    result = looking_back("--history")
    assert result.code == 0 and result.err == ""
    assert "undone  aging -128 to +127; drift -12.345 ppm +- 0.012" in result.out
    lines = result.out.splitlines()
    assert lines[0] == "token 0123456789abcdef"
    assert sum("checked" in line and "+146.9 ms" in line for line in lines) == 10
    assert "drift +1.70" in result.out and "+100┤" in result.out and "\x1b" not in result.out
    assert lines[-1] == "trim: +17 steps of 0.1 ppm, from aging +0"
    assert max(len(line) for line in lines) <= 80


def test_the_history_for_programs(folder):
    fill(ClockHistory("0123456789abcdef"), [*ten_days(), Trim(time.time(), 0, 17, 1.7, 0.01)])
    result = looking_back("--history", "--json")
    record = json.loads(result.out)
    assert result.code == 0 and len(record["records"]) == 21
    assert record["records"][-1]["kind"] == "trim" and record["drift"]["runs"] == 10
    assert record["log"] is None


def test_a_plot_needs_no_token(folder):
    fill(ClockHistory("0123456789abcdef"), ten_days())
    result = looking_back("--plot", folder / "drift.png")
    assert result.code == 0 and result.out == "", result.err
    with Image.open(folder / "drift.png") as picture:
        assert picture.width > 500
    assert looking_back("--plot", folder / "drift.txt").code == 2


def test_one_must_say_which_of_several(folder):
    assert looking_back("--history").code == 3
    for name in ("aa", "bb"):
        fill(ClockHistory(name), ten_days()[:2])
    result = looking_back("--history")
    assert result.code == 2 and "aa, bb" in result.complaint


def test_the_token_s_own_log_tells_what_others_did(hands, history):
    assert synctime(hands, *HERE)[0].code == 0
    with hands.client(hands.no) as token, pytest.raises(ToolError):
        request_us = (time.time_ns() + 3 * DAY_S * 10**9) // 1000
        token.request("set_time", unix_us=request_us, **moment(token))
    result, _ = synctime(hands, "--history")
    assert result.code == 0, result.err
    assert " checked " in result.out and "trim: " in result.out  # what this computer knows
    first, *_, last = lines = result.out.split("the token's own log")[1].splitlines()[2:]
    assert max(map(len, lines)) <= 80
    assert "set, confirmed" in first and "refused" in last and "+3.0 days" in last
    record = json.loads(synctime(hands, "--history", "--json")[0].out)
    first, *_, last = record["log"]
    assert (first["kind"], last["kind"]) == ("confirmed", "refused")
    assert len(record["records"]) == 2
    history.path.unlink()
    result, _ = synctime(hands, "--history")
    assert "no history on this computer" in result.out and "set, confirmed" in result.out


def test_options_that_exclude_each_other(folder):
    for options in (
        ("--history", "--check"),
        ("--plot", "a.png", "--trim"),
        ("--check", "--trim"),
        ("--check", "--trim-again"),
        ("--history", "--server", "192.0.2.1"),
    ):
        assert looking_back(*options).code == 2
