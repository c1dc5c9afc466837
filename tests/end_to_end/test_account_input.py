"""Accounts as people have them, through the command line: lists, notes, keys in two lines, pictures
with several codes, counters, and looking for an account by its key."""

import base64
import json
import secrets
import sys

import pytest
import segno
from PIL import Image

from processes import command_lines
from programs import CONFIRM, TOOLS, tool
from terminal_program import Terminal

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
OTHER_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
ALICE = f"otpauth://totp/Example:alice?secret={SECRET}&issuer=Example&icon=x"
BOB = f"otpauth://totp/Bank:bob?secret={OTHER_SECRET}&digits=8&algorithm=SHA256"
COUNTING = f"otpauth://hotp/Example:carol?secret={SECRET}"


@pytest.fixture
def provision(hands):
    """Runs `provision` on the token, with a yes to every question; no secret comes out."""

    def run_it(*arguments, **options):
        port = ("--port", hands.token.port.path)
        options.setdefault("on_confirm", hands.yes)
        result = tool("provision", *port, *arguments, **options)
        for secret in (SECRET, OTHER_SECRET, SECRET[:16]):
            assert secret not in result.out + result.err
        return result

    return run_it


def accounts(hands):
    with hands.client() as token:
        return [account.as_json() for account in token.accounts()]


def names(hands):
    return [f"{one['issuer']}:{one['name']}" for one in accounts(hands)]


def terminal(hands, *arguments):
    command = (sys.executable, TOOLS / "provision.py", "--port", hands.token.port.path)
    return Terminal(*command, *arguments)


@pytest.mark.parametrize(
    "text",
    [
        f"{ALICE}\n{BOB}\n",
        f"\ufeff{ALICE}\r\n\r\n<{BOB}>\r\n",
        f"hunter2\nuser: alice\n{ALICE}\notp: {BOB}\n",
    ],
)
def test_many_lines_are_many_accounts(hands, provision, text):
    result = provision("add", "-", typed=text)
    assert result.code == 0, result.err
    alice, bob = accounts(hands)
    assert (alice["issuer"], alice["name"], alice["algorithm"]) == ("Example", "alice", "SHA1")
    assert (bob["issuer"], bob["name"], bob["algorithm"], bob["digits"]) == (
        *("Bank", "bob", "SHA256"),
        8,
    )


def test_a_uri_broken_into_lines_is_refused(hands, provision):
    result = provision("add", "-", typed=f"{ALICE}\ndigits=8&algorithm=SHA256\n")
    assert result.code == 2 and "line 2" in result.complaint
    assert accounts(hands) == []


def test_options_are_for_one_account(provision):
    result = provision("add", "-", "--name", "x", typed=f"{ALICE}\n{BOB}\n")
    assert result.code == 2 and "2 accounts" in result.complaint


def test_several_uris_as_arguments(hands, provision):
    assert provision("add", ALICE, BOB).code == 0
    assert names(hands) == ["Example:alice", "Bank:bob"]


def test_options_repair_what_they_replace(hands, provision):
    spoilt = ALICE.replace("issuer=Example", "issuer=%FF").replace("Example:alice", "%FF")
    assert provision("add", "-", typed=spoilt).code == 2
    options = ("--name", "alice", "--issuer", "Example")
    assert provision("add", "-", *options, typed=spoilt).code == 0
    assert names(hands) == ["Example:alice"]


@pytest.mark.parametrize(
    "pasted", [f"{SECRET[:16]}\n{SECRET[16:]}\n", f"{SECRET[:16]}\r{SECRET[16:]}\n"]
)
def test_a_key_pasted_in_two_lines_is_one_key(hands, pasted):
    with terminal(hands, "add", "--name", "dave") as one:
        one.wait_for("Secret (base32): ")
        one.type(pasted)
        one.wait_for(CONFIRM)
        assert "2 lines" in one.text
        hands.yes()
        assert one.end() == 0
        assert SECRET[:16] not in one.text and SECRET[16:] not in one.text
        assert one.settings_now == one.settings
    check = tool("provision", "--port", hands.token.port.path, "verify", "-", typed=SECRET)
    assert check.code == 0 and "dave" in check.out


def test_a_uri_pasted_at_the_prompt(hands):
    with terminal(hands, "add", "--name", "dave") as one:
        one.wait_for("Secret (base32): ")
        one.type(BOB + "\n")
        one.wait_for(CONFIRM)
        hands.yes()
        assert one.end() == 0
    (bob,) = accounts(hands)
    assert (bob["issuer"], bob["name"], bob["digits"]) == ("Bank", "dave", 8)


def test_a_uri_pasted_where_the_name_is_asked_for(hands):
    with terminal(hands, "add") as one:
        one.wait_for("Account (as in alice@example.com): ")
        one.type(BOB + "\n")
        one.wait_for(CONFIRM)
        hands.yes()
        assert one.end() == 0
    (bob,) = accounts(hands)
    assert (bob["issuer"], bob["digits"]) == ("Bank", 8)


