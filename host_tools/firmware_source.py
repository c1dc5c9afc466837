"""Where the firmware's own files are, and those of the driver that it imports."""

from importlib.util import find_spec
from pathlib import Path

import picototp
from host_tools.errors import ToolError

FIRMWARE_FOLDER = Path(picototp.__file__).parent.parent
# The Adafruit driver of the RTC, and the two packages that it needs.
DRIVERS = ("adafruit_ds3231", "adafruit_register", "adafruit_bus_device")


def driver_source(name: str) -> Path:
    """The file of a driver that is a module, the folder of one that is a package."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise ToolError(f"the package of {name} is missing; run: make install")
    origin = Path(spec.origin)
    return origin.parent if origin.name == "__init__.py" else origin
