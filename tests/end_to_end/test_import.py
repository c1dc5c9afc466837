"""`picototp provision import` as a user runs it: an app's export onto the token, in one command."""

import base64
import os
import re
import sys
import time

import pytest
import segno

import judges
from exports import EXPORTS, PASSWORD
from exports.accounts import more, twelve, uri
from exports.lists import migration_uris
from programs import CONFIRM, TOOLS, tool
from terminal_program import Terminal

# The exports that make test loads; the others are read by the readers' own tests, and loaded by
# make test-chip.
USUAL = ("uri_list", "aegis_encrypted")


def ids(names):
    return [pytest.param(one, marks=[] if one in USUAL else pytest.mark.thorough) for one in names]


@pytest.fixture
def importing(hands):
    """Runs `provision import` on the token, with a yes to every question unless told otherwise."""

    def run_it(*arguments, on_confirm=None, password=None, **options):
        given = {} if password is None else {"PICOTOTP_PASSPHRASE": password}
        result = tool(
            "provision",
            *("--port", hands.token.port.path, "import", *arguments),
            on_confirm=on_confirm or hands.yes,
            environment=given,
            **options,
        )
        assert "Traceback" not in result.err and PASSWORD not in result.err + result.out
        return result

    return run_it


def complaint(result):
    """The one line of error, behind reports."""
    *_, last = result.err.splitlines()
    assert last.startswith("error: ")
    return last


def labels(hands):
    with hands.client() as token:
        return [(account.issuer, account.name) for account in token.accounts()]


def names_of(credentials):
    return [(one.issuer, one.name) for one in credentials]


def judged(one, unix_s):
    """The code that the judge computes for a credential at this time."""
    if one.kind == "hotp":
        return judges.hotp(one.secret, one.counter, one.digits)
    return judges.totp(one.secret, unix_s, one.algorithm, one.digits, one.period_s)


@judges.needs_code_judge
@pytest.mark.parametrize("name", ids(EXPORTS))
def test_one_file_of_each_kind_and_a_second_time(hands, importing, tmp_path, name):
    export = EXPORTS[name]()
    path = tmp_path / "no name that tells anything"
    path.write_bytes(export.data)
    result = importing(path, password=export.password)
    assert result.code == 0, result.err
    total = len(export.credentials)
    assert f"loaded {total} of {total} accounts" in result.err
    assert f"{total} of {total}: " in result.err
    assert labels(hands) == names_of(export.credentials)
    with hands.client() as token:
        for account, one in zip(token.accounts(), export.credentials, strict=True):
            before_s = hands.token.board.rtc.unix()
            code = token.code(account).code
            moments = range(int(before_s), int(hands.token.board.rtc.unix()) + 1)
            assert code in {judged(one, moment) for moment in moments}

    def asked():
        raise AssertionError("the token was asked again")

    again = importing(path, password=export.password, on_confirm=asked)
    assert again.code == 0, again.err
    assert "nothing to add" in again.err
    assert labels(hands) == names_of(export.credentials)


@judges.needs_code_judge
def test_the_first_codes_are_shown_when_asked_for(hands, importing, tmp_path):
    accounts = twelve()
    path = listed(tmp_path, accounts)
    before_s = int(time.time())
    result = importing(path, "--codes")
    moments = range(before_s, int(time.time()) + 1)
    assert result.code == 0, result.err
    shown = result.out[result.out.index("Valid for") :]
    for one in accounts:
        if one.kind == "hotp":
            assert judged(one, before_s) not in shown
        else:
            assert any(judged(one, moment) in shown for moment in moments), one.name
    again = importing(path, "--codes")
    assert again.code == 0 and "Valid for" in again.out  # for those that are there already, too


def test_no_code_is_shown_unasked(importing, tmp_path):
    result = importing(listed(tmp_path, twelve()))
    assert result.code == 0 and "Valid for" not in result.out and "--codes" in result.err


