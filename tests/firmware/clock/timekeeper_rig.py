"""Benches for the tests of the timekeeper, and what can happen to their RTC."""

from picototp.clock.states import OK, ClockError
from workbench import BUILT_UNIX_S, Bench

SETTLED_S = 4  # one second to narrow down, one for the burst, and some room
NOTICED_S = 1.05  # a look every second, and a turn of the main loop


def settled(**options):
    bench = Bench(**options)
    bench.run(SETTLED_S)
    assert bench.keeper.rollovers_seen
    return bench


def asked(bench):
    """The state that somebody who asks for the time gets told."""
    try:
        bench.keeper.unix_us(bench.monotonic.now_us())
    except ClockError as error:
        assert error.state == bench.keeper.state
        assert error.message
        return error.state
    return OK


def unset(bench):
    bench.chip.osf = True


def unreadable(bench):
    bench.set_registers(1, 0x1B)


def unplugged(bench):
    bench.bus.set_fault("ds3231", "nack")


def before_the_firmware(bench):
    bench.chip.set_unix_ns((BUILT_UNIX_S - 2) * 10**9)
