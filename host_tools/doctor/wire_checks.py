"""What a builder has soldered: wires, clock module, display, button, coin cell."""

from host_tools.client.diagnosis import CLOCK_WATCH_MS, BusReading, DisplayReading
from host_tools.doctor.checks import Check, Result, not_done, ok, wrong
from host_tools.doctor.patient import RTC, Patient
from host_tools.doctor.wires import BUTTON, FOUR_WIRES, SCL, SDA, SUPPLY, named

OLD_FIRMWARE = "this firmware cannot look; update it: picototp install"
SEE_WIRES = "not before the wires are right"
NEEDS_HANDS = "nobody is at the board; run it in a terminal"
_MODULE_MEMORY = (0x57, 0x5F)
_OSF, _EOSC = 0x80, 0x80
_SH1106_STATUS = (0x00, 0x08)  # as the firmware's display driver tells them apart
_PRESSES, _PRESS_MS = 5, 25_000
_PATTERN_MS = 20_000
_DEBOUNCED_MS = 20  # what the firmware is made for
_LARGEST_DRIFT_PPB = 2_000  # of a DS3231SN
_M_ADVICE = (
    "it may drift 5 ppm, 13 s a month, but the token assumes 2; sync it every month, or replace it"
    " with a DS3231SN"
)


def wires(patient: Patient) -> Result:
    """SDA and SCL."""
    bus = patient.bus
    if bus is None:
        return not_done(OLD_FIRMWARE)
    for name, low, pin in (("SDA", bus.sda_low, SDA), ("SCL", bus.scl_low, SCL)):
        if low:
            return wrong(
                f"{name} is held low: its wire ({pin}) touches ground, or a module holds it; pull"
                " the modules off one by one until it is free"
            )
    if bus.swapped:
        return wrong(
            f"SDA and SCL are swapped: SDA of the modules belongs on {SDA}, and SCL on {SCL}"
        )
    if bus.sda_open and bus.scl_open:
        return wrong(f"no module is there; check the wires of both: {FOUR_WIRES}")
    for name, is_open, pin in (("SDA", bus.sda_open, SDA), ("SCL", bus.scl_open, SCL)):
        if is_open:
            return wrong(f"the {name} wire is open: it goes from {pin} to {name} of the modules")
    if not bus.found:
        return wrong(f"SDA and SCL are there, but no module answers; check VCC ({SUPPLY}) and GND")
    return ok(f"SDA and SCL; {', '.join(named(address) for address in bus.found)}")


def _are_right(bus: BusReading) -> bool:
    return bool(bus.found)


def _blocked(patient: Patient) -> Result | None:
    if patient.bus is None:
        return not_done(OLD_FIRMWARE)
    return None if _are_right(patient.bus) else not_done(SEE_WIRES)


def clock_chip(patient: Patient) -> Result:
    """Whether the RTC answers and runs."""
    if blocked := _blocked(patient):
        return blocked
    assert patient.bus is not None
    if RTC not in patient.bus.found:
        if any(address in patient.bus.found for address in _MODULE_MEMORY):
            return wrong(
                "the clock module's memory answers and its DS3231 does not: its wires are right;"
                " replace the module"
            )
        return wrong(f"the DS3231 does not answer; check the clock module's wires: {FOUR_WIRES}")
    reading = patient.clock
    if reading is None:
        return wrong(f"the DS3231 answers now and then; solder its wires again: {FOUR_WIRES}")
    if reading.seconds == 0:
        return wrong("the DS3231 stands still; replace the clock module")
    if reading.control & _EOSC:
        return wrong(
            "the DS3231 is told to stop without power; set the clock again: picototp synctime"
        )
    temperature = patient.status.clock.temperature_c
    warmth = "" if temperature is None else f", {temperature:.1f} °C"
    return ok(f"DS3231 at {named(RTC)} runs{warmth}")


def clock_variant(patient: Patient) -> Result:
    """DS3231SN or DS3231M: a guess."""
    if blocked := _blocked(patient):
        return blocked
    reading = patient.clock
    if reading is None:
        return not_done("no clock answers")
    drift_ppb, measured = patient.status.clock.drift_ppb, ""
    if reading.conversions >= 2:
        seconds = CLOCK_WATCH_MS / 1000
        return wrong(
            f"a DS3231M: it measured its temperature {reading.conversions} times in"
            f" {seconds:.1f} s; {_M_ADVICE}"
        )
    if drift_ppb is not None:
        measured = f", and drifts {drift_ppb / 1000:+.2f} ppm"
        if abs(drift_ppb) > _LARGEST_DRIFT_PPB:
            return wrong(
                f"it drifts {drift_ppb / 1000:+.2f} ppm, more than a DS3231SN may: perhaps a"
                " DS3231M, or a copy; trim it: picototp synctime --trim"
            )
    return ok(f"a DS3231SN, it seems: it measures its temperature rarely{measured}")


