"""What the RAM of the emulated Pico holds of a token's secrets, however it came to be locked.

RAM survives the RUN pin, and the button held at power-up gives a prompt that can read all of it. So
the whole SRAM is searched: for the data key and what is made of it, for the PIN and for secrets.
"""

import random
import re

import pytest

from aes_rounds import expanded
from earlier_vault import files_of_version_1
from flash_tree import with_files
from host_tools.client.ports import SerialConnection
from host_tools.client.token_client import TokenClient
from host_tools.client.wire_errors import TokenError
from host_tools.credentials.credential import Credential
from host_tools.pico import bundle_file
from host_tools.pico.repl import Repl
from host_tools.simulator.board import VirtualBoard
from leaks import forms, made_of
from maintenance_hands import START_S, let_go_and_hold, until_prompt, wait_s
from tests.chip.chip_bench import eventually, say_yes, settle
from tests.firmware.vault.vault_reader import read_key

pytestmark = pytest.mark.chip

SRAM, SRAM_BYTES = 0x2000_0000, 264 * 1024
FEWEST = 5  # wrong PINs that a token can be told to take
HOUR_S = 3600
PIN, WRONG = "73190462", "73190463"
BOB = Credential("Example", "bob", b"a secret behind a PIN")


def key_of(token) -> bytes:
    """The data key, as the PIN unwraps it from the newest record in flash."""
    flash = token.board.flash.read(0, token.board.flash.size)
    records = [
        flash[found.start() : found.start() + 100] for found in re.finditer(rb"PTKY\x01\x01", flash)
    ]
    return read_key(max(records, key=lambda record: record[8:12]), PIN.encode())


def swapped(data: bytes) -> bytes:
    """Its words of four bytes with the other end first, as a processor may keep them."""
    return b"".join(data[at : at + 4][::-1] for at in range(0, len(data), 4))


def looks_of(key: bytes) -> dict[str, set[bytes]]:
    """What is searched for, in all its forms: the PIN, a secret, the data key, what is made of it,
    and the round keys into which AES expands its own."""
    wanted = {"PIN": set(forms(PIN.encode())), "secret": set(forms(BOB.secret))}
    for number, part in enumerate(sorted(made_of(key))):
        words = {part[at : at + 16] for at in (0, 16)}
        words |= {round_key for round_key in expanded(part) if len(set(round_key)) > 1}
        wanted[f"key {number}"] = words | {swapped(word) for word in words} | set(forms(part))
    return wanted


def found_in(sram: bytes, looks: dict[str, set[bytes]]) -> dict[str, list[str]]:
    """Where in the memory something of the secrets stands: what it is -> addresses."""
    text = sram.lower()
    places = {
        name: {SRAM + at for form in those for at in (text.find(form), sram.find(form)) if at >= 0}
        for name, those in looks.items()
    }
    return {name: sorted(map(hex, found)) for name, found in places.items() if found}


@pytest.fixture(scope="module")
def token(plug_in, firmware, tmp_path_factory):
    folder = tmp_path_factory.mktemp("sram")
    files, _ = files_of_version_1()
    files = {f"/data/{name}": data for name, data in files.items()}
    (folder / "flash.bin").write_bytes(with_files(firmware, files))
    return plug_in(VirtualBoard(folder))


def host(token):
    return TokenClient(
        SerialConnection(token.port.path),
        on_wait=lambda: say_yes(token),
        on_later=lambda _, seconds: token.board.elapse(seconds),
    )


def opened(token):
    """Have it hold the PIN and the account, open and lit: what is to be searched for from then
    on."""
    with host(token) as client:
        status = client.status()
        if status.locked:
            client.unlock(PIN)
        elif not status.pin:
            client.set_pin(PIN)
            client.set_lock_after(0)
        if BOB.name not in [account.name for account in client.accounts()]:
            client.add(BOB)
        client.check(BOB, 59)
    if not token.screen_on:
        token.press()
    settle(token)
    looks = looks_of(key_of(token))
    found = found_in(token.memory(SRAM, SRAM_BYTES), looks)
    assert any(name.startswith("key") for name in found), "what is searched for is there when open"
    return looks


# --- the ways to lock ----------------------------------------------------------------------------


def by_request(token):
    with host(token) as client:
        client.lock()


