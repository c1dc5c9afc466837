"""Whatever is wrong with what comes in: one clear line, the right exit code, and no change."""

import random
import zlib

import pytest
import segno
from PIL import Image

from display_text import shows
from host_tools.client.wire_errors import TokenError
from host_tools.credentials.credential import Credential
from host_tools.simulator.board import VirtualBoard
from host_tools.simulator.virtual_token import VirtualToken
from programs import tool
from tests.end_to_end.hands import Hands
from tests.end_to_end.wire import Wire, frame
from waiting import eventually

SECRET = "JBSWY3DPEHPK3PXP"
HELLO = {"v": 1}


@pytest.fixture(scope="module")
def hands():
    """One token for all: every test must leave it as it was."""
    token = VirtualToken(VirtualBoard())
    hands = Hands(token)
    with token:
        with hands.client() as client:
            client.add(Credential("Kept", "before", b"12345678901234567890"))
        yield hands


@pytest.fixture(autouse=True)
def unchanged(hands):
    """The account list after every test is the one before it, in memory and on flash."""
    yield
    with hands.client() as client:
        accounts = client.accounts()
        assert [account.name for account in accounts] == ["before"]
        assert sorted(client.request("selftest")["slots"]) == ["active", "sound"]


def add(hands, *arguments, **options):
    """`provision.py add`, which must fail before it asks for the button."""
    port = hands.token.port.path

    def asked():
        raise AssertionError("the token was asked to confirm it")

    return tool("provision", "--port", port, "add", *arguments, on_confirm=asked, **options)


# --- what the user gives -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("uri", "says"),
    [
        ("https://example.com/?secret=" + SECRET, "otpauth://"),
        ("otpauth:totp/a?secret=" + SECRET, "otpauth://"),
        ("otpauth-migration://offline?data=CjEKCkh", "several accounts"),
        ("otpauth://totp/a", "missing or empty"),
        ("otpauth://totp/a?secret=", "missing or empty"),
        ("otpauth://totp/a?secret=%20", "missing or empty"),
        ("otpauth://totp/a?secret====", "secret"),
        ("otpauth://totp/a?secret=JBSWY3D1EHPK3PXP", "8"),
        ("otpauth://totp/a?secret=JBSWY3DPEHPK3PX!", "16"),
        (f"otpauth://totp/a?secret={SECRET}&algorithm=MD5", "SHA256"),
        (f"otpauth://totp/a?secret={SECRET}&digits=5", "6 to 8"),
        (f"otpauth://totp/a?secret={SECRET}&digits=9", "6 to 8"),
        (f"otpauth://totp/a?secret={SECRET}&digits=six", "6 to 8"),
        (f"otpauth://totp/a?secret={SECRET}&period=0", "1 to 86400"),
        (f"otpauth://totp/a?secret={SECRET}&period=86401", "1 to 86400"),
        (f"otpauth://totp/a?secret={SECRET}&period=-30", "1 to 86400"),
        (f"otpauth://hotp/a?secret={SECRET}", "counter"),
        (f"otpauth://hotp/a?secret={SECRET}&counter={2**64}", "counter"),
        (f"otpauth://other/a?secret={SECRET}", "totp or hotp"),
        (f"otpauth://totp/{'n' * 65}?secret={SECRET}", "64 UTF-8 bytes"),
        (f"otpauth://totp/{'é' * 33}?secret={SECRET}", "64 UTF-8 bytes"),
        (f"otpauth://totp/{'i' * 65}:a?secret={SECRET}", "64 UTF-8 bytes"),
        (f"otpauth://totp/a%0Ab?secret={SECRET}", "control"),
        (f"otpauth://totp/?secret={SECRET}", "name"),
        ("otpauth://totp/a?secret=" + "A" * 207, "128 bytes"),
    ],
)
def test_a_uri_that_cannot_be_used(hands, uri, says):
    result = add(hands, "-", typed=uri)
    assert result.code == 2 and says in result.complaint
    assert SECRET not in result.err


def test_the_position_of_a_bad_character_is_named_for_a_typed_secret(hands):
    result = add(hands, "-", "--name", "x", typed="JBSW Y3D0 EHPK 3PXP")
    assert result.code == 2 and "JBSW" not in result.err
    assert "9" in result.complaint, "the 0 is the ninth character of what was typed"


@pytest.mark.parametrize(
    "options",
    [
        ("--algorithm", "MD5"),
        ("--digits", "9"),
        ("--period", "0"),
        ("--period", "86401"),
        ("--name", "n" * 65),
        ("--issuer", "i" * 65),
        ("--name", ""),
    ],
)
def test_an_option_out_of_range(hands, options):
    for source in (SECRET, f"otpauth://totp/?secret={SECRET}"):
        name = () if "--name" in options else ("--name", "x")
        result = add(hands, "-", *options, *name, typed=source)
        assert result.code == 2, result.err
        assert result.complaint and SECRET not in result.err