def pictures(tmp_path, accounts):
    paths = []
    for number, text in enumerate(migration_uris(accounts, per_code=5)):
        paths.append(tmp_path / f"{number}.png")
        segno.make_qr(text).save(paths[-1], scale=4)
    return paths


def test_googles_qr_codes_come_in_several_pictures(hands, importing, tmp_path):
    accounts = twelve()
    paths = pictures(tmp_path, accounts)
    missing = importing("--dry-run", paths[0], paths[2])
    assert missing.code == 0 and "QR code 2 of 3" in unfolded(missing.out)
    result = importing(paths[2], paths[0], paths[1], "--only", "example")
    assert result.code == 0, result.err
    wanted = [one for one in accounts if "example" in f"{one.issuer}:{one.name}".lower()]
    assert labels(hands) == names_of(wanted)


def unfolded(table):
    """The text of a table whose cells are folded."""
    rows = [re.split("[│┃|]", line) for line in table.splitlines() if "│" in line or "┃" in line]
    return " ".join(
        " ".join(cell.strip() for cell in column) for column in zip(*rows, strict=False)
    )


def listed(tmp_path, accounts, name="list.txt"):
    path = tmp_path / name
    path.write_text("\n".join(uri(one) for one in accounts), encoding="utf-8")
    return path


def test_a_dry_run_shows_everything_and_does_nothing(hands, importing, tmp_path):
    accounts = twelve() + more()

    def asked():
        raise AssertionError("the token was asked")

    result = importing("--dry-run", listed(tmp_path, accounts), on_confirm=asked)
    assert result.code == 0, result.err
    shown = unfolded(result.out)
    for text in (
        "GitHub",
        "alice@example.com",
        "SHA512, 8 digits, 15 s",
        "SHA1, 6 digits, counter",
    ):
        assert text in shown
    assert shown.count("will be added") == len(accounts)
    assert labels(hands) == []


def test_a_dry_run_needs_no_token(tmp_path):
    environment = {"PICOTOTP_PORT": ""}
    path = listed(tmp_path, twelve())
    result = tool("provision", "import", "--dry-run", path, environment=environment)
    assert result.code == 0 and "will be added" in unfolded(result.out)


def test_only_and_except(hands, importing, tmp_path):
    accounts = twelve()
    path = listed(tmp_path, accounts)
    result = importing(path, "--only", "g*", "--only", "PROTON", "--except", "google:*")
    assert result.code == 0, result.err
    assert labels(hands) == [("GitHub", "alice"), ("Proton", "carol")]
    nothing = importing(path, "--only", "no such account")
    assert nothing.code == 2 and "--only" in nothing.complaint


def test_what_cannot_be_loaded_is_refused_and_the_rest_goes_on(hands, importing, tmp_path):
    accounts = twelve()[:2]
    path = listed(tmp_path, accounts)
    secret = base64.b32encode(bytes(10)).decode()
    with path.open("a", encoding="utf-8") as file:
        file.write(f"\notpauth://motp/x?secret={secret}")
        file.write(f"\notpauth://totp/y?secret={secret}&digits=9\nphonefactor://x\n")
    result = importing(path)
    assert result.code == 2, result.err
    assert "left out" in complaint(result)
    shown = unfolded(result.out)
    assert "mOTP" in shown and "digits must be" in shown and "Microsoft" in shown
    assert labels(hands) == names_of(accounts)
    assert secret not in result.out + result.err


def test_an_account_is_found_by_its_key_and_by_its_name(hands, importing, tmp_path):
    first, second, third = twelve()[:3]
    assert importing(listed(tmp_path, [first, second])).code == 0
    lines = [
        uri(first).replace("GitHub", "Renamed"),
        uri(second).replace("secret=", "secret=GE"),
        uri(third),
        uri(third).replace("Bank", "Bench"),
    ]
    path = tmp_path / "again.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    result = importing(path)
    assert result.code == 2 and "--replace" in complaint(result)
    shown = unfolded(result.out)
    assert "on the token already, as GitHub:alice" in shown
    assert "on the token with another key" in shown and "the same key as" in shown
    assert labels(hands) == names_of([first, second, third])


