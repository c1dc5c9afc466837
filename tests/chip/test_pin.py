"""What concerns the PIN, on the emulated Pico: one life of a token, from the files of earlier
firmware to its wipe, with PINs that are stretched as long as they are on a real one.

What each command did to the flash is recorded, and MicroPython's littlefs and the firmware's vault
look at what every power cut in it would have left (pin_cut_probe.py), as in the tests of the unix
engine. The chip itself starts after some of them, and with PICOTOTP_CHIP=all after each. All that
leaves the port in this life is audited, and it is asked everything on the way (port_audit.py).
"""

import os
import random

import pytest

from earlier_vault import files_of_version_1
from every_request import ALICE
from flash_log import FlashLog, lasting
from flash_tree import with_files
from host_tools.client.ports import SerialConnection
from host_tools.client.token_client import TokenClient
from host_tools.client.wire_errors import TokenError
from host_tools.credentials.credential import Credential
from host_tools.simulator.board import VirtualBoard
from host_tools.simulator.digits import read_code
from leaks import leaked
from picototp.codes import otp
from port_audit import PortAudit, abandon, send_spoilt_requests
from tests.chip.chip_bench import PATIENCE_S, eventually, say_yes, settle
from tests.chip.cut_starts import after_cuts, check_order

pytestmark = pytest.mark.chip

OLD, NEW = "73190462", "071 änd"  # too long to come up by chance
PINS = [OLD.encode(), NEW.encode()]
BOB = Credential(ALICE["issuer"], ALICE["name"], b"a secret behind a PIN")
SEED = int(os.environ.get("PICOTOTP_TEST_SEED", "20261128"))
SPOILT = 15
STARTS = 4
LIMIT = 10
HOUR_S = 3600
COMMANDS = (
    *("move, and format 1 to 2", "set a PIN", "add an account", "a HOTP code", "remove it"),
    *("change the PIN", "a wrong PIN", "the right PIN", "wipe"),
)


class Life:
    """What became of one token."""

    def __init__(self, token, accounts):
        self._token = token
        self.accounts = accounts
        self.logs = {}
        self.states = {}  # of each command: those before it, in its midst, and after it
        self.served = {}  # of all that there is to ask, by the state that it was asked in
        self.code = ""
        # Those of which no part can come up by chance.
        secrets = {secret for _, _, secret, _ in accounts if len(secret) > len(b"short")}
        self.audit = PortAudit(token, secrets | {BOB.secret, *PINS})

    def noted(self, name, *states):
        """Note what happens inside a `with`: the token goes through these states."""
        self.states[name] = list(states)
        self.logs[name] = FlashLog(self._token.board.flash)
        return self.logs[name]

    def asked(self, state, but):
        """Note the key, and ask everything; each question is withdrawn."""
        self.audit.notice()
        self.served[state] = self.audit.ask_everything(abandon, but, thrifty=True)


def state(pin=None, failures=0, plain=False, accounts=()):
    """A token as the probe tells of it."""
    return (pin and pin.encode(), failures, LIMIT, plain, list(accounts))


