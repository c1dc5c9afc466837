"""The states of the clock, and the error of one that cannot tell the time."""

OK = "ok"
NOT_SET = "not-set"  # the oscillator stopped, or the time is before the firmware was built
MOVED_BACK = "moved-back"  # a time that has certainly passed already
UNREADABLE = "unreadable"  # registers that hold no BCD date
MISSING = "missing"  # nothing answers on the bus

MESSAGES = {
    NOT_SET: "the clock is not set; run picototp synctime",
    MOVED_BACK: "the clock shows a time that is already past; run picototp synctime",
    UNREADABLE: "the clock holds no date; run picototp synctime",
    MISSING: "no clock answers on the bus; check the wires of the DS3231",
}


class ClockError(Exception):
    """The clock cannot tell the time. `state`: NOT_SET, MOVED_BACK, UNREADABLE, MISSING, or
    bad-time."""

    def __init__(self, state: str, message: str):
        super().__init__(message)
        self.state = state
        self.message = message