def display(patient: Patient) -> Result:
    """The display, and whether the picture on it is right."""
    if blocked := _blocked(patient):
        return blocked
    reading = patient.token.diagnose_display()
    if reading is None:
        return wrong(f"the display does not answer; check its wires: {FOUR_WIRES}")
    told = _controller(reading)
    used = told if reading.controller == "auto" else reading.controller
    if used != told:
        return wrong(
            f"the display answers as an {told.upper()}, and config.py says {used}; write "
            f'DISPLAY_CONTROLLER = "auto" there, and: picototp install'
        )
    found = f"{used.upper()} at 0x{reading.address:02x}"
    if patient.hands is None:
        return ok(f"{found}; its picture was not looked at: {NEEDS_HANDS}")
    patient.hands.asked_to("look at the display, and press the token's button when you have")
    if not patient.token.show_pattern(_PATTERN_MS):
        return wrong(f"the display stopped answering; solder its wires again: {FOUR_WIRES}")
    if patient.hands.sees("a frame along all four edges, a cross, and nothing beside them"):
        return ok(f"{found}, its picture is right")
    other = "ssd1306" if used == "sh1106" else "sh1106"
    return wrong(
        f"the display answers as an {used.upper()}, but its picture is wrong; it may be an "
        f'{other.upper()}: write DISPLAY_CONTROLLER = "{other}" in firmware/picototp/board/'
        "config.py, and: picototp install"
    )


def _controller(reading: DisplayReading) -> str:
    if reading.status is not None and reading.status & 0x0F in _SH1106_STATUS:
        return "sh1106"
    return "ssd1306"


def button(patient: Patient) -> Result:
    """The button and its bounce."""
    if not patient.can_diagnose:
        return not_done(OLD_FIRMWARE)
    rest = patient.token.diagnose_button(presses=1, patience_ms=1)
    if rest.down:
        return wrong(
            f"the button is closed though nobody presses it: it is stuck, or its wire ({BUTTON})"
            " touches ground; if it has four legs, turn it by a quarter"
        )
    if patient.hands is None:
        return ok(f"open at rest; presses were not counted: {NEEDS_HANDS}")
    patient.hands.asked_to(f"press the token's button {_PRESSES} times now, a second apart")
    reading = patient.token.diagnose_button(_PRESSES, _PRESS_MS)
    bounce_ms = reading.bounce_us / 1000
    if not reading.edges:
        return wrong(
            f"no press arrived; check the button's two wires, to {BUTTON}, and to ground; if it has"
            " four legs, turn it by a quarter"
        )
    if bounce_ms > _DEBOUNCED_MS:
        return wrong(
            f"the button bounces for {bounce_ms:.0f} ms, more than the {_DEBOUNCED_MS} ms that the"
            f" firmware expects; solder its wire ({BUTTON}) again, put 100 nF across it, or"
            " replace it"
        )
    if reading.presses < _PRESSES:
        return wrong(
            f"{reading.presses} of {_PRESSES} presses arrived; if you pressed that many times,"
            f" solder the button's wires again ({BUTTON}, and ground), or replace it"
        )
    return ok(f"{reading.presses} presses, bounces for {bounce_ms:.1f} ms")


def battery(patient: Patient) -> Result:
    """Whether the coin cell keeps the time."""
    state, was_set = patient.status.clock.state, patient.status.clock.set_unix_s
    flat = (
        "the clock lost its time without power: put a new coin cell into the clock module (CR2032;"
        " + up), then: picototp synctime"
    )
    if state == "missing" or (patient.bus is not None and RTC not in patient.bus.found):
        return not_done("no clock answers")
    if state == "not-set" and was_set:
        return wrong(flat)
    if state != "ok":
        return not_done("the clock is not set; run picototp synctime, then this check again")
    if patient.hands is None:
        return not_done(NEEDS_HANDS)
    patient.hands.asked_to("unplug the token, wait ten seconds, and plug it in again")
    patient.wait_for_power_cut()
    if patient.status.clock.state == "ok":
        return ok("the clock went on without power")
    return wrong(flat)


WIRE_CHECKS = (
    Check("wires", "reads SDA and SCL at rest and asks all addresses", wires),
    Check("clock chip", "looks whether the DS3231 answers and runs", clock_chip),
    Check("clock variant", "guesses DS3231SN or DS3231M from its habits", clock_variant),
    Check("display", "asks the display and shows a test picture", display),
    Check("button", "reads the button and counts presses and their bounce", button),
    Check("coin cell", "looks whether the clock outlives a power cut", battery),
)
