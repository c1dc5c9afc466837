"""The composition root: builds the board, wires the parts, runs the loop. Not in main.py, because
MicroPython compiles that at each start, from its text.
"""

import gc

from picototp import BUILT_UNIX_S, __version__
from picototp.app import messages
from picototp.app.interface import Interface
from picototp.app.link import Link
from picototp.app.loop import Loop
from picototp.board.memory import overwrite
from picototp.board.pico import Board
from picototp.clock.log import ClockLog
from picototp.clock.record import ClockRecord
from picototp.clock.setter import ClockSetter
from picototp.clock.timekeeper import Timekeeper
from picototp.protocol.services import make_service
from picototp.screens import render
from picototp.vault.vault import open_vault


def build(board) -> Loop:
    """The main loop of a token on this board, with all that it needs."""
    vault = open_vault(board.storage, board.entropy_sources, board.monotonic)
    record = ClockRecord(board.storage)
    keeper = Timekeeper(board.rtc, board.monotonic, record, BUILT_UNIX_S, board.square_wave)
    setter = ClockSetter(board.rtc, keeper, board.monotonic, ClockLog(board.storage))
    setter.start()
    interface = Interface(vault, __version__, board.parts)
    service = make_service(vault, keeper, setter, board.monotonic, board, __version__)
    link = Link(board.port, service, interface, board.monotonic, lambda: board.panel.ok)
    return Loop(board, interface, link, keeper, board.monotonic, board.storage.clean, overwrite)


def run() -> None:
    """Be a token until the power goes; ends for a restart into maintenance mode, or after an error
    that it has shown and written down."""
    board = Board()
    try:
        loop = build(board)
        gc.threshold(-1)  # boot.py lowered it for the time of loading
        loop.run()
        board.panel.show(messages.message(messages.MAINTENANCE, 0), render.render)
        board.let_the_host_read()
    except Exception as error:  # noqa: BLE001  whatever it is: show it, log it, start again
        board.report(
            error, lambda *what: board.panel.show(messages.message(what, 0), render.render)
        )
