"""The tools on a system without pseudo-terminals, as Windows is: all but the virtual token work."""

import os
import subprocess
import sys

import pytest

# pyserial and mpremote pick their parts for this system when they are loaded, so they come first.
WITHOUT_POSIX = """
import sys
import mpremote.console, serial, serial.tools.list_ports
for name in ("fcntl", "grp", "pty", "pwd", "resource", "termios", "tty"):
    sys.modules[name] = None
from host_tools.cli import main
main()
"""
VIRTUAL = ("bench", "demo", "simulate")


def picototp(*arguments):
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_POSIX, *arguments],
        env={**os.environ, "PICOTOTP_PORT": "/nowhere/at/all"},
        capture_output=True,
        text=True,
    )


def test_the_list_of_commands_says_what_does_not_run_there():
    done = picototp("--help")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Not on this system") == len(VIRTUAL)


@pytest.mark.parametrize("tool", VIRTUAL)
def test_a_virtual_token_is_refused_in_one_line(tool):
    done = picototp(tool, "--an-option", "of", "some", "kind")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"error: picototp {tool} needs a pseudo-terminal") and "WSL" in line


@pytest.mark.parametrize("tool", ["image", "install", "provision", "synctime"])
def test_what_a_real_token_needs_is_there(tool):
    done = picototp(tool, "--help")
    assert done.returncode == 0, done.stderr
    assert "Not on this system" not in done.stdout


def test_a_port_that_is_missing_is_said_without_a_traceback():
    done = picototp("provision", "list")
    assert done.returncode == 3
    assert len(done.stderr.splitlines()) == 1 and done.stderr.startswith("error: ")
