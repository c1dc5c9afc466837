"""The errors that a token answers with, and the one table that gives each its exit status.

firmware/README.md lists the codes; a test compares that list, this table and the firmware.
"""

from typing import Any, Self

from host_tools.client.fields import LARGEST
from host_tools.client.printable import printable
from host_tools.errors import Refused, ToolError, UsageProblem

_FAILED, _USAGE, _REFUSED = ToolError.exit_code, UsageProblem.exit_code, Refused.exit_code

EXIT_CODES = {
    # the conversation
    "bad-frame": _FAILED,
    "too-long": _FAILED,
    "bad-request": _USAGE,
    "unknown-op": _FAILED,
    "hello-first": _FAILED,
    "other-host": _FAILED,
    "wrong-version": _FAILED,
    "busy": _FAILED,
    "no-memory": _FAILED,
    "storage": _FAILED,
    # consent
    "refused": _REFUSED,
    "timed-out": _REFUSED,
    "no-display": _FAILED,
    "in-use": _REFUSED,
    # accounts
    "bad-name": _USAGE,
    "bad-issuer": _USAGE,
    "bad-secret": _USAGE,
    "bad-digits": _USAGE,
    "bad-period": _USAGE,
    "bad-algorithm": _USAGE,
    "bad-kind": _USAGE,
    "bad-counter": _USAGE,
    "duplicate": _FAILED,
    "full": _FAILED,
    "not-found": _FAILED,
    "no-batch": _FAILED,
    "damaged": _FAILED,
    "too-new": _FAILED,
    # the PIN
    "locked": _REFUSED,
    "destroyed": _FAILED,
    "wrong-pin": _REFUSED,
    "too-soon": _REFUSED,
    "not-locked": _FAILED,
    "no-pin": _FAILED,
    "bad-pin": _USAGE,
    "bad-limit": _USAGE,
    "bad-lock-after": _USAGE,
    # the clock
    "not-set": _FAILED,
    "moved-back": _FAILED,
    "unreadable": _FAILED,
    "missing": _FAILED,
    "bad-time": _USAGE,
    "no-rollover": _FAILED,
}

# Errors for which a computer knows more that the user can do than the token does.
_ADVICE = {
    "locked": "the token is locked: run picototp provision unlock, or enter the PIN on the token",
    "destroyed": "too many wrong PINs: the accounts are destroyed; start over with: "
    "picototp provision wipe",
}
# What the token says of a single entry of a batch, which is then as it was before.
ENTRY_CODES = frozenset(
    {"bad-name", "bad-issuer", "bad-secret", "bad-digits", "bad-period", "bad-algorithm"}
    | {"bad-kind", "bad-counter", "duplicate", "full", "not-found"}
)
_LONGEST_MESSAGE = 300


class TokenError(ToolError):
    """The token answered with an error.

    `code` is the protocol's, or "unknown"; `data` has the whole numbers that the token told beside
    it, such as `tries_left` and `wait_s` with a wrong PIN.
    """

    def __init__(self, code: str, message: str, data: dict[str, Any] | None = None) -> None:
        super().__init__(_ADVICE.get(code, message))
        self.code = code
        self.data = data or {}
        self.exit_code = EXIT_CODES.get(code, _FAILED)

    @classmethod
    def of(cls, answer: dict[str, Any]) -> Self:
        """The error of an answer that is not `ok`. What it says is one printable line."""
        error = answer.get("error")
        given = error if isinstance(error, dict) else {}
        code, message = given.get("code"), given.get("message")
        shown = printable(message[:_LONGEST_MESSAGE]) if isinstance(message, str) else ""
        return cls(
            code if isinstance(code, str) and code in EXIT_CODES else "unknown",
            shown or "the token reports an error that it does not name",
            {name: value for name, value in given.items() if _is_number(value)},
        )


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST
