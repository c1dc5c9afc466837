"""Text on the display, as eyes see it: in the pixels."""

from collections.abc import Callable

from picototp.screens.text import columns
from waiting import eventually

QUESTION = "hold = yes  click = no"  # it listens
NEXT_PAGE = "click = next page"
NOT_YET = "read it first"


def shows(rows: list[str], text: str) -> bool:
    """Whether the text stands somewhere on the display, light on dark or dark on light."""
    strip = columns(text)
    inverted = bytes(~column & 0xFF for column in strip)
    whole = [sum((rows[y][x] == "#") << y for y in range(len(rows))) for x in range(len(rows[0]))]
    for y in range(len(rows) - 7):
        band = bytes(column >> y & 0xFF for column in whole)
        if strip in band or inverted in band:
            return True
    return False


def question_at(
    screen: Callable[[], list[str]],
    elapse: Callable[[float], object],
    click: Callable[[], object],
) -> list[str]:
    """The display once it has a question that listens: the time to read it is moved on, and the
    pages of a long one are turned."""
    rows: list[str] = []

    def listens() -> bool:
        rows[:] = screen()
        if shows(rows, NOT_YET):
            elapse(0.2)
        elif shows(rows, NEXT_PAGE):
            click()
        return shows(rows, QUESTION)

    eventually(listens, "a question that listens")
    return rows
