"""A token before and after a hello, for the tests of link.py."""

import pytest

from wired_token import WiredToken, an_account


def failed(answer, code):
    """Whether the answer is this error, and says something."""
    assert answer["ok"] is False
    assert answer["error"]["message"]
    return answer["error"]["code"] == code


@pytest.fixture
def stranger():
    """A token that nobody has said hello to."""
    return WiredToken([an_account()])


@pytest.fixture
def token(stranger):
    stranger.hello()
    return stranger
