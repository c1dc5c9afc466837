"""The composition root: builds the board, wires the parts, runs the loop.

Whatever becomes of it, it does not end: a host would be at the REPL, from where it can read all
that the flash holds. MicroPython lets Ctrl-C (0x03) from the port end boot.py and main.py, so both
refuse it before they load anything. One that came in the moment before is raised inside the `try`.
"""

try:
    import micropython

    micropython.kbd_intr(-1)

    import gc

    import machine

    from picototp import mode

    if not mode.maintenance:  # else nothing of this is needed, and it may be half installed
        from picototp import BUILT_UNIX_S, __version__
        from picototp.app import wording
        from picototp.app.interface import Interface
        from picototp.app.link import Link
        from picototp.app.loop import Loop
        from picototp.board.pico import Board
        from picototp.clock.log import ClockLog
        from picototp.clock.record import ClockRecord
        from picototp.clock.setter import ClockSetter
        from picototp.clock.timekeeper import Timekeeper
        from picototp.protocol.answering import make_service
        from picototp.screens import render
        from picototp.vault.vault import open_vault
except KeyboardInterrupt:
    import machine

    machine.reset()


def run() -> None:
    """Be a token until the power goes, or until a restart into maintenance mode."""
    try:
        board = Board()
        try:
            vault = open_vault(board.storage, board.entropy_sources, board.monotonic)
            record = ClockRecord(board.storage)
            keeper = Timekeeper(board.rtc, board.monotonic, record, BUILT_UNIX_S, board.square_wave)
            setter = ClockSetter(board.rtc, keeper, board.monotonic, ClockLog(board.storage))
            setter.start()
            interface = Interface(vault, __version__)
            service = make_service(vault, keeper, setter, board.monotonic, board, __version__)
            gc.threshold(-1)  # boot.py lowered it for the time of loading
            link = Link(board.port, service, interface, board.monotonic, lambda: board.panel.ok)
            Loop(board, interface, link, keeper, board.monotonic, vault.keys.clean).run()
            board.panel.show(wording.message(wording.MAINTENANCE, 0), render.render)
            board.let_the_host_read()
        except Exception as error:  # noqa: BLE001  whatever it is: show it, log it, start anew
            board.report(
                error, lambda *what: board.panel.show(wording.message(what, 0), render.render)
            )
    finally:
        machine.reset()


if not mode.maintenance:
    run()
