"""Raivo's archive: with and without a password, and what each failure of its reader means."""

import zlib

import pytest
import pyzipper

from exports import apps
from exports.accounts import dumped, zip_of
from host_tools.credentials.credential import Credential
from host_tools.credentials.importers import raivo
from host_tools.credentials.importers.document import Document
from host_tools.credentials.importers.entry import WrongPassword
from host_tools.errors import UsageProblem

SECRET, KEY = "JBSWY3DPEHPK3PXP", b"Hello!\xde\xad\xbe\xef"
ROWS = dumped([{"account": "a", "secret": SECRET}])
DAMAGED = "a.file is damaged or cut short; export it again"


def read(data, ask):
    return raivo.FORMAT.read(Document(data, "a.file"), ask)


@pytest.mark.parametrize("name", ["raivo-otp-export.json", "folder/raivo-otp-export.json"])
def test_an_archive_without_a_password_asks_for_none(name):
    data = zip_of({"other": b"", name: ROWS})
    assert raivo.FORMAT.recognises(Document(data))
    (one,) = read(data, lambda _what: pytest.fail("asked for a password"))
    assert one.credential == Credential("", "a", KEY)


def test_other_archives_are_not_raivos():
    assert not raivo.FORMAT.recognises(Document(zip_of({"raivo-otp-export.json.txt": ROWS})))


def test_an_archive_with_a_password():
    export = apps.raivo_zip()
    found = read(export.data, lambda _what: export.password)
    assert [one.credential for one in found] == export.credentials
    with pytest.raises(WrongPassword):
        read(export.data, lambda _what: "wrong")


@pytest.mark.parametrize(
    ("error", "is_wrong"),
    [
        (RuntimeError("Bad password for file"), True),
        (pyzipper.BadZipFile("Bad password"), True),
        (pyzipper.BadZipFile("Bad CRC-32 for file"), True),
        (zlib.error("x"), True),
        (NotImplementedError("x"), False),
        (pyzipper.BadZipFile("x"), False),
        (OSError("x"), False),
    ],
)
def test_what_a_failure_means(monkeypatch, error, is_wrong):
    def fail(*_arguments):
        raise error

    monkeypatch.setattr(pyzipper, "AESZipFile", fail)
    with pytest.raises(UsageProblem) as caught:
        read(zip_of({"raivo-otp-export.json": ROWS}), lambda _what: "p")
    assert isinstance(caught.value, WrongPassword) is is_wrong
    assert is_wrong or caught.value.message == DAMAGED
