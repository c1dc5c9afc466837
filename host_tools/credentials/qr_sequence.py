"""QR codes that are one part of several (structured append, ISO/IEC 18004 section 8).

zxing-cpp decodes each part and does not say that it is one; the first bits of the symbol do: mode
0011, then the part's number, the last part's number, and a byte that all parts share, the exclusive
or of the whole text. They are read here from the symbol that zxing-cpp gives back.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, cast

import zxingcpp

from host_tools.errors import UsageProblem

_MODE = 0b0011
# Blocks of error correction in versions 1 to 12 (table 9): a message's bytes are dealt to them in
# turn. Larger symbols are not cut in parts by anybody who writes accounts.
_BLOCKS = {
    "L": (1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4),
    "M": (1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8),
    "Q": (1, 1, 2, 2, 4, 4, 6, 6, 8, 8, 8, 10),
    "H": (1, 1, 2, 4, 4, 4, 5, 6, 8, 8, 11, 11),
}
_TOP = 9  # the first row below the corner's patterns


class Part(NamedTuple):
    """Where a code stands in its sequence: `number` from 0 to `last`; `parity` tells sequences
    apart."""

    number: int
    last: int
    parity: int


class Code(NamedTuple):
    """One decoded symbol; `part` is None for one that is whole by itself."""

    text: str
    data: bytes
    part: Part | None


def code_of(barcode: zxingcpp.Barcode) -> Code:
    """The code that was read. UsageProblem for a part too large to be put together here."""
    return Code(barcode.text, bytes(barcode.bytes), _part(barcode))


def joined(codes: Sequence[Code]) -> list[str]:
    """The texts of all codes, those in parts put together, each text once, in the order found.

    UsageProblem if a part is missing, which is named.
    """
    texts: list[str] = []
    done: set[tuple[int, int]] = set()
    for code in codes:
        if code.part is None:
            texts.append(code.text)
            continue
        key = (code.part.last, code.part.parity)
        if key not in done:
            done.add(key)
            texts.append(_whole(codes, *key))
    return list(dict.fromkeys(texts))


def _whole(codes: Sequence[Code], last: int, parity: int) -> str:
    parts = {
        code.part.number: code.data
        for code in codes
        if code.part is not None and (code.part.last, code.part.parity) == (last, parity)
    }
    missing = [str(number + 1) for number in range(last + 1) if number not in parts]
    if missing:
        raise UsageProblem(
            f"this account is spread over {last + 1} QR codes, and number {', '.join(missing)} is"
            " missing; give pictures of all of them together"
        )
    data = b"".join(parts[number] for number in range(last + 1))
    check = 0
    for byte in data:
        check ^= byte
    try:
        if check != parity:
            raise ValueError
        return data.decode()
    except ValueError:
        raise UsageProblem(
            f"the {last + 1} QR codes of this account do not fit together; take the pictures again"
        ) from None


def _part(barcode: zxingcpp.Barcode) -> Part | None:
    # A dict, and an image with the buffer protocol; their types say less.
    extra = cast(dict[str, Any], barcode.extra)
    symbol = memoryview(cast(Any, barcode.to_image(scale=1, add_quiet_zones=False)))
    first = _codeword(symbol, extra["DataMask"], 0)
    if first >> 4 != _MODE:
        return None
    version = int(extra["Version"])
    blocks = _BLOCKS[extra["ECLevel"]]
    if version > len(blocks):
        raise UsageProblem("this account is spread over QR codes too large to be put together")
    step = blocks[version - 1]
    second = _codeword(symbol, extra["DataMask"], step)
    third = _codeword(symbol, extra["DataMask"], 2 * step)
    return Part(first & 15, second >> 4, (second & 15) << 4 | third >> 4)


def _codeword(symbol: Any, mask: int, number: int) -> int:
    """The byte at this place of the symbol's last four columns: the bytes run up in the last two,
    and down in the two before (section 7.7.3)."""
    size: int = symbol.shape[0]
    in_a_column = (size - _TOP) // 4
    value = 0
    for bit in range(8):
        row, column = size - 1 - 4 * number - bit // 2, size - 1 - bit % 2
        if number >= in_a_column:
            row, column = _TOP + 4 * (number - in_a_column) + bit // 2, column - 2
        dark = symbol[row, column] == 0
        value = value << 1 | (dark ^ _masked(mask, row, column))
    return value


def _masked(mask: int, i: int, j: int) -> bool:
    """Whether the mask turns the module in row i, column j round (section 7.8.2)."""
    return (
        (i + j) % 2,
        i % 2,
        j % 3,
        (i + j) % 3,
        (i // 2 + j // 3) % 2,
        i * j % 2 + i * j % 3,
        (i * j % 2 + i * j % 3) % 2,
        ((i + j) % 2 + i * j % 3) % 2,
    )[mask] == 0
