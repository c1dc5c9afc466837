"""A full token in the heap that stands for a Pico's, and one that is used for an hour."""

import json
import random

import pytest

from host_tools.client.wire_errors import TokenError
from host_tools.credentials.credential import Credential
from host_tools.pico.littlefs_image import file_system
from host_tools.simulator.board import VirtualBoard
from host_tools.simulator.virtual_token import VirtualToken
from open_vault import opened
from picototp.vault.account import Account
from picototp.vault.vault import MAX_ACCOUNTS
from programs import tool
from tests.end_to_end.hands import Hands
from workbench import MemoryStorage

FREE_AT_LEAST = 80 * 1024
# Modules of requests are loaded when one comes, and stay. With those of accounts and questions:
FREE_AFTER_CHANGES = 72 * 1024
# With every font and every table of Unicode besides.
FREE_WITH_ALL_FONTS = 64 * 1024
SLACK = 2 * 1024
ONE_SERVICE = 6 * 1024
NEW = 5


def heap_free(client) -> int:
    """Bytes free after a collection."""
    return client.status().heap_free


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    """Hands on a token that holds as many accounts as it can; the last came by its port."""
    folder = tmp_path_factory.mktemp("full")
    storage = MemoryStorage()
    vault = opened(storage)
    for number in range(MAX_ACCOUNTS - NEW):
        vault.add(Account(f"Issuer {number}", f"user{number}@example.com", bytes((number,)) * 20))
    files = {f"/data/{name}": data for name, data in storage.files.items()}
    (folder / "flash.bin").write_bytes(file_system(files))
    token = VirtualToken(VirtualBoard(folder))
    hands = Hands(token)
    hands.brisk = True
    with token:
        with hands.client() as client:
            for number in range(MAX_ACCOUNTS - NEW, MAX_ACCOUNTS):
                name, key = f"user{number}@example.com", bytes((number,)) * 20
                client.add(Credential(f"Issuer {number}", name, key))
        hands.brisk = False
        yield hands


def test_255_accounts_leave_80_kb_free(full):
    with full.client() as client:
        assert client.status().accounts == MAX_ACCOUNTS == 255
        assert heap_free(client) >= FREE_AT_LEAST


def test_255_accounts_are_listed_whole(full):
    port = full.token.port.path
    listed = json.loads(tool("provision", "--port", port, "list", "--json").out)
    assert [account["issuer"] for account in listed] == [f"Issuer {n}" for n in range(255)]


def test_the_256th_account_is_refused_before_the_button(full):
    port = full.token.port.path
    uri = "otpauth://totp/too:many?secret=JBSWY3DPEHPK3PXP"
    result = tool("provision", "--port", port, "add", "-", typed=uri)
    assert result.code == 1 and "255" in result.complaint
    with full.client() as client:
        assert len(client.accounts()) == 255


def test_the_full_token_does_everything_else(full):
    with full.client() as client:
        client.request(
            "rename", issuer="Issuer 0", name="user0@example.com", new_issuer="", new_name="a"
        )
        client.request("move", issuer="", name="a", to=254)
        last = client.accounts()[-1]
        assert last.name == "a"
        client.add(Credential("", "a", b"\1" * 128, digits=8), replace=True)
        client.request("remove", issuer="", name="a")
        assert client.status().accounts == 254
        client.add(Credential("Issuer 0", "user0@example.com", bytes(20)))
        client.request("move", issuer="Issuer 0", name="user0@example.com", to=0)
        assert "corrupt" not in client.request("selftest")["slots"]
        assert heap_free(client) >= FREE_AFTER_CHANGES


def test_every_font_and_the_tables_of_unicode_fit_beside_a_full_token(full):
    """They are loaded by the first name that needs them, and stay until a restart."""
    with full.client() as client:
        account = client.accounts()[7]
        for issuer, name in (("Zoë", "Łódź"), ("Ωμέγα", "Иван"), ("銀行", "鍵")):
            client.rename(account, issuer, name)
            account = client.accounts()[7]
            assert (account.issuer, account.name) == (issuer, name)
        assert heap_free(client) >= FREE_WITH_ALL_FONTS
        client.rename(account, "Issuer 7", "user7@example.com")


