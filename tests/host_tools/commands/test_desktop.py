"""The clipboard and the screen, as the desktop hands them over."""

import io
import stat

import pyperclip
import pytest
from PIL import Image, ImageGrab

from host_tools.commands import desktop
from host_tools.errors import ToolError

PICTURE = Image.new("RGB", (3, 2), "red")


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Puts a program of that name on an otherwise empty path."""
    monkeypatch.setenv("PATH", str(tmp_path))

    def put(name, script):
        path = tmp_path / name
        path.write_text("#!/bin/sh\n" + script)
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    return put


def on_clipboard(monkeypatch, what):
    def grab():
        if isinstance(what, Exception):
            raise what
        return what

    monkeypatch.setattr(ImageGrab, "grabclipboard", grab)


def test_a_picture_on_the_clipboard(monkeypatch):
    on_clipboard(monkeypatch, PICTURE)
    assert Image.open(io.BytesIO(desktop.clipboard())).size == (3, 2)


@pytest.mark.parametrize("nothing", [None, ["file.png"], NotImplementedError(), OSError()])
def test_text_on_the_clipboard(monkeypatch, program, nothing):
    on_clipboard(monkeypatch, nothing)
    program("wl-paste", "exit 1")
    program("xclip", "echo otpauth://totp/x")
    assert desktop.clipboard() == b"otpauth://totp/x\n"


def test_nothing_on_the_clipboard(monkeypatch, program):
    on_clipboard(monkeypatch, None)
    program("xclip", "exit 0")
    with pytest.raises(ToolError, match="clipboard holds no picture or text"):
        desktop.clipboard()


def test_the_screen(monkeypatch):
    asked = {}
    monkeypatch.setattr(ImageGrab, "grab", lambda **options: asked.update(options) or PICTURE)
    monkeypatch.setenv("DISPLAY", ":7")
    assert Image.open(io.BytesIO(desktop.screen())).size == (3, 2)
    assert asked == {"all_screens": True, "xdisplay": ":7"}


def test_no_screen(monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.setattr(desktop.sys, "platform", "linux")
    with pytest.raises(ToolError, match="save a screenshot"):
        desktop.screen()


# --- a code on the clipboard ---------------------------------------------------------------------


class Clipboard:
    """In memory."""

    def __init__(self, monkeypatch):
        self.text = "before"
        self.slept_s = []
        self.broken = False
        monkeypatch.setattr(pyperclip, "determine_clipboard", lambda: (self.copy, self.paste))

    def copy(self, text):
        if self.broken:
            raise pyperclip.PyperclipException("no")
        self.text = text

    def paste(self):
        return self.text

    def sleep(self, seconds):
        self.slept_s.append((self.text, seconds))


def test_a_code_is_lent_to_the_clipboard(monkeypatch):
    clipboard = Clipboard(monkeypatch)
    desktop.Loan(clipboard.sleep).lend("123456", 30)
    assert clipboard.slept_s == [("123456", 30)]
    assert clipboard.text == ""


def test_what_was_copied_meanwhile_stays(monkeypatch):
    clipboard = Clipboard(monkeypatch)
    desktop.Loan(lambda seconds: clipboard.copy("mine")).lend("123456", 30)
    assert clipboard.text == "mine"


def test_ctrl_c_clears_it_at_once(monkeypatch):
    clipboard = Clipboard(monkeypatch)

    def interrupted(seconds):
        raise KeyboardInterrupt

    desktop.Loan(interrupted).lend("123456", 30)
    assert clipboard.text == ""


def test_without_a_clipboard_it_is_said_before_anything_is_lost(program):
    with pytest.raises(ToolError, match="no clipboard"):
        desktop.Loan()


def test_a_clipboard_that_refuses_is_an_error_without_the_code(monkeypatch):
    clipboard = Clipboard(monkeypatch)
    clipboard.broken = True
    with pytest.raises(ToolError, match="clipboard") as caught:
        desktop.Loan(clipboard.sleep).lend("123456", 30)
    assert "123456" not in str(caught.value)
