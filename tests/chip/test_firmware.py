"""The firmware, compiled for the RP2040 and run on it: one life of a token, and what a power cut at
each flash operation of it would have left behind.

Each start costs some two seconds of a computer's time, so one run of the commands is recorded, and
the firmware's own vault looks at every cut on MicroPython for this computer. The chip itself starts
after some of them, and with PICOTOTP_CHIP=all after each.
"""

import time

import pytest

from flash_log import FlashLog, lasting
from flash_tree import with_files
from host_tools.client.ports import SerialConnection
from host_tools.client.token_client import TokenClient
from host_tools.credentials.credential import Credential
from host_tools.pico import flash_layout, uf2
from host_tools.simulator.board import VirtualBoard
from host_tools.simulator.digits import read_code
from judges import hotp, needs_code_judge
from open_vault import opened
from picototp.vault.account import Account
from tests.chip.chip_bench import eventually, run, say_yes, settle
from tests.chip.cut_starts import after_cuts, check_order
from workbench import MemoryStorage

pytestmark = pytest.mark.chip

KEY = b"12345678901234567890"
ALICE = Credential("Example", "alice@example.com", KEY)
COUNTER = Credential("", "counter", KEY, kind="hotp")
STARTS = 3
NEW_ALICE = Credential("Example", "alice@example.com", KEY[::-1])
NEW = [Credential("New", f"account {number}", KEY) for number in range(6)]
COMMANDS = (
    *("add a HOTP account", "the next HOTP code", "add a TOTP account", "remove"),
    *("add and replace several", "remove several"),
)
# So many that the vault's files do not lie in their folder's own blocks, as littlefs keeps small
# ones.
OTHERS = [("Other", f"somebody{number:03}@example.org", KEY, 0) for number in range(12)]
# The accounts before the first command, and after each: issuer, name, secret, counter.
ACCOUNTS = [
    OTHERS + new
    for new in (
        [],
        [("", "counter", KEY, 0)],
        [("", "counter", KEY, 1)],
        [("", "counter", KEY, 1), ("Example", "alice@example.com", KEY, 0)],
        [("Example", "alice@example.com", KEY, 0)],
        [("Example", "alice@example.com", KEY[::-1], 0)]
        + [(one.issuer, one.name, KEY, 0) for one in NEW],
        [(one.issuer, one.name, KEY, 0) for one in NEW[1:]],
    )
]


@pytest.fixture(scope="module")
def token(plug_in, image, tmp_path_factory):
    """A Pico that got the one file of `picototp image`, and accounts since then."""
    folder = tmp_path_factory.mktemp("image")
    path = folder / "token.uf2"
    done = run("image", "-o", path, "--image", image.path)
    assert done.returncode == 0, done.stderr
    blocks = uf2.read_image(path).blocks
    start = flash_layout.FILE_SYSTEM_START
    content = b"".join(blocks[at] for at in range(start, flash_layout.FLASH_SIZE, uf2.UF2_PAYLOAD))
    (folder / "flash.bin").write_bytes(with_files(content, loaded_vault()))
    token = plug_in(VirtualBoard(folder))
    assert not token.at_prompt
    return token


def loaded_vault() -> dict[str, bytes]:
    """The files of a vault that holds OTHERS, which were added one after the other."""
    storage = MemoryStorage()
    vault = opened(storage)
    for issuer, name, secret, _ in OTHERS:
        vault.add(Account(issuer, name, secret))
    return {f"/data/{name}": data for name, data in storage.files.items()}


@pytest.fixture(scope="module")
def life(token) -> tuple[dict[str, FlashLog], str]:
    """What each command did to the flash, and the HOTP code that came up."""
    flash = token.board.flash
    found = {name: FlashLog(flash) for name in COMMANDS}
    add_hotp, next_code, add_totp, remove, add_several, remove_several = found.values()
    with TokenClient(SerialConnection(token.port.path), on_wait=lambda: say_yes(token)) as host:
        assert host.info.token == token.board.unique_id.hex()
        with add_hotp:
            host.add(COUNTER)
    if not token.screen_on:
        token.press()
    settle(token)
    assert read_code(token.screen()) is None  # a HOTP code is used up by showing it
    with next_code:
        say_yes(token)
        shown = eventually(lambda: read_code(token.screen()), "a code")
    with TokenClient(SerialConnection(token.port.path), on_wait=lambda: say_yes(token)) as host:
        with add_totp:
            host.add(ALICE)
        assert host.check(ALICE, int(time.time()))
        with remove:
            host.request("remove", issuer=COUNTER.issuer, name=COUNTER.name)
        host.on_wait = lambda: say_yes(token, more_pages=3)
        with add_several:
            host.begin_batch("add", 7)
            for one in (*NEW[:3], NEW_ALICE, *NEW[3:]):
                host.put_account(one, replace=True)
            host.end_batch(7)
        assert all(host.check(one, int(time.time())) for one in (*NEW, NEW_ALICE))
        host.on_wait = lambda: say_yes(token, more_pages=1)
        with remove_several:
            host.begin_batch("remove", 2)
            for one in host.accounts():
                if one.name in (NEW[0].name, NEW_ALICE.name):
                    host.put_removal(one)
            host.end_batch(2)
    return found, shown


@pytest.fixture(scope="module")
def logs(life) -> dict[str, FlashLog]:
    """What each command did to the flash."""
    return life[0]


@needs_code_judge
def test_the_next_hotp_code_is_the_judges(life):
    assert life[1] == hotp(KEY, 0)


@pytest.mark.parametrize("number", range(len(COMMANDS)), ids=COMMANDS)
def test_a_power_cut_leaves_the_old_accounts_or_the_new(logs, prober, tmp_path, number):
    log = logs[COMMANDS[number]]
    found = prober.call("cut_probe", "vaults", *log.write(tmp_path))
    print(f"{len(log.operations)} operations, {log.cuts} cuts; new from {found.count(found[0])} on")
    assert len(found) == log.cuts > 1
    assert lasting(found) == [ACCOUNTS[number], ACCOUNTS[number + 1]]


def test_it_starts_after_power_cuts(logs, image):
    told = [
        [(issuer, name, counter) for issuer, name, _, counter in accounts] for accounts in ACCOUNTS
    ]
    expected = {command: told[number : number + 2] for number, command in enumerate(COMMANDS)}
    found = {}
    for command, cut, listed in after_cuts(logs, STARTS, image, listed_accounts):
        assert listed in expected[command], (command, cut)
        found.setdefault(command, []).append(listed)
    check_order(found, expected)


def listed_accounts(token):
    """Issuer, name and counter of each."""
    with TokenClient(SerialConnection(token.port.path)) as host:
        return [(one.issuer, one.name, one.counter) for one in host.accounts()]
