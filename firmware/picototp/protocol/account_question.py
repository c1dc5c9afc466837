"""What a question about an account shows, so that no two accounts have the same question.

Issuer and name as the display can show them, and the position. If a name is not shown as it is, or
another account's are drawn alike, digits of their hash follow, which the host prints too: a host
that lies about what stands for a name cannot hide the name.
"""

from picototp.protocol.request import RequestError
from picototp.screens.text import columns, is_exact, shown
from picototp.vault import account as limits
from picototp.vault.names import name_hash

_NO_ISSUER = "(no issuer)"
_GAP = b"\0\0\0\0"  # a space between two letters


def ascii_of(message: dict, issuer: str, name: str) -> tuple:
    """(for the issuer, for the name): what a request wants the display to show in place of names
    that it cannot show; "" where it needs nothing."""
    given = message.get("ascii", ["", ""])
    if not isinstance(given, list) or len(given) != 2:
        raise RequestError("bad-request", "the field ascii must be two texts")
    limits.check_ascii_label(given[0], given[1])
    return "" if is_exact(issuer) else given[0], "" if is_exact(name) else given[1]


def lines_about(vault, names: tuple, index: int, rest: tuple, like: list | None = None) -> tuple:
    """The lines of a question about one account and what is to happen; `names` see Vault.names();
    `index` is its position, or where it will be; `like` see Vault.find_with_like()."""
    line = f"no. {index + 1}"
    if _is_doubtful(vault, names, index, like):
        line += f", hash {_hash_of(names)}"
    return (_issuer(names), _name(names)) + rest + (line,)


def lines_about_new_name(vault, old: tuple, new: tuple, index: int) -> tuple:
    """The lines of a question about other names of an account."""
    line = f"no. {index + 1}"
    if _is_doubtful(vault, old, index) or _is_doubtful(vault, new, index):
        line += f", {_hash_of(old)} to {_hash_of(new)}"
    return label(old), "to", label(new), line


def line_about(vault, names: tuple, index: int) -> str:
    """One account among others in a line; `index` is -1 for one that the token has not yet."""
    mark = f", {_hash_of(names)}" if _is_doubtful(vault, names, index) else ""
    return label(names) + mark


def label(names: tuple) -> str:
    """An account in a line; `names` see Vault.names()."""
    return f"{_issuer(names)}: {_name(names)}"


def _issuer(names: tuple) -> str:
    return shown(names[0], names[2]) or _NO_ISSUER


def _name(names: tuple) -> str:
    return shown(names[1], names[3])


def _hash_of(names: tuple) -> str:
    return name_hash(names[0], names[1])


def _is_doubtful(vault, names: tuple, index: int, like: list | None = None) -> bool:
    """Whether what is shown may be taken for another account's names."""
    if not (is_exact(names[0]) and is_exact(names[1])) or names[0] == _NO_ISSUER:
        return True
    if like is None:
        like = vault.find_with_like(names[0], names[1])[1]
    strip = _strip(label(names))
    return any([_strip(label(vault.names(other))) == strip for other in like if other != index])


def _strip(text: str) -> bytes:
    """A text as it is drawn, but for the width of its gaps."""
    strip = columns(text).strip(b"\0")
    while _GAP + b"\0" in strip:
        strip = strip.replace(_GAP + b"\0", _GAP)
    return strip
