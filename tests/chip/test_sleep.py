"""A token on a battery: the firmware sleeps in the dark, on an emulated chip in its own time.

What this cannot show is silicon: that the clocks come back as the emulator's do, and that a host
finds the USB device again.
"""

import pytest

from hardware import power
from host_tools.benchmark import unix_micropython
from host_tools.benchmark.emulated_pico import EmulatedPico
from host_tools.benchmark.running_token import RunningToken
from host_tools.pico.board_files import collect
from host_tools.simulator.clock import NS_PER_S
from host_tools.simulator.digits import read_code
from judges import needs_code_judge, totp
from pico_image import as_pico

pytestmark = pytest.mark.chip

KEY = b"12345678901234567890"  # of the accounts of vault_files
NS_PER_MS = 1_000_000
SETTLED_S = 8  # after the start: the clock is found, and there was nothing to clean for 3 s
DARK_S, QUIET_S = 31, 5  # after a press
LIMIT_MS = 40 + 40  # from a press to its code, as on a token that waits; and a slice at worst
ENUMERATED_S = 1


@pytest.fixture(scope="module")
def pico(image, tmp_path_factory):
    """A token with three accounts that is on a battery from the beginning. It fails if the
    watchdog bites."""
    files = {**collect(), **unix_micropython.vault_files(3)}
    with EmulatedPico(as_pico(image), files, tmp_path_factory.mktemp("flash")) as pico:
        serving = []
        pico.on_serving = lambda: serving.append(True)
        pico.plug_usb(False)
        pico.run_until(lambda: serving, "main loop")
        pico.run_for(SETTLED_S * NS_PER_S)
        yield pico


def share_asleep(pico, seconds):
    before_ns = pico.chip.slept_ns
    pico.run_for(seconds * NS_PER_S)
    return (pico.chip.slept_ns - before_ns) / (seconds * NS_PER_S)


def press(pico):
    """Click, and let it go dark and asleep again; milliseconds until the code was there."""
    display = pico.board.display
    assert not display.on
    began_ns = pico.chip.now_ns
    code = totp(KEY, pico.unix_ns() // NS_PER_S)
    pico.press(True)
    pico.run_until(lambda: display.on and read_code(display.rows()) == code, "right code")
    took_ms = (pico.chip.now_ns - began_ns) / NS_PER_MS
    pico.run_for(80 * NS_PER_MS)
    pico.press(False)
    pico.run_for(NS_PER_S)
    pico.skip(DARK_S * NS_PER_S)
    pico.run_for(QUIET_S * NS_PER_S)
    return took_ms


@pytest.mark.thorough
def test_ten_minutes_in_the_dark_are_slept_and_the_watchdog_does_not_bite(pico):
    share = share_asleep(pico, 600)
    print(f"asleep for {share:.1%} of ten minutes")
    assert share >= power.SHARE_ASLEEP > 0.9


@needs_code_judge
@pytest.mark.parametrize("into_slice_ms", [0, 7, 15, 23, 31, 39])
def test_the_press_that_wakes_it_brings_the_code(pico, into_slice_ms):
    """The pin's interrupt ends most slices; one that goes on is over in time."""
    into_period_ns = pico.unix_ns() % (30 * NS_PER_S)
    if into_period_ns > 28 * NS_PER_S:
        pico.run_for(3 * NS_PER_S)
    pico.run_for(into_slice_ms * NS_PER_MS)
    took_ms = press(pico)
    print(f"{into_slice_ms} ms later: {took_ms:.1f} ms")
    assert took_ms < LIMIT_MS
    assert share_asleep(pico, 2) > 0.9


def test_a_lit_token_is_awake(pico):
    pico.press(True)
    pico.run_for(200 * NS_PER_MS)
    pico.press(False)
    assert share_asleep(pico, 2) == 0
    pico.skip(DARK_S * NS_PER_S)
    pico.run_for(QUIET_S * NS_PER_S)


def test_where_a_host_is_nothing_sleeps_and_the_port_serves(pico):
    assert share_asleep(pico, 1) > 0.9
    for _ in range(2):
        pico.plug_usb(True)
        pico.run_for(ENUMERATED_S * NS_PER_S)
        assert share_asleep(pico, 2) == 0
        token = RunningToken(pico)
        token.client.hello()
        assert token.client.status().accounts == 3
        clock = token.client.time(fresh=True)
        assert clock.state == "ok"
        pico.plug_usb(False)
        pico.run_for(QUIET_S * NS_PER_S)
        assert share_asleep(pico, 2) > 0.9  # though the USB stack believes it is still plugged in