def test_nothing_on_standard_input(hands):
    result = add(hands, "-")
    assert result.code == 2 and "empty" in result.complaint


def test_binary_noise_on_standard_input(hands):
    noise = random.Random(1).randbytes(3000)
    result = tool(
        *("provision", "--port", hands.token.port.path, "add", "-", "--name", "x"),
        typed=noise,
        environment={"PYTHONIOENCODING": "utf-8:strict"},
    )
    assert result.code == 2 and "no text" in result.complaint


def test_a_uri_and_a_picture_at_once(hands, tmp_path):
    assert add(hands, "-", "--qr", tmp_path / "x.png").code == 2


def test_pictures_without_an_otpauth_code(hands, tmp_path):
    white, other, text = (tmp_path / name for name in ("white.png", "other.png", "text.png"))
    Image.new("RGB", (200, 200), "white").save(white)
    segno.make("https://example.com").save(other, scale=4)
    text.write_text("not a picture")
    for picture, says in (
        (white, "no QR code"),
        (other, "otpauth://"),
        (text, "not a picture"),
        (tmp_path / "missing.png", "no file"),
        (tmp_path, "irectory"),
    ):
        result = add(hands, "--qr", picture)
        assert result.code == 2 and says in result.complaint


# --- what the line carries -----------------------------------------------------------------------

ADD = {
    "issuer": "",
    "name": "x",
    "secret": SECRET,
    "algorithm": "SHA1",
    "digits": 6,
    "period": 30,
    "kind": "totp",
}


@pytest.fixture
def wire(hands):
    """The line, with a session "me" open on it."""
    with Wire(hands.token.port.path) as line:
        line.send(b"\n")
        assert line.request("me", "hello", **HELLO)["ok"]
        yield line


def assert_error(answer, code):
    assert answer["ok"] is False and answer["error"]["code"] == code, answer
    assert answer["error"]["message"] and SECRET not in str(answer)


def assert_no_question(hands):
    hands.turns()
    assert not shows(hands.token.screen(), "Add account?")


@pytest.mark.parametrize("entropy", ["00" * 31, "0g" * 32, " 0" * 32, "ü" * 64, "é" * 32, 7])
def test_a_hello_whose_random_bytes_are_none(wire, entropy):
    assert_error(wire.request("you", "hello", **HELLO, entropy=entropy), "bad-request")
    assert wire.request("me", "list")["ok"], "the session went on"
    assert wire.request("me", "hello", **HELLO, entropy="aB" * 32)["ok"]


def test_a_request_before_hello(boot):
    with Wire(boot().token.port.path) as line:
        assert_error(line.request("me", "list"), "hello-first")
        assert_error(line.request("me", "add", **ADD), "hello-first")


def test_a_hello_of_another_version(hands, wire):
    answer = wire.request("you", "hello", v=2)
    assert_error(answer, "wrong-version")
    assert wire.request("me", "status")["ok"], "the session before it goes on"


