"""Which account a user means."""

import pytest

from host_tools.client.account_names import having, label, resolve
from host_tools.client.answers import Account
from host_tools.errors import UsageProblem


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


@pytest.mark.parametrize("wanted", ["0", "8", "99999999", "carol", "-1", "²", "٣"])
def test_nobody_is_meant(wanted):
    with pytest.raises(UsageProblem, match=r"no account .*picototp provision list"):
        resolve(ACCOUNTS, wanted)


def test_every_account_has_the_empty_part():
    assert having(ACCOUNTS, "") == ACCOUNTS
