"""`picototp demo`, and the simulated token live in a terminal."""

import contextlib
import re
import subprocess

import pytest

from programs import PICOTOTP, run
from terminal_program import Terminal
from waiting import eventually

LARGE, SMALL = 140, 80  # columns: half blocks fit the one, Braille the other


def test_without_a_terminal_it_shows_codes_that_pyotp_confirms():
    result = run(*PICOTOTP, "demo")
    assert result.code == 0, result.err
    agreed = re.findall(r"the display shows (\d+), and pyotp agrees", result.out)
    assert [len(code) for code in agreed] == [6, 8]
    assert "All codes on the display are right." in result.out
    assert result.out.count("╭") >= 5, "confirm screens and code screens"
    assert "warning" not in result.out
    assert "secret" not in result.out.lower() and "Traceback" not in result.err


def test_live_in_a_terminal():
    with Terminal(*PICOTOTP, "demo") as terminal:
        terminal.wait_for("Press any key")
        # What is typed before it waits for a key is thrown away.
        eventually(lambda: terminal.settings_of_now() != terminal.settings, "it waits for a key")
        terminal.type(" ")
        terminal.wait_for("q = quit")
        terminal.type("q")
        assert terminal.end() == 0
        assert terminal.settings_now == terminal.settings


@pytest.mark.parametrize("columns", [LARGE, SMALL])
def test_keys_are_the_button(columns):
    dots = "█" if columns == LARGE else "⣿"
    with Terminal(*PICOTOTP, "simulate", columns=columns) as terminal:
        terminal.wait_for("display dark")
        assert terminal.settings != terminal.settings_of_now(), "keys come one by one"
        terminal.type(" ")
        terminal.wait_for("display lit")
        terminal.wait_for(dots)
        assert "space = click" in terminal.text
        terminal.type("h")  # opens the menu; the next one locks
        until_dark = 5
        while "display dark" not in terminal.text and until_dark:
            until_dark -= 1  # on a busy computer a press may be too short for the firmware
            terminal.type("h")
            with contextlib.suppress(AssertionError):
                terminal.wait_for("display dark", patience_s=4)
        assert until_dark
        terminal.type("x\x1b[A")  # keys without a meaning
        terminal.type("q")
        assert terminal.end() == 0
        assert "\x1b[?25h" in terminal.text, "the cursor is back"
        assert terminal.settings_now == terminal.settings


def test_ctrl_c_restores_the_terminal():
    with Terminal(*PICOTOTP, "simulate") as terminal:
        terminal.wait_for("display dark")
        terminal.type("\x03")
        terminal.end()
        assert "Traceback" not in terminal.text and "\x1b[?25h" in terminal.text
        assert terminal.settings_now == terminal.settings


def test_a_terminal_that_is_closed_ends_the_simulator():
    with Terminal(*PICOTOTP, "simulate") as terminal:
        terminal.wait_for("display dark")
        terminal.hang_up()
        try:
            terminal.process.wait(20)
        except subprocess.TimeoutExpired:
            pytest.fail("it goes on without a terminal")