def test_a_secret_pasted_where_the_name_is_asked_for(hands):
    with terminal(hands, "add") as one:
        one.wait_for("Account (as in alice@example.com): ")
        one.type("JBSW Y3DP EHPK 3PXP\n")
        one.wait_for("looks like a secret")
        one.type("\n")
        assert one.end() == 1
        assert one.text.splitlines() == ["", "error: stopped"]  # the first is the Enter
    assert names(hands) == []


def test_a_link_of_steam_pasted_where_the_name_is_asked_for(hands):
    with terminal(hands, "add") as one:
        one.wait_for("Account (as in alice@example.com): ")
        one.type(f"steam://{SECRET}\n")
        one.wait_for(CONFIRM)
        hands.yes()
        assert one.end() == 0
    (account,) = accounts(hands)
    assert account["digits"] == 5 and SECRET[:8] not in account["name"] + account["issuer"]


def test_a_link_that_gives_no_account_is_no_name(hands):
    with terminal(hands, "add") as one:
        one.wait_for("Account (as in alice@example.com): ")
        one.type(f"motp://Site:alice?secret={SECRET}\n")
        one.wait_for("error: ")
        assert one.end() == 2
    assert names(hands) == []


def test_what_is_typed_wrongly_can_be_taken_back(hands):
    with terminal(hands, "add", "--name", "dave") as one:
        one.wait_for("Secret (base32): ")
        one.type("XXXX\x15" + SECRET[:-1] + "89\x7f\x7f" + SECRET[-1] + "\n")
        one.wait_for(CONFIRM)
        hands.yes()
        assert one.end() == 0
    check = tool("provision", "--port", hands.token.port.path, "verify", "-", typed=SECRET)
    assert check.code == 0


def test_a_counter_is_asked_for(hands, provision):
    without = provision("add", "-", typed=COUNTING)
    assert without.code == 2 and "--counter" in without.complaint
    assert provision("add", "-", "--counter", "7", typed=COUNTING).code == 0
    assert accounts(hands)[0]["counter"] == 7
    with terminal(hands, "add", "--replace", COUNTING) as one:
        one.wait_for("Counter")
        one.type("0\n")
        one.wait_for(CONFIRM)
        hands.yes()
        assert one.end() == 0
    assert accounts(hands)[0]["counter"] == 0


def test_a_secret_alone_that_counts(hands, provision):
    options = ("--name", "x", "--hotp", "--counter", "3")
    assert provision("add", "-", *options, typed=SECRET).code == 0
    (one,) = accounts(hands)
    assert (one["kind"], one["counter"]) == ("hotp", 3)


def picture(tmp_path, *texts):
    images = []
    for number, text in enumerate(texts):
        path = tmp_path / f"{number}.png"
        segno.make_qr(text).save(path, scale=4)
        images.append(Image.open(path).convert("L"))
    size = (sum(one.width for one in images), max(one.height for one in images))
    page = Image.new("L", size, 255)
    left = 0
    for one in images:
        page.paste(one, (left, 0))
        left += one.width
    page.save(tmp_path / "page.png")
    return tmp_path / "page.png"


def test_several_codes_in_one_picture_are_several_accounts_after_a_question(
    hands, provision, tmp_path
):
    path = picture(tmp_path, ALICE, BOB)
    asked = provision("add", "--qr", path)
    assert asked.code == 2 and "2 different" in asked.complaint
    with terminal(hands, "add", "--qr", path) as one:
        one.wait_for("2 different")
        one.type("n\n")
        assert one.end() == 1
    assert accounts(hands) == []
    with terminal(hands, "add", "--qr", path) as one:
        one.wait_for("2 different")
        one.type("y\n")
        one.wait_for("2 of 2: ")
        one.wait_for(CONFIRM)
        hands.yes()
        assert one.end() == 0
    assert sorted(names(hands)) == ["Bank:bob", "Example:alice"]


def test_verify_finds_an_account_by_its_key(hands, provision):
    assert provision("add", "-", "--name", "renamed", "--issuer", "X", typed=BOB).code == 0
    for typed in (BOB, BOB.replace("bob", "robert")):
        found = provision("verify", "-", typed=typed)
        assert found.code == 0 and "X:renamed (by its key)" in found.out
    options = ("--digits", "8", "--algorithm", "SHA256")
    found = provision("verify", "-", *options, typed=OTHER_SECRET)
    assert found.code == 0 and "X:renamed (by its key)" in found.out
    other = provision("verify", "-", typed=SECRET)
    assert other.code == 6 and "no account" in other.complaint


def test_no_secret_in_the_list_of_processes(hands, tmp_path):
    """What the tool itself starts gets no secret either. All processes of the computer are looked
    at, so the secrets are such as no other one can have."""
    drawn = [base64.b32encode(secrets.token_bytes(20)).decode() for _ in range(2)]
    path = tmp_path / "list.txt"
    path.write_text("".join(f"otpauth://totp/{one[:4]}?secret={one}\n" for one in drawn))
    seen = []

    def look():
        seen.append(command_lines())
        hands.yes()

    port = hands.token.port.path
    result = tool("provision", "--port", port, "import", path, on_confirm=look)
    assert result.code == 0 and len(seen) == 1  # one question for both
    assert str(path) in seen[0]
    assert not any(secret in text for secret in drawn for text in seen)
    assert json.dumps(accounts(hands)).count("name") == 2
