"""For MicroPython: drives the display driver over a bus that prints every transfer.

    record_display.py CONTROLLER SEED

Lines: "w HEX" a write to 0x3C; "lost" the panel has lost its power and got it back; "case NAME"
what is tried next; "shown HEX" the picture that the panel must now show; "dark" it must be so now.
"""

import random
import sys

import framebuf
from sample_screens import SCREENS, code_screen

from picototp.board.display import Display
from picototp.screens.render import render

PICTURE_BYTES = 1024


class PrintingBus:
    """Acknowledges `budget` more bytes, then nothing; cuts the next transfer of data if told so."""

    budget = 1 << 30
    cut_data = False

    def writeto(self, address, buffer):
        if address != 0x3C:
            raise ValueError(address)
        if self.budget <= 0:
            raise OSError(5)
        taken = min(self.budget, len(buffer))
        if self.cut_data and buffer[0] == 0x40:
            self.cut_data = False
            taken = 5
        self.budget -= taken
        print("w", bytes(buffer[:taken]).hex())
        return taken


def show(display, picture):
    display.show(picture)
    print("shown", bytes(picture).hex())


def change(picture):
    """One to four random changes: a byte, a short or long run, or a page and more."""
    for _ in range(random.randint(1, 4)):
        length = random.choice((1, 1, 3, 17, 40, 200))
        start = random.randint(0, PICTURE_BYTES - length)
        for at in range(start, start + length):
            picture[at] = random.getrandbits(8)


def start(bus, controller, picture):
    display = Display(bus, 0x3C, controller)
    display.init()
    show(display, picture)
    display.on()
    display.on()
    return display


def lose(bus, display, picture, after_bytes):
    """The display goes away in the midst of an update, comes back, and must show everything."""
    bus.budget = after_bytes
    change(picture)
    try:
        display.show(picture)
        display.show(bytearray(b"\x55" * PICTURE_BYTES))
        raise SystemExit("a lost display went unnoticed")
    except OSError:
        pass
    print("lost")
    bus.budget = 1 << 30
    display.init()
    show(display, picture)
    display.on()


def disturb(bus, display, picture):
    """One transfer is cut short: an error, and the same picture shown again repairs the panel."""
    before = bytes(picture)
    picture[256:512] = bytes(random.getrandbits(8) for _ in range(256))
    bus.cut_data = True
    try:
        display.show(picture)
        raise SystemExit("a transfer cut short went unnoticed")
    except OSError:
        pass
    show(display, before)


def main(controller, seed):
    random.seed(seed)
    bus = PrintingBus()
    picture = bytearray(random.getrandbits(8) for _ in range(PICTURE_BYTES))
    print("case start")
    display = start(bus, controller, picture)
    print("case unchanged")
    show(display, picture)
    for i in range(60):
        print("case random", i)
        change(picture)
        show(display, picture)
    print("case disturbed")
    disturb(bus, display, picture)
    print("case power cut without an error")
    print("lost")
    display.init()
    show(display, picture)
    display.on()
    for after_bytes in (0, 1, 5, 30, 500):
        print("case lost", after_bytes)
        lose(bus, display, picture, after_bytes)
    print("case blanked")
    display.off()
    for _ in range(8):
        display.blank_some()
    print("dark")
    print("shown", bytes(PICTURE_BYTES).hex())
    print("case blank")
    display.blank_some()
    print("case light")
    change(picture)
    display.light(picture)
    print("shown", bytes(picture).hex())
    print("case upside down")
    display.look(127, True)
    display.show(picture)
    print("turned", bytes(picture).hex())
    change(picture)
    display.show(picture)
    print("turned", bytes(picture).hex())
    print("case upright")
    display.look(127, False)
    show(display, picture)
    print("case off")
    display.off()
    print("dark")
    display.on()

    frame = framebuf.FrameBuffer(picture, 128, 64, framebuf.MONO_VLSB)
    for left_s in range(30, 5, -1):
        print("case screen" if left_s == 30 else "case second")
        render(code_screen(seconds_left=left_s, bar_px=left_s * 98 // 30), frame)
        show(display, picture)
    for name in sorted(SCREENS):
        print("case sample", name)
        render(SCREENS[name], frame)
        show(display, picture)


main(sys.argv[1], int(sys.argv[2]))