@pytest.fixture(scope="module")
def life(plug_in, firmware, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pin")
    files, accounts = files_of_version_1()
    files = {f"/data/{name}": data for name, data in files.items()}
    (folder / "flash.bin").write_bytes(with_files(firmware, files))
    token = plug_in(VirtualBoard(folder))
    live = Life(token, accounts)
    path = token.port.path

    def host():
        return TokenClient(SerialConnection(path), on_wait=lambda: say_yes(token))

    with host() as client:
        move(live, client)
    print(f"seed {SEED}")
    send_spoilt_requests(path, random.Random(SEED), SPOILT, PATIENCE_S)
    with host() as client:
        use_before_the_code(live, client)
    live.asked("unlocked", but=("lock", "unlock"))
    press_for_a_code(live, token)
    with host() as client:
        use_after_the_code(live, client)
    live.asked("locked", but=("unlock",))
    with host() as client:
        use_with_a_wrong_pin(live, client, token.board)
    return live


def steps_of(live):
    """The accounts as they come and go: at first, moved, with Bob, with the code used, at last."""
    *rest, counter = live.accounts
    bob = (BOB.issuer, BOB.name, BOB.secret, 0)
    used = (*counter[:3], counter[3] + 1)
    return live.accounts, [counter, *rest], [counter, *rest, bob], [used, *rest, bob], [*rest, bob]


def move(live, host):
    first, moved, *_ = steps_of(live)
    issuer, name, _, _ = first[-1]
    # The other file is renewed after the one that counts.
    states = (
        state(plain=True, accounts=first),
        state(plain=True, accounts=moved),
        state(accounts=moved),
    )
    with live.noted("move, and format 1 to 2", *states):
        host.request("move", issuer=issuer, name=name, to=0)


def use_before_the_code(live, host):
    _, moved, with_bob, *_ = steps_of(live)
    status = host.status()
    assert (status.reset_cause, status.errors_logged) == (1, 0)
    assert [one.name for one in host.accounts()] == [name for _, name, _, _ in moved]
    with live.noted("set a PIN", state(accounts=moved), state(OLD, accounts=moved)):
        host.request("set_pin", pin=OLD)
    # The pauses between the questions that nobody answers are longer than it would stay open.
    host.request("set_lock_after", seconds=None)
    with live.noted("add an account", state(OLD, accounts=moved), state(OLD, accounts=with_bob)):
        host.add(BOB)


def press_for_a_code(live, token):
    _, _, before, after, _ = steps_of(live)
    if not token.screen_on:
        token.press()
    settle(token)
    token.press()  # from the one that was added, the last, to the first
    settle(token)
    with live.noted("a HOTP code", state(OLD, accounts=before), state(OLD, accounts=after)):
        say_yes(token)
        live.code = eventually(lambda: read_code(token.screen()), "a code")


def use_after_the_code(live, host):
    _, _, _, before, after = steps_of(live)
    issuer, name, _, _ = before[0]
    with live.noted("remove it", state(OLD, accounts=before), state(OLD, accounts=after)):
        host.request("remove", issuer=issuer, name=name)
    with live.noted("change the PIN", state(OLD, accounts=after), state(NEW, accounts=after)):
        host.request("set_pin", pin=NEW)
    host.request("lock")


def use_with_a_wrong_pin(live, host, board):
    *_, after = steps_of(live)
    with (
        live.noted("a wrong PIN", state(NEW, accounts=after), state(NEW, 1, accounts=after)),
        pytest.raises(TokenError, match="wrong PIN"),
    ):
        host.request("unlock", pin=OLD)
    board.elapse(HOUR_S)  # longer than any delay
    charged = (state(NEW, failures, accounts=after) for failures in (1, 2))
    with live.noted("the right PIN", *charged, state(NEW, accounts=after)):
        host.request("unlock", pin=NEW)
    assert [one.name for one in host.accounts()] == [name for _, name, _, _ in after]
    with live.noted("wipe", state(NEW, accounts=after), state()):
        host.request("wipe")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_power_cut_leaves_the_old_state_or_the_new(life, prober, tmp_path, command):
    log = life.logs[command]
    found, _ = prober.call("pin_cut_probe", "tokens", *log.write(tmp_path), PINS)
    print(f"{len(log.operations)} operations, {log.cuts} cuts")
    assert len(found) == log.cuts > 1
    assert lasting(found) == life.states[command]


def test_the_code_is_right(life):
    _, _, secret, counter = life.accounts[-1]
    assert life.code == otp.hotp("SHA1", secret, counter, 6).decode()


def test_nothing_left_the_port_that_must_not(life):
    life.audit.check([life.code.encode()])
    assert leaked(bytes(life.audit.said), {BOB.name.encode()})  # all that was sent is in there


def test_what_is_served(life):
    always = {"hello", "status", "selftest", "log", "time", "clock_log", "diagnose", "display"}
    # Of a batch only the end asks.
    opened = always | {"list", "check", "show", "batch_begin", "batch_entry"}
    assert life.served == {"unlocked": opened, "locked": always | {"lock", "show"}}


def test_nothing_was_in_flash_that_must_not(life):
    """Whatever lay there in the end of a command, littlefs's old blocks included: neither a PIN nor
    what came to be known when there was one."""
    for command, log in life.logs.items():
        *_, content = log.contents()
        assert leaked(content, {BOB.secret, *PINS}) == [], command


def test_it_starts_after_power_cuts(life, image):
    """What the token tells of itself without its PIN."""
    expected = {name: lasting([told(*each) for each in life.states[name]]) for name in life.logs}
    found = {}
    starts = after_cuts(life.logs, STARTS, image, what_it_tells)
    for command, cut, (vault, *tells) in starts:
        assert vault == "ok", (command, cut)
        assert tuple(tells) in expected[command], (command, cut)
        found.setdefault(command, []).append(tuple(tells))
    check_order(found, expected)


def what_it_tells(token):
    """The vault's state, then as in `told`."""
    with TokenClient(SerialConnection(token.port.path)) as host:
        status = host.status()
        listed = None if status.locked else host.accounts()
    names = listed and [(one.issuer, one.name, one.counter) for one in listed]
    return (status.vault, status.pin, status.pin_failures, status.pin_limit, names)


def told(pin, failures, limit, _, accounts):
    """A state of the probe, as the token tells of it when it starts."""
    names = [(issuer, name, counter) for issuer, name, _, counter in accounts]
    return bool(pin), failures, limit, None if pin else names
