"""The virtual token's hardware: the device models on their bus, and what survives a power cut.

Engines bring the processor that runs the firmware; this is everything around it. With a state
folder, flash and RTC outlive the program: the flash is written through at every operation, the RTC
at every change, so that SIGKILL is a power cut and the RTC runs on as if on its coin cell.
"""

import fcntl
import json
import os
import secrets
import threading
import time
from collections.abc import Callable
from pathlib import Path

from host_tools.errors import ToolError
from host_tools.pico.flash_layout import FILE_SYSTEM_SIZE, SECTOR_SIZE
from host_tools.simulator.clock import NS_PER_S, SimClock, seconds_to_ns
from host_tools.simulator.devices.at24c32 import AT24C32
from host_tools.simulator.devices.button import FAULTS as BUTTON_FAULTS
from host_tools.simulator.devices.button import Button
from host_tools.simulator.devices.ds3231 import DS3231
from host_tools.simulator.devices.flash import Flash
from host_tools.simulator.devices.i2c import WIRE_FAULTS, I2CBus
from host_tools.simulator.devices.keyboard_host import KeyboardHost
from host_tools.simulator.devices.oled import Oled
from host_tools.simulator.devices.sh1106 import SH1106
from host_tools.simulator.devices.ssd1306 import SSD1306

DISPLAYS: dict[str, type[Oled]] = {"ssd1306": SSD1306, "sh1106": SH1106}

# "nack" unplugs a module. "dead": the chip alone is silent, its module is not. "m" is a DS3231M.
# "misread": a controller that answers as the other one would.
FAULTS = {
    "bus": WIRE_FAULTS,
    "button": BUTTON_FAULTS,
    "cell": ("ok", "flat"),
    "ds3231": ("ok", "nack", "dead", "m"),
    "ssd1306": ("ok", "nack", "misread"),  # so docs/simulator.md names either controller
    # Of the computer at the cable. "unplugged": its data lines only, the token keeps its power.
    # "silent": it does not ask the keyboard for keys. "no-num-lock": that key does nothing there.
    "usb": ("ok", "unplugged", "silent", "no-num-lock"),
}

VBUS_PIN = 24  # of a Pico, through two resistors: its data sheet, "GPIO24"

_STEP_NS = 50_000_000
_STEP_PATIENCE_S = 0.5  # then no firmware runs, or it is hung
_LONGEST_HOLD_S = 1.5  # a finger that was followed for so long has long said what it wants


