"""What can go wrong with an installation onto an emulated Pico, through its USB serial port.

With a bundle of a handful of modules, because every byte costs time here; test_acceptance.py
installs them all. PICOTOTP_CHIP=all also tries a power cut at every flash operation.
"""

import os
import random
import signal
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

from flash_tree import files_in
from host_tools.commands import install
from host_tools.commands.terminal import exit_code
from host_tools.errors import ToolError
from host_tools.pico import (
    board_files,
    bundle_file,
    firmware_build,
    flash_layout,
    install_plan,
    littlefs_image,
    uf2,
)
from host_tools.pico.board_files import USE
from host_tools.pico.repl import Repl
from host_tools.simulator.board import VirtualBoard
from host_tools.simulator.devices.flash import Tear
from host_tools.simulator.virtual_token import VirtualToken
from tests.chip.chip_bench import ALL, eventually

pytestmark = pytest.mark.chip

SEED = int(os.environ.get("PICOTOTP_TEST_SEED", "20261123"))
HALF_WAY = 8  # flash operations: the bundle is under way, and main.py is not there
FIRST, SECOND = map(board_files.slot_file, board_files.SLOTS)
VAULT = {"/data/vault.0": bytes(range(256)) * 3, "/data/vault.1": b"the other copy"}
# Like the firmware: does not let go of the port, unless the button is held at power-up.
LOCKING_MAIN = b"""
import machine, micropython, sys
if machine.Pin(15, machine.Pin.IN, machine.Pin.PULL_UP).value():
    micropython.kbd_intr(-1)
    while True:
        sys.stdin.read(1)
"""


