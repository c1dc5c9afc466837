"""Starts the token; picototp/wiring.py puts it together, and the README.md beside
this file has a map of what it does.

Whatever becomes of it, it does not end: a host would be at the REPL, from where it can read all
that the flash holds. MicroPython lets Ctrl-C (0x03) from the port end boot.py and main.py, so both
refuse it before they load anything. One that came in the moment before is raised inside the `try`.
"""

try:
    import micropython

    micropython.kbd_intr(-1)

    import sys

    import machine

    mode = sys.modules.get("picototp.mode")  # boot.py loads it; else there is no firmware
    normal = mode is not None and not mode.maintenance
except KeyboardInterrupt:
    import machine

    machine.reset()

if normal:
    try:
        from picototp import wiring

        wiring.run()
    finally:
        machine.reset()
