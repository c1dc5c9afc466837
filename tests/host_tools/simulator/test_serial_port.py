"""The simulated token's serial port, where the computer has none to give."""

import errno
import pty

import pytest

from host_tools.errors import ToolError
from host_tools.simulator.serial_port import SerialPort


@pytest.mark.parametrize(
    "error",
    [OSError("out of pty devices"), OSError(errno.ENOSPC, "No space left on device")],
)
def test_a_computer_without_pseudo_terminals_is_told_of(monkeypatch, error):
    """As a bare container, and a computer with thousands of terminals."""

    def openpty():
        raise error

    monkeypatch.setattr(pty, "openpty", openpty)
    with pytest.raises(ToolError) as raised:
        SerialPort()
    assert str(error.strerror or error) in str(raised.value)
    assert "/dev/pts" in str(raised.value)


def test_a_link_that_cannot_be_made_is_told_of(tmp_path):
    link = tmp_path / "missing" / "port"
    with pytest.raises(ToolError, match=f"cannot make the link {link}"):
        SerialPort(link)
