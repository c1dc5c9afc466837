"""provision.py as a user runs it: a process of its own, on a token's serial port."""

import hashlib
import json
import re
import sys
import time

import pyotp
import pytest
import segno

from display_text import shows
from programs import CONFIRM, PICOTOTP, TOOLS, run, tool
from terminal_program import Terminal
from waiting import PATIENCE_S

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
URI = f"otpauth://totp/Example:alice@example.com?secret={SECRET}&issuer=Example"
OTHER_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
OTHER = f"otpauth://totp/Bank:bob?secret={OTHER_SECRET}&algorithm=SHA256&digits=8&period=60"


@pytest.fixture
def provision(hands):
    """Runs provision.py on the token, with a yes to every question unless told otherwise; secrets
    must not come out anywhere."""

    def run_it(*arguments, on_confirm=None, **options):
        port = hands.token.port.path
        on_confirm = on_confirm or hands.yes
        result = tool("provision", "--port", port, *arguments, on_confirm=on_confirm, **options)
        for secret in (SECRET, OTHER_SECRET):
            assert secret not in result.out + result.err
        return result

    return run_it


def labels(provision) -> list[str]:
    listed = json.loads(provision("list", "--json").out)
    return [f"{account['issuer']}:{account['name']}" for account in listed]


def load_two(provision) -> None:
    for uri in (URI, OTHER):
        assert provision("add", "-", typed=uri).code == 0


def assert_code_on_display(hands, **judge) -> None:
    """What the display shows is what pyotp computes."""
    hands.assert_code(pyotp.TOTP(**judge).at)


def test_a_uri_as_argument_is_added_with_a_warning_about_ps(hands, provision):
    result = provision("add", URI)
    assert result.code == 0 and result.out == ""
    warning, confirm, added, note = result.err.splitlines()
    assert "warning" in warning and "ps" in warning
    assert confirm.startswith(CONFIRM)
    assert added == "added Example:alice@example.com; token and computer compute the same code"
    assert note.startswith("note: no PIN is set") and note.endswith("picototp provision pin set")
    assert_code_on_display(hands, s=SECRET)


def test_the_question_names_what_would_be_added(hands, provision):
    seen = []

    def look_and_agree():
        seen.extend(hands.wait_for_question())
        hands.yes()

    assert provision("add", "-", typed=OTHER, on_confirm=look_and_agree).code == 0
    for text in ("Add account?", "Bank", "bob", "SHA256, 8 digits, 60 s"):
        assert shows(seen, text)


def test_a_uri_from_standard_input(hands, provision):
    result = provision("add", "-", typed=OTHER + "\n")
    assert result.code == 0 and "warning" not in result.err
    assert_code_on_display(hands, s=OTHER_SECRET, digits=8, digest=hashlib.sha256, interval=60)


def test_a_bare_secret_from_standard_input_as_people_paste_it(hands, provision):
    pasted = " ".join(SECRET[i : i + 4] for i in range(0, len(SECRET), 4)).lower() + "\n"
    result = provision("add", "-", "--name", "carol", "--digits", "7", typed=pasted)
    assert result.code == 0, result.err
    assert "".join(pasted.split()) not in result.err
    assert_code_on_display(hands, s=SECRET, digits=7)


def test_a_qr_picture(hands, provision, tmp_path):
    picture = tmp_path / "shot.png"
    segno.make(URI).save(picture, scale=4)
    result = provision("add", "--qr", picture, "--name", "renamed")
    assert result.code == 0 and "warning" not in result.err
    assert labels(provision) == ["Example:renamed"]
    assert_code_on_display(hands, s=SECRET)


def test_the_prompt_does_not_echo_the_secret(hands):
    command = (sys.executable, TOOLS / "provision.py", "--port", hands.token.port.path, "add")
    with Terminal(*command) as terminal:
        terminal.wait_for("Account")
        terminal.type("dave@example.com\n")
        terminal.wait_for("Issuer")
        terminal.type("Example\n")
        terminal.wait_for("Secret (base32): ")
        terminal.type(SECRET.lower() + "\n")
        terminal.wait_for(CONFIRM)
        hands.yes()
        assert terminal.end() == 0
        assert "added Example:dave@example.com" in terminal.text
        assert SECRET.lower() not in terminal.text and SECRET not in terminal.text
        assert terminal.settings_now == terminal.settings
    assert_code_on_display(hands, s=SECRET)


