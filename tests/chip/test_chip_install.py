"""Installing onto an emulated Pico, through its USB serial port.

The whole firmware once; what can go wrong with a handful of its files, because every byte costs
time here. PICOTOTP_CHIP=all also tries a power cut at every flash operation, and an update through
the token's own consent.
"""

import os
import random
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from chip_bench import eventually
from littlefs import LittleFS, UserContext

import picototp
from host_tools import board_files, firmware_image, image, installer
from host_tools.client import TokenClient
from host_tools.errors import ToolError
from host_tools.repl import Repl
from host_tools.simulator import images
from host_tools.simulator.board import VirtualBoard
from host_tools.simulator.virtual_token import VirtualToken

pytestmark = pytest.mark.chip

ROOT = Path(__file__).resolve().parents[2]
CLI = "from host_tools.cli import main; main()"
ALL = os.environ.get("PICOTOTP_CHIP") == "all"
VAULT = {"/data/vault.0": bytes(range(256)) * 3, "/data/vault.1": b"the other copy"}
# Like the firmware: does not let go of the port, unless the button is held at power-up.
LOCKING_MAIN = b"""
import machine, micropython, sys
if machine.Pin(15, machine.Pin.IN, machine.Pin.PULL_UP).value():
    micropython.kbd_intr(-1)
    while True:
        sys.stdin.read(1)
"""


@pytest.fixture(scope="module")
def micropython() -> images.Image:
    """The MicroPython image; the pinned one if it is in the cache."""
    path = images.cached_image()
    if path is None:
        pytest.skip(f"no MicroPython image: put {images.PINNED_NAME} into {images.cache_folder()}")
    return images.read_image(path)


@pytest.fixture(scope="module")
def few() -> dict[str, bytes]:
    """A small installation, its modules being some of the firmware's."""
    all_files = firmware_image.firmware_files()
    names = [name for name in sorted(all_files) if name.startswith("/lib/picototp/clock/")][:4]
    return board_files.with_manifest(
        {"/main.py": LOCKING_MAIN, **{name: all_files[name] for name in names}}, "1"
    )


@pytest.fixture(scope="module")
def updated(few) -> dict[str, bytes]:
    """The release after it: a file more, a file less, a file changed."""
    files = without_manifest(few)
    first, second = sorted(name for name in files if name.endswith(".mpy"))[1:3]
    files["/lib/picototp/added.mpy"] = files.pop(first)
    files[second] = files[second] + bytes(700)
    return board_files.with_manifest(files, "2")


class Bench:
    """Picos that get power, with files on them, and lose it."""

    def __init__(self, micropython: images.Image, folder: Path) -> None:
        self._micropython = micropython
        self._folder = folder
        self._count = 0
        self._running: list[VirtualToken] = []

    def blank_state(self, files: dict[str, bytes] | None = None) -> Path:
        """A folder for a Pico's flash; it holds these files, or was never used."""
        self._count += 1
        state = self._folder / str(self._count)
        state.mkdir()
        if files is not None:
            (state / "flash.bin").write_bytes(firmware_image.file_system(files))
        return state

    def power_up(
        self,
        files: dict[str, bytes] | None = None,
        held: bool = False,
        state: Path | None = None,
        cut: tuple[int, bool] | None = None,
    ) -> VirtualToken:
        """Plug one in. With `held`, its button is held; with `cut`, the power fails at that one of
        the coming flash operations, and then the cable is pulled, too."""
        token = VirtualToken(
            VirtualBoard(state or self.blank_state(files)), image=self._micropython
        )
        self._running.append(token)
        token.hold(held)
        token.__enter__()
        if cut is not None:
            token.board.flash.cut_after(cut[0], torn=cut[1])
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
def bench(micropython, tmp_path):
    bench = Bench(micropython, tmp_path)
    yield bench
    bench.close()


def tree(token: VirtualToken) -> dict[str, bytes]:
    """All files of its flash, read by another implementation of littlefs."""
    return files_in(token.board.flash.read(0, token.board.flash.size))


def files_in(flash: bytes) -> dict[str, bytes]:
    context = UserContext(len(flash))
    context.buffer[:] = flash
    disk = LittleFS(context=context, block_size=4096, block_count=len(flash) // 4096)
    found = {}
    for folder, _, names in disk.walk("/"):
        for name in names:
            path = f"{folder.rstrip('/')}/{name}"
            with disk.open(path, "rb") as file:
                found[path] = file.read()
    return found


def put(token: VirtualToken, files: dict[str, bytes], progress=lambda done: None) -> installer.Plan:
    """Install these files."""
    with Repl(token.port.path) as board:
        mpy = installer.check_board(board)
        board.prepare()
        plan = installer.make_plan(board, files, mpy)
        installer.carry_out(board, plan, progress)
        return plan


def picototp_command(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'firmware'}"}
    command = [sys.executable, "-c", CLI, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=600, env=environment)


def test_a_blank_board_becomes_a_token(bench):
    token = bench.power_up()
    done = picototp_command("install", "--port", token.port.path)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert f"the token runs firmware {picototp.__version__}" in done.stderr
    wanted = board_files.collect()
    assert {path: data for path, data in tree(token).items() if path in wanted} == wanted


@pytest.mark.skipif(not ALL, reason="slow; PICOTOTP_CHIP=all runs it")
def test_a_token_is_updated_with_its_consent(bench):
    wanted = board_files.collect()
    older = {**wanted, **VAULT}
    older["/lib/picototp/mode.mpy"] = wanted["/lib/picototp/mode.mpy"] + b"\0"
    older["/lib/picototp/gone.mpy"] = wanted["/lib/picototp/mode.mpy"]
    token = bench.power_up(older)
    command = [sys.executable, "-c", CLI, "install", "--port", token.port.path]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'firmware'}"}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        assert "confirm on the token" in process.stderr.readline()
        eventually(lambda: token.screen_on)
        token.board.elapse(0.5)
        token.press(0.9)
        assert "3 of" in process.stderr.readline()
    assert process.returncode == 0
    after = tree(token)
    assert {path: after[path] for path in VAULT} == VAULT
    assert "/lib/picototp/gone.mpy" not in after
    with TokenClient(token.port.path) as client:
        assert client.info["firmware"] == picototp.__version__