def test_a_frame_cut_in_half_is_not_acted_on(hands, wire):
    whole = frame("me", "add", **ADD)
    for cut in (1, 3, 4, 10, len(whole) // 2, len(whole) - 10, len(whole) - 2):
        wire.send(whole[:cut] + b"\n" + frame("me", "status", 9))
        answer = wire.answer()
        if answer["id"] is None:
            assert_error(answer, "bad-frame")
            answer = wire.answer()
        assert answer["ok"] and answer["id"] == 9
        assert_no_question(hands)


def test_a_frame_right_behind_half_a_frame_counts(wire):
    wire.send(frame("me", "add", **ADD)[:40] + frame("me", "status", 9))
    answer = wire.answer()
    assert answer["ok"] and answer["id"] == 9


def test_a_wrong_checksum(hands, wire):
    good = frame("me", "add", **ADD)
    body, crc = good[:-10], good[-9:-1]
    for wrong in (b"00000000", crc.upper(), crc[::-1], b"%08x" % zlib.adler32(body), b""):
        if wrong != crc:
            wire.send(body + b" " + wrong + b"\n")
            assert_error(wire.answer(), "bad-frame")
    assert_no_question(hands)


def test_every_flipped_bit_is_noticed(hands, wire):
    """One bit at a time, in the whole of a frame: none is taken for a request."""
    good = frame("me", "wipe")
    flipped = 0
    for position in range(4, len(good) - 1):
        damaged = bytearray(good)
        damaged[position] ^= 1 << position % 7
        if b"\n" in damaged[:-1] or b"\r" in damaged[:-1]:
            continue
        flipped += 1
        wire.send(damaged)
        assert_error(wire.answer(), "bad-frame")
    assert flipped > 30
    assert_no_question(hands)


def test_a_line_of_100_kb(wire):
    for start in (b"", b"?P1 "):
        wire.send(start + b"x" * 100_000 + b"\n" + frame("me", "status", 3))
        assert_error(wire.answer(), "too-long")
        answer = wire.answer()
        assert answer["ok"] and answer["id"] == 3


@pytest.mark.parametrize(
    "changes",
    [
        {"secret": "JBSWY3D1"},
        {"secret": ""},
        {"secret": 7},
        {"secret": "A" * 207},
        {"digits": 4},
        {"digits": 5, "algorithm": "SHA256"},
        {"digits": 6.0},
        {"digits": True},
        {"digits": "6"},
        {"period": 0},
        {"period": 86401},
        {"period": 2**70},
        {"algorithm": "MD5"},
        {"algorithm": None},
        {"kind": "motp"},
        {"kind": "hotp", "counter": -1},
        {"kind": "hotp", "counter": 2**64 - 1},
        {"name": ""},
        {"name": "n" * 65},
        {"name": ["x"]},
        {"name": "a\nb"},
        {"issuer": "i" * 65},
        {"issuer": None},
    ],
)
def test_the_token_checks_for_itself(hands, wire, changes):
    """A program without the checks of ours gets no further."""
    answer = wire.request("me", "add", **{**ADD, **changes})
    assert answer["ok"] is False and answer["error"]["code"].startswith("bad-"), answer
    assert_no_question(hands)


@pytest.mark.parametrize("request_", ["frobnicate", "", "__init__", "export", "get_secret"])
def test_a_request_that_does_not_exist(wire, request_):
    assert_error(wire.request("me", request_), "unknown-op")


@pytest.mark.parametrize("body", [b"{}", b"[]", b"7", b"null", b"{", b"[" * 400, b'{"op":[]}'])
def test_a_sound_frame_with_nonsense_in_it(wire, body):
    line = b"?P1 " + body
    wire.send(line + b" %08x\n" % zlib.crc32(line))
    assert wire.answer()["ok"] is False
    assert wire.request("me", "status")["ok"]


def test_two_hosts_at_once(hands):
    """The second to say hello has the token; the first is told, and its question is withdrawn."""
    with Wire(hands.token.port.path) as line:
        assert line.request("one", "hello", **HELLO)["ok"]
        assert line.request("one", "add", **ADD)["wait"] == "button"
        hands.sees("Add account?")
        line.send(frame("two", "hello", 5, **HELLO))
        told, hello = line.answer(), line.answer()
        assert_error(told, "other-host")
        assert told["s"] == "one" and hello["ok"] and hello["s"] == "two"
        eventually(lambda: not hands.shows("Add account?"), "the question is withdrawn")
        assert_error(line.request("one", "list"), "other-host")
        assert line.request("two", "list")["ok"]
        hands.hold()  # too late for a yes to the first; it opens the menu
        hands.hold()  # "Lock now"


def test_a_second_request_while_the_button_is_awaited(hands, wire):
    assert wire.request("me", "add", **ADD)["wait"] == "button"
    assert_error(wire.request("me", "wipe", 2), "busy")
    hands.no()
    assert_error(wire.answer(), "refused")


def test_no_answer_to_a_consent(hands):
    with hands.client(hands.silence) as client:
        with pytest.raises(TokenError) as caught:
            client.add(Credential("", "x", b"secret"))
        assert caught.value.code == "timed-out" and caught.value.exit_code == 4


def test_a_button_held_since_before_the_question_is_no_yes(hands, wire):
    """Whoever holds the button for the menu has not read a question that comes up meanwhile."""
    hands.wake()
    hands.token.hold(True)
    hands.elapse(0.1)
    answer = wire.request("me", "add", **ADD)
    assert (answer["wait"], answer["why"]) == ("later", "in-use")
    hands.elapse(2)
    assert not hands.shows("Add account?"), "it waits until the button is up"
    hands.token.hold(False)
    assert wire.answer()["wait"] == "button"
    hands.elapse(0.1)
    assert hands.shows("Add account?"), "nor is the release of the button a no"
    hands.no()
    assert_error(wire.answer(), "refused")


def test_unplugged_in_the_middle_of_an_add(hands):
    """The host is gone before the answer: the token goes dark again and asks nobody any more."""
    with Wire(hands.token.port.path) as line:
        line.request("me", "hello", **HELLO)
        assert line.request("me", "add", **ADD)["wait"] == "button"
        hands.sees("Add account?")
    hands.silence()
    eventually(lambda: not hands.shows("Add account?"), "the question ends")
