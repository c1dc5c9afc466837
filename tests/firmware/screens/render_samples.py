"""For MicroPython: prints every sample screen as "= name" and 64 rows of '#' and '.'.

render_samples.py [MODULE]...   as if the interpreter could not load these
"""

import sys

import framebuf

for name in sys.argv[1:]:
    sys.modules[name] = None

from sample_screens import SCREENS  # noqa: E402

from picototp.screens.render import render  # noqa: E402

buffer = bytearray(1024)
frame = framebuf.FrameBuffer(buffer, 128, 64, framebuf.MONO_VLSB)
for name in sorted(SCREENS):
    frame.fill(1)  # what was there before must not show through
    render(SCREENS[name], frame)
    print("=", name)
    for y in range(64):
        print("".join("#" if frame.pixel(x, y) else "." for x in range(128)))
