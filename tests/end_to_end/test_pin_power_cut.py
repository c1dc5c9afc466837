"""Power cuts at every flash operation of what concerns the PIN, before it and in its midst.

The commands are given to a whole token on MicroPython's unix port, and what each does to the flash
is noted. MicroPython's littlefs and the firmware's vault then look at what every cut would have
left (pin_cut_probe.py): the state before the command or the one after it, and a token that goes on.
"""

import pytest

import quick_pbkdf2
from display_text import QUESTION
from earlier_vault import files_of_version_1
from flash_log import FlashLog, lasting
from host_tools.client.wire_errors import TokenError
from host_tools.pico.littlefs_image import file_system
from host_tools.simulator.board import VirtualBoard
from host_tools.simulator.virtual_token import VirtualToken
from open_vault import HandClock, opened
from picototp.vault.account import Account
from tests.end_to_end.hands import Hands
from waiting import eventually
from workbench import MemoryStorage

OLD, NEW = "2580", "071 änd"
PINS = [OLD.encode(), NEW.encode()]
KEY = b"1234567890"
COUNTER = Account("", "counter", KEY, kind="hotp", counter=7)
# So many that the vault's files do not lie in their folder's own blocks, as littlefs keeps small
# ones.
OTHERS = [Account("Other", f"somebody{number:02}@example.org", KEY) for number in range(12)]
ACCOUNTS = [COUNTER, *OTHERS]
LIMIT, LIMIT_AT_FIRST = 5, 10
HOUR_S = 3600
ERASE_ALL_IN_MENU = 4


def entries(accounts):
    """Accounts as the probe tells of them."""
    return [(one.issuer, one.name, one.secret, one.counter) for one in accounts]


def state(pin=None, failures=0, limit=LIMIT_AT_FIRST, plain=False, accounts=()):
    """A token as the probe tells of it."""
    return (pin and pin.encode(), failures, limit, plain, list(accounts))


NEW_TOKEN = state()
DESTROYED = (b"destroyed", *NEW_TOKEN[1:])


class Life:
    """A token that begins with these files, as this state; `steps` is what its commands did:
    (name, log of the flash, states before, in the midst and after)."""

    def __init__(self, folder, files, begins_as):
        image = file_system({f"/data/{name}": data for name, data in files.items()})
        folder.mkdir()
        (folder / "flash.bin").write_bytes(image)
        self.steps = []
        self._state = begins_as
        self._token = VirtualToken(VirtualBoard(folder))
        self.hands = Hands(self._token)
        self.hands.brisk = True

    def __enter__(self):
        self._token.__enter__()
        return self

    def __exit__(self, *exception):
        self._token.close()

    def noted(self, name, *states):
        """Note what happens inside a `with`: the token goes through these states."""
        log = FlashLog(self._token.board.flash)
        self.steps.append((name, log, [self._state, *states]))
        self._state = states[-1]
        return log

    def ask(self, op, **fields):
        """Ask for it over the port, and say yes. Returns "", or the code of the refusal."""
        with self.hands.client() as client:
            try:
                client.request(op, **fields)
            except TokenError as error:
                return error.code
        return ""


def pinned(failures=0):
    """The files of a token with a PIN, after so many wrong ones; an attempt takes it 0.3 s."""
    storage, clock = MemoryStorage(), HandClock()
    with quick_pbkdf2.patched():
        vault = opened(storage, clock)
        for account in ACCOUNTS:
            vault.add(account)
        vault.changing_pin(bytearray(PINS[0])).step(100_000)
        vault.lock()
        for _ in range(failures):
            clock.us += HOUR_S * 1_000_000
            vault.keys.unlocking(bytearray(PINS[1])).step(100_000)
    return storage.files