def small(version: str, modules: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of a new token that has these modules."""
    return {
        "/boot.py": b"# boot\n",
        "/main.py": LOCKING_MAIN,
        "/slots.mpy": b"finds a bundle",
        "/rescue.mpy": b"says that there is none",
        FIRST: bundle_file.pack(modules, version),
        USE: b"a=-",
    }


@pytest.fixture(scope="module")
def few() -> dict[str, bytes]:
    """A small installation, its modules being some of the firmware's."""
    texts = firmware_build.module_sources()
    names = [name for name in sorted(texts) if name.startswith("picototp.clock.")][:4]
    return small(
        "1",
        {
            f"/{name.replace('.', '/')}.mpy": firmware_build.compile_text(texts[name], name)
            for name in names
        },
    )


@pytest.fixture(scope="module")
def updated() -> dict[str, bytes]:
    """The release after it, which has another loader as well."""
    modules = {"/picototp/added.mpy": b"M\x06\x03\x1f" + bytes(range(256)) * 40}
    return {**small("2", modules), "/slots.mpy": b"finds a bundle faster"}


def as_update(files: dict[str, bytes]) -> dict[str, bytes]:
    """What a token holds of them that has another bundle in its first slot."""
    return {**{path: files[path] for path in files if path != FIRST}, SECOND: files[FIRST]}


class Bench:
    """Picos that get power, with files on them, and lose it."""

    def __init__(self, image: uf2.Image, folder: Path) -> None:
        self._image = image
        self._folder = folder
        self._count = 0
        self._running: list[VirtualToken] = []

    def blank_state(self, files: dict[str, bytes] | None = None) -> Path:
        """A folder for a Pico's flash; it holds these files, or was never used."""
        self._count += 1
        state = self._folder / str(self._count)
        state.mkdir()
        if files is not None:
            (state / "flash.bin").write_bytes(littlefs_image.file_system(files))
        return state

    def power_up(
        self,
        files: dict[str, bytes] | None = None,
        held: bool = False,
        state: Path | None = None,
        cut: tuple[int, Tear | None] | None = None,
    ) -> VirtualToken:
        """Plug one in. With `held`, its button is held; with `cut`, the power fails at that one of
        the coming flash operations, and then the cable is pulled, too."""
        token = VirtualToken(VirtualBoard(state or self.blank_state(files)), image=self._image)
        self._running.append(token)
        token.hold(held)
        token.__enter__()
        if cut is not None:
            token.board.flash.cut_after(*cut, SEED)
            self._pulling = threading.Thread(target=self._pull_when_cut, args=(token,))
            self._pulling.start()
        return token

    def pull(self, token: VirtualToken) -> None:
        """Unplug it."""
        if token in self._running:
            self._running.remove(token)
            token.close()

    def _pull_when_cut(self, token: VirtualToken) -> None:
        eventually(lambda: not token.engine.running)
        self.pull(token)

    def wait_for_the_cut(self) -> None:
        """Until the power has failed and the cable is out."""
        self._pulling.join(60)

    def close(self) -> None:
        """Unplug all."""
        for token in tuple(self._running):
            self.pull(token)


@pytest.fixture
def bench(image, tmp_path):
    bench = Bench(image, tmp_path)
    yield bench
    bench.close()


def tree(token: VirtualToken) -> dict[str, bytes]:
    """All files of its flash."""
    return files_in(token.board.flash)


def put(token: VirtualToken, files: dict[str, bytes]) -> install_plan.Plan:
    """Install these files."""
    with Repl(token.port.path) as board:
        mpy = install_plan.check_board(board)
        board.prepare()
        plan = install_plan.make_plan(board, files, mpy)
        install_plan.carry_out(board, plan)
        return plan


def interrupted_install(token, files, monkeypatch, capsys, interrupt) -> str:
    """`picototp install` of these files, of which something happens in the midst: what it says in
    its one line."""
    monkeypatch.setattr(board_files, "collect", lambda: files)
    begun = token.board.flash.operations

    def watch() -> None:
        eventually(lambda: token.board.flash.operations > begun + HALF_WAY)
        interrupt()

    watcher = threading.Thread(target=watch)
    watcher.start()
    command = ["--port", token.port.path]
    code = exit_code(lambda: install.install.main(command, standalone_mode=False))
    watcher.join()
    printed = capsys.readouterr()
    assert (code, printed.out, printed.err.count("\n")) == (1, "", 1), printed.err
    return printed.err


def test_only_what_changed_is_copied_and_only_what_is_ours_removed(bench, few, updated):
    theirs = {"/lib/somebody.py": b"theirs", "/notes.txt": b"theirs", **VAULT}
    in_the_way = {"/picototp/clock/words.py": b"old", "/main.py.new": b"half"}
    token = bench.power_up({**few, **theirs, **in_the_way}, held=True)
    plan = put(token, updated)
    assert plan.write == [SECOND, "/slots.mpy", USE]
    assert tree(token) == {**few, **as_update(updated), **theirs, USE: b"b0-"}


def test_the_third_release_takes_the_place_of_the_first(bench, few, updated):
    token = bench.power_up({**few, **as_update(updated), USE: b"b=-"}, held=True)
    third = small("3", {"/picototp/third.mpy": b"M\x06\x03\x1f"})
    put(token, third)
    assert tree(token) == {**third, SECOND: updated[FIRST], USE: b"a0-"}


def test_a_release_on_trial_is_replaced_itself(bench, few, updated):
    """What ran well stays, to go back to."""
    token = bench.power_up({**few, **as_update(updated), USE: b"b1-"}, held=True)
    third = small("3", {"/picototp/third.mpy": b"M\x06\x03\x1f"})
    put(token, third)
    assert tree(token) == {**third, FIRST: few[FIRST], SECOND: third[FIRST], USE: b"b0-"}


def test_it_goes_back_to_what_is_whole_and_to_nothing_else(bench, few, updated):
    token = bench.power_up({**few, **as_update(updated), USE: b"b=-"}, held=True)
    with Repl(token.port.path) as board:
        board.prepare()
        assert install_plan.go_back(board) == "1"
        assert tree(token)[USE] == b"a0-"
        board.run(f"with open({SECOND!r}, 'ab') as f: f.write(b'x')")
        with pytest.raises(ToolError, match="no other firmware"):
            install_plan.go_back(board)
    assert tree(token)[USE] == b"a0-"


def test_stopped_by_ctrl_c_it_is_finished_by_the_next_and_the_third_copies_nothing(
    bench, few, monkeypatch, capsys
):
    token = bench.power_up()

    def ctrl_c() -> None:
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    said = interrupted_install(token, few, monkeypatch, capsys, ctrl_c)
    assert "stopped half way; run it again: picototp install" in said
    assert board_files.MAIN not in tree(token)
    put(token, few)
    assert tree(token) == few
    operations = token.board.flash.operations
    assert put(token, few).write == []
    assert token.board.flash.operations == operations


def test_a_pulled_cable_leaves_a_board_to_install(bench, few, monkeypatch, capsys):
    state = bench.blank_state(VAULT)
    token = bench.power_up(state=state)
    said = interrupted_install(token, few, monkeypatch, capsys, lambda: bench.pull(token))
    assert "broke" in said and "plug the board in again" in said
    token = bench.power_up(state=state)
    assert board_files.MAIN not in tree(token)
    put(token, few)
    assert tree(token) == {**few, **VAULT}


def test_a_full_flash_is_left_as_it_was(bench, few):
    film = {"/film": bytes(flash_layout.FILE_SYSTEM_SIZE - 120_000)}
    token = bench.power_up({**few, **film}, held=True)
    before = tree(token)
    large = small("3", {"/picototp/large.mpy": b"M\x06\x03\x1f" + bytes(200_000)})
    with pytest.raises(ToolError, match="flash is full"):
        put(token, large)
    assert tree(token) == before


def test_a_power_cut_leaves_the_old_or_the_new(bench, few, updated):
    """Each time: an update is cut off at one of its flash operations, and done again."""
    token = bench.power_up({**few, **VAULT}, held=True)
    before = token.board.flash.operations
    put(token, updated)
    count = token.board.flash.operations - before
    bench.pull(token)
    cuts = [(number, tear) for number in range(1, count + 1) for tear in (None, *Tear)]
    if not ALL:
        print(f"seed {SEED}, {len(cuts)} cuts")
        cuts = random.Random(SEED).sample(cuts, 1)
    for cut in cuts:
        state = bench.blank_state({**few, **VAULT})
        with pytest.raises(ToolError):
            put(bench.power_up(state=state, held=True, cut=cut), updated)
        bench.wait_for_the_cut()
        after = files_in((state / "flash.bin").read_bytes())
        assert {path: after.pop(path) for path in VAULT} == VAULT, cut
        assert after[FIRST] == few[FIRST] and after["/main.py"] == LOCKING_MAIN, cut
        chosen = after[USE][:1].decode()
        assert after[board_files.slot_file(chosen)] == (few if chosen == "a" else updated)[FIRST]
        token = bench.power_up(state=state, held=True)
        put(token, updated)
        wanted = {**few, **as_update(updated), **VAULT, USE: b"b0-"}
        assert tree(token) == wanted, cut
        bench.pull(token)
        print(f"cut {cut} is right", flush=True)


LYING_BOOT = b"""
import builtins
honest = builtins.open
def lying(path, mode="r", *rest):
    if "r" in mode and path.startswith("/firmware."):
        path = "/kept" + path
    return honest(path, mode, *rest)
builtins.open = lying
"""


def test_a_board_that_lies_about_its_files(bench, few):
    """Its boot.py has `open` answer for the right ones; --all finds the board without boot.py."""
    changed = {**few, FIRST: few[FIRST][:-1] + b"\x00", "/boot.py": LYING_BOOT}
    kept = {f"/kept{path}": few[path] for path in (FIRST, USE)}
    token = bench.power_up({**changed, **kept, "/os.py": b"", **VAULT}, held=True)
    assert FIRST not in put(token, few).write, "the lie works, so the test means something"
    with Repl(token.port.path) as board:
        mpy = install_plan.check_board(board)
        install_plan.clear_the_way(board)
        board.prepare()
        plan = install_plan.plan_for_all(board, few, mpy)
        install_plan.carry_out(board, plan)
        install_plan.check_written(board, few)
        assert tree(token) == {**few, **VAULT}
        board.run(f"with open({FIRST!r}, 'ab') as f: f.write(b'x')")
        with pytest.raises(ToolError, match="does not hold what was written"):
            install_plan.check_written(board, few)
