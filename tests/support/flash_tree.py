"""The files in a flash, through another implementation of littlefs than MicroPython's."""

from littlefs import LittleFS, UserContext
from littlefs.lfs import LFSConfig

from host_tools.pico.flash_layout import PAGE_SIZE, SECTOR_SIZE
from host_tools.simulator.devices.flash import Flash


def files_in(flash: Flash | bytes) -> dict[str, bytes]:
    """Content by path."""
    disk, _ = _mounted(flash if isinstance(flash, bytes) else flash.read(0, flash.size))
    return _files_on(disk)


def free_blocks(flash: Flash) -> int:
    """As MicroPython's statvfs counts them, which takes the two blocks of a folder, other than the
    root, for used twice: it has littlefs visit them, once as a folder and once for its entry."""
    disk, _ = _mounted(flash.read(0, flash.size))
    folders = sum(len(inside) for _, inside, _ in disk.walk("/"))
    return disk.block_count - disk.used_block_count - 2 * folders


def with_files(flash: bytes, files: dict[str, bytes]) -> bytes:
    """The flash with these files added."""
    disk, content = _mounted(flash)
    for path, data in files.items():
        disk.makedirs(path.rpartition("/")[0], exist_ok=True)
        with disk.open(path, "wb") as file:
            file.write(data)
    return bytes(content)


def sectors_read(flash: bytes) -> dict[int, bytes]:
    """The sectors of which littlefs reads anything when it mounts this flash and reads all files in
    it: content by number. What the others hold cannot be told by anyone who asks littlefs: it
    erases a free sector before it writes there."""
    context = _NotingReads(len(flash))
    context.buffer[:] = flash
    _files_on(_disk(context))
    return {number: sector(flash, number) for number in sorted(context.sectors)}


def sector(flash: bytes, number: int) -> bytes:
    """What that sector holds."""
    return flash[number * SECTOR_SIZE : (number + 1) * SECTOR_SIZE]


class _NotingReads(UserContext):
    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.sectors: set[int] = set()

    def read(self, cfg: LFSConfig, block: int, off: int, size: int) -> bytearray:
        self.sectors.add(block)
        return super().read(cfg, block, off, size)


def _files_on(disk: LittleFS) -> dict[str, bytes]:
    found = {}
    for folder, _, names in disk.walk("/"):
        for name in names:
            path = f"{folder.rstrip('/')}/{name}"
            with disk.open(path, "rb") as file:
                found[path] = file.read()
    return found


def _mounted(flash: bytes) -> tuple[LittleFS, bytearray]:
    context = UserContext(len(flash))
    context.buffer[:] = flash
    return _disk(context), context.buffer


def _disk(context: UserContext) -> LittleFS:
    count = len(context.buffer) // SECTOR_SIZE
    return LittleFS(context=context, block_size=SECTOR_SIZE, block_count=count, prog_size=PAGE_SIZE)