def test_without_a_terminal_there_is_no_prompt(provision):
    result = provision("add", "--name", "x")
    assert result.code == 2 and "add -" in result.complaint


def test_ctrl_c_at_the_prompt_leaves_the_terminal_usable(hands):
    command = (sys.executable, TOOLS / "provision.py", "--port", hands.token.port.path, "add")
    with Terminal(*command, "--name", "x") as terminal:
        terminal.wait_for("Secret (base32): ")
        terminal.type("\x03")
        assert terminal.end() == 1
        assert "error: stopped" in terminal.text and "Traceback" not in terminal.text
        assert terminal.settings_now == terminal.settings


def test_list_as_a_table_and_as_json(hands, provision):
    empty = provision("list")
    assert empty.code == 0 and "picototp provision add" in empty.err
    assert json.loads(provision("list", "--json").out) == []
    load_two(provision)
    with Terminal(*PICOTOTP, "provision", "--port", hands.token.port.path, "list") as terminal:
        assert terminal.process.wait(PATIENCE_S) == 0
        table = terminal.read()
    assert re.search(r"1 .*Example .*alice@example.com .*SHA1, 6 digits, 30 s", table)
    assert re.search(r"2 .*Bank .*bob .*SHA256, 8 digits, 60 s", table)
    first, second = json.loads(provision("list", "--json").out)
    assert first["issuer"] == "Example" and second["digits"] == 8 and second["period"] == 60
    assert "secret" not in first


def test_names_in_any_script_survive_the_way_there_and_back(provision):
    name = "Zoë 🔑 Жук" + "é" * 10
    assert provision("add", "-", "--name", name, "--issuer", "日本", typed=SECRET).code == 0
    assert labels(provision) == [f"日本:{name}"]
    assert name in provision("list").out


def test_a_long_name_is_not_cut_in_the_table(provision):
    name, issuer = "n" * 64, "i" * 64
    assert provision("add", "-", "--name", name, "--issuer", issuer, typed=SECRET).code == 0
    table = provision("list").out
    assert "…" not in table and table.count("n") >= 64 and table.count("i") >= 64


def test_rename(provision):
    load_two(provision)
    assert provision("rename", "Bank:bob", "robert").code == 0
    assert labels(provision) == ["Example:alice@example.com", "Bank:robert"]
    assert provision("rename", "1", "alice", "--issuer", "").code == 0
    assert labels(provision) == [":alice", "Bank:robert"]
    assert provision("verify", "-", typed=OTHER.replace("bob", "robert")).code == 0
    refused = provision("rename", "alice", "robert", "--issuer", "Bank")
    assert refused.code == 1 and "name" in refused.complaint


def test_move(provision):
    load_two(provision)
    assert provision("move", "bob", "1").code == 0
    assert labels(provision) == ["Bank:bob", "Example:alice@example.com"]
    assert provision("move", "bob", "3").code == 2
    assert provision("move", "bob", "0").code == 2


def test_remove_several_with_one_question(hands, provision):
    load_two(provision)
    assert provision("add", "-", "--name", "carol", typed=SECRET).code == 0
    result = provision("remove", "Bank:bob", "carol")
    assert result.code == 0 and result.err.count(CONFIRM) == 1
    assert labels(provision) == ["Example:alice@example.com"]


def test_remove_resolves_every_name_before_it_removes_one(provision):
    load_two(provision)
    result = provision("remove", "Bank:bob", "nobody")
    assert result.code == 2 and "nobody" in result.complaint
    assert len(labels(provision)) == 2


def test_a_name_that_two_accounts_have_is_not_guessed(provision):
    load_two(provision)
    assert provision("add", "-", "--name", "bob", "--issuer", "Other", typed=SECRET).code == 0
    result = provision("remove", "bob")
    assert result.code == 2 and "Bank:bob, Other:bob" in result.complaint
    assert provision("remove", "Other:bob").code == 0


def test_wipe(hands, provision):
    load_two(provision)
    assert provision("wipe").code == 0
    assert labels(provision) == []
    hands.sees("No accounts yet")


def test_status_in_words_and_as_json(provision):
    load_two(provision)
    words = provision("status").out
    assert "2 of 255" in words and "whoever holds the board can read" in words
    facts = json.loads(provision("status", "--json").out)
    assert facts["accounts"] == 2 and facts["clock"]["state"] == "ok"
    assert facts["display"] == "ok" and facts["heap_free"] > 0


