"""Java's serialised map, byte by byte: what it may hold, and where it is damaged."""

import struct

import pytest

from host_tools.credentials.importers import java_map
from host_tools.errors import UsageProblem

NULL = b"\x70"
FIRST_OF_THE_MAP = 2  # the handles before it are those of the class and of the object


def short(text):
    return b"\x74" + struct.pack(">H", len(text)) + text


def long(text):
    return b"\x7c" + struct.pack(">Q", len(text)) + text


def reference(handle):
    return b"\x71" + struct.pack(">I", 0x7E0000 + handle)


def parts(texts, fields=((b"F", 4), (b"I", 4)), count=None):
    """What a map consists of, in its order, by name."""
    return {
        "magic": b"\xac\xed\x00\x05",
        "object": b"\x73",
        "class": b"\x72",
        "name": struct.pack(">H", 17) + b"java.util.HashMap",
        "version and flags": b"versions\x03",
        "fields": struct.pack(">H", len(fields))
        + b"".join(kind + struct.pack(">H", 3) + b"one" for kind, _ in fields),
        "end": b"\x78",
        "above": NULL,
        "values": b"".join(b"\x74" * size for _, size in fields),
        "block": b"\x77",
        "buckets": b"\x08" + bytes(4),
        "count": struct.pack(">I", len(texts) // 2 if count is None else count),
        "texts": b"".join(texts),
    }


def read(texts, **details):
    return java_map.read(b"".join(parts(texts, **details).values()))


def is_damaged(data):
    with pytest.raises(UsageProblem, match="damaged or cut short"):
        java_map.read(data)
    return True


def test_texts_of_each_kind():
    texts = [short(b"a"), long("é".encode()), short(b"b"), NULL, short(b""), short(b"x" * 300)]
    assert read(texts) == {"a": "é", "b": "", "": "x" * 300}
    assert read([]) == {}


def test_a_reference_means_an_earlier_text():
    texts = [short(b"a"), short(b"b"), long(b"c"), NULL, short(b"d")]
    texts += [reference(FIRST_OF_THE_MAP + 2), short(b"e"), reference(FIRST_OF_THE_MAP)]
    texts += [short(b"f"), reference(FIRST_OF_THE_MAP + 3)]
    assert read(texts) == {"a": "b", "c": "", "d": "c", "e": "a", "f": "d"}


def test_a_reference_to_what_is_not_there_is_damage():
    assert read([short(b"a"), reference(0)]) == {"a": ""}
    assert read([short(b"a"), reference(FIRST_OF_THE_MAP)]) == {"a": "a"}
    for handle in (-1, FIRST_OF_THE_MAP + 1, FIRST_OF_THE_MAP + 2):
        assert is_damaged(b"".join(parts([short(b"a"), reference(handle)]).values()))


@pytest.mark.parametrize(
    ("kind", "size"),
    [(b"B", 1), (b"C", 2), (b"D", 8), (b"F", 4), (b"I", 4), (b"J", 8), (b"S", 2), (b"Z", 1)],
)
def test_a_value_of_each_kind_is_passed_over(kind, size):
    assert read([short(b"a"), short(b"b")], fields=[(kind, size)]) == {"a": "b"}
    assert read([short(b"a"), short(b"b")], fields=[(kind, size)] * 2) == {"a": "b"}


@pytest.mark.parametrize("kind", [b"L", b"[", b"x", b"\xff"])
def test_a_value_of_another_kind_is_damage(kind):
    assert is_damaged(b"".join(parts([], fields=[(kind, 4)]).values()))


@pytest.mark.parametrize(
    "name", ["magic", "object", "class", "name", "end", "above", "block", "texts"]
)
def test_what_must_be_there_cannot_be_something_else(name):
    whole = parts([short(b"a"), NULL])
    other = bytes([whole[name][0] ^ 1]) + whole[name][1:]
    assert is_damaged(b"".join({**whole, name: other}.values()))


def test_a_class_of_the_same_length_is_damage():
    name = struct.pack(">H", 17) + b"java.util.HashSet"
    assert is_damaged(b"".join({**parts([]), "name": name}.values()))


def test_it_is_damaged_wherever_it_is_cut():
    texts = [short(b"a"), long(b"b"), short(b"c"), reference(FIRST_OF_THE_MAP)]
    whole = b"".join(parts(texts).values())
    assert java_map.read(whole) == java_map.read(whole + b"\x78") == {"a": "b", "c": "a"}
    assert all(is_damaged(whole[:length]) for length in range(len(whole)))


def test_a_text_that_is_not_utf_8_is_damage():
    assert is_damaged(b"".join(parts([short(b"\xff"), NULL]).values()))


def test_a_map_has_a_largest_number_of_texts(monkeypatch):
    monkeypatch.setattr(java_map, "_MOST_TEXTS", 2)
    assert read([NULL] * 4) == {"": ""}
    assert is_damaged(b"".join(parts([NULL] * 6).values()))
