"""Where the firmware's own files are, and those of the driver that it imports.

In a clone they lie in the tree and in the environment. A wheel brings them along in `bundle`
(setup.py): boot.py, main.py, lib/ with the driver, and licences/.
"""

from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

import picototp
from host_tools.errors import ToolError

PACKAGE_FOLDER = Path(picototp.__file__).parent
STARTERS = ("boot.py", "main.py")  # what MicroPython runs by name
_BUNDLE = Path(__file__).parent / "bundle"
# The Adafruit driver of the RTC, and the two packages that it needs.
DRIVERS = ("adafruit_ds3231", "adafruit_register", "adafruit_bus_device")
DRIVER_PACKAGES = (
    "adafruit-circuitpython-ds3231",
    "adafruit-circuitpython-register",
    "adafruit-circuitpython-busdevice",
)
# What the firmware imports of them, itself or through each other, but for one that has a stand-in
# (firmware_build.py).
DRIVER_FILES = (
    "adafruit_ds3231.py",
    "adafruit_bus_device/__init__.py",
    "adafruit_bus_device/i2c_device.py",
    "adafruit_register/__init__.py",
    "adafruit_register/i2c_bcd_datetime.py",
    "adafruit_register/i2c_bit.py",
    "adafruit_register/i2c_bits.py",
)


def starter(name: str) -> Path:
    """The file of boot.py or main.py."""
    bundled = _BUNDLE / name
    return bundled if bundled.exists() else PACKAGE_FOLDER.parent / name


def module_source(module: str) -> Path | None:
    """The file of a module of the firmware, a package's __init__.py; None if it has no such."""
    package, *parts = module.split(".")
    path = PACKAGE_FOLDER.joinpath(*parts)
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return path if package == PACKAGE_FOLDER.name and path.exists() else None


def link_firmware(folder: Path) -> None:
    """Links to the firmware's own files in an empty folder, for an interpreter on this computer:
    in a wheel they lie among other people's modules, which it must not find."""
    for path in (PACKAGE_FOLDER, *map(starter, STARTERS)):
        (folder / path.name).symlink_to(path)


def driver_files() -> dict[str, Path]:
    """The files of DRIVER_FILES, by these names. ToolError if a package is missing."""
    folders = {name: driver_source(name).parent for name in DRIVERS}
    return {
        name: folders[name.partition("/")[0].removesuffix(".py")] / name for name in DRIVER_FILES
    }


def driver_source(name: str) -> Path:
    """The file of a driver that is a module, the folder of one that is a package."""
    for bundled in (_BUNDLE / "lib" / name, _BUNDLE / "lib" / f"{name}.py"):
        if bundled.exists():
            return bundled
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise ToolError(f"the package of {name} is missing; run: make install")
    origin = Path(spec.origin)
    return origin.parent if origin.name == "__init__.py" else origin


def driver_licences() -> dict[str, str]:
    """The text of each driver's licence, by its package. ToolError if one is missing."""
    return {package: _licence(package) for package in DRIVER_PACKAGES}


def _licence(package: str) -> str:
    bundled = _BUNDLE / "licences" / f"{package}.txt"
    if bundled.exists():
        return bundled.read_text(encoding="utf-8")
    try:
        distribution = metadata.distribution(package)
    except metadata.PackageNotFoundError as error:
        raise ToolError(f"the package {package} is missing; run: make install") from error
    for file in distribution.files or ():
        if file.name.startswith("LICENSE"):
            return str(file.read_text(encoding="utf-8"))
    raise ToolError(f"the package {package} has no licence file; run: make install")
