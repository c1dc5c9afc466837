"""Starts the token; picototp/wiring.py puts it together.

Whatever becomes of it, it does not end: a host would be at the REPL, from where it can read all
that the flash holds. MicroPython lets Ctrl-C (0x03) from the port end boot.py and main.py, so both
refuse it before they load anything. One that came in the moment before is raised inside the `try`.
"""

try:
    import micropython

    micropython.kbd_intr(-1)

    import machine

    from picototp import mode

    if not mode.maintenance:  # else nothing of this is needed, and it may be half installed
        from picototp import wiring
except KeyboardInterrupt:
    import machine

    machine.reset()

if not mode.maintenance:
    try:
        wiring.run()
    finally:
        machine.reset()
