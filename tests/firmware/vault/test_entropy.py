"""The mixing of entropy: every source counts, none is needed, results do not repeat."""

import hashlib
import hmac

import pytest

from picototp.vault.entropy import Entropy


def made(urandom=b"u" * 32, jitter=b"j"):
    return Entropy(lambda count: urandom[:count], lambda: jitter)


def test_each_source_alone_changes_what_is_drawn():
    def with_host(data):
        entropy = made()
        entropy.add(data)
        return entropy

    drawn = [
        made(),
        made(urandom=b"v" + b"u" * 31),
        made(urandom=b"u" * 31 + b"v"),
        made(jitter=b"k"),
        with_host(b""),
        with_host(b"host"),
        with_host(b"hosu"),
    ]
    assert len({bytes(entropy.draw(32)) for entropy in drawn}) == len(drawn)


def test_sources_that_stand_still_still_give_different_draws():
    entropy = made()
    drawn = {bytes(entropy.draw(32)) for _ in range(100)}
    assert len(drawn) == 100


def test_what_came_earlier_counts_for_later_draws():
    first, second = made(jitter=b"1"), made(jitter=b"2")
    first.draw(32)
    second.draw(32)
    first._jitter = second._jitter = lambda: b"j"
    assert first.draw(32) != second.draw(32)


def test_the_sources_are_asked_anew_each_time():
    asked = []
    entropy = Entropy(lambda count: asked.append(count) or bytes(count), lambda: b"")
    entropy.draw(16)
    entropy.draw(32)
    assert asked == [32, 32]


@pytest.mark.parametrize("count", [0, 1, 16, 32])
def test_lengths(count):
    drawn = made().draw(count)
    assert isinstance(drawn, bytearray)  # so that the caller can wipe it
    assert drawn == made().draw(32)[:count]


def test_more_than_a_digest_is_refused():
    with pytest.raises(ValueError):
        made().draw(33)


def test_the_construction_is_the_documented_one():
    def mac(key, data):
        return hmac.new(key, data, hashlib.sha256).digest()

    pool = mac(mac(bytes(32), b"add" + b"host"), b"pool")
    secret = mac(pool, b"draw" + b"u" * 32 + b"j")
    entropy = made()
    entropy.add(b"host")
    assert entropy.draw(32) == mac(secret, b"out" + bytes((0, 0, 0, 1)))
    assert entropy._pool == mac(secret, b"pool")


def test_the_pool_is_not_what_was_drawn():
    entropy = made()
    assert entropy.draw(32) != entropy._pool


def test_the_bytes_of_the_host_are_mixed_in_as_they_are():
    by_hex, by_bytes = made(), made()
    assert by_hex.add_hex("0aF7" * 16) is True
    by_bytes.add(b"\x0a\xf7" * 16)
    assert by_hex.draw(32) == by_bytes.draw(32)


@pytest.mark.parametrize(
    "text", ["00" * 31, "0" * 63, "0" * 65, "00" * 33, "0g" * 32, b"0" * 64, 7]
)
def test_what_is_not_32_bytes_in_hex_changes_nothing(text):
    entropy = made()
    assert entropy.add_hex(text) is False
    assert entropy.draw(32) == made().draw(32)
