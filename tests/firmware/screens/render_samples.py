"""For MicroPython: prints every sample screen as "= name" and 64 rows of '#' and '.'."""

import framebuf
from sample_screens import SCREENS

from picototp.screens.render import render

buffer = bytearray(1024)
frame = framebuf.FrameBuffer(buffer, 128, 64, framebuf.MONO_VLSB)
for name in sorted(SCREENS):
    frame.fill(1)  # what was there before must not show through
    render(SCREENS[name], frame)
    print("=", name)
    for y in range(64):
        print("".join("#" if frame.pixel(x, y) else "." for x in range(128)))
