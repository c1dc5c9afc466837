"""The wire protocol's frames on both interpreters: exact bytes, damage, noise."""

import json
import types
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interpreters import RemoteError
from picototp.protocol import frames

FRAMES = "picototp.protocol.frames"
HERE = Path(__file__).resolve().parent
VECTORS = HERE.parents[1] / "vectors" / "protocol"
MARKS = (frames.REQUEST_MARK, frames.ANSWER_MARK)

both = settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def here(interpreter):
    interpreter.add_path(HERE)
    return interpreter


def vector_lines(name):
    text = (VECTORS / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def exact_frames():
    """(message, line) pairs."""
    lines = vector_lines("frames.txt")
    return [
        (json.loads(message), line.encode("ascii"))
        for message, line in zip(lines[::2], lines[1::2], strict=True)
    ]


def no_requests():
    """(what must come of it, line) pairs."""
    pairs = [line.split(" ", 1) for line in vector_lines("no_request.txt")]
    return [
        (kind, line.encode().decode("unicode_escape").encode("latin-1")) for kind, line in pairs
    ]


def framed(mark, body):
    """A frame with a right checksum around any bytes."""
    return mark + body + b" %08x" % zlib.crc32(mark + body)


# --- exact bytes -------------------------------------------------------------------------------


@pytest.mark.parametrize(("message", "line"), exact_frames())
def test_exact_bytes(interpreter, message, line):
    mark = line[:4]
    other = MARKS[mark == MARKS[0]]
    assert interpreter.call(FRAMES, "decode", mark, line) == message
    assert interpreter.call(FRAMES, "decode", mark, line + b"\r\n") == message
    assert interpreter.call(FRAMES, "decode", other, line) is None
    if len(message) <= 1 or interpreter.name == "cpython":  # MicroPython's dicts have no order
        assert interpreter.call(FRAMES, "encode", mark, message) == line + b"\n"


@pytest.mark.parametrize(("kind", "line"), no_requests())
def test_what_is_no_request(here, kind, line):
    assert here.call("frames_probe", "outcome", frames.REQUEST_MARK, line) == kind


def test_the_longest_line(interpreter):
    room = frames.MAX_LINE - len(framed(frames.ANSWER_MARK, b'{"a": ""}')) - 1
    line = interpreter.call(FRAMES, "encode", frames.ANSWER_MARK, {"a": "x" * room})
    assert len(line) == frames.MAX_LINE
    assert interpreter.call(FRAMES, "decode", frames.ANSWER_MARK, line) == {"a": "x" * room}
    with pytest.raises(RemoteError) as caught:
        interpreter.call(FRAMES, "encode", frames.ANSWER_MARK, {"a": "x" * (room + 1)})
    assert caught.value.type_name == "FrameError"
    assert caught.value.attributes["code"] == "too-long"


# --- any message -------------------------------------------------------------------------------

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=16) | st.text(
    st.sampled_from('\x00\x1f"\\/\x7f\x80\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff😀'),
    max_size=8,
)
scalars = st.none() | st.booleans() | st.integers(-(2**64), 2**64) | texts
values = scalars | st.lists(scalars, max_size=3) | st.dictionaries(texts, scalars, max_size=3)
messages = st.dictionaries(texts, values, max_size=3)


@both
@given(messages, st.sampled_from(MARKS))
def test_any_message_goes_round(interpreter, message, mark):
    try:
        line = frames.encode(mark, message)
    except frames.FrameError as error:
        assert error.code == "too-long"
        return
    there = interpreter.call(FRAMES, "encode", mark, message)
    assert there.isascii()
    assert there.count(b"\n") == 1
    assert frames.decode(mark, there) == message
    assert interpreter.call(FRAMES, "decode", mark, line) == message


# --- damage and noise --------------------------------------------------------------------------

GOOD = b'?P1 {"id": 3, "s": "6f1c09aa", "op": "remove", "issuer": "A", "name": "\\u00fc"} '
GOOD += b"%08x" % zlib.crc32(GOOD[:-1])


def test_a_frame_behind_noise_on_its_line_counts(interpreter):
    message = interpreter.call(FRAMES, "decode", frames.REQUEST_MARK, GOOD)
    assert message["op"] == "remove"
    for noise in (b"\xff\x00garbage", b">>> ", b"?P", b"?P1", b"?P1 ", GOOD[:40], GOOD[:-1], GOOD):
        assert interpreter.call(FRAMES, "decode", frames.REQUEST_MARK, noise + GOOD) == message


def test_every_half_of_a_frame_is_damaged(here):
    halves = [GOOD[:length] for length in range(4, len(GOOD))]
    found = here.call("frames_probe", "outcomes", frames.REQUEST_MARK, halves)
    assert set(found) == {"bad-frame"}


