"""What the tools print, whatever the encoding, the locale, the width or the terminal."""

import json
import os
import subprocess

import pytest

from host_tools.client.account_names import label
from host_tools.commands.any_encoding import HANDLER
from host_tools.credentials.credential import Credential
from host_tools.simulator.live import picture
from picototp.vault.names import name_hash
from programs import PICOTOTP, TREE
from terminal_program import Terminal

ACCOUNTS = (
    Credential("Zoë & Söhne", "张@example.com", b"12345678901234567890"),
    Credential("i" * 60, "n" * 60, b"12345678901234567890", kind="hotp"),
)
SURROUNDINGS = {
    "windows pipe": {"PYTHONIOENCODING": "cp1252"},
    "ascii": {"PYTHONIOENCODING": "ascii", "TERM": "dumb"},
    "locale C": {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    "narrow": {"COLUMNS": "20", "LINES": "5"},
    "no terminal known": {"TERM": "", "COLUMNS": "0"},
}


@pytest.fixture
def loaded(hands):
    with hands.client() as client:
        for account in ACCOUNTS:
            client.add(account)
    return hands


def picototp(hands, surroundings, *arguments):
    command = [*PICOTOTP, *arguments]
    environment = {**os.environ, **TREE, "PICOTOTP_PORT": hands.token.port.path, **surroundings}
    done = subprocess.run([str(part) for part in command], env=environment, capture_output=True)
    assert done.returncode == 0 and b"Traceback" not in done.stderr, done.stderr
    return done.stdout


def hashes(account):
    """What the line of a name beyond ASCII ends with."""
    return () if label(account).isascii() else (name_hash(account.issuer, account.name),)


@pytest.mark.parametrize("surroundings", SURROUNDINGS.values(), ids=SURROUNDINGS)
def test_piped_it_is_plain_and_one_account_a_line(loaded, surroundings):
    # An ASCII locale is one that nobody has set up: click gives it UTF-8.
    encoding = "cp1252" if "cp1252" in surroundings.values() else "utf8"
    lines = picototp(loaded, surroundings, "provision", "list").decode(encoding).splitlines()
    kinds = ("SHA1, 6 digits, 30 s", "SHA1, 6 digits, counter")
    assert lines == [
        "\t".join((str(number), label(account), kind, *hashes(account)))
        .encode(encoding, "backslashreplace")
        .decode(encoding)
        for number, (account, kind) in enumerate(zip(ACCOUNTS, kinds, strict=True), 1)
    ]
    for command in (("provision", "status"), ("synctime", "--history"), ("--help",)):
        picototp(loaded, surroundings, *command).decode(encoding)


@pytest.mark.parametrize("surroundings", SURROUNDINGS.values(), ids=SURROUNDINGS)
def test_json_is_ascii(loaded, surroundings):
    for command in (("provision", "list"), ("provision", "status"), ("synctime", "--history")):
        found = json.loads(picototp(loaded, surroundings, *command, "--json").decode("ascii"))
        if "list" in command:
            assert [each["issuer"] for each in found] == [each.issuer for each in ACCOUNTS]


def test_a_terminal_gets_a_table_in_which_no_name_is_cut(loaded):
    command = (*PICOTOTP, "provision", "--port", loaded.token.port.path, "list")
    with Terminal(*command, columns=40) as shown:
        assert shown.end() == 0
        assert "━" in shown.text
        assert shown.text.count("n" * 5) >= 2 and shown.text.count("n") >= 60


@pytest.mark.parametrize("columns", [140, 80])
def test_the_picture_of_the_display_in_ascii_has_every_pixel(columns):
    rows = ["#." * 64, ".#" * 64, "##" * 64, ".." * 64] * 16
    drawn = picture(rows, columns, 60)
    lines = drawn.encode("ascii", HANDLER).decode().splitlines()
    assert [len(line) for line in lines] == [len(line) for line in drawn.splitlines()]
    assert set("".join(lines)) <= set("+-|#'.: ")
    assert set("".join(lines)) > set("+-|")
