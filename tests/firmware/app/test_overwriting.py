"""When memory is overwritten. Whether nothing is left in it then: tests/chip/test_sram.py."""

import pytest

import quick_pbkdf2
from wired_token import WiredToken, an_account

NEW = {"issuer": "", "secret": "JBSWY3DPEHPK3PXP", "algorithm": "SHA1", "digits": 6, "kind": "totp"}


@pytest.fixture
def token():
    token = WiredToken([an_account("alice")])
    token.run(3)
    return token


def test_what_requests_left_of_secrets_is_overwritten_once_it_is_quiet(token):
    """Not between those of a batch, each of which would be late by a tenth of a second."""
    overwritten = count_overwriting(token)
    token.hello()
    token.request("batch_begin", what="add", count=3)
    for name in ("x", "y", "z"):
        token.request("batch_entry", **NEW, name=name)
    assert overwritten == []
    token.run(1)
    assert len(overwritten) == 1
    token.run(30)
    assert len(overwritten) == 1


def test_a_lock_overwrites_at_once_though_a_host_goes_on_asking(token):
    with quick_pbkdf2.patched():
        token.hello()
        token.confirmed("set_pin", pin="9041")
        token.run(2)
        overwritten = count_overwriting(token)
        assert token.request("lock")["ok"]
        token.turn()
        assert len(overwritten) == 1
        for _ in range(50):
            token.request("check", **NEW, name="x", unix=0, proof="0")
        assert len(overwritten) == 1


def count_overwriting(token):
    """A list that grows when memory is overwritten."""
    times = []
    token.loop._overwrite = lambda: times.append(token.monotonic.now_ms())
    return times
