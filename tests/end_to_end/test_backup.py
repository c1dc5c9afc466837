"""The encrypted backup as a user makes it and loads a spare token from it."""

import base64
import json
import os
import stat
import sys

import pytest
import segno

import judges
from judges import needs_code_judge
from programs import CONFIRM, TOOLS, run, tool
from terminal_program import Terminal

PASSPHRASE = "five random words and more"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
OTHER_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
ALICE = f"otpauth://totp/Example:alice?secret={SECRET}&issuer=Example"
BOB = f"otpauth://totp/Bank:bob?secret={OTHER_SECRET}&algorithm=SHA256&digits=8&period=60"
CAROL = f"otpauth://hotp/Example:carol?secret={SECRET}&counter=7"
FROM_VARIABLE = {"PICOTOTP_PASSPHRASE": PASSPHRASE}
NO_TERMINAL = (
    sys.executable,
    "-c",
    "import os, sys; os.setsid(); os.execvp(sys.argv[1], sys.argv[1:])",
)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "accounts.backup"


def provision(*arguments, hands=None, on_confirm=None, passphrase=PASSPHRASE, **options):
    """provision.py with the passphrase in the environment; it shows no secret."""
    if hands is not None:
        arguments = ("--port", hands.token.port.path, *arguments)
        on_confirm = on_confirm or hands.yes
    if on_confirm is not None:
        options["on_confirm"] = on_confirm
    given = {} if passphrase is None else {"PICOTOTP_PASSPHRASE": passphrase}
    result = tool("provision", *arguments, environment=given, **options)
    return checked(result)


def checked(result):
    for secret in (SECRET, OTHER_SECRET, PASSPHRASE):
        assert secret not in result.out + result.err
    assert "Traceback" not in result.err
    return result


def make(file, *uris):
    result = provision("backup", "-o", file, "-", typed="\n".join(uris) + "\n")
    assert result.code == 0, result.err
    return result


def error(result):
    """The one line of error, behind warnings and reports."""
    *_, last = result.err.splitlines()
    assert last.startswith("error: ")
    return last


def labels(hands):
    listed = json.loads(provision("list", "--json", hands=hands).out)
    return [f"{account['issuer']}:{account['name']}" for account in listed]


def totp(unix_s):
    return judges.totp(base64.b32decode(SECRET), unix_s)


def totp_of_bob(unix_s):
    return judges.totp(base64.b32decode(OTHER_SECRET), unix_s, "SHA256", digits=8, period_s=60)


@needs_code_judge
def test_add_with_backup_and_then_a_spare_token_whose_codes_are_right(boot, file):
    first = boot()
    for uri in (ALICE, BOB):
        result = provision("add", "-", "--backup", file, typed=uri, hands=first)
        assert result.code == 0, result.err
        assert f"kept in {file}, encrypted" in result.err
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
    for text in (b"alice", b"Bank", SECRET.encode()):
        assert text not in file.read_bytes()

    spare = boot()
    result = provision("restore", file, hands=spare)
    assert result.code == 0, result.err
    assert result.err.count(CONFIRM) == 1
    assert "1 of 2: Example:alice" in result.err and "2 of 2: Bank:bob" in result.err
    assert "added Bank:bob (" in result.err
    assert result.err.count("token and computer compute the same code") == 2
    assert result.err.splitlines()[-1] == "loaded 2 of 2 accounts"
    assert labels(spare) == labels(first) == ["Example:alice", "Bank:bob"]
    spare.assert_code(totp)  # the first one that was added
    spare.click()
    spare.assert_code(totp_of_bob)


def test_backup_from_uris_pictures_and_standard_input(hands, file, tmp_path):
    picture = tmp_path / "shot.png"
    segno.make(BOB).save(picture, scale=4)
    command = ("backup", "-o", file, "-", ALICE, "--qr", picture)
    result = provision(*command, typed=f"\n{CAROL}\n\n")
    assert result.code == 0, result.err
    assert "(with ps)" in result.err
    assert result.err.splitlines()[-1] == f"{file} holds 3 accounts, encrypted"
    assert provision("restore", file, hands=hands).code == 0
    assert labels(hands) == ["Example:carol", "Example:alice", "Bank:bob"]


