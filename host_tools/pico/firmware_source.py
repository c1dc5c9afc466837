"""Where the firmware's own files are, and those of the driver that it imports."""

from importlib.util import find_spec
from pathlib import Path

import picototp
from host_tools.errors import ToolError

FIRMWARE_FOLDER = Path(picototp.__file__).parent.parent
# The Adafruit driver of the RTC, and the two packages that it needs.
DRIVERS = ("adafruit_ds3231", "adafruit_register", "adafruit_bus_device")
# What the firmware imports of them, itself or through each other; the rest of the two packages
# would only make the folders longer that a token reads at every start.
DRIVER_FILES = (
    "adafruit_ds3231.py",
    "adafruit_bus_device/__init__.py",
    "adafruit_bus_device/i2c_device.py",
    "adafruit_register/__init__.py",
    "adafruit_register/i2c_bcd_alarm.py",
    "adafruit_register/i2c_bcd_datetime.py",
    "adafruit_register/i2c_bit.py",
    "adafruit_register/i2c_bits.py",
)


def driver_files() -> dict[str, Path]:
    """The files of DRIVER_FILES, by these names. ToolError if a package is missing."""
    folders = {name: driver_source(name).parent for name in DRIVERS}
    return {
        name: folders[name.partition("/")[0].removesuffix(".py")] / name for name in DRIVER_FILES
    }


def driver_source(name: str) -> Path:
    """The file of a driver that is a module, the folder of one that is a package."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise ToolError(f"the package of {name} is missing; run: make install")
    origin = Path(spec.origin)
    return origin.parent if origin.name == "__init__.py" else origin
