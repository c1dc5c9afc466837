"""Several accounts with one question, through the command, the wire and the simulated token."""

import time

import pytest

from host_tools.client.token_client import TokenClient
from host_tools.commands import loading
from host_tools.credentials.credential import Credential
from programs import CONFIRM, tool

COUNT = 100


def uri(number, secret="JBSWY3DPEHPK3PXP"):
    return f"otpauth://totp/New:user{number}?secret={secret}&issuer=New&algorithm=SHA256&period=45"


@pytest.fixture
def provision(hands):
    def run_it(*arguments, on_confirm=None, **options):
        port = ("--port", hands.token.port.path)
        return tool("provision", *port, *arguments, on_confirm=on_confirm or hands.yes, **options)

    return run_it


def names(hands):
    with hands.client() as token:
        return [account.name for account in token.accounts()]


def test_a_hundred_accounts_with_one_hold(hands, provision):
    agreed = []

    def yes():
        hands.yes()
        agreed.append(time.monotonic())

    typed = "\n".join(uri(number) for number in range(COUNT))
    result = provision("add", "-", typed=typed, on_confirm=yes)
    print(f"{time.monotonic() - agreed[0]:.1f} s from the yes to the end")
    assert result.code == 0, result.err
    assert result.err.count(CONFIRM) == 1
    assert "12 of 100: New:user11" in result.err
    proofs = "(SHA256, 6 digits, 45 s); token and computer compute the same code"
    assert result.err.count(proofs) == COUNT
    assert result.err.splitlines()[-1] == "loaded 100 of 100 accounts"
    assert names(hands) == [f"user{number}" for number in range(COUNT)]


def test_what_the_token_has_and_what_it_cannot_take_is_left_out(hands, provision):
    provision("add", "-", typed=uri(1))
    other = uri(2, "GEZDGNBVGY3TQOJQ")
    typed = "\n".join([uri(1), uri(2), other, uri(3), uri(3)])
    result = provision("add", "-", typed=typed)
    assert result.code != 0
    assert "New:user2 was given twice, with different keys" in result.err
    assert "New:user3 was given twice\n" in result.err
    assert "loaded 2 of 5 accounts, 1 there already, 1 left out" in result.err
    assert names(hands) == ["user1", "user2", "user3"]


def test_several_are_removed_with_one_hold(hands, provision):
    provision("add", "-", typed="\n".join(uri(number) for number in range(4)))
    refused = provision("remove", "user0", "user2", on_confirm=hands.no)
    assert refused.code == 4 and len(names(hands)) == 4
    result = provision("remove", "user0", "user2", "user0")
    assert result.code == 0 and result.err.count(CONFIRM) == 1
    assert "removed New:user2" in result.err
    assert names(hands) == ["user1", "user3"]


def test_earlier_firmware_is_asked_for_each(hands, monkeypatch, capsys):
    monkeypatch.setattr(TokenClient, "takes_batches", False)
    accounts = [Credential("New", f"user{number}", b"key %d" % number) for number in range(2)]
    asked = []

    def yes():
        asked.append(1)
        hands.yes()

    with hands.client(yes) as token:
        assert loading.load(token, accounts, False) == []
    assert len(asked) == 2 and names(hands) == ["user0", "user1"]
    assert "loaded 2 of 2 accounts" in capsys.readouterr().err
