"""Ctrl-C while the token asks, a locked token at a terminal, parts of names, output into a pipe."""

import json

import pytest

from display_text import QUESTION, shows
from host_tools.credentials.credential import Credential
from programs import CONFIRM, PICOTOTP, run
from terminal_program import Terminal

PIN = "4711"
ALICE = Credential("Example", "alice@example.com", b"12345678901234567890")
BOB = Credential("Example", "bob with a name that is far too long for a narrow page", b"x" * 20)


@pytest.fixture
def loaded(hands):
    with hands.client() as client:
        client.add(ALICE)
        client.add(BOB)
    return hands


def provision(hands, *arguments, **options):
    return run(*PICOTOTP, "provision", "--port", hands.token.port.path, *arguments, **options)


def names(hands):
    listed = json.loads(provision(hands, "list", "--json").out)
    return [account["name"] for account in listed]


@pytest.mark.parametrize(
    "arguments", [("remove", "alice"), ("rename", "alice", "carol"), ("wipe",)]
)
def test_ctrl_c_withdraws_the_question(loaded, arguments):
    """The display goes back at once, and a hold that comes later says yes to nothing."""
    before = names(loaded)
    command = (*PICOTOTP, "provision", "--port", loaded.token.port.path, *arguments)
    with Terminal(*command) as terminal:
        terminal.wait_for(CONFIRM)
        loaded.wait_for_question()
        terminal.type("\x03")
        terminal.wait_for("error: stopped; nothing was changed")
        assert terminal.process.wait(20) == 1
    loaded.turns()
    assert not shows(loaded.token.screen(), QUESTION)
    loaded.hold()
    assert names(loaded) == before


def test_a_locked_token_asks_for_its_pin_and_goes_on(loaded):
    with loaded.client() as client:
        client.set_pin(PIN)
        client.lock()
    with Terminal(*PICOTOTP, "provision", "--port", loaded.token.port.path, "list") as terminal:
        terminal.wait_for("PIN:")
        terminal.type(f"{PIN}\n")
        terminal.wait_for("alice@example.com")
        assert terminal.process.wait(20) == 0
        assert PIN not in terminal.read()


def test_a_wrong_pin_at_that_prompt_is_one_try(loaded):
    with loaded.client() as client:
        client.set_pin(PIN)
        client.lock()
    with Terminal(*PICOTOTP, "provision", "--port", loaded.token.port.path, "list") as terminal:
        terminal.wait_for("PIN:")
        terminal.type("0000\n")
        terminal.wait_for("wrong PIN: 9 tries are left")
        assert terminal.process.wait(20) == 4


def test_an_account_is_named_by_a_part(loaded):
    result = provision(loaded, "rename", "ALI", "carol", on_confirm=loaded.yes)
    assert result.code == 0, result.err
    assert "carol" in names(loaded)
    several = provision(loaded, "remove", "example")
    assert several.code == 2 and "Example:carol, Example:bob" in several.complaint


def test_a_list_into_a_pipe_is_a_line_each_and_whole(loaded):
    result = provision(loaded, "list")
    assert result.code == 0 and result.err == ""
    lines = [line.split("\t") for line in result.out.splitlines()]
    assert lines == [
        ["1", f"Example:{ALICE.name}", "SHA1, 6 digits, 30 s"],
        ["2", f"Example:{BOB.name}", "SHA1, 6 digits, 30 s"],
    ]
    found = provision(loaded, "list", "--find", "BOB", "--json")
    assert [account["name"] for account in json.loads(found.out)] == [BOB.name]
    nobody = provision(loaded, "list", "--find", "carol")
    assert nobody.code == 1 and "'carol'" in nobody.complaint


def test_alone_it_tells_of_the_token_that_is_plugged_in(loaded):
    result = run(*PICOTOTP, environment={"PICOTOTP_PORT": loaded.token.port.path})
    assert result.code == 0
    last = result.out.splitlines()[-1]
    assert last.startswith(f"Token at {loaded.token.port.path}: firmware ")
    assert "; 2 accounts; clock set." in last


def test_account_names_are_completed(loaded):
    words = f"picototp provision --port {loaded.token.port.path} remove "
    asked = {"_PICOTOTP_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": "5"}
    result = run(*PICOTOTP, environment=asked)
    assert f"Example:{ALICE.name}" in result.out and result.err == ""
