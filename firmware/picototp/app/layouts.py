"""Which key gives a capital letter, by the layout that the host's keyboard is set to.

Only what Steam's codes need differs between them; keys are usages of HID Usage Tables 1.12,
chapter 10, where a key is named after what it gives in the United States.
"""

_MOVED = {
    "qwerty": {},
    "qwertz": {"Y": "Z", "Z": "Y"},
    "azerty": {"A": "Q", "Q": "A", "W": "Z", "Z": "W"},
}
_SEMICOLON = 0x33


def key(layout: str, letter: int) -> int:
    """The key for a capital letter, given as its ASCII number."""
    if layout == "azerty" and letter == 0x4D:  # M
        return _SEMICOLON
    moved = _MOVED[layout].get(bytes((letter,)).decode())
    return (ord(moved) if moved else letter) - 0x41 + 0x04
