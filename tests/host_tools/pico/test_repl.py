"""What MicroPython's prompt answers, as an error of ours."""

import pytest

from host_tools.pico.repl import BoardError

TRACEBACK = 'Traceback (most recent call last):\n  File "<stdin>", line 1, in put\n'


@pytest.mark.parametrize("last", ["OSError: 28", "OSError: [Errno 28] ENOSPC"])
def test_a_full_flash_is_told_with_what_to_do(last):
    error = BoardError(TRACEBACK + last + "\n")
    assert error.number == 28
    assert error.message == "the board's flash is full; remove files of yours from it"


@pytest.mark.parametrize(
    ("last", "number"),
    [("OSError: [Errno 5] EIO", 5), ("OSError: -1", None), ("ValueError: 28", None), ("", None)],
)
def test_another_error_is_told_as_it_is(last, number):
    error = BoardError(TRACEBACK + last if last else "")
    assert error.number == number
    assert error.message == f"the board reports: {last or 'no error text'}"
