"""Other orders of the accounts than that of the list. Loaded with the first one that is wanted.

By name: as a person looks for it. Upper and lower case are the same, and so are letters with and
without an accent. A token may have 255 accounts, of which reading takes a Pico 0.3 s, so whoever
wants it keeps what comes out.
"""

from picototp.screens.text import shown
from picototp.vault.settings_file import BY_NAME

KEY_BYTES = 48  # of each name are compared: in memory they take 20 KB for a moment

# What U+00C0 to U+017F count as.
_BASES = (
    "aaaaaaaceeeeiiiidnoooooxouuuuytsaaaaaaaceeeeiiiidnooooo/ouuuuyty"
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllll"
    "lllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs"
)


def wanted(vault, settings) -> bytes:
    """The positions of all accounts in the order that the Settings ask for. Raises VaultError."""
    if settings.order == BY_NAME:
        return by_name(vault)[0]
    first = bytes([index for index in settings.recent if index < len(vault)])
    return first + bytes([index for index in range(len(vault)) if index not in first])


def by_name(vault) -> tuple:
    """(the positions of all accounts by issuer and name; for each place in that order, how many
    bytes of key() it has in common with the one before it). Raises VaultError."""
    keys: list = []

    def take(names: tuple) -> bool:
        keys.append(key(names)[:KEY_BYTES] + bytes((0, len(keys))))
        return True

    vault.each_names(take)
    keys.sort()
    shared = bytearray(len(keys))
    for place in range(1, len(keys)):
        shared[place] = _common(keys[place - 1], keys[place])
    return bytes([each[-1] for each in keys]), shared


def label(names: tuple) -> str:
    """An account as it is shown in a line; `names` see Vault.names()."""
    issuer, name = shown(names[0], names[2]), shown(names[1], names[3])
    return f"{issuer}: {name}" if issuer else name


def key(names: tuple) -> bytes:
    """What its place depends on: a character for each of the label's, in UTF-8."""
    text = label(names).encode("utf-8", "surrogatepass").lower()  # of ASCII
    return text if not text or max(text) < 0x80 else _folded(text)


def _folded(text: bytes) -> bytes:
    """By bytes: MicroPython would keep each character that a str was walked along for."""
    out = bytearray()
    for at, byte in enumerate(text):
        if byte & 0xE0 == 0xC0:
            point = (byte & 0x1F) << 6 | text[at + 1] & 0x3F
            if 0xC0 <= point < 0x180:
                out.append(ord(_BASES[point - 0xC0]))
                continue
            if 0x391 <= point <= 0x3A9 or 0x410 <= point <= 0x42F:
                point += 0x20  # the small letter of Greek and Cyrillic
            elif 0x400 <= point <= 0x40F:
                point += 0x50
            out.extend(bytes((0xC0 | point >> 6, 0x80 | point & 0x3F)))
        elif byte & 0xC0 != 0x80 or text[at - 1] & 0xE0 != 0xC0:
            out.append(byte)
    return bytes(out)


def _common(first: bytes, second: bytes) -> int:
    """How many bytes two keys of accounts begin with together."""
    most = min(len(first), len(second)) - 2
    at = 0
    while at < most and first[at] == second[at]:
        at += 1
    return at
