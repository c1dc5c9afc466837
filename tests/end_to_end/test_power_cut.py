"""SIGKILL of the simulator while an account is added, 200 times at random moments; `make test`
takes 60 of them, chosen by the seed.

After each one the simulator starts again with the same --state, and its list of accounts is the one
from before the add or the one from after it. Half of the moments are spread over the whole add,
half over the few milliseconds after the yes, in which the flash is written.
"""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from display_text import QUESTION, shows
from host_tools.client.ports import SerialConnection
from host_tools.client.token_client import TokenClient
from host_tools.credentials.credential import Credential
from host_tools.errors import ToolError
from programs import TREE
from tests.end_to_end.control_socket import Control
from waiting import eventually

SEED = int(os.environ.get("PICOTOTP_TEST_SEED", "20261123"))
CHAINS, CUTS = 20, 10
OFTEN = random.Random(SEED).sample(range(CHAINS), 3)
HOLD_BAR_Y, HOLD_BAR_X = 50, 8  # lit on the display once the button has been held for a while


class Simulators:
    """Simulators that are started one after the other, with the same state, and killed."""

    def __init__(self, folder: Path) -> None:
        self._options = ["--headless", "--state", str(folder / "state")]
        self._options += ["--serial", str(folder / "port"), "--control", str(folder / "control")]
        self._folder = folder
        self.port = str(folder / "port")
        self._forks = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("simulator_forks.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **TREE, "TMPDIR": str(folder)},
        )
        self._process = 0

    def start(self) -> None:
        """Power on, and wait until the firmware serves the port."""
        self._forks.stdin.write(json.dumps(self._options).encode() + b"\n")
        self._forks.stdin.flush()
        self._process = int(self._forks.stdout.readline())
        while (line := self._forks.stdout.readline()) != b"ready\n":
            assert line.startswith(b"serial port"), line
        self._control = Control(self._folder / "control")
        self.ask = self._control.ask

    def kill(self) -> None:
        """Cut the power."""
        os.kill(self._process, signal.SIGKILL)

    def wait(self) -> None:
        """Until it has ended."""
        assert self._forks.stdout.readline() == b"ended\n"
        self._process = 0
        self._control.close()

    def close(self) -> None:
        """No more of them."""
        if self._process:  # a test that failed
            self.kill()
        self._forks.stdin.close()
        self._forks.wait()
        self._forks.stdout.close()

    def say_yes(self) -> None:
        """Hold the button until just before the firmware takes it for a yes, and on."""
        self._control.sees(QUESTION)
        self.ask("hold", down=True)
        self.ask("elapse", seconds=0.3)
        eventually(self._is_held)
        self.ask("elapse", seconds=0.6)

    def _is_held(self) -> bool:
        """Whether the bar grows, or is full already where the firmware had no time to draw it."""
        self.ask("elapse", seconds=0.01)
        rows = self.ask("screen")["rows"]
        return rows[HOLD_BAR_Y][HOLD_BAR_X] == "#" or not shows(rows, QUESTION)


@pytest.fixture
def simulators(tmp_path):
    started = Simulators(tmp_path)
    yield started
    started.close()


class Pace:
    """How long things take on this machine now, in seconds: moments are chosen by it."""

    def __init__(self) -> None:
        self.add_s = self.write_s = 0.0

    def measure(self, simulators: Simulators, client: TokenClient, credential: Credential) -> None:
        """Time a whole add, and its part after the yes."""
        agreed_s = [0.0]

        def agree() -> None:
            simulators.say_yes()
            agreed_s[0] = time.monotonic()

        client.on_wait = agree
        started_s = time.monotonic()
        client.add(credential)
        self.add_s = time.monotonic() - started_s
        self.write_s = time.monotonic() - agreed_s[0]
        simulators.ask("hold", down=False)


def add_and_cut(
    simulators: Simulators,
    client: TokenClient,
    credential: Credential,
    pace: Pace,
    chance: random.Random,
) -> tuple[bool, bool]:
    """Begin an add, and cut the power at a random moment of it: (whether somebody may have said
    yes by then, whether the token had said that it was done)."""
    agreed = done = False
    in_the_write = chance.random() < 0.5
    longest_s = 1.2 * (pace.write_s if in_the_write else pace.add_s)
    timer = threading.Timer(chance.uniform(0, longest_s), simulators.kill)

    def agree() -> None:
        nonlocal agreed
        agreed = True
        simulators.say_yes()
        if in_the_write:
            timer.start()

    client.on_wait = agree
    if not in_the_write:
        timer.start()
    try:
        client.add(credential)
        done = True
    except (ToolError, OSError):
        if in_the_write and not timer.ident:
            raise  # the power was not cut yet
    timer.join()
    simulators.wait()
    return agreed, done


@pytest.mark.parametrize(
    "chain",
    [pytest.param(n, marks=[] if n in OFTEN else pytest.mark.thorough) for n in range(CHAINS)],
)
def test_the_list_is_the_old_one_or_the_new_one(simulators, chain):
    chance = random.Random(f"{SEED} {chain}")
    print(f"seed {SEED}, chain {chain}")
    pace = Pace()
    held = [Credential("", "kept", chance.randbytes(20))]
    new = 0
    simulators.start()
    with TokenClient(SerialConnection(simulators.port)) as client:
        pace.measure(simulators, client, held[0])
    for cut in range(CUTS):
        tried = Credential("", f"{cut}", chance.randbytes(chance.randint(1, 128)))
        with TokenClient(SerialConnection(simulators.port)) as client:
            agreed, done = add_and_cut(simulators, client, tried, pace, chance)
        simulators.start()
        with TokenClient(SerialConnection(simulators.port)) as client:
            found = [account.name for account in client.accounts()]
            is_new = len(found) > len(held)
            assert done <= is_new <= agreed, "nothing confirmed is lost, nothing comes unasked"
            if is_new:
                held.append(tried)
                new += 1
            assert found == [one.name for one in held]
            now_s = int(time.time())
            assert all(client.check(one, now_s) for one in held), "a secret is another one now"
    simulators.kill()
    simulators.wait()
    print(f"{new} new lists, {CUTS - new} old ones; {pace.write_s * 1000:.0f} ms to write")