def test_every_flipped_bit_is_seen(here):
    flipped = [
        GOOD[:at] + bytes((GOOD[at] ^ 1 << bit,)) + GOOD[at + 1 :]
        for at in range(4, len(GOOD))
        for bit in range(8)
    ]
    for start in range(0, len(flipped), 100):
        found = here.call(
            "frames_probe", "outcomes", frames.REQUEST_MARK, flipped[start : start + 100]
        )
        assert set(found) == {"bad-frame"}


@both
@given(st.lists(st.binary(max_size=80), max_size=8), st.booleans())
def test_noise_is_never_a_message(here, pieces, marked):
    joint = frames.REQUEST_MARK if marked else b""
    lines = [joint + piece for piece in [*pieces, joint.join(pieces)]]
    found = here.call("frames_probe", "outcomes", frames.REQUEST_MARK, lines)
    assert set(found) <= {"none", "bad-frame"}


fragments = st.sampled_from(
    [b"{", b"}", b"[", b"]", b",", b":", b'"', b'"a"', b'"a": ', b"\\", b"\\u", b"d83d", b"\\udc00"]
    + [b"0", b"1e999", b"-", b".", b"e", b"true", b"null", b"nan", b"\xff", b"\xc3", b"\x00", b" "]
    + [b"[" * 60, b'{"a":' * 60, b"9" * 60, b'"\\uzzzz"']
)


@both
@given(st.lists(st.lists(fragments, max_size=10).map(b"".join), min_size=1, max_size=10))
def test_nothing_with_a_right_checksum_raises_anything_else(here, bodies):
    """Whoever can compute a CRC can send anything; the firmware must not fall over it."""
    lines = [framed(frames.REQUEST_MARK, body) for body in bodies]
    lines += [framed(frames.REQUEST_MARK, b'{"a": ' + body + b"}") for body in bodies]
    found = here.call("frames_probe", "outcomes", frames.REQUEST_MARK, lines)
    assert set(found) <= {"message", "bad-frame"}


# --- lines -------------------------------------------------------------------------------------


@both
@given(st.data())
def test_any_cutting_gives_the_same_lines(here, data):
    sizes = st.integers(0, 90) | st.integers(frames.MAX_LINE - 3, frames.MAX_LINE + 3)
    lengths = data.draw(st.lists(sizes, max_size=5))
    whole = b"".join(b"%c" % (97 + i) * length + b"\n" for i, length in enumerate(lengths)) + b"end"
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=12)))
    chunks = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    expected = [
        b"%c" % (97 + i) * length if length < frames.MAX_LINE else None
        for i, length in enumerate(lengths)
    ]
    found = here.call("frames_probe", "feed", chunks)
    assert [line for lines in found for line in lines] == expected
    assert here.call("frames_probe", "feed", [whole]) == [expected]


def test_byte_by_byte(here):
    noise = b"MPY: soft reboot\r\n\xff\xfe\n\n"
    found = here.call("frames_probe", "feed", [bytes((byte,)) for byte in noise + GOOD + b"\n"])
    lines = [line for lines in found for line in lines]
    assert lines == [b"MPY: soft reboot\r", b"\xff\xfe", b"", GOOD]
    kinds = here.call("frames_probe", "outcomes", frames.REQUEST_MARK, lines)
    assert kinds == ["none", "none", "none", "message"]


@pytest.mark.parametrize("chunk_size", [1, 64, 1000, 1024])
def test_a_line_of_100_kb_takes_no_memory(micropython, chunk_size):
    micropython.add_path(HERE)
    longest = frames.MAX_LINE - 1
    kept, lines = micropython.call("frames_probe", "flood", 100_000, chunk_size, longest)
    assert kept < 3 * frames.MAX_LINE
    assert lines == [None, b"y" * longest]


# Where UTF-8 takes another byte, and where one of its later bytes is the least or the largest.
EDGES = (0x7F, 0x80, 0xBF, 0xC0, 0x7FF, 0x800, 0xFFF, 0x1000, 0x203F, 0x2040, 0xD7FF, 0xE000)
EDGES += (0xFFFF, 0x10000, 0x1003F, 0x10040, 0x10FFFF)


@pytest.mark.parametrize("pair", [False, True])
@pytest.mark.parametrize("code", EDGES, ids=hex)
def test_characters_beyond_ascii_are_escaped(here, code, pair):
    text = chr(code) * (2 if pair else 1)
    for around in ("{}", "ab{}cd{}"):
        found = here.call(FRAMES, "ascii_json", around.format(text, text))
        assert found.isascii()
        assert json.loads(found) == around.format(text, text)


# --- what MicroPython's json does otherwise, without MicroPython -------------------------------