def test_looking_at_the_parts_leaves_the_memory_as_it_was(boot):
    """What looks at them is loaded for each time, and let go; what answers the request stays."""
    with boot().client() as client:
        before = heap_free(client)
        for _ in range(2):
            client.diagnose_flash()
            client.diagnose_clock()
            client.diagnose_bus()
            free = heap_free(client)
            assert free > before - ONE_SERVICE
            before = free


@pytest.mark.thorough
def test_an_hour_of_use_leaves_the_heap_as_a_minute_does(boot):
    """Presses, codes, menus, refused and agreed changes, errors and noise; the clock is moved."""
    chance = random.Random(1)
    hands = boot()
    hands.brisk = True
    with hands.client() as client:
        for number in range(5):
            algorithm = ("SHA1", "SHA256", "SHA512")[number % 3]
            client.add(Credential("Example", f"user {number}", b"k" * 20, algorithm))
        client.add(Credential("Counter", "hotp", b"k" * 20, kind="hotp"))

        def minute() -> None:
            hands.wake()
            for _ in range(3):
                hands.click(0.5)
                hands.double_click()
            hands.hold()
            hands.click()
            hands.elapse(chance.uniform(1, 29))
            client.request("time")
            client.accounts()
            client.request("selftest")
            for refused in ("nonsense", "remove"):
                with pytest.raises(TokenError):
                    client.request(refused, issuer="", name="nobody")
            hands.token.port.on_data(chance.randbytes(300) + b"\n")
            hands.elapse(35)  # dark

        def change() -> None:
            client.request(
                "rename", issuer="Example", name="user 0", new_issuer="Example", new_name="x"
            )
            client.request(
                "rename", issuer="Example", name="x", new_issuer="Example", new_name="user 0"
            )
            client.on_wait = hands.no
            with pytest.raises(TokenError):
                client.request("wipe")
            client.on_wait = hands.yes

        minute()
        change()
        early = heap_free(client)
        began_s = client.status().uptime_s
        while client.status().uptime_s < began_s + 3600:
            minute()
        change()
        late = heap_free(client)
        print(f"{early} bytes free after a minute, {late} after an hour")
        assert late >= early - SLACK
        assert client.status().accounts == 6 and not client.status().errors_logged


def test_names_in_many_scripts_do_not_eat_the_heap(hands):
    """MicroPython never forgets a character that it once made a string of; 2,000 are enough."""
    with hands.client() as client:
        for first in range(0x4E00, 0x4E00 + 2000, 25):
            name = "".join(map(chr, range(first, first + 25)))
            with pytest.raises(TokenError, match="no such account"):
                client.request("remove", issuer="", name=name)
        assert heap_free(client) >= FREE_AT_LEAST


def test_every_character_may_come_once(boot):
    """MicroPython keeps each character that a str was walked along for until it restarts."""
    hands = boot()
    pieces = ["".join(map(chr, range(at, at + 100))) for at in range(0xA0, 20_160, 100)]
    assert len("".join(pieces)) == 20_000
    with hands.client() as client:
        client.add(Credential("", pieces[0][1:13], b"k" * 20))
        before = heap_free(client)
        for piece in pieces:
            with pytest.raises(TokenError) as caught:
                client.request("remove", issuer="", name=piece)
            assert caught.value.code == "not-found"
            with pytest.raises(TokenError) as caught:
                client.request(
                    "rename", issuer="", name=pieces[0][1:13], new_issuer="", new_name=piece
                )
            assert caught.value.code == "bad-name"
        assert heap_free(client) > before - SLACK
        assert client.request("log")["text"] == ""
