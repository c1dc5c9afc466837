"""From a blank Pico to right codes, with the tools that a user has, and to the next release.

One board lives through all of it: its firmware comes through its serial port.
"""

import base64
import contextlib
import json
import os
import random
import shutil
import threading
import time

import pytest
import serial

import picototp
from flash_log import FlashLog, lasting
from flash_tree import files_in
from host_tools.client.ports import SerialConnection
from host_tools.client.token_client import TokenClient
from host_tools.credentials.credential import Credential
from host_tools.credentials.otpauth import parse_uri
from host_tools.pico import board_files
from host_tools.pico.board_files import USE
from host_tools.simulator.board import VirtualBoard
from host_tools.simulator.devices.flash import Tear
from host_tools.simulator.digits import read_code
from judges import needs_code_judge, totp
from picototp.board.slots import PROVEN
from tests.chip.chip_bench import (
    PATIENCE_S,
    ROOT,
    eventually,
    run,
    say_yes,
)
from tests.chip.cut_starts import after_cuts, check_order

pytestmark = pytest.mark.chip

KEY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
URI = f"otpauth://totp/Example:alice?secret={KEY}&issuer=Example"
BOB = Credential("", "bob", b"12345678901234567890")
NEXT_VERSION = "99.9.9"
SEED = int(os.environ.get("PICOTOTP_TEST_SEED", "20261123"))
STARTS = 4
A_FIFTH_OF_A_START_NS = 200_000_000


@pytest.fixture(scope="module")
def token(plug_in):
    """A Pico with nothing but MicroPython, whose clock was never set."""
    return plug_in(VirtualBoard(rtc_set=False))


@pytest.fixture(scope="module")
def installation(token):
    """How `picototp install` ended, and what it did to the flash."""
    assert token.at_prompt
    with FlashLog(token.board.flash) as log:
        done = run("install", "--port", token.port.path)
    return done, log


@pytest.fixture(scope="module")
def with_account(token, installation):
    """The token, which has an account now; its clock is not set."""
    done = run(
        *("provision", "--port", token.port.path, "add", "-"),
        typed=URI,
        on_confirm=lambda: say_yes(token),
    )
    assert done.returncode == 0, done.stderr
    return token


