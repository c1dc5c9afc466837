"""Runs first. Maintenance mode means: main.py then does nothing, and the port is MicroPython's
plain REPL, for installing. It is for a button held at power-up, let go and held again, or for once
when asked for."""

try:
    import micropython

    micropython.kbd_intr(-1)  # as in main.py

    import gc
    import sys

    # MicroPython looks for each of these among the files, whenever it is imported: 3.8 ms. Not this
    # time, unless they are files, as in the simulator.
    path = tuple(sys.path)
    sys.path[:] = [folder for folder in path if folder not in ("", ".frozen", "/lib")]
    often = "array binascii collections errno hashlib machine os struct time"
    sys.modules.update({name: __import__(name) for name in often.split()})
    sys.path[:] = path
    # The drivers want these for annotations, and do without what they do not find in there.
    sys.modules["busio"] = sys.modules["types"] = sys.modules["typing"] = sys

    # Collect often while modules load, so that what stays lies close together: a heap full of holes
    # has no place for what is wanted in one piece. More often would cost more time: a collection
    # takes up to 18 ms.
    gc.threshold(155_648)

    import slots  # picototp/board/slots.py, which lies beside this file on a token

    sys.modules["picototp.board.slots"] = slots
    try:
        if slots.start():
            from picototp import mode
            from picototp.board import maintenance, memory

            memory.overwrite()  # RAM outlives a reset; what a token left there is for no prompt
            why = maintenance.begins()
            mode.maintenance = why is not None
            if why:
                from picototp import prompt

                mode.maintenance = prompt.comes(why)
            if not mode.maintenance and maintenance.exists(mode.TYPING_FILE):
                from picototp.board import keyboard

                mode.typing = keyboard.plugged_in()
            if mode.maintenance:
                slots.uncount()
        else:
            import rescue

            rescue.say()
    except Exception:
        slots.restart_on_trial()
        if "picototp.mode" not in sys.modules:  # main.py does nothing then, and the prompt comes
            sys.path[:] = path
            import rescue

            rescue.overwrite()
        raise
except KeyboardInterrupt:
    import machine

    machine.reset()
