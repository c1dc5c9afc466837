"""The composition root: builds the board, wires the parts, runs the loop."""

import gc

from picototp import BUILT_UNIX_S, __version__
from picototp.app import messages
from picototp.app.interface import Interface
from picototp.app.link import Link
from picototp.app.loop import Loop
from picototp.board.memory import overwrite
from picototp.board.pico import Board
from picototp.clock.record import ClockRecord
from picototp.clock.timekeeper import Timekeeper
from picototp.protocol.services import make_service
from picototp.screens import render
from picototp.vault.settings import Settings
from picototp.vault.vault import open_vault


def build(board) -> Loop:
    """The main loop of a token on this board."""
    vault = open_vault(board.storage, board.entropy_sources, board.monotonic)
    record = ClockRecord(board.storage)
    keeper = Timekeeper(board.rtc, board.monotonic, record, BUILT_UNIX_S, board.square_wave)
    settings = Settings(board.storage)
    board.panel.configure(settings.brightness, settings.upside_down)
    interface = Interface(vault, __version__, board.parts, settings, board.typing)
    service = make_service(vault, keeper, board.monotonic, board, __version__, settings)
    if board.left_firmware:
        from picototp.app import left_firmware

        interface.notice(left_firmware.WORDS[board.left_firmware], board.monotonic.now_ms())
    link = Link(board.port, service, interface, board.monotonic, lambda: board.panel.ok)
    return Loop(board, interface, link, keeper, board.monotonic, vault.tidy, overwrite)


def run() -> None:
    """Be a token; ends for a restart into maintenance mode, or after an error, shown and logged."""
    board = Board()
    try:
        loop = build(board)
        gc.threshold(-1)  # boot.py lowered it for the time of loading
        loop.run()
        board.panel.show(messages.restart(board.restart_wanted), render.render)
        board.let_go()
    except Exception as error:  # noqa: BLE001  whatever it is: show it, log it, start again
        board.report(
            error, lambda *what: board.panel.show(messages.message(what, 0), render.render)
        )