@needs_code_judge
def test_a_counter_is_restored_with_a_word_on_what_that_means(hands, file):
    note = "note: Example:carol is an HOTP account: the backup keeps its counter as it is now, 7"
    assert note in make(file, CAROL).err
    result = provision("restore", file, hands=hands)
    assert result.code == 0 and note in result.err
    hands.hold()
    assert hands.code() == judges.hotp(base64.b32decode(SECRET), 7)


def test_what_is_on_the_token_is_reported_and_left_alone(hands, file):
    make(file, ALICE, BOB)
    other = ALICE.replace(SECRET, OTHER_SECRET)
    for uri in (other, BOB):
        assert provision("add", "-", typed=uri, hands=hands).code == 0
    result = provision("restore", file, hands=hands)
    assert result.code == 6 and CONFIRM not in result.err
    assert "Bank:bob is on the token already" in result.err
    assert "Example:alice is on the token with another key; see --replace" in error(result)
    assert "loaded 0 of 2 accounts, 1 there already, 1 left out" in result.err
    assert provision("verify", "-", typed=other, hands=hands).code == 0

    result = provision("restore", file, "--replace", hands=hands)
    assert result.code == 0 and result.err.count(CONFIRM) == 1
    assert "loaded 1 of 2 accounts, 1 there already" in result.err
    assert provision("verify", "-", typed=ALICE, hands=hands).code == 0


def test_a_click_leaves_all_out(hands, file):
    make(file, ALICE, BOB)
    result = provision("restore", file, hands=hands, on_confirm=hands.no)
    assert result.code == 4 and "2 accounts: refused on the token" in error(result)
    assert "loaded 0 of 2 accounts, 2 left out" in result.err
    assert labels(hands) == []
    assert provision("add", "-", typed=BOB, hands=hands).code == 0
    again = provision("restore", file, hands=hands)
    assert again.code == 0 and "loaded 1 of 2 accounts, 1 there already" in again.err


def test_silence_ends_it(hands, file):
    make(file, ALICE, BOB)
    result = provision("restore", file, hands=hands, on_confirm=hands.silence)
    assert result.code == 4 and "nobody confirmed" in error(result)
    assert "loaded 0 of 2 accounts" in result.err and labels(hands) == []


def test_several_tokens_in_one_run(boot, file):
    make(file, ALICE)
    tokens = [boot(), boot()]
    ports = [part for hands in tokens for part in ("--port", hands.token.port.path)]
    turns = [hands.yes for hands in tokens]
    result = provision("restore", file, *ports, on_confirm=lambda: turns.pop(0)())
    assert result.code == 0, result.err
    assert [labels(hands) for hands in tokens] == [["Example:alice"]] * 2


def test_the_passphrase_is_asked_for_twice_and_not_shown(file):
    command = (sys.executable, TOOLS / "provision.py", "backup", "-o", file, ALICE)
    with Terminal(*command) as terminal:
        terminal.wait_for("New passphrase of the backup: ")
        terminal.type("something else\n")
        terminal.wait_for("Repeat for confirmation: ")
        terminal.type("entirely\n")
        terminal.wait_for("do not match")
        terminal.wait_for("New passphrase of the backup: ")
        terminal.type(PASSPHRASE + "\n")
        terminal.wait_for("Repeat for confirmation: ")
        terminal.type(PASSPHRASE + "\n")
        assert terminal.end() == 0
        assert PASSPHRASE not in terminal.text
    command = (sys.executable, TOOLS / "provision.py", "restore", file, "--port", "/nowhere")
    with Terminal(*command) as terminal:
        terminal.wait_for(f"Passphrase of {file}: ")
        terminal.type(PASSPHRASE + "\n")
        assert terminal.end() == 3
        assert PASSPHRASE not in terminal.text and "Repeat" not in terminal.text