def test_the_image_of_a_whole_token_boots(micropython, tmp_path):
    """MicroPython finds the file system in it, and its files there."""
    path = tmp_path / "token.uf2"
    path.write_bytes(image.token_uf2(micropython))
    content = images.read_image(path).blocks
    start, size = images.FILE_SYSTEM_START, images.FILE_SYSTEM_SIZE
    (tmp_path / "flash.bin").write_bytes(
        b"".join(content[offset] for offset in range(start, start + size, 256))
    )
    board = VirtualBoard(tmp_path)
    board.button.down = True  # maintenance mode: the firmware itself takes longer to load
    with VirtualToken(board, image=images.read_image(path)) as token, Repl(token.port.path) as port:
        assert port.run("from picototp import mode; print(mode.maintenance)").strip() == "True"
        listed = port.run("import os; print(sorted(os.listdir('/')))").strip()
        assert listed == "['boot.py', 'lib', 'main.py']"


def test_only_what_changed_is_copied_and_only_what_is_ours_removed(bench, few, updated):
    theirs = {"/lib/somebody.py": b"theirs", "/notes.txt": b"theirs", **VAULT}
    in_the_way = {"/picototp/clock/words.py": b"old"}
    token = bench.power_up({**few, **theirs, **in_the_way}, held=True)
    plan = put(token, updated)
    changed = [path for path in updated if few.get(path) != updated[path]]
    assert sorted(plan.write) == sorted([*changed, board_files.MAIN])
    assert plan.write[-2:] == [board_files.MAIN, board_files.MANIFEST]
    assert tree(token) == {**updated, **theirs}


def test_stopped_by_ctrl_c_it_is_finished_by_the_next_and_the_third_copies_nothing(bench, few):
    token = bench.power_up()

    def stop(done: int) -> None:
        if done > 500:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        put(token, few, stop)
    assert board_files.MAIN not in tree(token)
    put(token, few)
    assert tree(token) == few
    operations = token.board.flash.operations
    assert put(token, few).write == []
    assert token.board.flash.operations == operations


def test_a_full_flash_is_left_as_it_was(bench, few, updated):
    film = {"/film": bytes(images.FILE_SYSTEM_SIZE - 120_000)}
    token = bench.power_up({**few, **film}, held=True)
    before = tree(token)
    large = board_files.with_manifest({**updated, "/lib/picototp/large.py": bytes(200_000)}, "3")
    with pytest.raises(ToolError, match="flash is full"):
        put(token, large)
    assert tree(token) == before


def without_manifest(files: dict[str, bytes]) -> dict[str, bytes]:
    return {path: data for path, data in files.items() if path != board_files.MANIFEST}


def test_a_power_cut_leaves_the_old_the_new_or_a_board_to_install(bench, few, updated):
    """Each time: an update is cut off at one of its flash operations, and done again."""
    token = bench.power_up({**few, **VAULT}, held=True)
    before = token.board.flash.operations
    put(token, updated)
    count = token.board.flash.operations - before
    bench.pull(token)
    cuts = [(operation, torn) for operation in range(1, count + 1) for torn in (False, True)]
    if not ALL:
        seed = random.randrange(1 << 32)
        print(f"seed {seed}")
        cuts = random.Random(seed).sample(cuts, 2)
    for cut in cuts:
        state = bench.blank_state({**few, **VAULT})
        with pytest.raises(ToolError):
            put(bench.power_up(state=state, held=True, cut=cut), updated)
        bench.wait_for_the_cut()
        after = files_in((state / "flash.bin").read_bytes())
        assert {path: after.pop(path) for path in VAULT} == VAULT, cut
        after.pop(board_files.MANIFEST, None)  # it comes last, when all else is there
        complete = after in (without_manifest(few), without_manifest(updated))
        assert complete or board_files.MAIN not in after, cut
        # Where main.py holds the port, maintenance mode is the way in; else the prompt comes.
        token = bench.power_up(state=state, held=complete)
        put(token, updated)
        assert tree(token) == {**updated, **VAULT}, cut
        bench.pull(token)
