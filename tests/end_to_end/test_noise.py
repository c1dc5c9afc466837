"""Whatever was on the line before, the next sound request is answered."""

import os
import random
import threading

import pytest

from host_tools.client import conversation
from host_tools.client.wire_errors import TokenError
from host_tools.credentials.credential import Credential
from picototp.protocol import frames
from tests.end_to_end.wire import Wire, frame
from waiting import eventually

SEED = int(os.environ.get("PICOTOTP_TEST_SEED", "20261123"))
LINES = 10_000
TRACEBACK = (
    b"Traceback (most recent call last):\r\n"
    b'  File "main.py", line 36, in <module>\r\n'
    b"MemoryError: memory allocation failed, allocating 1280 bytes\r\n"
)


def noise_line(chance: random.Random) -> bytes:
    """One of everything that a line can hold without being a frame."""
    whole = frame(
        "x" * 8, chance.choice(("add", "list", "wipe")), secret="A" * chance.randint(0, 99)
    )
    return chance.choice(
        (
            lambda: chance.randbytes(chance.randint(0, 80)),
            lambda: bytes(chance.choices(range(32, 127), k=chance.randint(0, 200))),
            lambda: whole[: chance.randrange(len(whole) - 1)],
            lambda: whole[chance.randrange(1, len(whole)) :].rstrip(b"\n"),
            lambda: frames.REQUEST_MARK * chance.randint(1, 40),
            lambda: frames.ANSWER_MARK + whole[4:-1],
            lambda: TRACEBACK,
            lambda: b"\x03\x04\x01\x02\x1a\x00" * chance.randint(1, 5),
            lambda: b"",
        )
    )()


def test_ten_thousand_lines_of_noise_and_then_a_request(hands):
    chance = random.Random(SEED)
    print(f"seed {SEED}")
    with hands.client() as client:
        client.add(Credential("", "kept", b"secret"))
    with Wire(hands.token.port.path) as line:
        for _ in range(LINES // 100):
            line.send(b"\n".join(noise_line(chance) for _ in range(100)) + b"\n")
        line.send(b"?P1 " + b"x" * 100_000 + b"\n")
    with hands.client() as client:
        assert [account.name for account in client.accounts()] == ["kept"]
        facts = client.status()
        assert not facts.errors_logged and facts.reset_cause == 1, "it never restarted"
        client.add(Credential("", "after", b"secret"))


def test_noise_while_the_button_is_awaited(hands, monkeypatch):
    """The token reports damage, which is not that of the request: it has accepted that."""
    chance = random.Random(SEED)

    def noise_and_yes():
        for _ in range(200):
            hands.token.port.on_data(noise_line(chance) + b"\n")
        hands.yes()

    monkeypatch.setattr(conversation, "DAMAGED_WAIT_S", 0.0)
    with hands.client(noise_and_yes) as client:
        client.add(Credential("", "x", b"secret"))
        assert len(client.accounts()) == 1, "reports of damage from before are not about this"


def test_a_request_that_is_damaged_on_its_way_is_sent_again(hands, monkeypatch):
    monkeypatch.setattr(conversation, "DAMAGED_WAIT_S", 0.3)
    port = hands.token.port
    deliver, left = port.on_data, [2]

    def deliver_damaged(data):
        if b"status" in data and left[0]:
            left[0] -= 1
            data = data.replace(b"status", b"stat\xf5s")
        deliver(data)

    with hands.client() as client:
        port.on_data = deliver_damaged
        assert client.status().accounts == 0 and left == [0]
        left[0] = 3
        with pytest.raises(TokenError, match="damaged"):
            client.status()
        assert client.status().accounts == 0


def test_a_flood_that_never_ends_a_line_does_not_stop_button_and_display(hands):
    with hands.client() as client:
        client.add(Credential("Example", "alice", b"12345678901234567890"))
        client.add(Credential("Example", "bob", b"12345678901234567890"))
    stop = threading.Event()

    def flood():
        with Wire(hands.token.port.path) as line:
            while not stop.is_set():
                line.send(b"\xff" * 500)

    flooder = threading.Thread(target=flood)
    flooder.start()
    try:
        hands.sees("bob")
        hands.click()
        hands.sees("alice")
        assert hands.code()
    finally:
        stop.set()
        flooder.join()
    with hands.client() as client:
        assert len(client.accounts()) == 2


@pytest.mark.parametrize("byte", [b"\x03", b"\x04", b"\x01", b"\x02", b"\x05", b"\x1a", b"\x1c"])
def test_control_bytes_do_not_stop_the_firmware(hands, byte):
    """Ctrl-C would raise KeyboardInterrupt in a program that did not turn it off."""
    with Wire(hands.token.port.path) as line:
        line.send(byte * 100 + b"\n")
        assert line.request("me", "hello", v=frames.VERSION)["ok"]
        line.send(byte * 3 + frame("me", "status", 4))
        answer = line.answer()
        assert answer["ok"] and answer["uptime_s"] < 60 and not answer["errors_logged"]


def test_lengths_that_are_multiples_of_64_bytes_both_ways(hands):
    """A USB packet has 64 bytes; full ones once got stuck (micropython issue 11253)."""
    with Wire(hands.token.port.path) as line:
        assert line.request("me", "hello", v=frames.VERSION)["ok"]
        for length in range(64, frames.MAX_LINE + 1, 64):
            for off in (-1, 0, 1):
                if length + off > frames.MAX_LINE:
                    continue
                bare = len(frame("me", "status", 7, pad=""))
                request = frame("me", "status", 7, pad="p" * (length + off - bare))
                if length + off >= bare:
                    assert len(request) == length + off
                line.send(request)
                assert line.answer()["id"] == 7


def test_answers_of_many_lengths(hands):
    """Session and number of the request come back, and make the answers longer byte by byte."""
    lengths = set()
    hands.token.port.traffic = lambda data: lengths.add(len(data))
    with Wire(hands.token.port.path) as line:
        for longer in range(31):
            session, number = "s" * min(longer + 1, 16), 10 ** max(0, longer - 15)
            assert line.request(session, "hello", number, v=frames.VERSION)["ok"]
            for op in ("status", "list", "selftest", "time"):
                assert line.request(session, op, number)["id"] == number
    assert any(length % 64 == 0 for length in lengths)


def test_what_is_typed_byte_by_byte_is_a_request_too(hands):
    with Wire(hands.token.port.path) as line:
        for byte in b"\n" + frame("me", "hello", 1, v=frames.VERSION):
            line.send(bytes((byte,)))
        assert line.answer()["ok"]


def test_several_requests_in_one_write_are_answered_in_turn(hands):
    with Wire(hands.token.port.path) as line:
        many = b"".join(frame("me", "status", number) for number in range(2, 12))
        line.send(frame("me", "hello", 1, v=frames.VERSION) + many)
        assert [line.answer()["id"] for _ in range(11)] == list(range(1, 12))


def test_answers_that_nobody_reads_do_not_block_the_token(hands):
    """A host that asks and asks, and never listens: the next one is served all the same."""
    with Wire(hands.token.port.path) as line:
        line.send(frame("me", "hello", 1, v=frames.VERSION))
        for number in range(500):
            line.send(frame("me", "status", number))
    hands.click()
    eventually(lambda: hands.token.screen_on)
    with hands.client() as client:
        assert client.status().accounts == 0
