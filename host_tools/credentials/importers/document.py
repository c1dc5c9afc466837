"""A file that somebody gives: its bytes, and what they are as text, JSON, XML or an archive.

It comes from anywhere, so each view has a limit, and no error quotes anything of it.
"""

import io
import json
import zipfile
from functools import cached_property
from typing import Any
from xml.etree.ElementTree import Element

from host_tools.credentials.importers.extras import needed
from host_tools.credentials.library_errors import LIBRARY_ERRORS
from host_tools.errors import UsageProblem

FILE_MAX_BYTES = 128 << 20  # a password manager's archive may hold documents as well
MEMBER_MAX_BYTES = 32 << 20
_ENCRYPTED = 1  # bit 0 of a member's flags
_MOST_MEMBERS = 100_000
_MOST_LETTERS_IN_NOISE = 0.6
_JSON_DEEPEST = 100
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


class Document:
    """The content of one file. `shown` is its name, for people only."""

    def __init__(self, data: bytes, shown: str = "the file") -> None:
        if len(data) > FILE_MAX_BYTES:
            raise UsageProblem(
                f"{shown} is larger than {FILE_MAX_BYTES >> 20} MB; no export is that large"
            )
        self.data = data
        self.shown = shown

    @cached_property
    def text(self) -> str:
        """The text that the bytes are, in UTF-8 or, with a mark, in UTF-16; else empty."""
        encoding = next((name for mark, name in _BOMS if self.data.startswith(mark)), "utf-8")
        try:
            return self.data.decode(encoding)
        except UnicodeError:
            return ""

    @property
    def is_text_of_another_kind(self) -> bool:
        """Whether most of it is letters, and yet not UTF-8: few bytes of noise are letters."""
        letters = sum(32 <= byte < 127 or byte in b"\t\r\n" for byte in self.data)
        return not self.text and letters > _MOST_LETTERS_IN_NOISE * len(self.data)

    @cached_property
    def json(self) -> Any:
        """The value that the text is in JSON, or None."""
        text = self.text.lstrip("\ufeff \t\r\n")
        if not text.startswith(("{", "[")):
            return None
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return None
        return value if not _too_deep(value) else None

    @property
    def object(self) -> dict[str, Any]:
        """The JSON object, or an empty one if it is something else."""
        return self.json if isinstance(self.json, dict) else {}

    def array_of(self, *keys: str) -> bool:
        """Whether this is a JSON array, not empty, of objects that all have these keys."""
        rows = self.json if isinstance(self.json, list) else []
        return bool(rows) and all(isinstance(row, dict) and row.keys() >= set(keys) for row in rows)

    @property
    def is_zip(self) -> bool:
        """Whether it begins as an archive does."""
        return self.data.startswith(b"PK\x03\x04")

    @cached_property
    def members(self) -> list[str]:
        """The names of the files in the archive; none if it is not one."""
        if not self.is_zip:
            return []
        try:
            with zipfile.ZipFile(io.BytesIO(self.data)) as archive:
                names = archive.namelist()
        except LIBRARY_ERRORS:
            return []
        return names if len(names) <= _MOST_MEMBERS else []

    def is_encrypted(self, name: str) -> bool:
        """Whether a file in the archive wants a password."""
        try:
            with zipfile.ZipFile(io.BytesIO(self.data)) as archive:
                return bool(archive.getinfo(name).flag_bits & _ENCRYPTED)
        except LIBRARY_ERRORS as error:
            raise damaged(self.shown) from error

    def member(self, name: str) -> "Document":
        """A file in the archive, not encrypted. UsageProblem if it cannot be read."""
        try:
            with zipfile.ZipFile(io.BytesIO(self.data)) as archive, archive.open(name) as file:
                return Document(limited(file, name), self.shown)
        except LIBRARY_ERRORS as error:
            raise damaged(self.shown) from error

    def looks_like_xml(self, root: str) -> bool:
        """Whether it is XML that has such an element near its beginning."""
        return self.text.lstrip("\ufeff \t\r\n").startswith("<") and root in self.text[:4096]

    def xml(self) -> Element:
        """The root element. UsageProblem if it is damaged, or declares entities."""
        parser = needed("defusedxml.ElementTree", "XML")
        common = needed("defusedxml.common", "XML")
        try:
            root: Element = parser.fromstring(self.data, forbid_dtd=True)
        except common.DefusedXmlException:
            raise UsageProblem(
                f"{self.shown} declares entities (DOCTYPE), which no export needs: refused"
            ) from None
        except (parser.ParseError, *LIBRARY_ERRORS):
            raise damaged(self.shown) from None
        return root


def limited(file: Any, name: str) -> bytes:
    """What is in a file of an archive, at most MEMBER_MAX_BYTES of it: it may be a bomb."""
    data: bytes = file.read(MEMBER_MAX_BYTES + 1)
    if len(data) > MEMBER_MAX_BYTES:
        raise UsageProblem(
            f"a file in this archive unpacks to more than {MEMBER_MAX_BYTES >> 20} MB: refused"
        )
    return data


def damaged(what: str) -> UsageProblem:
    """The error for an export of a known format that cannot be read."""
    return UsageProblem(f"{what} is damaged or cut short; export it again")


def _too_deep(value: Any) -> bool:
    """Whether a JSON value nests deeper than any export does; without recursion of our own."""
    level = [value]
    for _ in range(_JSON_DEEPEST):
        level = [
            child
            for parent in level
            if isinstance(parent, (dict, list))
            for child in (parent.values() if isinstance(parent, dict) else parent)
        ]
        if not level:
            return False
    return True
