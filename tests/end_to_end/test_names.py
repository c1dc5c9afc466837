"""Names through the whole token: on the command line, on the wire and on the display."""

import pytest

from display_text import shows
from host_tools.client.wire_errors import TokenError
from host_tools.credentials.credential import Credential
from picototp.vault.names import name_hash
from programs import tool

KEY = b"12345678901234567890"
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
LATIN, CYRILLIC = "bob", "b\u043eb"


@pytest.fixture
def provision(hands):
    """Runs provision.py on the token, with a yes to every question unless told otherwise."""

    def run_it(*arguments, on_confirm=None, **options):
        port = hands.token.port.path
        on_confirm = on_confirm or hands.yes
        return tool("provision", "--port", port, *arguments, on_confirm=on_confirm, **options)

    return run_it


def question_of(hands, asks):
    """The display while the token asks for what `asks` requests, which is refused then."""
    seen = []

    def look_and_refuse():
        seen.extend(hands.wait_for_question())
        hands.no()

    with hands.client(look_and_refuse) as client, pytest.raises(TokenError):
        asks(client)
    return seen


def test_two_accounts_that_are_drawn_alike_have_two_questions(hands):
    with hands.client() as client:
        client.add(Credential("Bank", LATIN, KEY))
        client.add(Credential("Bank", CYRILLIC, KEY))
        accounts = client.accounts()
    screens = [question_of(hands, lambda client, one=one: client.remove(one)) for one in accounts]
    assert screens[0] != screens[1]
    for number, account in enumerate(accounts, 1):
        line = f"no. {number}, hash {name_hash(account.issuer, account.name)}"
        assert shows(screens[number - 1], line)


def test_the_commands_print_the_hash_that_the_display_shows(hands, provision):
    seen = []

    def look_and_agree():
        seen.extend(hands.wait_for_question())
        hands.yes()

    typed = f"otpauth://totp/%E9%8A%80%E8%A1%8C:%E9%8D%B5?secret={SECRET}"
    result = provision("add", "-", typed=typed, on_confirm=look_and_agree)
    expected = name_hash("銀行", "鍵")
    assert result.code == 0 and f"if it shows one: {expected})" in result.err
    for text in ("≈YinXing", "≈Jian", f"no. 1, hash {expected}"):
        assert shows(seen, text)
    assert provision("list").out == f"1\t銀行:鍵\tSHA1, 6 digits, 30 s\t{expected}\n"


@pytest.mark.parametrize("name", ["bob ", "b  ob", "b\u200bob", "b\u202eob", "bob\u0378"])
def test_a_new_name_that_cannot_be_seen_is_refused_with_its_position(hands, provision, name):
    with hands.client() as client:
        client.add(Credential("Bank", "bob", KEY))
    result = provision("rename", "bob", name)
    assert result.code == 2 and "at position" in result.complaint


def test_names_are_kept_in_the_normal_form(hands, provision):
    with hands.client() as client:
        client.add(Credential("Bank", "bob", KEY))
    assert provision("rename", "bob", "Zoe\u0308").code == 0
    assert provision("rename", "Zoe\u0308", "e\u0301").code == 0
    with hands.client() as client:
        assert client.accounts()[0].name == "é"
