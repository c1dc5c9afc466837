"""What `diagnose` answers on the chip: MicroPython's own scan, pulls and pins, and the bus that
works again afterwards."""

import threading

import pytest

from flash_tree import free_blocks
from host_tools.client.ports import SerialConnection
from host_tools.client.token_client import TokenClient
from host_tools.simulator.board import VirtualBoard

pytestmark = pytest.mark.chip


@pytest.fixture(scope="module")
def token(plug_in, firmware, tmp_path_factory):
    folder = tmp_path_factory.mktemp("diagnosed")
    (folder / "flash.bin").write_bytes(firmware)
    return plug_in(VirtualBoard(folder))


@pytest.fixture
def client(token):
    with TokenClient(SerialConnection(token.port.path)) as one:
        yield one


def test_the_bus_and_that_it_works_afterwards(token, client):
    reading = client.diagnose_bus()
    assert reading.found == (0x3C, 0x57, 0x68) and reading.swapped == ()
    assert not (reading.sda_low or reading.scl_low or reading.sda_open or reading.scl_open)
    status = client.status()
    assert status.clock.state == "ok" and status.display == "ok"


def test_a_part_that_does_not_answer(token, client):
    token.board.set_fault("ds3231", "nack")
    assert client.diagnose_bus().found == (0x3C,)
    assert client.diagnose_clock() is None
    token.board.set_fault("ds3231", "ok")


def test_the_clock_and_what_kind_it_is(token, client):
    reading = client.diagnose_clock()
    # 3.2 s: whether a fourth second begins in them depends on when they began.
    assert reading.seconds in (3, 4) and reading.conversions <= 1
    token.board.set_fault("ds3231", "m")
    assert client.diagnose_clock().conversions >= 2
    token.board.set_fault("ds3231", "ok")


def test_the_display_and_the_flash(token, client):
    display = client.diagnose_display()
    assert (display.address, display.status & 0x0F, display.controller) == (0x3C, 0x03, "auto")
    free = free_blocks(token.board.flash)
    flash = client.diagnose_flash()
    assert flash.wrote and flash.block_bytes == 4096 and flash.blocks == 352
    assert flash.free == free > flash.blocks // 2, "the firmware takes less than half of it"


def test_the_picture(token, client):
    def look():
        while not all(rows[y] == "#" * 128 for rows in [token.screen()] for y in (0, 63)):
            token.board.clock.after(0.05, lambda: None)  # it arrives from the top to the bottom
        seen.append(token.screen())
        token.press(0.1)

    seen = []
    looker = threading.Thread(target=look)
    looker.start()
    assert client.show_pattern(20_000)
    looker.join()
    edges = (seen[0][0], seen[0][63], *("".join(row[x] for row in seen[0]) for x in (0, 127)))
    assert all(edge == "#" * len(edge) for edge in edges)


@pytest.mark.parametrize(("fault", "least_ms", "most_ms"), [("ok", 0, 6), ("bounce", 50, 65)])
def test_the_bounce_of_the_button(token, client, fault, least_ms, most_ms):
    token.board.set_fault("button", fault)
    done = threading.Event()

    def press():
        while not done.is_set():
            token.press(0.12)
            token.board.clock.after(0.1, lambda: None)

    presser = threading.Thread(target=press)
    presser.start()
    reading = client.diagnose_button(3, 20_000)
    done.set()
    presser.join()
    token.board.set_fault("button", "ok")
    assert reading.presses == 3
    assert least_ms <= reading.bounce_us / 1000 <= most_ms
