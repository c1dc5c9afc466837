"""Makes MicroPython's unix port look like a Pico that has just got power, and starts the firmware.

The root of the file system becomes a littlefs on the simulator's flash, as on the chip. The
firmware's files are mounted beside it.
"""

import gc
import os
import struct
import sys

PORT = os.VfsPosix(os.getenv("PICOTOTP_PORT"))
FIRMWARE = os.VfsPosix(os.getenv("PICOTOTP_FIRMWARE"))

sys.path[:] = ["."]
import operations  # noqa: E402
import wire  # noqa: E402

SECTOR = 4096
PIN_VBUS = 24  # as host_tools/simulator/board.py has it
# With 400 names of a Pico's ROM these fill MicroPython's tables up to the one of 1,280, which holds
# all of the firmware's: it takes 14 KB in one piece, for which there may be no room later.
MORE_NAMES = 860


class FlashDevice:
    """The block device that MicroPython's littlefs works on (vfs.AbstractBlockDev)."""

    def __init__(self):
        self._sectors = struct.unpack(">H", wire.call(operations.FLASH_SECTORS))[0]

    def readblocks(self, block, buffer, offset=0):
        at = block * SECTOR + offset
        buffer[:] = wire.call(operations.FLASH_READ, struct.pack(">IH", at, len(buffer)))

    def writeblocks(self, block, buffer, offset=None):
        if offset is None:
            self.ioctl(6, block)
            offset = 0
        wire.call(
            operations.FLASH_PROGRAM, struct.pack(">I", block * SECTOR + offset) + bytes(buffer)
        )

    def ioctl(self, operation, argument):
        if operation == 4:
            return self._sectors
        if operation == 5:
            return SECTOR
        if operation == 6:
            wire.call(operations.FLASH_ERASE, struct.pack(">H", argument))
            return 0
        return 0


def mount():
    """As the rp2 port does at its start: make the file system where there is none."""
    flash = FlashDevice()
    os.umount("/")
    try:
        os.mount(os.VfsLfs2(flash, progsize=256), "/")
    except OSError:
        os.VfsLfs2.mkfs(flash, progsize=256)
        os.mount(os.VfsLfs2(flash, progsize=256), "/")
    os.mount(PORT, "/port")
    os.mount(FIRMWARE, "/firmware")
    os.chdir("/firmware")
    sys.path[:] = ["/port", "/firmware"]


def make_table_of_names():
    """While the heap is empty. What a Pico has in its ROM comes first, then what means nothing."""
    for name in os.getenv("PICOTOTP_ROM_NAMES").split():
        getattr(PORT, name, None)
    for number in range(MORE_NAMES):
        getattr(PORT, f"{number:x}", None)
    gc.collect()


def run(name):
    """Run a file as the chip runs boot.py and main.py."""
    with open("/firmware/" + name) as file:
        code = compile(file.read(), name, "exec")
    exec(code, {"__name__": "__main__"})  # noqa: S102


def be_a_pico():
    """The firmware knows by the board's name where VBUS is; this computer has another one."""
    if "picototp.mode" in sys.modules:  # boot.py has found a bundle
        from picototp.board import chip

        chip.vbus_pin = lambda: PIN_VBUS


make_table_of_names()
mount()
run("boot.py")
be_a_pico()
run("main.py")
