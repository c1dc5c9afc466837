"""Values out of JSON that somebody gives: of the type that is wanted, or nothing."""

from typing import Any

from host_tools.errors import UsageProblem


def text(row: Any, key: str) -> str:
    """The string under a key; empty if there is none, or something else."""
    value = row.get(key) if isinstance(row, dict) else None
    return value.strip() if isinstance(value, str) else ""


def number(row: Any, key: str) -> str | int | None:
    """The number under a key as credential_from_fields takes it: an int, or text to be judged."""
    value = row.get(key) if isinstance(row, dict) else None
    if value is None or type(value) is int or isinstance(value, str):
        return value
    # Some apps write 30.0; anything else is refused, not dropped.
    return int(value) if isinstance(value, float) and value.is_integer() else "none"


def child(row: Any, key: str) -> dict[str, Any]:
    """The object under a key; an empty one if there is none."""
    value = row.get(key) if isinstance(row, dict) else None
    return value if isinstance(value, dict) else {}


def rows(row: Any, key: str) -> list[Any]:
    """The list under a key; an empty one if there is none."""
    value = row.get(key) if isinstance(row, dict) else None
    return value if isinstance(value, list) else []


def signed_bytes(values: Any) -> bytes:
    """The bytes of a list of numbers as Java writes them, from -128 to 127. Raises UsageProblem."""
    fits = isinstance(values, list) and all(
        type(value) is int and -128 <= value <= 255 for value in values
    )
    if not fits:
        raise UsageProblem("the key is not a list of bytes")
    return bytes(value & 255 for value in values)
