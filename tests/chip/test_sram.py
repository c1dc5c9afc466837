"""What the RAM of the emulated Pico holds of a token's secrets, however it came to be locked.

RAM survives the RUN pin, and the button held at power-up gives a prompt that can read all of it. So
the whole SRAM is searched: for the data key and what is made of it, for the PIN and for secrets.
"""

import re

import pytest

from earlier_vault import files_of_version_1
from flash_tree import with_files
from host_tools.client.ports import SerialConnection
from host_tools.client.token_client import TokenClient
from host_tools.client.wire_errors import TokenError
from host_tools.credentials.credential import Credential
from host_tools.simulator.board import VirtualBoard
from leaks import forms, made_of
from tests.chip.chip_bench import say_yes, settle
from tests.firmware.vault.vault_reader import read_key

pytestmark = pytest.mark.chip

SRAM, SRAM_BYTES = 0x2000_0000, 264 * 1024
# MicroPython's own buffers of the USB port lie below, out of the firmware's reach: the last 512
# bytes that came in stay there until others come (SECURITY.md).
USB_BUFFERS_END = 0x2000_3000
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


def found_in(sram: bytes, key: bytes) -> dict[str, list[str]]:
    """Where in the memory something of the secrets stands: what it is -> addresses."""
    wanted = {"PIN": forms(PIN.encode()), "secret": forms(BOB.secret)}
    for number, part in enumerate(sorted(made_of(key))):
        halves = {part[:16], part[16:]}
        wanted[f"key {number}"] = halves | {swapped(half) for half in halves} | forms(part)
    text = sram.lower()
    places = {
        name: {SRAM + at for form in looks for at in (text.find(form), sram.find(form)) if at >= 0}
        for name, looks in wanted.items()
    }
    in_reach = {
        name: sorted(hex(at) for at in found if name != "PIN" or at >= USB_BUFFERS_END)
        for name, found in places.items()
    }
    return {name: found for name, found in in_reach.items() if found}


@pytest.fixture(scope="module")
def token(plug_in, firmware, tmp_path_factory):
    folder = tmp_path_factory.mktemp("sram")
    files, _ = files_of_version_1()
    files = {f"/data/{name}": data for name, data in files.items()}
    (folder / "flash.bin").write_bytes(with_files(firmware, files))
    token = plug_in(VirtualBoard(folder))
    with host(token) as client:
        client.set_pin(PIN)
        client.add(BOB)
        client.set_lock_after(0)
    return token


def host(token):
    return TokenClient(SerialConnection(token.port.path), on_wait=lambda: say_yes(token))


def unlock(token):
    with host(token) as client:
        if client.status().locked:
            client.unlock(PIN)
        assert client.accounts()
        if not token.screen_on:
            token.press()
        settle(token)


def by_request(token):
    with host(token) as client:
        client.lock()


def by_wrong_pin(token):
    by_request(token)
    with host(token) as client, pytest.raises(TokenError):
        client.unlock(WRONG)


def by_time(token):
    token.press()
    token.board.clock.after(31, lambda: None)


WAYS = {"request": by_request, "time": by_time, "wrong PIN": by_wrong_pin}


@pytest.mark.parametrize("way", WAYS)
def test_a_locked_token_holds_nothing_in_ram(token, way):
    unlock(token)
    key = key_of(token)
    assert found_in(token.memory(SRAM, SRAM_BYTES), key), "what is searched for is there when open"
    WAYS[way](token)
    settle(token)
    found = found_in(token.memory(SRAM, SRAM_BYTES), key)
    with host(token) as client:
        assert client.status().locked
    assert found == {}
