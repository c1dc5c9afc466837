"""The README says the most important things first, and stays short."""

import re

from tests.docs.pages import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
WORDS_AT_MOST = 1300
FIRST_SCREEN_LINES = 20


def test_the_readme_is_short():
    assert len(README.split()) <= WORDS_AT_MOST


def test_the_first_screen_says_what_it_was_tried_on_and_what_it_does_not_protect():
    first = " ".join(README.splitlines()[:FIRST_SCREEN_LINES])
    assert "![" in first
    assert re.search(r"tried on.*emulated RP2040.*real bench", first)
    assert re.search(r"does not protect.*without a PIN", first)
    assert re.search(r"does not protect.*long PIN", first)
