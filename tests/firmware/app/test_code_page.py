"""What the screen of an account shows, and the reason when there is no code."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from picototp.clock.states import MISSING, NOT_SET, UNREADABLE
from picototp.clock.timekeeper import COARSE_US
from picototp.screens.text import name_overflow_px
from picototp.screens.values import (
    BAR_WIDTH_PX,
    CodeScreen,
    MenuScreen,
    MessageScreen,
)
from picototp.vault.vault import Vault
from tests.firmware.app.interface_rig import SECRETS, FakeRecord, Hands, account, judge
from workbench import MemoryStorage

# --- TOTP --------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(st.sampled_from(["alice", "bob", "carol"]), st.floats(0, 59.99))
def test_any_code_at_any_time(name, into_s):
    hands = Hands()
    hands.wake()
    hands.pick(name)
    screen = hands.at(into_s)
    period_s = 60 if name == "bob" else 30
    assert screen.code == judge(name, hands.unix_s)
    assert screen.seconds_left == period_s - hands.unix_s % period_s
    assert screen.bar_px == BAR_WIDTH_PX * screen.seconds_left // period_s
    if screen.seconds_left <= 5:
        assert screen.next_code == judge(name, hands.unix_s + 5)
    else:
        assert screen.next_code == b""


@pytest.mark.parametrize(("period_s", "shows_next"), [(1, False), (5, False), (6, True)])
def test_short_periods(period_s, shows_next):
    hands = Hands((account("alice", period_s=period_s),))
    hands.wake()
    screen = hands.at(period_s - 0.5)
    assert screen.seconds_left == 1
    assert bool(screen.next_code) == shows_next


def test_the_longest_period():
    hands = Hands((account("alice", period_s=86_400),))
    screen = hands.wake()
    assert screen.seconds_left == 86_400 - hands.unix_s % 86_400
    assert screen.code


@pytest.mark.parametrize(
    ("record", "line"),
    [
        (FakeRecord(None, None), "set: unknown"),
        (FakeRecord(-86_400 * 3, 0.5), "set 3 d ago ±0.51 s"),
        (FakeRecord(-86_400 * 50, 9.99), "set 50 d ago ±10 s"),
        (FakeRecord(-86_400 * 50, 10.01), "sync me: ±11 s"),  # a third of the shortest period
        (FakeRecord(-86_400, 0.5, 1, 86_400 * 365), "! moved 365 d ahead"),
    ],
)
def test_the_clock_line(awake, record, line):
    if record.set_unix_s is not None:
        record = record._replace(set_unix_s=awake.unix_s + record.set_unix_s)
    awake.record = record
    assert awake.screen().clock_line == line


@pytest.mark.parametrize(
    ("into_s", "code_is_shown"),
    [(0.0, False), (0.49, False), (0.51, True), (15.0, True), (29.4, True), (29.6, False)],
)
def test_no_code_while_it_may_be_the_neighbours(awake, into_s, code_is_shown):
    awake.uncertainty_us = 500_000
    screen = awake.at(into_s)
    assert screen.code == (judge("alice", awake.unix_s) if code_is_shown else b"")


def test_a_settled_clock_shows_codes_up_to_the_edge(awake):
    awake.uncertainty_us = COARSE_US - 1
    for into_s in (0.0, 0.001, 29.999):
        assert awake.at(into_s).code == judge("alice", awake.unix_s)


def test_a_period_of_one_second_and_an_uncertain_clock():
    hands = Hands((account("alice", period_s=1),))
    hands.wake()
    hands.uncertainty_us = 500_000
    assert all(hands.at(tenth / 10).code == b"" for tenth in range(10))


@pytest.mark.parametrize(
    ("state", "title"),
    [(NOT_SET, "Clock not set"), (UNREADABLE, "Clock not set"), (MISSING, "RTC not found")],
)
def test_no_clock_no_totp_code(awake, state, title):
    awake.state = state
    for name in ("alice", "bob", "counter", "carol"):
        screen = awake.screen()
        if name == "counter":
            assert screen.name == "counter"
        else:
            assert isinstance(screen, MessageScreen)
            assert screen.title == title
        awake.click()
    awake.hold()
    assert isinstance(awake.screen(), MenuScreen)


# --- names that scroll -------------------------------------------------------------------------


def test_a_long_name_scrolls_once_around_and_stands_still():
    name = "a very long name of an account@example.com"
    hands = Hands()
    hands.vault.rename(0, "Example", name)
    hands.wake()
    overflow_px = name_overflow_px(name)
    assert overflow_px
    assert hands.interface.animating(hands.now_ms)
    hands.click()
    hands.double()
    seen = []
    for _ in range(800):
        seen.append(hands.screen().scroll_px)
        hands.wait(30)
    assert hands.interface.lit
    assert seen[:30] == [0] * 30
    assert set(seen) == set(range(overflow_px))
    back_at = seen.index(overflow_px - 1)
    assert seen[: back_at + 1] == sorted(seen[: back_at + 1])
    assert seen[back_at + 3 :][:30] == [0] * 30


def test_a_short_name_stands_still(awake):
    for _ in range(50):
        assert awake.screen().scroll_px == 0
        assert not awake.interface.animating(awake.now_ms)
        awake.wait(100)


# --- nothing to show ---------------------------------------------------------------------------


def test_no_accounts():
    hands = Hands(())
    screen = hands.wake()
    assert screen.title == "No accounts yet"
    hands.state = NOT_SET
    assert hands.screen().title == "Clock not set"
    hands.click()
    hands.double()
    hands.hold()
    assert isinstance(hands.screen(), MenuScreen)


def damaged_hands():
    storage = MemoryStorage()
    Hands(storage=storage)
    for name, data in storage.files.items():
        if name.startswith("vault."):
            storage.files[name] = data[:100] + bytes((data[100] ^ 1,)) + data[101:]
    return Hands((), storage)


def too_new_hands():
    """A vault of a format that this firmware does not know (vault/slot.py: version, then CRC)."""
    import struct
    import zlib

    storage = MemoryStorage()
    Hands(storage=storage)
    data = bytearray(storage.files["vault.1"])
    data[4] += 1
    data[20:24] = struct.pack(">I", zlib.crc32(data[:20]))
    storage.files["vault.1"] = bytes(data)
    return Hands((), storage)


@pytest.mark.parametrize(
    ("make", "title"), [(damaged_hands, "Accounts damaged"), (too_new_hands, "Accounts too new")]
)
def test_accounts_that_cannot_be_used(make, title):
    hands = make()
    files = dict(hands.storage.files)
    assert hands.wake().title == title
    hands.click()
    hands.double()
    hands.state = NOT_SET
    assert hands.screen().title == title
    hands.hold()
    assert isinstance(hands.screen(), MenuScreen)
    hands.hold()
    assert not hands.interface.lit
    assert hands.storage.files == files


def test_an_account_that_cannot_be_read_says_so(awake):
    """Flash that fails under a token that runs: no crash, and the menu is there."""
    files, awake.storage.files = awake.storage.files, {}
    awake.click()
    screen = awake.screen()
    assert screen.title == "No code"
    assert "flash" in " ".join(screen.lines)
    awake.hold()
    assert awake.interface.lit
    awake.storage.files = files
    awake.click()
    awake.click()
    assert isinstance(awake.screen(), CodeScreen | MenuScreen)


def held_bytes(thing, seen):
    """All bytes that hang on an object, those of the vault, which is flash, left out."""
    if id(thing) in seen or isinstance(thing, Vault):
        return
    seen[id(thing)] = thing
    if isinstance(thing, (bytes, bytearray, memoryview)):
        yield bytes(thing)
    elif isinstance(thing, dict):
        for key, value in thing.items():
            yield from held_bytes(key, seen)
            yield from held_bytes(value, seen)
    elif isinstance(thing, (tuple, list)):
        for value in thing:
            yield from held_bytes(value, seen)
    elif hasattr(thing, "__dict__"):
        yield from held_bytes(vars(thing), seen)


def test_no_secret_is_kept_with_the_code(awake):
    for name in ("alice", "bob", "carol"):
        assert awake.pick(name).code == judge(name, awake.unix_s)
        held = list(held_bytes(awake.interface, {}))
        assert not [each for each in held if SECRETS[name] in each]
        assert awake.screen().code in held


def test_the_dark_forgets_key_and_code(awake):
    code = awake.screen().code
    generator = awake.interface._code_page._generator
    assert any(generator.states)
    awake.wait(31_000)
    assert not awake.interface.lit
    assert not any(generator.states)
    assert code not in list(held_bytes(awake.interface, {}))