def test_too_many_accounts_are_told_before_anything_is_written(hands, importing, tmp_path):
    lines = [
        f"otpauth://totp/Many:{number}?secret={base64.b32encode(os.urandom(10)).decode()}"
        for number in range(300)
    ]
    path = tmp_path / "many.txt"
    path.write_text("\n".join(lines), encoding="utf-8")

    def asked():
        raise AssertionError("the token was asked")

    result = importing(path, on_confirm=asked)
    assert result.code == 2 and "300 accounts" in result.complaint and "255" in result.complaint
    assert labels(hands) == []


def test_what_was_loaded_is_kept(hands, importing, tmp_path):
    accounts = twelve()[:2]
    kept = tmp_path / "kept.backup"
    command = (listed(tmp_path, accounts), "--backup", kept)
    refused = importing(*command, on_confirm=hands.no, password="a long passphrase")
    assert refused.code == 4, refused.err
    assert labels(hands) == [] and not kept.exists()
    result = importing(*command, password="a long passphrase")
    assert result.code == 0, result.err
    assert labels(hands) == names_of(accounts)
    again = importing("--dry-run", kept, password="a long passphrase")
    assert unfolded(again.out).count("already") == 2


def test_a_wrong_password_is_asked_for_again_in_a_terminal(hands, tmp_path):
    export = EXPORTS["twofas_encrypted"]()
    path = tmp_path / "backup.2fas"
    path.write_bytes(export.data)
    command = (sys.executable, TOOLS / "provision.py", "--port", hands.token.port.path)
    with Terminal(*command, "import", "--only", "github", path) as terminal:
        terminal.wait_for("2FAS): ")
        terminal.type("wrong\n")
        terminal.wait_for("2FAS): ")
        assert "wrong password" in terminal.text
        terminal.type(PASSWORD + "\n")
        terminal.wait_for(CONFIRM)
        hands.yes()
        assert terminal.end() == 0
        assert PASSWORD not in terminal.text
    assert labels(hands) == [("GitHub", "alice")]


def test_without_a_terminal_a_wrong_password_ends_it(importing, tmp_path):
    path = tmp_path / "backup.2fas"
    path.write_bytes(EXPORTS["twofas_encrypted"]().data)
    result = importing(path, password="wrong")
    assert result.code == 2 and "wrong password" in complaint(result)


def test_a_list_from_standard_input(hands, importing):
    accounts = twelve()[:2]
    typed = "hunter2\n" + "\n".join(uri(one) for one in accounts) + "\nlogin: alice\n"
    assert importing("-", typed=typed).code == 0
    assert labels(hands) == names_of(accounts)


def test_a_choice_from_a_list(hands, tmp_path):
    accounts = twelve()
    command = (sys.executable, TOOLS / "provision.py", "--port", hands.token.port.path)
    with Terminal(*command, "import", "--choose", listed(tmp_path, accounts)) as terminal:
        terminal.wait_for("Which")
        terminal.type("99\n")
        terminal.wait_for("from 1 to 12")
        terminal.type("2\n")
        terminal.wait_for(CONFIRM)
        hands.yes()
        assert terminal.end() == 0
    assert labels(hands) == names_of(accounts[1:2])


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\x89PNG\r\n\x1a\n", b"{}"])
def test_a_file_that_is_no_export(importing, tmp_path, content):
    path = tmp_path / "file"
    path.write_bytes(content)
    result = importing(path)
    assert result.code == 2 and str(path) in result.complaint


def test_nothing_given_and_no_such_file(importing, tmp_path):
    assert "give a file" in importing().complaint
    assert "no file" in importing(tmp_path / "missing").complaint
