"""The table of `picototp bench`: what each figure is, its limit, and what others reach.

Where others are named, that was measured on the same emulator, or computed where it says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

NOTE = (
    "Emulated at 125 MHz, without the wait states of a Pico's flash: times are lower bounds. "
    "Most repeat exactly; the worst press was seen to differ from run to run."
)
VAULT_NOTE = (
    "Vault: erasing a sector of the flash takes 45 ms and programming a page 0.4 ms, as the data "
    "sheet of a Pico's W25Q16JV has for typical; its longest are 400 and 3 ms. These figures "
    "were seen to differ by up to 2 % from run to run."
)
RATIO_NOTE = "Ratios are of one run on this computer's MicroPython, and vary by some per cent."

CODES, DISPLAY, BUTTON = "Codes", "Display", "Button"
START, VAULT, INSTALL, IMPORTS = "Start", "Vault", "Installation", "Imports"
RATIOS = "Beside hashlib on this computer"


@dataclass(frozen=True)
class Spec:
    """What a figure is. `limit` is the most that it may be, or, `at_least`, the least."""

    group: str
    what: str
    unit: str
    limit: float | None = None
    at_least: bool = False
    others: str = ""


SPECS = {
    "sha1.routine": Spec(
        CODES,
        "SHA-1 compression, the routine itself",
        "us",
        22,
        others="33.1 C -O2; 24.1 mbedtls; 22.3 C -O3 unrolled",
    ),
    "sha1.call": Spec(
        CODES,
        "the same called from Python, an empty call taken off",
        "us",
        32,
        others="18,000 bytecode; 160 viper; 31 C module",
    ),
    "call.empty": Spec(CODES, "that empty call", "us"),
    "code.sha1.raw": Spec(
        CODES,
        "SHA-1 code from the raw 20-byte secret, slowest of 20",
        "us",
        300,
        others="101,700 a published Pico project",
    ),
    "code.sha1.kept": Spec(CODES, "SHA-1 code, the key's midstates kept, slowest of 20", "us", 200),
    "code.sha1.hashlib": Spec(
        CODES,
        "for comparison: hashlib's C SHA-1, HMAC in Python, fastest",
        "us",
        others="1,700 at best",
    ),
    "code.sha256.raw": Spec(
        CODES, "SHA-256 code from the raw 32-byte secret, slowest of 20", "us", 400
    ),
    "code.sha256.kept": Spec(CODES, "SHA-256 code, midstates kept, slowest of 20", "us", 250),
    "code.sha512.raw": Spec(
        CODES, "SHA-512 code from the raw 64-byte secret, slowest of 20", "us", 1_300
    ),
    "code.sha512.kept": Spec(CODES, "SHA-512 code, midstates kept, slowest of 20", "us", 800),
    "pbkdf2": Spec(
        CODES,
        "PBKDF2-HMAC-SHA-1, iterations a second",
        "1/s",
        20_000,
        at_least=True,
        others="600 hashlib; 25,000 compressions of 20 us alone",
    ),
    "display.whole": Spec(DISPLAY, "whole picture", "ms"),
    "display.whole.bus": Spec(DISPLAY, "whole picture, I2C bus", "ms"),
    "display.smallest": Spec(DISPLAY, "one pixel", "ms"),
    "display.smallest.bus": Spec(DISPLAY, "one pixel, I2C bus", "ms"),
    "second.time": Spec(DISPLAY, "code screen, a second's update", "ms"),
    "second.bus": Spec(
        DISPLAY, "code screen, a second's update, I2C bus", "ms", 3, others="24 whole picture"
    ),
    "second.next": Spec(DISPLAY, "the second in which the next code appears, I2C bus", "ms"),
    "second.new": Spec(DISPLAY, "the second in which the code changes, I2C bus", "ms"),
    "press.worst": Spec(BUTTON, "edge to finished code, dark before: worst press", "ms", 40),
    "press.best": Spec(BUTTON, "best of eleven presses, at different moments", "ms"),
    "typing.last": Spec(
        BUTTON, "typing, Num Lock off, then Enter: end of the hold to the last key", "ms", 250
    ),
    "start.ready": Spec(START, "power-up to ready, 255 accounts", "s", 0.8),
    "heap.free": Spec(
        START,
        "free heap after start, 255 accounts",
        "KB",
        95,
        at_least=True,
        others="236 without firmware",
    ),
    "typing.heap": Spec(START, "heap that typing takes while it is on", "KB", 10),
    "vault.unlock": Spec(
        VAULT, "first unlock after power-up, 255 accounts: request to answer", "s", 1.5
    ),
    "vault.lock": Spec(
        VAULT, "locking, 255 accounts: request to all memory overwritten", "ms", 300
    ),
    "vault.rounds": Spec(
        VAULT, "PBKDF2-HMAC-SHA-1 in the key record", "rounds", 20_000, at_least=True
    ),
    "vault.load": Spec(VAULT, "loading 255 encrypted accounts", "s", 1),
    "vault.add": Spec(VAULT, "adding an account to 254: yes to answer", "s", 1.5),
    "batch.send": Spec(VAULT, "100 accounts at once, to an empty token: until the question", "s"),
    "batch.yes": Spec(VAULT, "the same: yes to answer", "s"),
    "batch.done": Spec(VAULT, "the same: yes to the last account's proof", "s", 12),
    # What loads late must not be felt. A question compares an account's name with all others.
    "first.list": Spec(VAULT, "first list after a start: request to answer", "ms", 65),
    "first.add": Spec(VAULT, "first add after a start, to 254: request to question", "ms", 290),
    "vault.set_pin": Spec(VAULT, "setting a PIN: yes to answer", "s"),
    "install.operations": Spec(
        INSTALL,
        "onto a blank board: sectors erased and pages programmed",
        "operations",
        others="916 in 101 files",
    ),
    "install.update": Spec(
        INSTALL,
        "new firmware onto a token: yes to ready",
        "s",
        others="6.46 one of 138 files",
    ),
    "import.all": Spec(IMPORTS, "all that the firmware loads", "ms"),
    "ratio.plain": Spec(RATIOS, "SHA-1 compression, plain Python / hashlib", "x"),
    "ratio.viper": Spec(RATIOS, "SHA-1 compression, viper / hashlib", "x"),
    "ratio.raw": Spec(RATIOS, "code from the raw secret / by hashlib", "x"),
    "ratio.kept": Spec(RATIOS, "code, midstates kept / by hashlib", "x"),
}
IMPORT_PREFIX = "import."


@dataclass(frozen=True)
class Row:
    """A figure and what it is."""

    key: str
    spec: Spec
    value: float

    @property
    def ok(self) -> bool | None:
        """Whether it keeps its limit; None without one."""
        limit = self.spec.limit
        if limit is None:
            return None
        return self.value >= limit if self.spec.at_least else self.value <= limit

    def cells(self) -> tuple[str, ...]:
        """What, figure, limit, verdict, others: as text."""
        spec = self.spec
        limit = ""
        if spec.limit is not None:
            limit = f"{'at least' if spec.at_least else 'at most'} {spec.limit:,g}"
        verdict = {None: "", True: "ok", False: "MISSED"}[self.ok]
        return spec.what, f"{in_words(self.value)} {spec.unit}", limit, verdict, spec.others

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        spec = self.spec
        return {
            "key": self.key,
            "group": spec.group,
            "what": spec.what,
            "value": self.value,
            "unit": spec.unit,
            "limit": spec.limit,
            "limit_is": None if spec.limit is None else ("least" if spec.at_least else "most"),
            "ok": self.ok,
            "others": spec.others,
        }


HEADINGS = ("What", "Measured", "Limit", "", "Others")


def rows(figures: Mapping[str, float]) -> list[Row]:
    """In the order of the table. KeyError for a figure that nothing here describes."""
    order = list(SPECS)
    at_imports = order.index("import.all")
    found = [
        Row(key, _import_spec(key) if key.startswith(IMPORT_PREFIX) else SPECS[key], value)
        for key, value in figures.items()
    ]
    return sorted(
        found, key=lambda row: order.index(row.key) if row.key in SPECS else at_imports + 0.5
    )


def _import_spec(key: str) -> Spec:
    return SPECS.get(key) or Spec(IMPORTS, f"of that: {key.removeprefix(IMPORT_PREFIX)}", "ms")


def in_words(value: float) -> str:
    """Three digits, or all those before the point."""
    decimals = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{decimals}f}"


def grouped(table: Sequence[Row]) -> dict[str, list[Row]]:
    """The rows by group, in their order."""
    groups: dict[str, list[Row]] = {}
    for row in table:
        groups.setdefault(row.spec.group, []).append(row)
    return groups


def notes(table: Sequence[Row]) -> list[str]:
    """What to know about these figures, and which of them miss their limit."""
    groups = set(grouped(table))
    lines = [NOTE] if groups - {RATIOS} else []
    lines += [VAULT_NOTE] if VAULT in groups else []
    lines += [RATIO_NOTE] if RATIOS in groups else []
    missed = [row for row in table if row.ok is False]
    if missed:
        names = "; ".join(row.spec.what for row in missed)
        lines.append(
            f"{len(missed)} of {sum(row.ok is not None for row in table)} limits missed: {names}."
        )
    elif any(row.ok for row in table):
        lines.append("All limits are met.")
    return lines


def markdown(table: Sequence[Row]) -> str:
    """The table for a document."""
    lines = [f"| {' | '.join(HEADINGS)} |", "|" + " --- |" * len(HEADINGS)]
    for group, members in grouped(table).items():
        lines.append(f"| **{group}** |" + " |" * (len(HEADINGS) - 1))
        lines += [f"| {' | '.join(row.cells())} |" for row in members]
    return "\n".join([*lines, "", *notes(table)])
