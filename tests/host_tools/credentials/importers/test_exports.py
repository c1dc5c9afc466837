"""Every app's export gives the accounts that are in it, and nothing else opens it."""

import base64

import click
import pytest

import judges
from exports import ENCRYPTED, EXPORTS, Export
from exports.accounts import twelve, uri
from exports.lists import migration_uris
from host_tools.credentials.credential import Credential
from host_tools.credentials.importers import formats
from host_tools.credentials.importers.document import Document
from host_tools.credentials.importers.entry import ImportProblem, WrongPassword
from host_tools.credentials.importers.keepass_fields import otp_entries


def read(data, password=None):
    def ask(_what):
        assert password is not None, "the export is not encrypted"
        return password

    return formats.read_all([Document(data, "file")], ask)


@pytest.mark.parametrize("name", EXPORTS)
def test_it_gives_its_accounts(name):
    export: Export = EXPORTS[name]()
    entries = read(export.data, export.password)
    assert [entry.problem for entry in entries if entry.problem] == []
    assert [entry.credential for entry in entries] == export.credentials


@pytest.mark.parametrize("name", ENCRYPTED)
def test_a_wrong_password_is_told_and_asked_for_again(name):
    export = EXPORTS[name]()
    wrong = "00" * 16 if name == "pskc_pre_shared" else "wrong"
    given = iter([wrong, "", export.password])
    problems = []

    def again(problem):
        problems.append(problem.message)
        return True

    entries = formats.read_all([Document(export.data, "a.file")], lambda _: next(given), again)
    assert [entry.credential for entry in entries] == export.credentials
    assert len(problems) == 2
    assert all("wrong password" in problem and "a.file" in problem for problem in problems)


@pytest.mark.parametrize("stop", [click.Abort, KeyboardInterrupt, EOFError])
@pytest.mark.parametrize("name", ENCRYPTED)
def test_who_gives_no_password_has_given_no_wrong_one(name, stop):
    def ask(_what):
        raise stop

    with pytest.raises(stop):
        formats.read_all([Document(EXPORTS[name]().data, "a.file")], ask)


@pytest.mark.parametrize("name", ENCRYPTED)
def test_a_wrong_password_ends_it_without_anybody_to_ask(name):
    export = EXPORTS[name]()
    with pytest.raises(WrongPassword) as caught:
        read(export.data, "wrong")
    assert "\n" not in caught.value.message


def test_a_database_of_keepass_1_is_named():
    data = b"\x03\xd9\xa2\x9a\x65\xfb\x4b\xb5" + bytes(200)
    with pytest.raises(ImportProblem, match="KeePass 1"):
        read(data, "any")


@judges.needs_pskc_judge
def test_another_reader_reads_the_same_keys(tmp_path):
    export = EXPORTS["pskc_plain"]()
    path = tmp_path / "keys.xml"
    path.write_bytes(export.data)
    said = judges.text_of_key_container(path)
    keys = [line.partition(": ")[2] for line in said.splitlines() if "Key Secret (base64)" in line]
    assert [base64.b64decode(key) for key in keys] == [one.secret for one in export.credentials]


# RFC 6030, figures 2 and 3, in short: what others write need not look like what python-pskc does.
RFC_6030 = """<?xml version="1.0" encoding="UTF-8"?>
<KeyContainer Version="1.0" Id="exampleID1" xmlns="urn:ietf:params:xml:ns:keyprov:pskc">
 <KeyPackage>
  <DeviceInfo><Manufacturer>Manufacturer</Manufacturer><SerialNo>987654321</SerialNo></DeviceInfo>
  <Key Id="12345678" Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:hotp">
   <Issuer>Issuer</Issuer>
   <AlgorithmParameters><ResponseFormat Length="8" Encoding="DECIMAL"/></AlgorithmParameters>
   <Data>
    <Secret><PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</PlainValue></Secret>
    <Counter><PlainValue>0</PlainValue></Counter>
   </Data>
   <UserId>UID=jsmith,DC=example-bank,DC=net</UserId>
  </Key>
 </KeyPackage>
 <KeyPackage>
  <Key Id="o" Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:ocra"><Issuer>Other</Issuer>
   <Data><Secret><PlainValue>MTIzNA==</PlainValue></Secret></Data></Key>
 </KeyPackage>
</KeyContainer>
"""


def test_the_containers_of_rfc_6030():
    hotp, other = read(RFC_6030.encode())
    secret = b"12345678901234567890"
    name = "UID=jsmith,DC=example-bank,DC=net"
    assert hotp.credential == Credential("Issuer", name, secret, "SHA1", 8, kind="hotp", counter=0)
    assert other.credential is None and "no HOTP or TOTP" in other.problem


def test_old_and_new_names_of_one_thing_in_a_keepass_entry():
    secret = base64.b32encode(b"12345678901234567890").decode()
    both = {"Title": "T", "UserName": "u", "TOTP Seed": secret, "TOTP Settings": "30;6"}
    both |= {"TimeOtp-Secret-Base32": secret}
    (one,) = otp_entries(both)
    assert one.credential == Credential("T", "u", b"12345678901234567890")
    steam = otp_entries({"Title": "T", "TOTP Seed": secret, "TOTP Settings": "30;S"})
    assert steam[0].credential is not None and steam[0].credential.is_steam
    counting = {"Title": "T", "HmacOtp-Secret": "12345678901234567890", "HmacOtp-Counter": "5"}
    (one,) = otp_entries(counting)
    assert one.credential == Credential("T", "T", b"12345678901234567890", kind="hotp", counter=5)


def test_codes_of_other_apps_that_number_no_batches():
    """Each is a batch of one, and all have the same number."""
    accounts = twelve()
    texts = [text for one in accounts for text in migration_uris([one], batch=0)]
    entries = read("\n".join(texts + texts[:3]).encode())
    assert [entry.credential for entry in entries] == accounts


def test_what_is_in_the_trash_of_ente_is_not_read():
    kept, binned = twelve()[:2]
    text = uri(kept, codeDisplay='{"trashed": false}') + "\n"
    text += uri(binned, codeDisplay='{"pinned":false,"trashed":true}')
    assert [entry.credential for entry in read(text.encode())] == [kept]


def test_a_line_that_was_a_uri_is_refused_and_the_rest_goes_on():
    one, other = twelve()[:2]
    entries = read(f"{uri(one)}\n{uri(other)[1:]}\n".encode())
    assert entries[0].credential == one
    assert entries[1].title == "line 2" and entries[1].credential is None