def test_verify_the_token_and_an_account(provision):
    load_two(provision)
    plain = provision("verify")
    assert plain.code == 0, plain.err
    assert "RFC 6238" in plain.out and "NOT OK" not in plain.out
    assert "same code" in provision("verify", "-", typed=OTHER).out
    other_secret = OTHER.replace("GEZD", "GEZE")
    wrong = provision("verify", "-", typed=other_secret)
    assert wrong.code == 6 and "a different code" in wrong.complaint


def test_verify_says_6_for_a_clock_that_is_wrong(hands, provision):
    hands.token.board.rtc.set_unix_ns(time.time_ns() + 3600 * 10**9)
    hands.elapse(2)
    result = provision("verify")
    assert result.code == 6 and "differ by +36" in result.complaint
    assert "NOT OK" in result.out


def test_verify_says_1_for_a_clock_that_is_not_set(boot):
    port = boot(rtc_set=False).token.port.path
    result = tool("provision", "--port", port, "verify")
    assert result.code == 1 and "picototp synctime" in result.complaint


@pytest.mark.parametrize("command", [("add", "-"), ("remove", "1"), ("wipe",), ("move", "2", "1")])
def test_a_click_refuses(hands, provision, command):
    load_two(provision)
    before = labels(provision)
    third = URI.replace("alice", "third")
    result = provision(*command, typed=third, on_confirm=hands.no)
    assert result.code == 4 and "no" in result.complaint
    assert labels(provision) == before


def test_silence_refuses(hands, provision):
    result = provision("add", "-", typed=URI, on_confirm=hands.silence)
    assert result.code == 4 and "nobody confirmed" in result.complaint
    assert labels(provision) == []


def test_a_duplicate_is_refused_and_replace_replaces(hands, provision):
    assert provision("add", "-", typed=URI).code == 0
    again = URI.replace(SECRET, OTHER_SECRET)
    refused = provision("add", "-", typed=again)
    assert refused.code == 1 and "--replace" in refused.complaint and CONFIRM not in refused.err
    assert provision("verify", "-", typed=URI).code == 0
    seen = []

    def look_and_agree():
        seen.extend(hands.wait_for_question())
        hands.yes()

    assert provision("add", "-", "--replace", typed=again, on_confirm=look_and_agree).code == 0
    assert shows(seen, "Replace account?")
    assert labels(provision) == ["Example:alice@example.com"]
    assert_code_on_display(hands, s=OTHER_SECRET)


def test_an_hotp_account_counts_up_with_every_code(hands, provision):
    uri = f"otpauth://hotp/Example:carol?secret={SECRET}&counter=7"
    assert provision("add", "-", typed=uri).code == 0
    judge = pyotp.HOTP(SECRET)
    hands.sees("hold = new code")
    for counter in (7, 8):
        hands.hold()
        assert hands.code() == judge.at(counter)
        hands.click()
    assert json.loads(provision("list", "--json").out)[0]["counter"] == 9


@pytest.mark.parametrize("command", [(), *[(c,) for c in ("add", "list", "verify", "remove")]])
def test_help_without_a_token(command):
    result = tool("provision", *command, "--help")
    assert result.code == 0 and "Usage:" in result.out and result.err == ""


def test_help_shows_examples():
    for name, example in (("provision", "picototp provision add --qr"), ("synctime", "--check")):
        text = tool(name, "--help").out
        assert "Examples:" in text and example in text


def test_usage_errors_are_one_line_with_exit_code_2(hands):
    port = hands.token.port.path
    for arguments in (("nonsense",), ("add", "--digits", "x", "-"), ("remove",), ("move", "x")):
        result = tool("provision", "--port", port, *arguments)
        assert result.code == 2, arguments
        assert "--help" in result.complaint


def test_the_console_script_is_the_same_tool(hands):
    provision = (*PICOTOTP, "provision", "--port", hands.token.port.path)
    added = run(*provision, "add", "-", typed=URI, on_confirm=hands.yes)
    assert added.code == 0, added.err
    listed = run(*provision, "list", "--json")
    assert [account["name"] for account in json.loads(listed.out)] == ["alice@example.com"]