@pytest.mark.parametrize("code", EDGES, ids=hex)
def test_characters_that_json_leaves_are_escaped(monkeypatch, code):
    def dumps(value):
        return json.dumps(value, ensure_ascii=False)

    monkeypatch.setattr(frames, "json", types.SimpleNamespace(dumps=dumps))
    for around in ("{}", "ab{}cd{}", "{0}{0}e", "é{0}é", "\U00010000{0}\uffff{0}"):
        text = around.format(chr(code), chr(code))
        found = frames.ascii_json(text)
        assert found.isascii() and json.loads(found) == text


@pytest.fixture
def halves(monkeypatch):
    """What comes of a text, in which json has left each pair as two characters."""

    def loads(text):
        units = json.loads(text)["a"].encode("utf-16-be", "surrogatepass")
        points = [int.from_bytes(units[at : at + 2], "big") for at in range(0, len(units), 2)]
        return {"a": "".join(map(chr, points))}

    stand_in = types.SimpleNamespace(loads=loads, dumps=json.dumps)
    monkeypatch.setattr(frames, "json", stand_in)

    def decoded(text):
        line = framed(frames.REQUEST_MARK, json.dumps({"a": text}).encode())
        return frames.decode(frames.REQUEST_MARK, line)["a"]

    return decoded


# The first and last of each half, and each of its bits alone.
PAIRS = (0x10000, 0x103FF, 0x1FC00, 0x10FC00, 0x10FFFF, 0x1F600)
PAIRS += tuple(0x10000 + (1 << bit) for bit in range(20))


@pytest.mark.parametrize("code", PAIRS, ids=hex)
def test_the_halves_of_a_pair_are_put_together(halves, code):
    for text in ("{}", "a{}b", "{0}{0}", "\ud7ff{}\ud7ff\ue000é", "\ud7ff\ud7ff{0}ab{0}"):
        assert halves(text.format(chr(code))) == text.format(chr(code))


@pytest.mark.parametrize("code", EDGES, ids=hex)
def test_what_is_no_pair_stays_as_it_is(halves, code):
    assert halves(f"{chr(code)}a{chr(code)}") == f"{chr(code)}a{chr(code)}"


FIRSTS, SECONDS = ("\ud800", "\udbff"), ("\udc00", "\udfff")
NO_SECONDS = ("", "a", "abc", "é€", "\ud7ff", "\ue000", "\u0c3f", *FIRSTS)


@pytest.mark.parametrize("text", [a + b for a in FIRSTS for b in NO_SECONDS])
def test_a_first_half_needs_its_second(halves, text):
    for behind in ("", "b", "é"):
        with pytest.raises(frames.FrameError, match="half a surrogate pair") as caught:
            halves(text + behind)
        assert caught.value.code == "bad-frame"


@pytest.mark.parametrize("text", [a + b for a in SECONDS for b in (*NO_SECONDS, *SECONDS)])
def test_a_second_half_needs_its_first(halves, text):
    with pytest.raises(frames.FrameError, match="half a surrogate pair"):
        halves(text)


# --- what is wrong with a frame, in its own words ----------------------------------------------


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"a": "\x80"}', "not ASCII"),
        (b"{", "not JSON"),
        (b"[1]", "not a JSON object"),
        (b'{"a": [[[[1]]]]}', "nested too deeply"),
        (b'{"a": {"b": {"c": {"d": {}}}}}', "nested too deeply"),
    ],
)
def test_the_error_says_what_is_wrong(body, words):
    with pytest.raises(frames.FrameError, match=words):
        frames.decode(frames.REQUEST_MARK, framed(frames.REQUEST_MARK, body))


def test_what_is_still_right():
    """The last character of ASCII, and as deep as a message may be."""
    for body in (b'{"a": "\x7f"}', b'{"a": [[[1]]]}', b'{"a": {"b": {"c": {"d": 1}}}}'):
        line = framed(frames.REQUEST_MARK, body)
        assert frames.decode(frames.REQUEST_MARK, line) == json.loads(body)


@pytest.mark.parametrize("size", [1, 500, frames.MAX_LINE - 1, frames.MAX_LINE, 3000])
@pytest.mark.parametrize("cut", [0, 1, frames.MAX_LINE - 1])
def test_the_longest_line_is_taken_in_pieces_and_a_longer_one_is_dropped(size, cut):
    reader = frames.LineReader()
    line = b"x" * size
    assert reader.feed(line[:cut]) == reader.feed(line[cut:]) == []
    whole = line if size < frames.MAX_LINE else None
    assert reader.feed(b"\ny") == [whole]
    assert reader.feed(b"\n\nz\n") == [b"y", b"", b"z"]
    assert reader.feed(line + b"\n" + line + b"\n") == [whole, whole]
