"""What `status` says, line by line."""

import pytest

from answers import status
from host_tools.client import status_words
from host_tools.client.answers import TokenInfo
from host_tools.client.status import Typing
from host_tools.client.status_words import clock_lines, setting_lines
from host_tools.errors import ToolError

SET = {"set_unix_s": 1_767_225_600}
INFO = TokenInfo(1, "1.2.3", "00112233aabbccdd", frozenset(), {"accounts": 255})


def shown(info=INFO, **changes):
    return dict(status_words.status_lines(info, status(**changes)))


def test_all_lines_in_their_order():
    assert status_words.status_lines(INFO, status(pin=False)) == [
        ("token", "00112233aabbccdd"),
        ("firmware", "1.2.3"),
        ("accounts", "3 of 255"),
        ("encrypted", "yes, but without a PIN their key lies beside them"),
        ("PIN", "not set: whoever holds the board can read the accounts"),
        ("display", "ok"),
        ("clock", "2026-11-18 11:08:20 UTC"),
        ("last set", "2026-11-18 11:06:40 UTC, error now at most 0.020 s"),
        ("RTC", "25.00 C, aging +0; rollovers looked for (no SQW)"),
        ("clock set", "1 times, last confirmed with the button 2026-11-18 11:06:40 UTC; 0 refused"),
        ("running", "5 s, 87 KB of heap free"),
    ]


def test_how_many_accounts_there_are_and_may_be():
    assert shown()["accounts"] == "3 of 255"
    assert shown(TokenInfo(1, "0", "1", frozenset(), {}))["accounts"] == "3"
    assert shown(locked=True, accounts=None)["accounts"] == "not shown while locked"


@pytest.mark.parametrize(
    ("vault", "begins"),
    [("damaged", "DAMAGED"), ("destroyed", "DESTROYED"), ("too-new", "written by newer")],
)
def test_accounts_that_cannot_be_read(vault, begins):
    assert shown(vault=vault)["accounts"].startswith(begins)
    problem = status_words.vault_problem(status(vault=vault))
    assert problem is not None and problem.startswith(f"accounts: {begins}")
    with pytest.raises(ToolError, match=begins):
        status_words.check_vault(status(vault=vault))
    assert status_words.vault_problem(status()) is None


def test_a_display_that_is_silent():
    assert shown(display="missing")["display"] == "does not answer; check its wires"


def test_memory_is_told_in_whole_kilobytes():
    assert shown(uptime_s=7, heap_free=2047)["running"] == "7 s, 1 KB of heap free"
    assert shown(uptime_s=7, heap_free=2048)["running"] == "7 s, 2 KB of heap free"


def test_secrets_that_are_still_in_flash():
    assert "flash" not in shown()
    assert "keep it powered" in shown(cleaning=True)["flash"]


def test_which_firmware_runs_and_what_lies_beside_it():
    lines = status_words.firmware_lines
    known = {"slot": "b", "bundle": "0123456789abcdef"}
    assert lines("1.0", status(**known)) == [("firmware", "1.0 in slot B, 0123456789abcdef")]
    for name in known:
        assert lines("1.0", status(without=[name], **known)) == [("firmware", "1.0")]
    assert lines("1.0", status(other_firmware="0.9"))[1:] == [
        ("beside it", "0.9; picototp install --rollback")
    ]
    for why, words in (("given-up", "did not run"), ("damaged", "is damaged")):
        ((_, line),) = lines("1.0", status(left_firmware=why))[1:]
        assert words in line and "picototp install" in line


@pytest.mark.parametrize(
    ("typing", "words"),
    [
        (("none", "keep", "none"), ""),
        (("enter", "keep", "none"), ", then Enter"),
        (("none", "off", "none"), "; Num Lock is not looked at"),
        (("none", "keep", "de"), "; letters for de"),
        (("tab", "off", "fr"), ", then Tab; Num Lock is not looked at; letters for fr"),
    ],
)
def test_how_it_types(typing, words):
    words = f"hold the button for 1.6 s on a code{words}"
    assert status_words.typing_lines(Typing(*typing)) == [("typing", words)]
    assert status_words.typing_lines(None) == []
    end, num_lock, layout = typing
    told = {"end": end, "num_lock": num_lock, "layout": layout}
    assert shown(typing=told)["typing"] == words


