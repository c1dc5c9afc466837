"""Lists of otpauth:// URIs: what Ente Auth and WinAuth write as text, cotp as JSON, and people.

Google's otpauth-migration:// URIs may be among them, also from several pictures of one export.
"""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote

from host_tools.credentials.importers import google_migration
from host_tools.credentials.importers.document import Document
from host_tools.credentials.importers.entry import AskPassword, Entry, Format, entry
from host_tools.credentials.otpauth import parse_uri
from host_tools.credentials.pasted_text import Line, spoilt_lines, uri_lines
from host_tools.credentials.vendor_links import vendor_link

# Ente Auth exports what is in its trash, too, and says so.
_TRASHED = re.compile(r'&codeDisplay=\{.*"trashed": ?true', re.IGNORECASE)
_MARKS = ("otpauth://", "otpauth-migration://", "otpauth:\\/\\/")


def _recognises(document: Document) -> bool:
    text = document.text.lower()
    return any(mark in text for mark in _MARKS) or bool(_links(document.text))


def _read(document: Document, _ask: AskPassword) -> list[Entry]:
    if document.json is not None:
        return entries_of(Line(0, text) for text in _strings(document.json) if _is_uri(text))
    lines = uri_lines(document.text)
    spoilt = [
        Entry(f"line {number}", problem="this is not a complete otpauth:// URI; export it again")
        for number in spoilt_lines(document.text)
    ]
    return entries_of(lines) + spoilt + _links(document.text)


def entries_of(lines: Iterable[Line]) -> list[Entry]:
    """The entries of URIs; those of one Google export are put together."""
    found: list[Entry] = []
    migrations: list[str] = []
    for count, line in enumerate(lines, 1):
        if line.uri.lower().startswith(google_migration.SCHEME):
            migrations.append(line.uri)
            continue
        if _TRASHED.search(unquote(line.uri)):
            continue
        # Not the text itself, which has the secret.
        title = f"line {line.number}" if line.number else f"URI {count}"
        found.append(_named(title, line.uri))
    return found + google_migration.entries(migrations)


def _named(title: str, uri: str) -> Entry:
    one = entry("", lambda: parse_uri(uri))
    return one if one.credential else Entry(title, problem=one.problem)


def _links(text: str) -> list[Entry]:
    """Links of vendors, a line each, which are named for what they are."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        what = None if _is_uri(line) else vendor_link(line)
        # The address of a page is nothing that somebody meant to load.
        if what and not line.strip().lower().startswith("http"):
            found.append(Entry(f"line {number}", problem=what))
    return found


def _is_uri(text: str) -> bool:
    return text.strip().lower().startswith(_MARKS)


def _strings(value: Any) -> Iterable[str]:
    """All strings of a JSON value; its depth is limited where it was read."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _strings(one)


FORMAT = Format("list of otpauth URIs", _recognises, _read)