def test_the_passphrase_from_a_file_descriptor(file, tmp_path):
    words = tmp_path / "words"
    words.write_text(PASSPHRASE + "\nsomething behind it\n")
    redirected = ("sh", "-c", 'exec "$@" 3< "$0"', words, sys.executable, TOOLS / "provision.py")
    made = run(*redirected, "backup", "-o", file, "-", "--passphrase-fd", "3", typed=ALICE)
    assert made.code == 0 and "warning" not in checked(made).err
    both = f"{PASSPHRASE}\n{BOB}\n"
    more = ("backup", "-o", file, "--append", "-", "--passphrase-fd", "0")
    added = provision(*more, typed=both, passphrase=None)
    assert added.code == 0 and "2 accounts" in added.err
    closed = provision("restore", file, "--passphrase-fd", "77", passphrase=None)
    assert closed.code == 2 and "77" in closed.complaint


def test_the_environment_as_a_source_is_warned_of(file):
    assert "see $PICOTOTP_PASSPHRASE" in make(file, ALICE).err


def test_without_a_terminal_there_is_no_question(file):
    command = (*NO_TERMINAL, sys.executable, TOOLS / "provision.py", "backup", "-o", file, "-")
    result = run(*command, typed=ALICE)
    assert result.code == 2 and "--passphrase-fd" in result.complaint
    assert not file.exists()


def test_a_wrong_passphrase_comes_before_anything_else_happens(hands, file):
    make(file, ALICE)
    before = file.read_bytes()
    for command in (("restore", file), ("add", "-", "--backup", file)):
        result = provision(*command, typed=BOB, hands=hands, passphrase="wrong words here")
        assert result.code == 1 and "wrong passphrase" in error(result)
        assert CONFIRM not in result.err
    assert labels(hands) == [] and file.read_bytes() == before


def test_a_foreign_file_is_refused_before_the_question(file):
    file.write_bytes(b"\x89PNG something")
    result = provision("restore", file, passphrase=None)
    assert result.code == 1 and "not a PicoTOTP backup" in result.complaint


def test_an_existing_file_is_never_overwritten(file):
    file.write_text("my diary")
    result = provision("backup", "-o", file, "-", typed=ALICE)
    assert result.code == 2 and "exists already" in result.complaint
    assert provision("backup", "-o", file, "--append", "-", typed=ALICE).code == 1
    assert file.read_text() == "my diary"
    absent = provision("backup", "-o", file.with_name("x"), "--append", "-", typed=ALICE)
    assert absent.code == 2 and "does not exist" in absent.complaint


def test_a_short_passphrase_is_refused(file):
    result = provision("backup", "-o", file, "-", typed=ALICE, passphrase="7 chars")
    assert result.code == 2 and "8 characters" in error(result) and not file.exists()


def test_another_key_of_the_same_name_is_not_replaced_unasked(hands, file):
    make(file, ALICE)
    other = ALICE.replace(SECRET, OTHER_SECRET)
    refused = provision("add", "-", "--backup", file, typed=other, hands=hands)
    assert refused.code == 2 and "--replace" in error(refused) and labels(hands) == []
    for uri in (ALICE, other):
        replaced = provision("backup", "-o", file, "--append", "--replace", "-", typed=uri)
        assert replaced.code == 0 and "1 account," in replaced.err
    assert provision("restore", file, hands=hands).code == 0
    assert provision("verify", "-", typed=other, hands=hands).code == 0


def test_what_the_token_refused_is_not_kept(hands, file):
    result = provision("add", "-", "--backup", file, typed=ALICE, hands=hands, on_confirm=hands.no)
    assert result.code == 4 and not file.exists()


def test_a_backup_that_cannot_be_written_is_said_to_miss_what_the_token_has(hands, tmp_path):
    path = tmp_path / "no" / "such" / "folder"
    result = provision("add", "-", "--backup", path, typed=ALICE, hands=hands)
    assert result.code == 1
    assert "the account is on the token, but not in the backup: " in error(result)
    assert labels(hands) == ["Example:alice"]


@pytest.mark.parametrize("bad", ["otpauth://totp/x?secret=A1", "what", ALICE + "&digits=9"])
def test_a_bad_uri_is_named_by_its_number(file, bad):
    result = provision("backup", "-o", file, "-", typed=f"{BOB}\n{bad}\n")
    assert result.code == 2 and "account 2: " in error(result)
    assert not file.exists()


def test_nothing_to_keep(file):
    for arguments in ((), ("-",)):
        result = provision("backup", "-o", file, *arguments)
        assert result.code == 2 and "standard input" in error(result)
        assert not file.exists()