class VirtualBoard:
    """The models. Whoever uses them from another thread than the engine's holds `lock`."""

    def __init__(
        self,
        state: Path | None = None,
        *,
        rtc_ppm: float = 0.0,
        rtc_set: bool = True,
        has_rtc: bool = True,
        display: str | None = "ssd1306",
    ):
        self.lock = threading.RLock()
        self.clock = SimClock()
        self.bus = I2CBus()
        self.button = Button(self.clock)
        self.keyboard_host = KeyboardHost()
        self.on_computer: Callable[[], None] = lambda: None  # it is something else now
        self.usb_plugged = True  # whether a host feeds it; else a battery does
        self._state = state
        if state is not None:
            self._lock_folder(state)
        self.flash = Flash(state / "flash.bin" if state else None, FILE_SYSTEM_SIZE // SECTOR_SIZE)
        self.unique_id = self._load_id()
        self.rtc = self._make_rtc(rtc_ppm, rtc_set) if has_rtc else None
        if has_rtc:
            self.bus.attach(AT24C32())  # on the same module
        if state is not None:
            self._save_rtc()
        self.display = DISPLAYS[display]() if display else None
        if self.display is not None:
            self.bus.attach(self.display, "ssd1306")  # either controller

    def _lock_folder(self, state: Path) -> None:
        """Keep a second simulator from using the same flash."""
        try:
            state.mkdir(parents=True, exist_ok=True)
            self._lock_file = os.open(state / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise ToolError(f"the state cannot be kept in {state}: {error.strerror}") from error
        try:
            fcntl.flock(self._lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ToolError(
                f"another simulator uses {state}; stop it or give another --state"
            ) from error

    @property
    def number(self) -> str:
        """The number of the chip, as its firmware tells it."""
        return self.unique_id.hex()

    @property
    def is_kept(self) -> bool:
        """Whether a state folder keeps this board for another run."""
        return self._state is not None

    def _load_id(self) -> bytes:
        if self._state is None:
            return secrets.token_bytes(8)
        path = self._state / "unique_id"
        if not path.exists():
            _write_whole(path, secrets.token_bytes(8))
        return path.read_bytes()

    # --- the RTC and its coin cell -----------------------------------------------------------

    def _make_rtc(self, ppm: float, is_set: bool) -> DS3231:
        rtc = DS3231(self.clock)
        saved = self._state / "rtc.json" if self._state else None
        if saved is not None and saved.exists():
            stored = json.loads(saved.read_text())
            rtc.restore(stored["rtc"], max(0, time.time_ns() - stored["wall_ns"]))
            if not is_set:
                rtc.lose_power()
        elif is_set:
            rtc.set_unix_ns(time.time_ns())
        if ppm:
            rtc.ppm = ppm
        self._rtc_file = saved
        rtc.on_change = self._save_rtc
        self.bus.attach(rtc, "ds3231")
        return rtc

    def _save_rtc(self) -> None:
        with self.lock:
            if self.rtc is not None and self._rtc_file is not None:
                late_ns = self.clock.host_ns() - self.clock.now_ns()  # an emulated chip may be
                stored = {"wall_ns": time.time_ns() - late_ns, "rtc": self.rtc.snapshot()}
                _write_whole(self._rtc_file, json.dumps(stored).encode())

    # --- what happens to the whole board -----------------------------------------------------

    def elapse(self, seconds: float) -> None:
        """Let time pass for everything at once, without anybody waiting. While a finger is on the
        button, in steps that the firmware can follow: what it did not see held is no hold."""
        # All without the lock: an emulated chip may need it meanwhile.
        if self.button.down and self.button.is_polled:
            self._elapse_in_steps(seconds)
        else:
            self.clock.elapse(seconds)
        with self.lock:
            if self.rtc is not None and self._state is not None:
                self._save_rtc()

    def _elapse_in_steps(self, seconds: float) -> None:
        until_ns = self.clock.now_ns() + seconds_to_ns(seconds)
        followed = True
        while (left_ns := until_ns - self.clock.now_ns()) > 0:
            followed = followed and self.button.followed_s() < _LONGEST_HOLD_S
            self.clock.elapse((min(left_ns, _STEP_NS) if followed else left_ns) / NS_PER_S)
            followed = followed and self.button.wait_for_looks(2, _STEP_PATIENCE_S)

    def set_fault(self, device: str, kind: str) -> None:
        """Break a part, or mend it ("ok"): FAULTS has what may happen to which. ToolError for
        anything else."""
        kinds = FAULTS.get(device)
        if kinds is None:
            raise ToolError(f"no device named {device!r}; there are: {', '.join(FAULTS)}")
        if kind not in kinds:
            raise ToolError(f"unknown fault {kind!r} of {device}, expected: {', '.join(kinds)}")
        with self.lock:
            if device == "button":
                self.button.set_fault(kind)
            elif device == "usb":
                self._set_computer_fault(kind)
            elif device == "bus":
                self.bus.set_fault(device, kind)
            elif device in ("ds3231", "cell"):
                self._set_clock_fault(device, kind)
            else:
                self._set_display_fault(kind)

    def _set_clock_fault(self, device: str, kind: str) -> None:
        if self.rtc is None:
            raise ToolError("this token has no RTC")
        if device == "cell":
            self.rtc.flat_cell = kind == "flat"
            return
        self.bus.set_fault("ds3231", "ok" if kind == "m" else "nack" if kind == "dead" else kind)
        self.bus.set_fault("at24c32", "nack" if kind == "nack" else "ok")  # on the same module
        self.rtc.be_a_ds3231m(kind == "m")

    def plug_usb(self, plugged: bool) -> None:
        """Put the USB cable in, or pull it out: a battery feeds the token then."""
        with self.lock:
            self.usb_plugged = plugged
            self._set_computer_fault("ok" if plugged else "unplugged")

    def set_num_lock(self, on: bool) -> None:
        """Press Num Lock on another keyboard of the computer until it is so."""
        with self.lock:
            self.keyboard_host.num_lock = on
            self.on_computer()

    def _set_computer_fault(self, kind: str) -> None:
        computer = self.keyboard_host
        computer.attached = kind != "unplugged"
        computer.polls = kind not in ("unplugged", "silent")
        computer.obeys_num_lock = kind != "no-num-lock"
        if not computer.attached:
            computer.lost()
        self.on_computer()

    def _set_display_fault(self, kind: str) -> None:
        if self.display is None:
            raise ToolError("this token has no display")
        self.bus.set_fault("ssd1306", "nack" if kind == "nack" else "ok")
        self.display.misread = kind == "misread"

    def power_off(self) -> None:
        """The supply is cut: the display forgets, the RTC goes on on its cell."""
        with self.lock:
            self.keyboard_host.lost()
            if self.display is not None:
                self.display.power_off()
            if self.rtc is not None:
                self.rtc.set_vcc(False)

    def power_on(self) -> None:
        """The supply is back."""
        with self.lock:
            self.flash.power_on()
            if self.rtc is not None:
                self.rtc.set_vcc(True)

    def close(self) -> None:
        """Give the files back."""
        with self.lock:
            if self._state is not None:
                self._save_rtc()
            self.flash.close()
            if self._state is not None:
                os.close(self._lock_file)


def _write_whole(path: Path, data: bytes) -> None:
    """Replace a file so that a SIGKILL leaves the old content or the new."""
    new = path.with_suffix(".new")
    new.write_bytes(data)
    new.replace(path)
