"""Faults that are injected into the models of a board."""

import itertools

import pytest

from host_tools.errors import ToolError
from host_tools.simulator.board import FAULTS, VirtualBoard
from host_tools.simulator.clock import ManualClock
from host_tools.simulator.devices.button import Button
from host_tools.simulator.devices.ds3231 import BSY, DS3231, STATUS
from host_tools.simulator.devices.i2c import PULL_DOWN, PULL_UP, SCAN_ADDRESSES, Nack

UNIX_NS = 1_795_442_709 * 10**9


@pytest.fixture
def board():
    board = VirtualBoard()
    yield board
    board.close()


@pytest.mark.parametrize(
    ("device", "kind"), [(device, kind) for device in FAULTS for kind in FAULTS[device]]
)
def test_each_fault_can_be_made_and_mended(board, device, kind):
    board.set_fault(device, kind)
    board.set_fault(device, "ok")
    assert board.bus.scan() == [0x3C, 0x57, 0x68]
    assert board.bus.level("sda", PULL_DOWN) and board.button.level()
    assert not board.rtc.flat_cell and not board.display.misread


def test_unknown_faults_are_refused_with_what_there_is(board):
    with pytest.raises(ToolError, match=r"toaster.*button"):
        board.set_fault("toaster", "nack")
    with pytest.raises(ToolError, match=r"fire.*dead"):
        board.set_fault("ds3231", "fire")


def test_exchanged_wires_answer_who_exchanges_them_too(board):
    board.set_fault("bus", "swapped")
    assert board.bus.scan() == [] and board.bus.scan(swapped=True) == [0x3C, 0x57, 0x68]
    with pytest.raises(Nack):
        board.bus.read(0x68, 1)


@pytest.mark.parametrize(("line", "other"), [("sda", "scl"), ("scl", "sda")])
def test_levels_of_lines_that_are_low_or_open(board, line, other):
    board.set_fault("bus", f"{line}-low")
    assert not board.bus.level(line, PULL_UP) and board.bus.level(other, PULL_DOWN)
    assert board.bus.scan() == (list(SCAN_ADDRESSES) if line == "sda" else [])
    board.set_fault("bus", f"{line}-open")
    assert board.bus.level(line, PULL_UP) and not board.bus.level(line, PULL_DOWN)
    assert board.bus.level(other, PULL_DOWN) and board.bus.scan() == []


def test_without_modules_nothing_pulls_up():
    board = VirtualBoard(has_rtc=False, display=None)
    assert board.bus.level("sda", PULL_UP) and not board.bus.level("sda", PULL_DOWN)
    board.close()


def edges_of(fault):
    clock = ManualClock()
    button = Button(clock)
    button.set_fault(fault)
    button.down = True
    levels = []
    for _ in range(10_000):
        clock.elapse(0.000_01)
        levels.append(button.level())
    return levels


@pytest.mark.parametrize(("fault", "bounce_ms"), [("ok", (1, 5.1)), ("bounce", (50, 60.1))])
def test_how_long_a_button_bounces(fault, bounce_ms):
    levels = edges_of(fault)
    assert levels[-1] is False
    last = max(i for i, (a, b) in enumerate(itertools.pairwise(levels)) if a != b)
    assert bounce_ms[0] <= last / 100 <= bounce_ms[1]


@pytest.mark.parametrize(("fault", "level"), [("stuck", False), ("open", True)])
def test_a_button_that_no_finger_moves(fault, level):
    assert set(edges_of(fault)) == {level}


def conversions(rtc, clock, seconds):
    """How often a conversion begins, looked at every 10 ms."""
    busy = [True]
    for _ in range(int(seconds * 100)):
        clock.elapse(0.01)
        rtc.connect(True)
        rtc.write_byte(STATUS)
        rtc.stop()
        rtc.connect(False)
        busy.append(bool(rtc.read_byte() & BSY))
        rtc.stop()
    return sum(not before and now for before, now in itertools.pairwise(busy))


def test_a_ds3231m_measures_its_temperature_every_second():
    clock = ManualClock()
    rtc = DS3231(clock)
    assert conversions(rtc, clock, 10) == 0
    rtc.be_a_ds3231m(True)
    assert conversions(rtc, clock, 10) == 10
    rtc.be_a_ds3231m(False)
    assert conversions(rtc, clock, 70) == 1


def test_a_flat_cell_forgets_everything_in_a_power_cut():
    rtc = DS3231(ManualClock())
    rtc.set_unix_ns(UNIX_NS)
    rtc.set_vcc(False)
    rtc.set_vcc(True)
    assert rtc.unix_ns() == UNIX_NS
    rtc.flat_cell = True
    rtc.set_vcc(False)
    rtc.set_vcc(True)
    assert rtc.osf and rtc.unix() < UNIX_NS / 1e9
