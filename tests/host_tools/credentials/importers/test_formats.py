"""Files are told by what is in them, and read together: lists, pictures, exports."""

import io

import pytest
import segno

from exports.accounts import base32, dumped, twelve, uri, zip_of
from exports.lists import migration_uris
from host_tools.credentials import backup_file
from host_tools.credentials.credential import Credential
from host_tools.credentials.importers import otpauth_list, own_backup
from host_tools.credentials.importers.document import Document
from host_tools.credentials.importers.entry import ImportProblem, WrongPassword
from host_tools.credentials.importers.formats import read_all
from host_tools.errors import UsageProblem

SECRET, KEY = "JBSWY3DPEHPK3PXP", b"Hello!\xde\xad\xbe\xef"
ONE = f"otpauth://totp/R:a?secret={SECRET}"
TRASH = "&codeDisplay=%7B%22a%22%3A1%2C%22trashed%22%3Atrue%7D"


def read(*documents, password="p", **options):
    named = [Document(data, f"{number}.file") for number, data in enumerate(documents, 1)]
    return read_all(named, lambda _what: password, **options)


def refusal(*documents, error=ImportProblem, **options):
    with pytest.raises(error) as caught:
        read(*documents, **options)
    return caught.value.message


def picture(text):
    out = io.BytesIO()
    segno.make(text).save(out, kind="png", scale=4)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "1.file is empty"),
        (b" \n", "1.file is empty"),
        (b"caf\xe9", "1.file is not text in UTF-8"),
        (b"text", "1.file is not a known export; docs/import.md lists"),
        (zip_of({"a": b"text"}), "1.file is not a known export"),
        (zip_of({"a": b"text"})[:-1], "1.file is an archive that is damaged"),
    ],
)
def test_what_is_no_export_is_named(data, says):
    assert says in refusal(data)


def test_lists_and_pictures_are_read_together_behind_everything_else():
    accounts = twelve()
    (first, second) = migration_uris(accounts, per_code=6)
    row = {"type": "totp", "name": "x", "info": {"secret": SECRET}}
    aegis = dumped({"version": 1, "header": {}, "db": {"entries": [row]}})
    found = read(second.encode(), picture(first), aegis)
    assert [one.credential for one in found] == [Credential("", "x", KEY), *accounts]
    assert len(read(second.encode())) == 7  # and what is missing


def test_a_list_in_json_is_read_by_itself():
    data = dumped({"a": [ONE, "x", 1, {"b": ONE.replace("R:a", "R:b")}]})
    assert [one.credential.name for one in read(data)] == ["a", "b"]


def test_a_picture_of_another_code_is_refused():
    assert "not an account" in refusal(picture("hello"), error=UsageProblem)
    assert [one.credential.name for one in read(picture(ONE))] == ["a"]


def test_an_export_without_accounts_is_told():
    assert "1.file has no account" in refusal(dumped({"version": 1, "entries": []}))


def sealed(monkeypatch):
    monkeypatch.setattr(backup_file, "unseal", unseal)
    monkeypatch.setattr(backup_file, "read_header", lambda _data: None)
    return b'{"format":"picototp-backup"}'


def unseal(_data, passphrase):
    if passphrase != "right":
        raise backup_file.BackupError("the passphrase is wrong")
    return [Credential("A", "b", KEY), Credential("", "c", KEY)]


def test_a_backup_of_our_own(monkeypatch):
    found = read(sealed(monkeypatch), password="right")
    assert [one.title for one in found] == ["A:b", "c"]
    assert [one.credential.name for one in found] == ["b", "c"]


def test_a_backup_that_is_damaged_is_named_and_asks_for_no_passphrase():
    with pytest.raises(ImportProblem) as caught:
        read_all(
            [Document(b'{"format":"picototp-backup"}', "old.backup")],
            lambda _what: pytest.fail("asked"),
        )
    assert caught.value.message == "old.backup: this is not a PicoTOTP backup, or it is damaged"


def test_a_wrong_password_is_told_with_the_file_and_ends_it_unless_it_is_tried_again(monkeypatch):
    data = sealed(monkeypatch)
    assert refusal(data, error=WrongPassword) == "1.file: the passphrase is wrong"
    given = iter(["wrong", "worse", "right"])
    problems = []

    def again(problem):
        problems.append(problem.message)
        return len(problems) < 3

    found = read_all([Document(data, "x")], lambda _what: next(given), again)
    assert len(found) == 2 and problems == ["x: the passphrase is wrong"] * 2
    with pytest.raises(WrongPassword):
        read_all([Document(data, "x")], lambda _what: "wrong", again)
    assert len(problems) == 3


def test_a_problem_that_names_its_file_is_not_named_again():
    message = refusal(dumped({"version": 2, "entries": []}))
    assert message.startswith("1.file: this Proton export")
    assert refusal(b"<KeePassFile>", error=UsageProblem).startswith("1.file is damaged")


def test_the_mark_of_a_backup_is_in_its_header():
    mark = b'"picototp-backup"'
    before = bytes(backup_file.HEADER_MAX_BYTES - len(mark))
    assert own_backup.FORMAT.recognises(Document(before + mark))
    assert not own_backup.FORMAT.recognises(Document(b" " + before + mark))


# --- lists ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "known"),
    [
        (ONE, True),
        (f"notes\n{ONE.upper()}", True),
        ("otpauth-migration://offline?data=CgA=", True),
        ('["otpauth:\\/\\/totp\\/x"]', True),
        ("phonefactor://x", True),
        ("x\n  MSAUTH://x", True),
        ("https://example.org", False),
        ("HTTP://example.org", False),
        ("otpauth:x", False),
        ("", False),
    ],
)
def test_what_is_a_list(text, known):
    assert otpauth_list.FORMAT.recognises(Document(text.encode())) is known


def test_lines_are_named_by_their_numbers():
    text = f"\n{ONE}\notpauth://totp/x?secret=1\n\nphonefactor://x\nhttps://example.org\nsecret=A\n"
    found = read(text.encode())
    assert [one.title for one in found] == ["R:a", "line 3", "line 7", "line 5"]
    assert "Microsoft" in found[3].problem


def test_texts_in_json_are_named_by_their_place():
    bad = "otpauth://totp/x?secret=1"
    assert [one.title for one in read(dumped([ONE, bad, "x", bad]))] == ["R:a", "URI 2", "URI 3"]


def test_what_is_in_the_trash_is_not_read():
    kept = ONE + "&codeDisplay=%7B%22trashed%22%3Afalse%7D"
    assert len(read(f"{ONE}{TRASH}\n{kept}\n".encode())) == 1


def test_googles_codes_are_put_behind_the_others():
    accounts = twelve()[:2]
    (code,) = migration_uris(accounts[:1])
    text = f"{code.replace('otpauth', 'OTPAUTH')}\n{uri(accounts[1])}"
    assert [one.credential for one in read(text.encode())] == [accounts[1], accounts[0]]
    assert base32(accounts[0].secret) not in text
