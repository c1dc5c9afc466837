"""The host's random bytes: with hello, into the keys and salts, and never back."""

import secrets

import pytest

from host_tools.client.connection import Connection
from host_tools.client.token_client import TokenClient
from picototp.protocol import frames
from picototp.vault.key_record import KEY_AT, SALT_AT, TAG_AT
from tests.firmware.protocol.service_rig import NEW, error_of
from tests.firmware.protocol.test_service_pin import PIN, say_yes
from tests.firmware.protocol.test_service_pin import quick as quick  # a fixture
from wired_token import READ_S, SESSION, WiredToken

BYTES = "00" * 31 + "7f"
OTHER = "00" * 31 + "7e"


class StoppedSources:
    """A board whose own sources give the same at every power-up."""

    def urandom(self, count):
        return bytes(count)

    def jitter(self):
        return b"noise"


def fresh():
    token = WiredToken()
    token.vault.keys._sources = StoppedSources()
    return token


def key_and_salt(token):
    """Of the data key and the PIN that a host has made now: read from flash."""
    assert token.confirmed("add", **NEW)["ok"]
    key = token.storage.files["key.0"][KEY_AT:TAG_AT]
    assert say_yes(token, "set_pin", pin=PIN) == {"ok": True}
    return key, token.storage.files["key.0"][SALT_AT:KEY_AT]


def greeted(token, **fields):
    """Say hello; all else is the same, and so is the answer."""
    answer = token.request("hello", v=frames.VERSION, **fields)
    assert answer["ok"] is True
    return token


def test_other_bytes_of_the_host_make_another_key_and_another_salt():
    given = ({"entropy": BYTES}, {"entropy": BYTES}, {"entropy": OTHER}, {}, {"entropy": None})
    first, same, other, none, null = (key_and_salt(greeted(fresh(), **each)) for each in given)
    assert first == same and none == null
    for index in (0, 1):
        assert len({first[index], other[index], none[index]}) == 3


def test_bytes_of_earlier_hellos_count_too():
    twice = greeted(greeted(fresh(), entropy=BYTES), entropy=OTHER)
    assert key_and_salt(twice) != key_and_salt(greeted(fresh(), entropy=OTHER))


def test_a_wiped_token_makes_its_next_key_anew_of_them():
    keys = []
    for entropy in (BYTES, OTHER):
        token = greeted(fresh())
        old, _ = key_and_salt(token)
        assert say_yes(token, "wipe") == {"ok": True}
        keys.append(key_and_salt(greeted(token, entropy=entropy))[0])
        assert keys[-1] != old
    assert keys[0] != keys[1]


@pytest.mark.parametrize(
    "entropy",
    ["", "00", "00" * 31, "00" * 33, "0" * 63, "0" * 65, "0g" * 32, " 0" * 32, "ü" * 64]
    + [f"0x{'0' * 62}", 7, True, ["00"] * 32, {"a": 1}],
)
def test_what_is_not_32_bytes_in_hex_opens_no_session(entropy):
    token = greeted(fresh())
    token.request("wipe")
    answer = token.post({"id": 9, "s": "other", "op": "hello", "v": 1, "entropy": entropy})
    assert [error_of(each) for each in answer] == ["bad-request"]
    assert "entropy" in answer[0]["error"]["message"]
    assert token.link._session == SESSION and token.interface._question is not None
    token.hello()
    assert key_and_salt(token) == key_and_salt(greeted(fresh()))


def test_no_answer_holds_them():
    token = greeted(fresh(), entropy=BYTES)
    key_and_salt(token)
    for op in token.hello()["ops"]:
        token.request(op, entropy=OTHER)
        token.hello()
    said = token.everything_sent.decode().lower()
    assert len(said) > 1000 and BYTES[-8:] not in said and OTHER[-8:] not in said


# --- our tools ---------------------------------------------------------------------------------


class LineToToken(Connection):
    """The connection to a token in this process."""

    def __init__(self, token):
        self._token = token

    def write(self, data):
        self._token.port.incoming += data

    def read(self):
        self._token.turn()
        found, self._token.port.sent = self._token.port.sent, b""
        return found


@pytest.fixture
def with_client(monkeypatch):
    """Runs the tools' client on a token, with a generator that gives bytes of this number."""

    def run_it(token, number):
        drawn = []

        def token_bytes(count=None):
            drawn.append(count)
            return bytes((number,)) * count

        monkeypatch.setattr(secrets, "token_bytes", token_bytes)
        monkeypatch.setattr(secrets, "token_hex", lambda count: token_bytes(count).hex())

        def yes():
            token.run(READ_S)
            token.button.down = True

        with TokenClient(LineToToken(token), on_wait=yes) as client:
            assert "entropy" not in client.info.as_json()
            client.request("add", **NEW)
            token.button.down = False
            token.run(0.5)
            key = token.storage.files["key.0"][KEY_AT:TAG_AT]
            client.request("set_pin", pin=PIN)
            token.button.down = False
        assert 32 in drawn
        return key, token.storage.files["key.0"][SALT_AT:KEY_AT]

    return run_it


def test_the_tools_send_them_and_they_count(with_client):
    first, same, other = (with_client(fresh(), number) for number in (1, 1, 2))
    assert first == same
    assert first[0] != other[0] and first[1] != other[1]


def test_the_tools_send_others_each_time(with_client, monkeypatch):
    seen = set()
    add_hex = "picototp.vault.entropy.Entropy.add_hex"
    monkeypatch.setattr(add_hex, lambda entropy, text: seen.add(text) or True)
    for _ in range(5):
        with TokenClient(LineToToken(fresh())):
            pass
    assert len(seen) == 5 and all(len(bytes.fromhex(text)) == 32 for text in seen)
