"""KeePass and KeePassXC: databases (KDBX 3 and 4) and their export in XML; CSV is csv_table.py's.

A database is read by pykeepass. In both, an entry has named texts, and one-time passwords are kept
in them in four ways: see keepass_fields.py.
"""

import hashlib
import io
from collections.abc import Callable
from typing import Any, TypeVar
from xml.etree.ElementTree import Element

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from host_tools.credentials.importers import ciphers
from host_tools.credentials.importers.document import Document, damaged
from host_tools.credentials.importers.entry import (
    AskPassword,
    Entry,
    Format,
    ImportProblem,
    WrongPassword,
)
from host_tools.credentials.importers.extras import needed
from host_tools.credentials.importers.keepass_fields import otp_entries
from host_tools.credentials.library_errors import LIBRARY_ERRORS

T = TypeVar("T")

_MAGIC = b"\x03\xd9\xa2\x9a"
_SIGNATURE_2 = b"\x67\xfb\x4b\xb5"  # that of KDBX; KeePass 1 has another
_MOST_ROUNDS = 200_000_000  # of AES: seconds, as the CBC below does them
_ROUNDS_AT_ONCE = 1 << 16


def _recognises(document: Document) -> bool:
    return document.data.startswith(_MAGIC)


def _read(document: Document, ask: AskPassword) -> list[Entry]:
    if document.data[4:8] != _SIGNATURE_2:
        raise ImportProblem("this is a KeePass 1 database (.kdb); open it in KeePassXC to convert")
    keepass = needed("pykeepass", "KeePass")
    cost = _guarded(keepass, document, lambda: _cost(keepass, document.data))
    password = ask("KeePass")
    database = _opened(keepass, document, password, cost)
    return _guarded(keepass, document, lambda: _entries(database))


def _entries(database: Any) -> list[Entry]:
    bin_group = database.recyclebin_group
    binned = bin_group.uuid if bin_group is not None else None
    return [
        found
        for one in database.entries
        if not _is_under(one, binned)
        for found in otp_entries(_texts(one))
    ]


def _texts(one: Any) -> dict[str, str]:
    usual = {"Title": one.title, "UserName": one.username, "URL": one.url, "otp": one.otp}
    texts = {**one.custom_properties, **usual}
    return {name: value for name, value in texts.items() if isinstance(value, str)}


def _is_under(one: Any, group: Any) -> bool:
    parent = one.parentgroup
    while group is not None and parent is not None:
        if parent.uuid == group:
            return True
        parent = parent.parentgroup
    return False


def _cost(keepass: Any, data: bytes) -> tuple[bytes, int] | None:
    """(seed, rounds) of an AES key derivation; None for Argon2. ImportProblem if it is too much."""
    header = _header(keepass, data)
    if "transform_rounds" in header:  # KDBX 3
        seed, rounds = header.transform_seed.data, header.transform_rounds.data
        return seed, ciphers.checked(rounds, _MOST_ROUNDS, "rounds of AES")
    parameters = {name: item.value for name, item in header.kdf_parameters.data.dict.items()}
    if parameters.get("$UUID") == keepass.kdbx_parsing.kdf_uuids["aeskdf"]:
        rounds = ciphers.checked(parameters.get("R"), _MOST_ROUNDS, "rounds of AES")
        return parameters.get("S", b""), rounds
    passes = ciphers.checked(parameters.get("I"), ciphers.ARGON2_MOST_WORK, "passes of Argon2")
    most = ciphers.ARGON2_MOST_KIB << 10
    memory = ciphers.checked(parameters.get("M"), most, "memory of Argon2")
    ciphers.checked(parameters.get("P"), ciphers.ARGON2_MOST_LANES, "lanes of Argon2")
    ciphers.checked(
        passes * (memory >> 10), ciphers.ARGON2_MOST_WORK, "passes and memory of Argon2"
    )
    return None


def _header(keepass: Any, data: bytes) -> Any:
    # With a key given, it derives none, which is what the header may make unbearable.
    database = keepass.PyKeePass(io.BytesIO(data), transformed_key=bytes(32), decrypt=False)
    return database.kdbx.header.value.dynamic_header


def _opened(keepass: Any, document: Document, password: str, cost: tuple[bytes, int] | None) -> Any:
    key = None if cost is None else _aes_key(password, *cost)
    source = io.BytesIO(document.data)
    ciphers.encoded(password)
    return _guarded(
        keepass,
        document,
        lambda: keepass.PyKeePass(source, password=password, transformed_key=key),
    )


def _aes_key(password: str, seed: bytes, rounds: int) -> bytes:
    """KeePass's AES key derivation: the password's digest, encrypted `rounds` times in ECB.

    Zeros in CBC are the same, and one call does thousands of rounds.
    """
    first = hashlib.sha256(ciphers.encoded(password)).digest()
    composite = hashlib.sha256(first).digest()
    try:
        halves = [
            Cipher(algorithms.AES(seed), modes.CBC(half)).encryptor()
            for half in (composite[:16], composite[16:])
        ]
    except ValueError:
        raise ImportProblem("this KeePass database is damaged: its seed is not whole") from None
    ends = [b"", b""]
    zeros = bytes(16 * _ROUNDS_AT_ONCE)
    while rounds > 0:
        some = min(rounds, _ROUNDS_AT_ONCE)
        ends = [half.update(zeros[: 16 * some])[-16:] for half in halves]
        rounds -= some
    return hashlib.sha256(b"".join(ends)).digest()


def _guarded(keepass: Any, document: Document, action: Callable[[], T]) -> T:
    """What the action gives; pykeepass has many ways to say that a file is damaged."""
    construct, etree = needed("construct", "KeePass"), needed("lxml.etree", "KeePass")
    argon2 = needed("argon2.exceptions", "KeePass")
    problems = keepass.exceptions
    try:
        return action()
    except (problems.CredentialsError, problems.PayloadChecksumError):
        raise WrongPassword(
            "wrong password, or the database wants a key file too (then export it as XML or CSV)"
        ) from None
    except (
        *(problems.HeaderChecksumError, construct.ConstructError, etree.LxmlError),
        *(argon2.Argon2Error, *LIBRARY_ERRORS),
    ):
        raise damaged(document.shown) from None


def _recognises_xml(document: Document) -> bool:
    return document.looks_like_xml("<KeePassFile")


def _read_xml(document: Document, _ask: AskPassword) -> list[Entry]:
    root = document.xml()
    binned = root.findtext("Meta/RecycleBinUUID") or ""
    found: list[Entry] = []
    groups = list(root.iterfind("Root/Group"))
    while groups:
        group = groups.pop(0)
        if binned.strip("A=") and group.findtext("UUID") == binned:
            continue
        groups = list(group.iterfind("Group")) + groups
        # Not those below: an entry's earlier versions are entries inside of it.
        for one in group.iterfind("Entry"):
            found += otp_entries(_texts_of(one))
    return found


def _texts_of(one: Element) -> dict[str, str]:
    texts = ((text.findtext("Key"), text.findtext("Value")) for text in one.iterfind("String"))
    return {key: value for key, value in texts if key and value}


DATABASE = Format("KeePass database", _recognises, _read)
XML = Format("KeePass XML", _recognises_xml, _read_xml)