def a_long_life(folder):
    """From the files of earlier firmware through all that can be done with a PIN."""
    files, (*rest, counter) = files_of_version_1()
    last = {"issuer": counter[0], "name": counter[1]}
    moved = [counter, *rest]
    used = [(*counter[:3], counter[3] + 1), *rest]
    with Life(folder, files, state(plain=True, accounts=[*rest, counter])) as life:
        # The other file is renewed after the one that counts.
        between = state(plain=True, accounts=moved)
        with life.noted("move, and format 1 to 2", between, state(accounts=moved)):
            assert not life.ask("move", **last, to=0)
        with life.noted("limit without a PIN", state(limit=LIMIT, accounts=moved)):
            assert not life.ask("set_limit", limit=LIMIT)
        with life.noted("set a PIN", state(OLD, limit=LIMIT, accounts=moved)):
            assert not life.ask("set_pin", pin=OLD)
        life.hands.wake()
        with life.noted("HOTP code", state(OLD, limit=LIMIT, accounts=used)):
            life.hands.hold()
            life.hands.code()
        with life.noted("remove an account", state(OLD, limit=LIMIT, accounts=rest)):
            assert not life.ask("remove", **last)
        with life.noted("no limit", state(OLD, limit=None, accounts=rest)):
            assert not life.ask("set_limit", limit=None)
        with life.noted("change the PIN", state(NEW, limit=None, accounts=rest)):
            assert not life.ask("set_pin", pin=NEW)
        with life.noted("another key under the same PIN", state(NEW, limit=None, accounts=rest)):
            assert not life.ask("set_pin", pin=NEW)
        assert not life.ask("lock")
        with life.noted("wrong PIN", state(NEW, 1, None, accounts=rest)):
            assert life.ask("unlock", pin=OLD) == "wrong-pin"
        life.hands.elapse(HOUR_S)
        right = state(NEW, 2, None, accounts=rest), state(NEW, limit=None, accounts=rest)
        with life.noted("right PIN", *right):
            assert not life.ask("unlock", pin=NEW)
        with life.noted("remove the PIN", state(limit=None, accounts=rest)):
            assert not life.ask("set_pin", pin=None)
        with life.noted("wipe without a PIN", NEW_TOKEN):
            assert not life.ask("wipe")
    return life.steps


def a_pin_for_old_files(folder):
    """The first PIN, where accounts lie without encryption."""
    files, accounts = files_of_version_1()
    sealed = state(accounts=accounts), state(OLD, accounts=accounts)
    with (
        Life(folder, files, state(plain=True, accounts=accounts)) as life,
        life.noted("set a PIN on format 1", *sealed),
    ):
        assert not life.ask("set_pin", pin=OLD)
    return life.steps


def an_end(folder):
    """The last of the wrong PINs, and the wipe after it."""
    nearly = state(OLD, LIMIT_AT_FIRST - 1, accounts=entries(ACCOUNTS))
    with Life(folder, pinned(LIMIT_AT_FIRST - 1), nearly) as life:
        life.hands.elapse(HOUR_S)
        with life.noted("tenth wrong PIN", DESTROYED):
            assert life.ask("unlock", pin=NEW) == "destroyed"
        with life.noted("wipe a destroyed token", NEW_TOKEN):
            assert not life.ask("wipe")
    return life.steps


def a_life_of_many_accounts(folder):
    """Whose files are not of the small ones."""
    first = entries(ACCOUNTS)
    used = [(*first[0][:3], COUNTER.counter + 1), *first[1:]]
    with Life(folder, pinned(), state(OLD, accounts=first)) as life:
        assert not life.ask("unlock", pin=OLD)
        life.hands.wake()
        with life.noted("HOTP code among many", state(OLD, accounts=used)):
            life.hands.hold()
            life.hands.code()
        with life.noted("remove one of many", state(OLD, accounts=used[1:])):
            assert not life.ask("remove", issuer=COUNTER.issuer, name=COUNTER.name)
        with life.noted("wipe by the host", NEW_TOKEN):
            assert not life.ask("wipe")
    return life.steps


def a_wipe_by_the_menu(folder):
    """Of a locked token."""
    with Life(folder, pinned(), state(OLD, accounts=entries(ACCOUNTS))) as life:
        hands = life.hands
        hands.hold()  # from the dark: the menu
        for _ in range(ERASE_ALL_IN_MENU):
            hands.click()
        hands.hold()
        hands.wait_for_question()
        hands.elapse(0.5)
        with life.noted("wipe by the menu", NEW_TOKEN):
            hands.hold()
            eventually(lambda: not hands.shows(QUESTION), "the answer taken")
            assert not life.ask("status")
    return life.steps


LIVES = [a_long_life, a_pin_for_old_files, a_life_of_many_accounts, an_end, a_wipe_by_the_menu]


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.__name__)
def test_a_power_cut_leaves_the_old_state_or_the_new(life, prober, tmp_path):
    for name, log, states in life(tmp_path / "state"):
        found, wrote = prober.call("pin_cut_probe", "tokens", *log.write(tmp_path), PINS)
        print(f"{name}: {len(log.operations)} operations, {log.cuts} cuts, {wrote} cut again")
        assert len(found) == log.cuts > len(states), name
        assert lasting(found) == lasting(states), name
