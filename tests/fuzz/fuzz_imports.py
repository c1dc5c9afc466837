"""What the readers of other apps' exports do with any bytes.

One target for each format, whose seeds are its own exports, and one for QR codes' protobuf. A wrong
password is given, so what would be decrypted is read as it stands by the plain formats' targets.
"""

import base64

from exports import EXPORTS
from host_tools.credentials.credential import Credential
from host_tools.credentials.importers import formats, google_migration, java_map
from host_tools.credentials.importers.document import Document
from host_tools.credentials.pasted_text import uri_lines
from host_tools.errors import ToolError, UsageProblem

# What takes the most time is not what is fuzzed: these parsers are libraries.
_SEEDS = {name: made().data for name, made in EXPORTS.items() if "database" not in name}
_GROUPS = {
    "import-json": [data for data in _SEEDS.values() if data[:1] in b"{["],
    "import-xml": [data for data in _SEEDS.values() if data[:1] == b"<"],
    "import-zip": [data for data in _SEEDS.values() if data[:2] == b"PK"],
    "import-text": [data for name, data in _SEEDS.items() if "csv" in name or "list" in name],
    "import-binary": [data for data in _SEEDS.values() if data[:2] in (b"\xac\xed", b"AU", b"Au")],
}


def export_target(data):
    """Entries, each with a credential or a reason, or one line that says what is wrong."""
    try:
        entries = formats.read_all([Document(data, "file")], lambda _what: "wrong password")
    except ToolError as error:
        assert "\n" not in error.message and len(error.message) < 400
        return
    for entry in entries:
        assert isinstance(entry.credential, Credential) != bool(entry.problem)
        assert entry.title.isprintable() and "\n" not in entry.problem


def migration_target(data):
    """The protobuf of Google's export, whatever it is."""
    text = base64.urlsafe_b64encode(data).decode()
    for entry in google_migration.entries([f"otpauth-migration://offline?data={text}"]):
        assert entry.credential or entry.problem


def java_target(data):
    """A serialised map, or one line."""
    try:
        assert all(isinstance(value, str) for value in java_map.read(data).values())
    except UsageProblem as problem:
        assert "\n" not in problem.message


def text_target(data):
    """Lines of any text."""
    try:
        for line in uri_lines(data.decode("utf-8", "replace")):
            assert line.number >= 1 and "\n" not in line.uri
    except UsageProblem as problem:
        assert "\n" not in problem.message


TARGETS = {name: (lambda: export_target, tuple(seeds)) for name, seeds in _GROUPS.items()} | {
    "google-migration": (lambda: migration_target, (b"\x0a\x03\x0a\x01x", b"\x10\x01\x18\x02")),
    "java-map": (lambda: java_target, (_SEEDS["freeotp_backup"],)),
    "pasted-text": (lambda: text_target, (_SEEDS["uri_list"],)),
}
