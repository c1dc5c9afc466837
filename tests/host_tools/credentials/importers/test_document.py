"""A file that somebody gives: what it is taken for, and where each of its limits lies."""

import io
import zipfile

import pytest

from exports.accounts import zip_of
from host_tools.credentials.importers import document
from host_tools.credentials.importers.document import Document, limited
from host_tools.errors import UsageProblem


def refusal(make):
    with pytest.raises(UsageProblem) as caught:
        make()
    return caught.value.message


def test_the_largest_file(monkeypatch):
    monkeypatch.setattr(document, "FILE_MAX_BYTES", 3 << 20)
    assert len(Document(bytes(3 << 20)).data) == 3 << 20
    assert "a.file is larger than 3 MB" in refusal(lambda: Document(bytes((3 << 20) + 1), "a.file"))


def test_the_largest_file_of_an_archive(monkeypatch):
    monkeypatch.setattr(document, "MEMBER_MAX_BYTES", 3 << 20)
    assert len(limited(io.BytesIO(bytes(3 << 20)), "x")) == 3 << 20
    assert "more than 3 MB" in refusal(lambda: limited(io.BytesIO(bytes((3 << 20) + 1)), "x"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_text_in_each_encoding(encoding):
    assert Document("é".encode(encoding)).text == "é"


@pytest.mark.parametrize("letter", [0x20, 0x41, 0x7E, 0x09, 0x0A, 0x0D])
def test_text_of_another_kind_is_mostly_letters(letter):
    assert Document(bytes([letter] * 7 + [0xFF] * 3)).is_text_of_another_kind
    assert not Document(bytes([letter] * 6 + [0xFF] * 4)).is_text_of_another_kind
    assert not Document(bytes([letter] * 10)).is_text_of_another_kind


@pytest.mark.parametrize("other", [0x00, 0x1F, 0x0B, 0x7F, 0x80])
def test_noise_is_not_text_of_another_kind(other):
    assert not Document(bytes([other] * 7 + [0xFF] * 3)).is_text_of_another_kind


@pytest.mark.parametrize(("opens", "closes"), [("[", "]"), ('{"a":', "}")])
def test_the_deepest_json(opens, closes):
    def nested(levels):
        around, inmost = levels - 1, opens[0] + closes
        return Document((opens * around + inmost + closes * around).encode())

    assert nested(document._JSON_DEEPEST).json is not None
    assert nested(document._JSON_DEEPEST + 1).json is None


@pytest.mark.parametrize("before", ["", "\ufeff", " \t\r\n", "\ufeff\n"])
def test_json_may_have_nothing_before_it_that_is_seen(before):
    assert Document((before + "[1]").encode()).json == [1]
    assert Document((before + '{"a": 1}').encode()).object == {"a": 1}
    assert Document((before + "1").encode()).json is None
    assert Document((before + "x[1]").encode()).json is None


def test_an_object_is_no_list():
    assert Document(b"[1]").object == {}


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ('[{"a": 1, "b": 2}]', True),
        ('[{"a": 1, "b": 2, "c": 3}, {"b": 1, "a": 2}]', True),
        ('[{"a": 1}]', False),
        ('[{"a": 1, "b": 2}, {"a": 1, "c": 3}]', False),
        ('[{"a": 1, "b": 2}, ["a", "b"]]', False),
        ("[]", False),
        ('{"a": 1, "b": 2}', False),
    ],
)
def test_a_list_of_objects_with_some_keys(text, fits):
    assert Document(text.encode()).array_of("a", "b") is fits


def test_the_most_files_of_an_archive(monkeypatch):
    monkeypatch.setattr(document, "_MOST_MEMBERS", 2)
    assert Document(zip_of({"a": b"", "b": b""})).members == ["a", "b"]
    assert Document(zip_of({"a": b"", "b": b"", "c": b""})).members == []


def test_what_is_no_archive_has_no_files():
    archive = zip_of({"a": b"text"})
    assert Document(archive).is_zip and not Document(b"x" + archive).is_zip
    assert Document(b"x" + archive).members == [] == Document(archive[:-1]).members
    assert Document(archive, "a.file").member("a").text == "text"


def flagged(bits):
    """An archive whose one file has these flags."""
    archive = bytearray(zip_of({"a": b"text"}))
    at = archive.find(b"PK\x01\x02") + 8
    archive[at : at + 2] = bits.to_bytes(2, "little")
    return Document(bytes(archive), "a.file")


def test_whether_a_file_of_an_archive_is_encrypted():
    for bits, encrypted in ((0, False), (1, True), (0x800, False), (0x809, True), (8, False)):
        assert flagged(bits).is_encrypted("a") is encrypted


def test_a_file_that_an_archive_lacks_is_damage():
    whole = flagged(0)
    for make in (whole.is_encrypted, whole.member):
        assert "a.file is damaged" in refusal(lambda make=make: make("b"))
    assert "a.file is damaged" in refusal(lambda: flagged(1).member("a"))


def test_the_root_of_xml_is_near_its_beginning():
    start = "<?xml?>"
    for before in ("", "\r\n \t"):
        space = " " * (4096 - len(before + start) - len("<root"))
        assert Document(f"{before}{start}{space}<root>".encode()).looks_like_xml("<root")
        assert not Document(f"{before}{start}{space} <root>".encode()).looks_like_xml("<root")
    assert Document("\ufeff<root>".encode()).looks_like_xml("<root")
    assert not Document(b"x<root>").looks_like_xml("<root")
    assert not Document(b"<other>").looks_like_xml("<root")


def test_xml_is_read_if_it_is_whole_and_declares_nothing():
    assert Document(b"<root a='1'/>").xml().get("a") == "1"
    assert "a.file is damaged" in refusal(lambda: Document(b"<root>", "a.file").xml())
    assert "entities" in refusal(lambda: Document(b"<!DOCTYPE root><root/>", "a.file").xml())


def test_members_are_those_that_the_archive_lists():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("folder/one", b"1")
        archive.writestr("two", b"2")
    assert Document(out.getvalue()).members == ["folder/one", "two"]
