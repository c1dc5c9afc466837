"""What the handlers of requests take and give: fields that are checked, outcomes, errors."""

from collections import namedtuple

from picototp.protocol import frames

# Bytes of a line for what an answer is made of, but for the frame, `id`, `s` and its small fields.
ROOM = frames.MAX_LINE - 224


class Consent:
    """Ask the user `title` and `lines`; on a yes call `then()`, which returns a dict or a Wait.

    `otherwise()`, if given, is called after a no and after silence. `forget()`, if given, is called
    in the end, whatever happened to the question, even if it was withdrawn or never asked. `pages`,
    if given, are the Pages that follow `lines`: the answer is to the last one. `begin()` is called
    when the question comes up.
    """

    def __init__(
        self, title: str, lines: tuple, then, otherwise=None, forget=None, pages=None, begin=None
    ):
        self.title = title
        self.lines = lines
        self.then = then
        self.otherwise = otherwise
        self.forget = forget or _nothing
        self.pages = pages
        self.begin = begin or _nothing


# So many more pages of a question; `lines(number)` gives those of one of them, from 0.
Pages = namedtuple("Pages", ("count", "lines"))


def _nothing() -> None:
    """Does nothing: the default for `begin` and `forget`."""


class Wait:
    """Call `poll(now_us)` in every turn of the main loop until it returns a dict; `cancel()` gives
    up. With `must_end` it goes on even when nobody waits for it any more."""

    def __init__(self, poll, cancel, must_end: bool = False):
        self.poll = poll
        self.cancel = cancel
        self.must_end = must_end


class RequestError(Exception):
    """A request that cannot be served. `code` is stable, `message` says what to do."""

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code
        self.message = message


def text_of(message: dict, field: str) -> str:
    """A text field of a request; RequestError if it is not text."""
    value = message.get(field)
    if not isinstance(value, str):
        raise RequestError("bad-request", f"the field {field} must be a string")
    return value


def whole_of(message: dict, field: str, low: int, high: int, default: int | None = None) -> int:
    """A number of a request; RequestError if it is not a whole one from `low` to `high`."""
    value = message.get(field, default)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise RequestError("bad-request", f"the field {field} must be {low} to {high}")
    return value


class Part:
    """As many `entries` of a longer list as one answer has room for."""

    def __init__(self):
        self.entries: list = []
        self._room = ROOM

    def add(self, entry: dict) -> bool:
        """Append it, or return False if there is no room."""
        self._room -= len(frames.ascii_json(entry)) + 2  # ", "
        if self._room < 0:
            return False
        self.entries.append(entry)
        return True