@pytest.fixture(scope="module")
def set_clock(with_account, time_server):
    """What `picototp synctime` printed, with a server on this computer."""
    token = with_account
    done = run(
        *("synctime", "--port", token.port.path, "--server", time_server, "--json"),
        on_confirm=lambda: say_yes(token),
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def true_error_s(board: VirtualBoard) -> float:
    """How far the RTC is ahead of this computer's clock, once the chip has caught up with it."""

    def look() -> float | None:
        before_ns = time.time_ns()
        held_ns, late_ns = board.rtc.unix_ns(), board.clock.host_ns() - board.clock.now_ns()
        after_ns = time.time_ns()
        if max(late_ns, after_ns - before_ns) > 2_000_000:
            return None
        return (held_ns - (before_ns + after_ns) // 2 or 1) / 1e9

    return eventually(look, "a chip that is on time")


def test_a_blank_board_becomes_a_token(token, installation):
    done, _ = installation
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert done.stderr.endswith(f"; the token runs firmware {picototp.__version__}\n")
    wanted = board_files.collect()
    found = files_in(token.board.flash)
    assert {path: found[path] for path in wanted} == wanted


def test_token_and_host_agree(with_account, set_clock):
    done = run("provision", "--port", with_account.port.path, "verify", "-", typed=URI)
    assert done.returncode == 0, done.stderr + done.stdout
    done = run("provision", "--port", with_account.port.path, "list", "--json")
    (account,) = json.loads(done.stdout)
    assert (account["issuer"], account["name"]) == ("Example", "alice")


def test_the_clock_is_set(with_account, set_clock):
    """As well as can be: half of what the slow chip's quickest answer takes is uncertain."""
    assert set_clock["before"] is None and set_clock["set"] is True
    actual_s = true_error_s(with_account.board)
    print(f"after: {set_clock['after']}, truly {actual_s:+.4f} s")
    assert abs(set_clock["after"]["error_s"] - actual_s) <= set_clock["after"]["uncertainty_s"]
    assert abs(actual_s) < 2


@needs_code_judge
def test_the_code_is_the_judges(with_account, set_clock):
    token = with_account
    if not token.screen_on:
        token.press()
    before_s = int(token.board.rtc.unix()) - 1
    shown = eventually(lambda: read_code(token.screen()), "a code")
    key = base64.b32decode(KEY)
    assert shown in {totp(key, at) for at in (before_s, int(token.board.rtc.unix()))}


def test_a_power_cut_at_any_operation_of_the_installation(installation, prober, tmp_path):
    """Each leaves MicroPython's prompt, to install again, or the whole firmware."""
    _, log = installation
    found = prober.call("cut_probe", "installations", *log.write(tmp_path), {}, {})
    print(f"{len(log.operations)} operations, {log.cuts} cuts: {lasting(found)}")
    assert len(found) == log.cuts
    assert lasting(found) == ["", picototp.__version__]


def test_it_starts_after_power_cuts_in_the_installation(installation, image, prober, tmp_path):
    """Until all of the firmware is there MicroPython's prompt comes, and the file system is one
    that it need not make anew; then the token starts."""
    _, log = installation
    found = prober.call("cut_probe", "installations", *log.write(tmp_path), {}, {})
    logs = {"install": log}
    for _, cut, (at_prompt, operations) in after_cuts(logs, STARTS, image, prompt_and_operations):
        assert at_prompt == (found[cut] == ""), cut
        assert operations == 0 or not at_prompt, cut


def prompt_and_operations(token):
    """Whether the prompt came, and what the start did to the flash."""
    return token.at_prompt, token.board.flash.operations


class PowerFailed(Exception):
    """In the midst of a request: nobody waits for its answer."""


def test_it_starts_after_a_power_cut_and_after_a_reset_while_it_starts(with_account, set_clock):
    """The power fails while an account is added, at its first operation: on a busy computer there
    was no other one. test_power_cuts.py has them all. Then a host sends Ctrl-C all through the
    start."""
    token = with_account
    chance = random.Random(SEED)
    tear = chance.choice([None, *Tear])
    print(f"seed {SEED}: torn: {tear}")

    def say_yes_and_fail() -> None:
        token.board.flash.cut_after(1, tear, SEED)
        say_yes(token)
        eventually(lambda: not token.engine.running, "the power cut")
        raise PowerFailed

    with (
        pytest.raises(PowerFailed),
        TokenClient(SerialConnection(token.port.path), say_yes_and_fail) as host,
    ):
        host.add(BOB)
    assert not token.screen_on
    token.power(True)
    eventually(lambda: token.engine.run.chip.now_ns > A_FIFTH_OF_A_START_NS)
    token.engine.reset()  # the RUN pin
    with interrupting(token):
        assert token.engine.ready.wait(PATIENCE_S) and not token.at_prompt
    with TokenClient(SerialConnection(token.port.path)) as host:
        names = [account.name for account in host.accounts()]
        assert names in (["alice"], ["alice", BOB.name])
        assert host.check(parse_uri(URI), int(time.time()))
    assert token.board.display.complaints == []


@contextlib.contextmanager
def interrupting(token):
    """A host that wants to be at the REPL, and sends Ctrl-C all the time."""
    done = threading.Event()

    def interrupt() -> None:
        with serial.Serial(token.port.path, write_timeout=0) as line:
            while not done.wait(0.005):
                with contextlib.suppress(serial.SerialTimeoutException):
                    line.write(b"\x03")

    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


@pytest.fixture(scope="module")
def next_release(tmp_path_factory):
    """The source tree of a later version."""
    tree = tmp_path_factory.mktemp("release")
    for name in ("host_tools", "firmware"):
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    about = tree / "firmware" / "picototp" / "__init__.py"
    text = about.read_text()
    assert picototp.__version__ in text
    about.write_text(text.replace(picototp.__version__, NEXT_VERSION))
    return tree


def test_an_update_with_consent(with_account, set_clock, next_release, image, prober, tmp_path):
    """The token asks; its accounts stay; cut off anywhere it is a token, with the old firmware or
    the new. Then back to the old. (It runs last: the board has the next release meanwhile.)"""
    token = with_account
    names = listed_names(token)
    before = files_in(token.board.flash)
    with FlashLog(token.board.flash) as update:
        done = run(
            *("install", "--port", token.port.path),
            on_confirm=lambda: say_yes(token),
            tree=next_release,
        )
        # While it is on trial, a start that is cut off may send it back to the one before.
        eventually(lambda: files_in(token.board.flash)[USE][1:2] == PROVEN.encode(), "its proof")
    assert done.returncode == 0, done.stderr
    asked, told, note = done.stderr.splitlines()
    assert "confirm on the token" in asked
    assert told.startswith("2 of ") and told.endswith(f"the token runs firmware {NEXT_VERSION}")
    assert note.startswith("note: ") and note.endswith(": picototp install --all")
    vault = {path for path in before if path.startswith("/data/vault")}
    assert listed_names(token) == names and "alice" in names
    with FlashLog(token.board.flash) as rollback:
        done = run(
            *("install", "--rollback", "--port", token.port.path),
            on_confirm=lambda: say_yes(token),
        )
    assert done.returncode == 0, done.stderr
    assert done.stderr.endswith(f"the token runs firmware {picototp.__version__}\n")
    after = files_in(token.board.flash)
    assert vault and all(after[path] == before[path] for path in vault)

    kept = {path: board_files.sha256(before[path]) for path in vault}
    versions = {"update": [picototp.__version__, NEXT_VERSION]}
    versions["rollback"] = versions["update"][::-1]
    logs = {"update": update, "rollback": rollback}
    token.power(False)  # left alone, a chip takes a third of a processor
    for name, log in logs.items():
        found = prober.call("cut_probe", "installations", *log.write(tmp_path), {}, kept)
        print(f"{name}: {len(log.operations)} operations, {log.cuts} cuts: {lasting(found)}")
        assert lasting(found) == versions[name]
    found = {}
    for name, cut, version in after_cuts(logs, STARTS, image, firmware_with_a_right_code):
        assert version in versions[name], (name, cut)
        found.setdefault(name, []).append(version)
    check_order(found, versions)


def firmware_with_a_right_code(token):
    """The version of a token that has started, and computes alice's code."""
    with TokenClient(SerialConnection(token.port.path)) as host:
        assert host.check(parse_uri(URI), int(time.time()))
        return host.info.firmware


def listed_names(token) -> list[str]:
    done = run("provision", "--port", token.port.path, "list", "--json")
    return [account["name"] for account in json.loads(done.stdout)]
