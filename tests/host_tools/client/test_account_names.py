"""Which account a user means."""

import time
from dataclasses import replace

import pytest

from host_tools.client.account_names import compare, having, key_of, label, resolve, same_key
from host_tools.client.answers import Account
from host_tools.client.token_client import TokenClient
from host_tools.credentials.credential import Credential
from host_tools.errors import Disagreement, UsageProblem
from scripted_token import ScriptedToken


def account(issuer, name):
    return Account(issuer, name, "totp", "SHA1", 6, 30, 0)


ACCOUNTS = [
    account("Example", "alice@example.com"),
    account("Example", "bob@example.com"),
    account("GitHub", "alice"),
    account("", "2"),
    account("Bäckerei", "Straße"),
    account("Zoë", "z"),
    account("Mail", "1"),
]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("Example:bob@example.com", 1),
        ("alice", 2),  # a whole name counts before a part of others
        ("GitHub", 2),
        ("github", 2),
        ("HUB:AL", 2),
        ("bob", 1),
        ("2", 3),  # a name counts before a position
        ("5", 4),
        ("7", 6),
        ("00005", 4),
        ("bäck", 4),
        ("BA\u0308CK", 4),  # the same letter, written with two characters
        ("STRASSE", 4),
        ("zoe\u0308", 5),
    ],
)
def test_an_account_is_found(wanted, found):
    assert resolve(ACCOUNTS, wanted) is ACCOUNTS[found]


@pytest.mark.parametrize(
    ("wanted", "candidates"),
    [
        ("example", [0, 1]),
        ("Example", [0, 1]),
        ("al", [0, 2]),
        ("@EXAMPLE.com", [0, 1]),
    ],
)
def test_what_could_be_several_lists_them_and_does_nothing(wanted, candidates):
    with pytest.raises(UsageProblem) as caught:
        resolve(ACCOUNTS, wanted)
    listed = caught.value.message.partition("any of: ")[2].split(", ")
    assert listed == [label(ACCOUNTS[index]) for index in candidates]


@pytest.mark.parametrize("wanted", ["0", "8", "000005", "99999999", "carol", "-1", "²", "٣"])
def test_nobody_is_meant(wanted):
    with pytest.raises(UsageProblem, match=r"no account .*picototp provision list"):
        resolve(ACCOUNTS, wanted)


def test_every_account_has_the_empty_part():
    assert having(ACCOUNTS, "") == ACCOUNTS


def test_what_names_an_account():
    assert label(account("GitHub", "alice")) == "GitHub:alice"
    assert label(account("", "GitHub:alice")) == "GitHub:alice"
    assert key_of(account("GitHub", "alice")) == ("GitHub", "alice")


# --- whether token and host agree ----------------------------------------------------------------

SECRET = b"12345678901234567890"
CREDENTIAL = Credential("Example", "alice", SECRET)


def answering(match):
    """A client of a token that always says so."""
    return TokenClient(ScriptedToken(check={"match": match}))


def test_another_code_for_the_same_account_is_a_disagreement():
    began_s = int(time.time())
    with answering(True) as token:
        compare(token, CREDENTIAL)
        asked = token.connection.heard[-1]
    assert (asked["issuer"], asked["name"]) == ("Example", "alice")
    assert began_s <= asked["unix"] <= time.time()
    with answering(False) as token, pytest.raises(Disagreement, match=r"code for Example:alice"):
        compare(token, CREDENTIAL)


@pytest.mark.parametrize("match", [True, False])
def test_the_same_key_by_another_name_is_for_the_token_to_tell(match):
    with answering(match) as token:
        assert same_key(token, account("Old", "name"), CREDENTIAL) is match
        asked = token.connection.heard[-1]
    assert (asked["op"], asked["issuer"], asked["name"]) == ("check", "Old", "name")


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("totp", {"kind": "hotp"}),
        ("hotp", {"kind": "totp"}),
        ("totp", {"algorithm": "SHA256"}),
        ("totp", {"digits": 8}),
        ("totp", {"period_s": 60}),
    ],
)
def test_accounts_of_other_codes_have_not_the_same_key_and_nobody_is_asked(kind, changes):
    there = replace(account("", "a"), kind=kind)
    with answering(True) as token:
        assert not same_key(token, there, replace(CREDENTIAL, **{"kind": kind, **changes}))
        assert token.connection.ops() == ["hello"]


def test_the_period_of_a_counter_account_says_nothing():
    there = replace(account("", "a"), kind="hotp", period=0)
    with answering(True) as token:
        assert same_key(token, there, replace(CREDENTIAL, kind="hotp"))
