"""SECURITY.md's table of what the port does while the token is locked, against a locked token."""

import pytest

from tests.docs.pages import read_rows
from tests.firmware.protocol.service_rig import error_of
from tests.firmware.protocol.test_service_audit import REQUESTS, started
from tests.firmware.protocol.test_service_audit import flash as flash  # a fixture
from tests.firmware.protocol.test_service_audit import quick as quick  # a fixture

ANSWERS, ASKS, REFUSED = "answers", "asks", "refused"


def table():
    """What it says of each request."""
    found = {}
    for requests, outcome, _ in read_rows("SECURITY.md", "Request to a locked token"):
        for name in requests.replace("`", "").split(", "):
            assert name not in found, f"{name} is there twice"
            found[name] = outcome.strip("*")
    return found


def outcome(answer):
    if answer.get("wait") == "button":
        return ASKS
    if answer["ok"]:
        return ANSWERS
    assert error_of(answer) == "locked"
    return REFUSED


def test_every_request_is_in_the_table(flash):
    told = started(flash["pinned"]).request("hello", v=1)["ops"]
    assert {*told, "hello"} == set(table()) == set(REQUESTS)


@pytest.mark.parametrize("op", REQUESTS)
def test_a_locked_token_does_what_the_table_says(flash, op):
    token = started(flash["pinned"])
    assert token.vault.locked
    assert outcome(token.request(op, **REQUESTS[op][0])) == table()[op]


@pytest.mark.parametrize("op", [name for name, what in table().items() if what == REFUSED])
def test_what_is_refused_is_served_once_it_is_open(flash, op):
    """So it is the lock that refuses it."""
    token = started(flash["pinned"])
    assert token.request("unlock", **REQUESTS["unlock"][0])["ok"]
    answer = token.request(op, **REQUESTS[op][0])
    assert answer.get("wait") == "button" or answer["ok"] or error_of(answer) == "no-batch"
