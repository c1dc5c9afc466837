"""What a computer makes of a keyboard on its USB port: its report descriptor, its reports as text,
and the lights that it sets.

Both engines feed it. It knows no bus: `described` and `reported` answer the lights that are to be
sent to the keyboard, or None.
"""

from dataclasses import dataclass, field

# Device class definition for HID 1.11, 6.2.2: tags of items, with their type
_INPUT, _OUTPUT, _COLLECTION, _END = 0x80, 0x90, 0xA0, 0xC0
_USAGE_PAGE, _LOGICAL_MINIMUM, _LOGICAL_MAXIMUM = 0x04, 0x14, 0x24
_REPORT_SIZE, _REPORT_ID, _REPORT_COUNT = 0x74, 0x84, 0x94
_USAGE, _USAGE_MINIMUM, _USAGE_MAXIMUM = 0x08, 0x18, 0x28
_CONSTANT, _VARIABLE = 1, 2

# HID Usage Tables 1.12, chapters 10 and 11
_KEYS, _LEDS = 0x07, 0x08
_NUM_LOCK_LIGHT = 0x01
_ERROR_ROLL_OVER = 0x01
_NUM_LOCK, _CAPS_LOCK = 0x53, 0x39
_SHIFTS = (0xE1, 0xE5)
_KEYPAD_DIGITS = {0x59 + i: c for i, c in enumerate("1234567890")}
_CURSOR_KEYS = (
    *("End", "Down", "PageDown", "Left", "Begin", "Right", "Home", "Up", "PageUp", "Insert"),
)
_KEYPAD_OFF = {0x59 + i: f"<{name}>" for i, name in enumerate(_CURSOR_KEYS)}
_PLAIN = {0x28: "\n", 0x58: "\n", 0x2B: "\t", 0x2C: " "}
_ROW = {0x1E + i: c for i, c in enumerate("1234567890")}
_LETTERS = {0x04 + i: c for i, c in enumerate("abcdefghijklmnopqrstuvwxyz")}


class DescriptorError(ValueError):
    """A report descriptor that a computer cannot read."""


@dataclass(frozen=True)
class Field:
    """A main item of a report: `count` values of `size` bits from bit `at` on."""

    at: int
    size: int
    count: int
    page: int
    usages: tuple[int, ...]
    minimum: int
    variable: bool


@dataclass
class Reports:
    """What a report descriptor says of the keys and of the lights."""

    keys: list[Field] = field(default_factory=list)
    lights: list[Field] = field(default_factory=list)
    input_bits: int = 0
    output_bits: int = 0


def read_descriptor(descriptor: bytes) -> Reports:
    """Keys and lights of a keyboard without report numbers; DescriptorError for anything else."""
    reports = Reports()
    globals_: dict[int, int] = {}
    usages: list[int] = []
    limits: dict[int, int] = {}
    depth = at = 0
    while at < len(descriptor):
        prefix = descriptor[at]
        size = (0, 1, 2, 4)[prefix & 3]
        data = descriptor[at + 1 : at + 1 + size]
        if len(data) < size:
            raise DescriptorError("the last item is cut off")
        value = int.from_bytes(data, "little")
        tag = prefix & 0xFC
        at += 1 + size
        if tag == _REPORT_ID:
            raise DescriptorError("report numbers are not for a keyboard of this kind")
        if tag & 0x0C == 0x04:
            globals_[tag] = value
        elif tag == _USAGE:
            usages.append(value)
        elif tag in (_USAGE_MINIMUM, _USAGE_MAXIMUM):
            limits[tag] = value
            if len(limits) == 2:
                usages += range(limits[_USAGE_MINIMUM], limits[_USAGE_MAXIMUM] + 1)
                limits = {}
        elif tag & 0x0C == 0:
            depth += {_COLLECTION: 1, _END: -1}.get(tag, 0)
            _add(reports, tag, value, globals_, tuple(usages))
            usages, limits = [], {}
    if depth:
        raise DescriptorError("a collection is not closed")
    return reports


