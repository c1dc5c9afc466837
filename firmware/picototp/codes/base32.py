"""Base32 (RFC 4648, 6), read as people paste secrets: any case, spaces, dashes, padding or none.

Bits left over in the last symbol are ignored even if set, as other tools do: secrets that
someone shortened or made up have them.
"""

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_NO_BREAK_SPACE = "\xa0"
_SEPARATORS = b" \t\r\n\v\f-"
_PAD = 0x3D  # =
# Symbols in the last group of eight -> '=' signs that fill it; 1, 3 and 6 symbols end no byte.
_PADDING = {0: 0, 2: 6, 4: 4, 5: 3, 7: 1}


class Base32Error(ValueError):
    """`position`: where in the text as given, from 1; 0 if there is nothing in it.

    The message names the position and never the text, which is a secret.
    """

    def __init__(self, problem: str, position: int) -> None:
        super().__init__(f"{problem} at position {position}" if position else problem)
        self.position = position


def decode(text: str) -> bytes:
    """The bytes that `text` stands for, at least one. Raises Base32Error."""
    out = bytearray()
    symbols = 0
    pads = 0
    first_pad = 0
    last = 0
    pending = 0  # bits read that do not fill a byte yet, and their number
    bits = 0
    # Over bytes: to walk along a str, MicroPython would keep each different character forever. Up
    # to the first character that is not ASCII, which is the last one looked at, it is the same.
    text = text.replace(_NO_BREAK_SPACE, " ")
    for index, byte in enumerate(text.encode("utf-8", "surrogatepass")):
        if byte in _SEPARATORS:
            continue
        if byte == _PAD:
            pads += 1
            first_pad = first_pad or index + 1
            continue
        if pads:
            raise Base32Error("padding before the end", first_pad)
        pending = (pending << 5) | _value(byte, index + 1)
        bits += 5
        symbols += 1
        last = index + 1
        if bits >= 8:
            bits -= 8
            out.append(pending >> bits)
            pending &= (1 << bits) - 1
    if not symbols:
        raise Base32Error("padding only", first_pad) if pads else Base32Error("empty", 0)
    padding = _PADDING.get(symbols % 8)
    if padding is None:
        raise Base32Error("characters missing or too many: ends", last)
    if pads not in (0, padding):
        raise Base32Error("wrong padding", first_pad)
    return bytes(out)


def encode(data: bytes) -> str:
    """Upper case, without padding."""
    out = []
    pending = 0
    bits = 0
    for byte in data:
        pending = (pending << 8) | byte
        bits += 8
        while bits >= 5:
            bits -= 5
            out.append(_ALPHABET[pending >> bits])
            pending &= (1 << bits) - 1
    if bits:
        out.append(_ALPHABET[pending << (5 - bits)])
    return "".join(out)


def _value(byte: int, position: int) -> int:
    if 65 <= byte <= 90 or 97 <= byte <= 122:  # A to Z in either case
        return (byte & 0xDF) - 65
    if 50 <= byte <= 55:  # 2 to 7
        return byte - 24
    raise Base32Error("bad character", position)
