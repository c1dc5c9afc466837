"""A littlefs image of a Pico's file system, as MicroPython makes it."""

from littlefs import LittleFS, UserContext

from host_tools.errors import ToolError
from host_tools.pico.flash_layout import FILE_SYSTEM_SIZE, PAGE_SIZE, SECTOR_SIZE

# As MicroPython's rp2 port makes its file system (ports/rp2/rp2_flash.c, modules/_boot.py).
_DISK_VERSION = 0x0002_0000  # the newest that every MicroPython since 1.20 can mount
_NEWEST = 0  # to littlefs: whatever it knows itself

Files = dict[str, bytes]  # by absolute path on the token


def file_system(files: Files, size: int = FILE_SYSTEM_SIZE) -> bytes:
    """A littlefs of `size` bytes, a Pico's, that holds `files`; ToolError if they do not fit."""
    content = UserContext(size)
    disk = _disk(content, _DISK_VERSION)
    disk.format()
    disk.mount()
    try:
        for path, data in files.items():
            disk.makedirs(path.rpartition("/")[0] or "/", exist_ok=True)
            with disk.open(path, "wb") as file:
                file.write(data)
    except OSError as error:
        raise ToolError(f"the firmware does not fit the token's flash: {error}") from error
    disk.unmount()
    return bytes(content.buffer)


def stored_file(content: bytes, path: str) -> bytes:
    """A file of a token's file system; FileNotFoundError if it is not there."""
    disk = _disk(UserContext(buffer=bytearray(content)))
    disk.mount()
    with disk.open(path, "rb") as file:
        return bytes(file.read())


def _disk(content: UserContext, version: int = _NEWEST) -> LittleFS:
    """Not mounted. What the newest version can mount: MicroPython makes it newer when it writes."""
    return LittleFS(
        context=content,
        block_size=SECTOR_SIZE,
        block_count=len(content.buffer) // SECTOR_SIZE,
        prog_size=PAGE_SIZE,
        read_size=32,
        disk_version=version,
        mount=False,
    )