def by_menu(token):
    token.press(0.9)  # the menu, of which the first is to lock
    settle(token)
    token.press(0.9)


def by_time(token):
    token.board.clock.after(31, lambda: None)


def by_wrong_pin(token):
    by_request(token)
    with host(token) as client, pytest.raises(TokenError, match="wrong PIN"):
        client.unlock(WRONG)
    token.board.elapse(HOUR_S)  # so that the next is not too soon


def by_run_pin(token):
    """RAM survives it; then it is a start with a PIN."""
    restarted(token, token.engine.reset)


def by_too_many_wrong_pins(token):
    with host(token) as client:
        client.request("set_limit", limit=FEWEST)
        client.lock()
        for left in reversed(range(FEWEST)):
            with pytest.raises(TokenError, match="wrong PIN" if left else "destroyed"):
                client.unlock(WRONG)
            token.board.elapse(HOUR_S)


def by_wipe(token):
    with host(token) as client:
        client.request("wipe")


def by_held_button_at_the_run_pin(token):
    token.hold(True)
    token.engine.reset()
    wait_s(token, START_S)
    let_go_and_hold(token)


def by_maintenance(token):
    with host(token) as client:
        client.enter_maintenance()
    until_prompt(token)


def restarted(token, by):
    by()
    ready = token.engine.ready
    eventually(lambda: not ready.is_set(), "a restart")
    eventually(ready.is_set, "a start")


def is_locked(token):
    with host(token) as client:
        return client.status().locked


def is_destroyed(token):
    with host(token) as client:
        return client.status().vault == "destroyed"


def is_empty(token):
    with host(token) as client:
        return not client.status().pin and not client.accounts()


def is_at_prompt(token):
    return token.at_prompt


WAYS = {
    "request": (by_request, is_locked),
    "menu": (by_menu, is_locked),
    "time": (by_time, is_locked),
    "wrong PIN": (by_wrong_pin, is_locked),
    "RUN pin": (by_run_pin, is_locked),
    "maintenance by RUN and the button": (by_held_button_at_the_run_pin, is_at_prompt),
    "maintenance by request": (by_maintenance, is_at_prompt),
    "the last of the wrong PINs": (by_too_many_wrong_pins, is_destroyed),
    "wipe": (by_wipe, is_empty),
}


# Each takes a Pico seconds, and a computer a multiple of that.
OFTEN = "request", "wrong PIN", "RUN pin", "maintenance by RUN and the button"


@pytest.mark.parametrize(
    "way", [pytest.param(way, marks=[pytest.mark.thorough] * (way not in OFTEN)) for way in WAYS]
)
def test_a_locked_token_holds_nothing_in_ram(token, way):
    lock, has_locked = WAYS[way]
    looks = opened(token)
    lock(token)
    settle(token)
    found = found_in(token.memory(SRAM, SRAM_BYTES), looks)
    assert has_locked(token)
    if token.at_prompt:
        token.power(False)
        token.power(True)
        eventually(lambda: token.engine.ready.is_set() and not token.at_prompt, "a token")
    if is_destroyed(token):
        by_wipe(token)
    assert found == {}


NO_FIRMWARE = bundle_file.pack({"/licences/none.txt": b""}, "0.1.0")
STARTS_THAT_FAIL = {
    "both slots damaged": {"/firmware.a": b"no bundle", "/firmware.b": b"neither"},
    "a bundle without the firmware": {"/firmware.a": NO_FIRMWARE},
}


@pytest.mark.parametrize("files", STARTS_THAT_FAIL.values(), ids=STARTS_THAT_FAIL)
def test_a_start_that_fails_leaves_nothing_in_ram(plug_in, firmware, tmp_path, files):
    """The prompt comes, after a start in which memory was overwritten all the same."""
    (tmp_path / "flash.bin").write_bytes(with_files(firmware, files))
    token = plug_in(VirtualBoard(tmp_path))
    until_prompt(token)
    mark = random.Random(1).randbytes(32)
    with Repl(token.port.path) as board:
        board.run(f"kept = [bytes({[*mark]!r}) for _ in range(200)]")
    assert mark in token.memory(SRAM, SRAM_BYTES)
    restarted(token, token.engine.reset)
    until_prompt(token)
    assert mark not in token.memory(SRAM, SRAM_BYTES)