# --- the clock -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("clock", "line"),
    [
        (SET, "2026-01-01 00:00:00 UTC, error now at most 0.020 s"),
        ({**SET, "error_bound_s": None}, "not known"),
    ],
)
def test_when_it_was_set_last(clock, line):
    assert dict(clock_lines(status(clock).clock))["last set"] == line


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ("not-set", "not set"),
        ("moved-back", "MOVED BACK"),
        ("unreadable", "holds no date"),
        ("missing", "does not answer"),
    ],
)
def test_a_clock_that_is_not_set_tells_no_time(state, says):
    clock = {"state": state, "unix_us": None}
    (word, words), *rest = clock_lines(status(clock).clock)
    assert word == "clock" and says in words and "UTC" not in words
    assert [name for name, _ in rest] == ["clock set"], "what was done to it is told nevertheless"


@pytest.mark.parametrize(
    ("clock", "line"),
    [
        ({"aging": -7}, "25.00 C, aging -7; rollovers looked for (no SQW)"),
        ({"aging": 7, "rollover": "square-wave"}, "25.00 C, aging +7; rollovers heard on SQW"),
        ({"aging": None}, None),
        ({"temperature_c": None}, None),
    ],
)
def test_what_the_rtc_tells(clock, line):
    assert dict(clock_lines(status(clock).clock)).get("RTC") == line


@pytest.mark.parametrize(
    ("clock", "line"),
    [
        ({"drift_ppb": 1500, "drift_uncertainty_ppb": 250}, "+1.50 ppm, give or take 0.25"),
        ({"drift_ppb": -1500, "drift_uncertainty_ppb": None}, "-1.50 ppm, give or take 0.00"),
        ({"drift_ppb": 0, "drift_uncertainty_ppb": 10}, "+0.00 ppm, give or take 0.01"),
        (
            {"drift_ppb": 123_456_000, "drift_uncertainty_ppb": 654_321_000},
            "+123456.00 ppm, give or take 654321.00",
        ),
        ({"drift_ppb": None, "drift_uncertainty_ppb": 10}, None),
    ],
)
def test_how_it_drifts(clock, line):
    assert dict(setting_lines(status(clock).clock)).get("drift") == line


@pytest.mark.parametrize(
    ("clock", "line"),
    [
        ({"settings": 0, "refused": 0}, None),
        (
            {"settings": 2, "refused": 0, "confirmed_unix_s": 0},
            "2 times, last confirmed with the button never; 0 refused",
        ),
        (
            {"settings": 0, "refused": 1, "confirmed_unix_s": 1},
            "0 times, last confirmed with the button 1970-01-01 00:00:01 UTC; 1 refused",
        ),
    ],
)
def test_how_often_it_was_set(clock, line):
    assert dict(setting_lines(status(clock).clock)).get("clock set") == line


@pytest.mark.parametrize(
    ("jump_s", "moved"),
    [
        (0, "moved 0 s back"),
        (1, "moved 1 s ahead"),
        (-1, "moved 1 s back"),
        (172_799, "moved 172799 s ahead"),
        (172_800, "moved 2.0 days ahead"),
        (-216_000, "moved 2.5 days back"),
        (20_000 * 86_400, "moved 20000.0 days ahead"),
    ],
)
def test_a_jump_is_a_warning(jump_s, moved):
    clock = status({"jump_s": jump_s, "jump_unix_s": 1_767_225_600}).clock
    line = dict(setting_lines(clock))["WARNING"]
    assert line.startswith(f"{moved} to 2026-01-01 00:00:00 UTC; was that you?")
    assert "WARNING" not in dict(setting_lines(status({"jump_s": jump_s}).clock))
