"""What is no request, and what is a damaged one: noise, echoes, halves, lines that are too long."""

import pytest

from picototp.protocol import frames
from picototp.screens.values import BLANK
from tests.firmware.app.link_rig import failed
from tests.firmware.app.link_rig import stranger as stranger  # a fixture
from tests.firmware.app.link_rig import token as token  # a fixture
from wired_token import SESSION
from workbench import NOW_UNIX_S

# --- what is no request ------------------------------------------------------------------------


def line_of(message):
    return frames.encode(frames.REQUEST_MARK, message)


def test_no_memory_to_load_what_serves_a_request(token):
    """It is asked for again when there is."""
    service = token.service
    load, full = service._late["lock"], [True]

    def load_later():
        if full:
            raise MemoryError
        return load()

    service._late["lock"] = load_later
    assert failed(token.request("lock"), "no-memory")
    full.clear()
    assert failed(token.request("lock"), "no-pin")
    assert "lock" in token.hello()["ops"]
    assert "lock" not in service._late


def test_noise_is_skipped_silently(token):
    noise = (
        b"MPY: soft reboot\r\nTraceback (most recent call last):\n\x00\xff\xfe\n\n>>> \x03\x03\n"
    )
    assert token.send(noise) == []
    assert token.send(b"!P1 {} 00000000\n") == []
    assert token.screen is BLANK
    assert token.request("status")["ok"] is True


def test_our_own_echo_is_skipped(token):
    token.port.incoming += line_of({"id": 1, "s": SESSION, "op": "status"})
    token.turn()
    echo = token.port.sent
    token.answers()
    assert token.send(echo) == []


def test_a_damaged_request(token):
    line = line_of({"id": 5, "s": SESSION, "op": "wipe"})
    (answer,) = token.send(line.replace(b"wipe", b"wipf"))
    assert failed(answer, "bad-frame")
    assert (answer["id"], answer["s"]) == (None, None)
    assert token.screen is BLANK


def test_half_a_request_and_then_a_whole_one(token):
    line = line_of({"id": 5, "s": SESSION, "op": "list"})
    (answer,) = token.send(line[:25] + line)
    assert (answer["ok"], answer["id"]) == (True, 5)
    answers = token.send(line[:25] + b"\n" + line)
    assert [answer["ok"] for answer in answers] == [False, True]


def test_byte_by_byte(token):
    line = line_of({"id": 5, "s": SESSION, "op": "list"})
    answers = []
    for byte in line:
        answers += token.send(bytes((byte,)))
    assert [answer["id"] for answer in answers] == [5]


def test_several_requests_at_once(token):
    lines = b"".join(line_of({"id": n, "s": SESSION, "op": "list"}) for n in range(30))
    assert [answer["id"] for answer in token.send(lines)] == list(range(30))


def test_one_answer_in_a_turn(token):
    """Each may have to wait for a host that does not read, and the watchdog waits for them all."""
    token.port.incoming = b"".join(line_of({"id": n, "s": SESSION, "op": "list"}) for n in range(9))
    for number in range(9):
        token.turn()
        assert [answer["id"] for answer in token.answers()] == [number]
    token.turn()
    assert token.answers() == []


@pytest.mark.parametrize("size", [1023, 1024, 5000, 100_000])
def test_a_line_that_is_too_long(token, size):
    answers = token.send(b"x" * size + b"\n")
    if size < frames.MAX_LINE:
        assert answers == []
    else:
        assert failed(answers[0], "too-long")
        assert len(answers) == 1
    assert token.request("status")["ok"] is True


@pytest.mark.parametrize("size", [*range(56, 73), *range(120, 137), 192, 256, 512])
def test_lengths_around_the_packets_of_usb(token, size):
    bare = len(line_of({"id": 5, "s": SESSION, "op": "list", "x": ""}))
    if size < bare:
        size += 64
    message = {"id": 5, "s": SESSION, "op": "list", "x": "y" * (size - bare)}
    line = line_of(message)
    assert len(line) == size
    (answer,) = token.send(line)
    assert answer["ok"] is True


@pytest.mark.parametrize(
    ("number", "echoed"),
    [
        (0, 0),
        (2**53 - 1, 2**53 - 1),
        (2**53, None),
        (-1, None),
        (10**900, None),
        (1.5, None),
        ("7", None),
        (None, None),
        ([1], None),
        ({"a": 1}, None),
    ],
)
def test_what_comes_back_of_an_id(token, number, echoed):
    (answer,) = token.post({"id": number, "s": SESSION, "op": "list"})
    assert answer["ok"] is True
    assert answer["id"] == echoed


@pytest.mark.parametrize("op", [None, 7, "", "LIST", ["list"], {"op": "list"}, True, "hello "])
def test_what_is_no_op(token, op):
    (answer,) = token.post({"id": 1, "s": SESSION, "op": op})
    assert failed(answer, "unknown-op" if isinstance(op, str) else "bad-request")


def test_no_op_at_all(token):
    (answer,) = token.post({"id": 1, "s": SESSION})
    assert failed(answer, "bad-request")


def test_the_line_says_nothing_that_was_not_asked_for(stranger):
    stranger.run(5)
    stranger.click()
    stranger.hold()
    stranger.chip.advance(NOW_UNIX_S // 1000)
    stranger.run(2)
    assert stranger.answers() == []
