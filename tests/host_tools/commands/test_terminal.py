"""What the commands say while the token waits."""

import pytest

from host_tools.client.conversation import IN_USE, REFUSED
from host_tools.commands.terminal import ask_for_button, tell_of_the_delay

NOT_CONFIRMED = "the last question was not confirmed, so the token will ask this one"


@pytest.mark.parametrize(
    ("why", "seconds", "words"),
    [
        (REFUSED, 5.0, f"{NOT_CONFIRMED} in 5 s"),
        (REFUSED, 4.1, f"{NOT_CONFIRMED} in 5 s"),
        (IN_USE, 60.0, "the token's button is in use: it asks within 60 s, once it is free"),
    ],
)
def test_the_reason_and_the_time_are_said(why, seconds, words, capsys):
    tell_of_the_delay(why, seconds)
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", words + "\n")


def test_the_request_for_the_button(capsys):
    ask_for_button()
    assert (
        capsys.readouterr().err == "confirm on the token: read it, then hold its button for yes\n"
    )


def test_the_hashes_to_compare(capsys):
    ask_for_button(["3fa9", "00b1"])
    assert capsys.readouterr().err.endswith("(hash, if it shows one: 3fa9 to 00b1)\n")
