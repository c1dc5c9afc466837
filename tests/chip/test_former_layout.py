"""A token of before there were bundles, each of whose modules is a file, is moved over by the same
`picototp install`: cut off anywhere, it is a token that shows a right code."""

import random
import time

import pytest

import former_layout
import picototp
from flash_log import SEED, FlashLog, lasting
from flash_tree import files_in
from host_tools.client.ports import SerialConnection
from host_tools.client.token_client import TokenClient
from host_tools.credentials.credential import Credential
from host_tools.pico import board_files
from host_tools.pico.littlefs_image import file_system
from host_tools.simulator.board import VirtualBoard
from open_vault import opened
from picototp.vault.account import Account
from tests.chip.chip_bench import run, say_yes
from tests.chip.cut_starts import after_cuts
from workbench import MemoryStorage

pytestmark = [pytest.mark.chip, pytest.mark.thorough]

ALICE = Credential("Example", "alice", b"12345678901234567890")
STARTS = 3


@pytest.fixture(scope="module")
def token(plug_in, tmp_path_factory):
    folder = tmp_path_factory.mktemp("former")
    storage = MemoryStorage()
    opened(storage).add(Account(ALICE.issuer, ALICE.name, ALICE.secret))
    vault = {f"/data/{name}": data for name, data in storage.files.items()}
    (folder / "flash.bin").write_bytes(file_system({**former_layout.files(), **vault}))
    return plug_in(VirtualBoard(folder))


@pytest.fixture(scope="module")
def update(token):
    """How it ended, what it did to the flash, and whether the code is right then. The token has no
    power afterwards: left alone, a chip takes a third of a processor."""
    assert computes_alices_code(token), "the former firmware runs"
    with FlashLog(token.board.flash) as log:
        done = run(
            *("install", "--port", token.port.path),
            on_confirm=lambda: say_yes(token),
        )
    is_right = done.returncode == 0 and computes_alices_code(token)
    token.power(False)
    return done, log, is_right


def computes_alices_code(token):
    with TokenClient(SerialConnection(token.port.path)) as host:
        return host.check(ALICE, int(time.time()))


def test_the_files_of_before_are_gone_and_the_accounts_are_there(token, update):
    done, log, is_right = update
    assert done.returncode == 0, done.stderr
    assert f"the token runs firmware {picototp.__version__}\n" in done.stderr
    print(f"{len(log.operations)} operations")
    found = files_in(token.board.flash)
    assert {path for path in found if not path.startswith("/data/")} == {*board_files.collect()}
    assert is_right


def test_a_power_cut_leaves_a_token(update, image):
    logs = {"update": update[1]}
    for _, cut, is_right in after_cuts(logs, STARTS, image, computes_alices_code):
        assert is_right, cut


def test_each_cut_leaves_files_that_start(update, prober, tmp_path):
    """As MicroPython's littlefs finds them: the former firmware, of whose files some are looked at,
    or a whole bundle."""
    files = former_layout.files()
    looked_at = {board_files.BOOT, board_files.MAIN, *random.Random(SEED).sample([*files], 4)}
    former = {path: board_files.sha256(files[path]) for path in looked_at}
    _, log, _ = update
    found = prober.call("cut_probe", "installations", *log.write(tmp_path), former, {})
    print(f"{log.cuts} cuts: {lasting(found)}")
    assert len(found) == log.cuts
    assert lasting(found) == ["old", picototp.__version__]