def _add(
    reports: Reports, tag: int, flags: int, globals_: dict[int, int], usages: tuple[int, ...]
) -> None:
    if tag not in (_INPUT, _OUTPUT):
        return
    try:
        size, count, page = (globals_[one] for one in (_REPORT_SIZE, _REPORT_COUNT, _USAGE_PAGE))
    except KeyError:
        raise DescriptorError("a field without size, count or usage page") from None
    at = reports.input_bits if tag == _INPUT else reports.output_bits
    if not flags & _CONSTANT:
        minimum = globals_.get(_LOGICAL_MINIMUM, 0)
        one = Field(at, size, count, page, usages, minimum, bool(flags & _VARIABLE))
        (reports.keys if tag == _INPUT else reports.lights).append(one)
    if tag == _INPUT:
        reports.input_bits += size * count
    else:
        reports.output_bits += size * count


class KeyboardHost:
    """A computer. `num_lock` is its own state, whichever keyboard changes it, and `obeys_num_lock`
    whether that key does. `attached`: the data lines of its cable are; `polls`: it asks for keys.
    `descriptors`: the device's and its configuration's, as an engine with a bus read them last.
    """

    def __init__(self) -> None:
        self.num_lock = True
        self.caps_lock = False
        self.obeys_num_lock = True
        self.attached = True
        self.polls = True
        self.descriptors = b""
        self._reports: Reports | None = None
        self._down: set[int] = set()
        self._typed: list[str] = []
        self.held: list[tuple[int, ...]] = []  # each report's keys, for those who look closely

    @property
    def enumerated(self) -> bool:
        """Whether there is a keyboard that it understands."""
        return self._reports is not None

    @property
    def has_typed(self) -> bool:
        """Whether there is text to take."""
        return bool(self._typed)

    def take_typed(self) -> str:
        """The text since the last call; a key that gives no character is shown as "<Name>"."""
        text = "".join(self._typed)
        self._typed = []
        return text

    @property
    def lights(self) -> int | None:
        """What to send to the keyboard as its output report of one byte; None without one."""
        if self._reports is None:
            return None
        value = 0
        for one in self._reports.lights:
            on = [use == _NUM_LOCK_LIGHT and self.num_lock for use in one.usages]
            for index, lit in enumerate(on):
                value |= int(one.page == _LEDS and lit) << one.at + index * one.size
        return value

    @property
    def keys_down(self) -> frozenset[int]:
        """The usages of the keys that are down."""
        return frozenset(self._down)

    # --- what the keyboard does ---------------------------------------------------------------

    def described(self, descriptor: bytes) -> int | None:
        """A keyboard was found, with that report descriptor: the lights to set."""
        self.lost()
        try:
            self._reports = read_descriptor(descriptor)
        except DescriptorError:
            return None
        return self.lights

    def lost(self) -> None:
        """There is no keyboard any more; none of its keys is down."""
        self._reports = None
        self._down = set()

    def reported(self, report: bytes) -> int | None:
        """The keys that are down now: the lights to set, if they have changed."""
        if self._reports is None or len(report) * 8 != self._reports.input_bits:
            return None
        before = self.lights
        down = _keys_in(self._reports, report)
        self.held.append(tuple(sorted(down)))
        for usage in sorted(down - self._down):
            self._press(usage, down)
        self._down = down
        return self.lights if self.lights != before else None

    def _press(self, usage: int, down: set[int]) -> None:
        if usage == _NUM_LOCK:
            if self.obeys_num_lock:
                self.num_lock = not self.num_lock
        elif usage == _CAPS_LOCK:
            self.caps_lock = not self.caps_lock
        elif usage in _KEYPAD_DIGITS:
            keypad = _KEYPAD_DIGITS if self.num_lock else _KEYPAD_OFF
            self._typed.append(keypad[usage])
        elif usage in _LETTERS:
            upper = any(shift in down for shift in _SHIFTS) != self.caps_lock
            self._typed.append(_LETTERS[usage].upper() if upper else _LETTERS[usage])
        elif usage in _ROW or usage in _PLAIN:
            self._typed.append(_ROW.get(usage) or _PLAIN[usage])
        elif usage not in _SHIFTS:
            self._typed.append(f"<{usage:02X}>")


def _keys_in(reports: Reports, report: bytes) -> set[int]:
    bits = int.from_bytes(report, "little")
    down = set()
    for one in reports.keys:
        if one.page != _KEYS:
            continue
        for index in range(one.count):
            value = bits >> (one.at + index * one.size) & ((1 << one.size) - 1)
            if one.variable:
                if value:
                    down.add(one.usages[index])
            elif value >= one.minimum:
                down.add(one.usages[value - one.minimum])
    return down - {0, _ERROR_ROLL_OVER}
