"""The fields of a token's answer, read one by one: a wrong type, range or length is an error.

Whatever is plugged in may call itself a token, so nothing that it says is taken on trust.
"""

import math
from collections.abc import Collection, Iterator
from typing import Any

from host_tools.errors import ToolError

LARGEST = (1 << 53) - 1  # what JSON numbers hold exactly everywhere
_LONGEST_TEXT = 1024  # a line of the protocol


class BadAnswer(ToolError):
    """An answer that no token of this protocol gives."""


class Fields:
    """The answer to one request, or a part of one; BadAnswer for what cannot be right.

    A field that older firmware does not send has a `default`; without one it must be there.
    """

    def __init__(self, op: str, values: object) -> None:
        self._op = op
        if not isinstance(values, dict):
            raise self.bad("shape")
        self._values: dict[str, Any] = values

    def has(self, name: str) -> bool:
        """Whether the token sent that field."""
        return name in self._values

    def is_null(self, name: str) -> bool:
        """Whether the field says that there is no value, or is not there."""
        return self._values.get(name) is None

    def text(self, name: str, longest: int = _LONGEST_TEXT, lines: bool = False) -> str:
        """Text of up to `longest` characters, none of them a control character; `lines`: line feeds
        are taken, too.

        It may have characters that cannot be seen: a token keeps old names that have some, and who
        cannot see such an account cannot remove it. What prints it writes them out (printable.py).
        """
        value = self._values.get(name)
        if not isinstance(value, str) or len(value) > longest:
            raise self.bad(name)
        allowed = "\n\t" if lines else ""
        if any(ord(one) < 32 or 127 <= ord(one) < 160 for one in value if one not in allowed):
            raise self.bad(name)
        return value

    def word(self, name: str, longest: int) -> str:
        """One word of up to `longest` visible ASCII characters."""
        value = self.text(name, longest)
        if not value.isascii() or " " in value or not value:
            raise self.bad(name)
        return value

    def maybe_word(self, name: str, longest: int) -> str | None:
        """The same, or None where the token says null or nothing."""
        return None if self.is_null(name) else self.word(name, longest)

    def digits(self, name: str, count: int) -> str:
        """So many ASCII digits."""
        value = self.text(name, count)
        if len(value) != count or not (value.isascii() and value.isdecimal()):
            raise self.bad(name)
        return value

    def one_of(self, name: str, choices: Collection[str]) -> str:
        """One of these texts."""
        value = self.text(name)
        if value not in choices:
            raise self.bad(name)
        return value

    def maybe_one_of(self, name: str, choices: Collection[str]) -> str | None:
        """The same, or None where the token says null or nothing."""
        return None if self.is_null(name) else self.one_of(name, choices)

    def whole(self, name: str, low: int = 0, high: int = LARGEST) -> int:
        """A whole number from `low` to `high`."""
        value = self._values.get(name)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self.bad(name)
        return value

    def maybe_whole(self, name: str, low: int = 0, high: int = LARGEST) -> int | None:
        """A whole number, or None where the token says null or nothing."""
        return None if self.is_null(name) else self.whole(name, low, high)

    def maybe_number(self, name: str, low: float, high: float) -> float | None:
        """A number from `low` to `high`, or None where the token says null or nothing."""
        value = self._values.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.bad(name)
        # The range first: of a whole number beyond all floats, isfinite makes an OverflowError.
        if not low <= value <= high or not math.isfinite(value):
            raise self.bad(name)
        return float(value)

    def flag(self, name: str, default: bool | None = None) -> bool:
        """True or false."""
        value = self._values.get(name, default)
        if not isinstance(value, bool):
            raise self.bad(name)
        return value

    def part(self, name: str) -> "Fields":
        """An object inside the answer."""
        return Fields(self._op, self._values.get(name))

    def parts(self, name: str, most: int) -> Iterator["Fields"]:
        """A list of up to `most` objects."""
        value = self._values.get(name)
        if not isinstance(value, list) or len(value) > most:
            raise self.bad(name)
        return (Fields(self._op, one) for one in value)

    def texts(self, name: str, most: int, longest: int) -> list[str]:
        """A list of up to `most` texts."""
        value = self._values.get(name)
        if not isinstance(value, list) or len(value) > most:
            raise self.bad(name)
        return [Fields(self._op, {name: one}).text(name, longest) for one in value]

    def numbers(self, name: str, most: int, longest: int, high: int) -> dict[str, int]:
        """An object of up to `most` whole numbers from 0 to `high`, by names of one word."""
        value = self._values.get(name)
        if not isinstance(value, dict) or len(value) > most:
            raise self.bad(name)
        part = self.part(name)
        for one in value:
            Fields(self._op, {name: one}).word(name, longest)
        return {one: part.whole(one, 0, high) for one in value}

    def wholes(self, name: str, most: int, high: int) -> list[int]:
        """A list of up to `most` whole numbers from 0 to `high`."""
        value = self._values.get(name)
        if not isinstance(value, list) or len(value) > most:
            raise self.bad(name)
        return [Fields(self._op, {name: one}).whole(name, 0, high) for one in value]

    def bad(self, name: str) -> BadAnswer:
        """The error of a field that cannot be right."""
        return BadAnswer(
            f"the answer to {self._op} cannot be a token's (field {name}): is this a PicoTOTP? "
            "If it is, update it: picototp install"
        )
