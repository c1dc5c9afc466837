"""Google Authenticator's codes, byte by byte: what each field means, and what is damaged."""

import base64
from urllib.parse import quote

import pytest

from host_tools.credentials.credential import Credential
from host_tools.credentials.importers import google_migration
from host_tools.credentials.importers.google_migration import entries

KEY = b"12345678901234567890"
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


def varint(number):
    out = b""
    while number > 127:
        out += bytes([number % 128 + 128])
        number //= 128
    return out + bytes([number])


def field(number, value):
    if isinstance(value, int):
        return varint(number * 8 + VARINT) + varint(value)
    return varint(number * 8 + BYTES) + varint(len(value)) + value


def account(**changes):
    """An account's message, without the fields that are changed to None."""
    numbers = {"key": 1, "name": 2, "issuer": 3, "algorithm": 4, "digits": 5, "kind": 6}
    fields = {"key": KEY, "name": b"alice", "issuer": b"ACME", "algorithm": 1, "digits": 1}
    fields |= {"kind": 2} | changes
    return b"".join(field(numbers[name], it) for name, it in fields.items() if it is not None)


def uri(message):
    return "otpauth-migration://offline?data=" + quote(base64.b64encode(message).decode(), safe="")


def code(*accounts, size=None, place=None, batch=None):
    message = b"".join(field(1, one) for one in accounts)
    numbers = ((3, size), (4, place), (5, batch))
    return uri(message + b"".join(field(name, it) for name, it in numbers if it is not None))


def read(message):
    (one,) = entries([code(message)])
    return one


def is_damaged(text):
    (one,) = entries([text])
    return one.credential is None and "is damaged" in one.problem


def plain(name="alice", **changes):
    return Credential("ACME", name, KEY, **changes)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"algorithm": None}, {}),
        ({"algorithm": 0}, {}),
        ({"algorithm": 1}, {}),
        ({"algorithm": 2}, {"algorithm": "SHA256"}),
        ({"algorithm": 3}, {"algorithm": "SHA512"}),
        ({"digits": None}, {}),
        ({"digits": 0}, {}),
        ({"digits": 1}, {}),
        ({"digits": 2}, {"digits": 8}),
        ({"kind": None}, {}),
        ({"kind": 0}, {}),
        ({"kind": 1}, {"kind": "hotp", "counter": 0}),
        ({"kind": 2}, {}),
    ],
)
def test_what_a_number_means(changes, expected):
    assert read(account(**changes)).credential == plain(**expected)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"algorithm": 4}, "algorithm must"),
        ({"algorithm": 5}, "algorithm must"),
        ({"algorithm": b"\x01"}, "algorithm must"),
        ({"digits": 3}, "digits must"),
        ({"digits": b"\x01"}, "digits must"),
        ({"kind": 3}, "type must"),
        ({"key": 7}, "secret must have 1"),
        ({"key": None}, "secret must have 1"),
        ({"key": b""}, "secret must have 1"),
    ],
)
def test_what_is_not_known_is_refused_for_what_it_is(changes, says):
    one = read(account(**changes))
    assert one.credential is None and says in one.problem
    assert one.title == "ACME:alice"


@pytest.mark.parametrize("counter", [1, 127, 128, 16_383, 16_384, 2**63, 2**64 - 2])
def test_a_counter_of_any_length(counter):
    message = account(kind=1) + field(7, counter)
    assert read(message).credential == plain(kind="hotp", counter=counter)


@pytest.mark.parametrize(
    ("issuer", "name", "expected"),
    [
        (None, b"ACME: alice", ("ACME", "alice")),
        (b" ACME ", b" ACME:alice ", ("ACME", "alice")),
        (None, b"alice", ("", "alice")),
        (b"ACME", b"b:alice", ("ACME", "b:alice")),
        (b"ACME", 5, ("ACME", "ACME")),
    ],
)
def test_issuer_and_name(issuer, name, expected):
    one = read(account(issuer=issuer, name=name)).credential
    assert (one.issuer, one.name) == expected


def test_a_name_that_is_no_text_spoils_its_account_alone():
    bad, good = entries([code(account(name=b"\xff"), account())])
    assert bad.credential is None and "is damaged" in bad.problem
    assert bad.title == "an account of Google Authenticator"
    assert good.credential == plain()


def test_of_a_field_that_is_given_again_the_last_counts():
    message = account() + field(2, b"bob") + field(2, b"carol") + field(5, 1) + field(5, 2)
    assert read(message).credential == plain("carol", digits=8)


@pytest.mark.parametrize(
    "unknown",
    [
        field(15, 9),
        field(16, 9),
        field(200, b"x"),
        field(9, b""),
        bytes([9 * 8 + FIXED64]) + bytes(8),
        bytes([9 * 8 + FIXED32]) + bytes(4),
    ],
)
def test_fields_of_later_versions_are_passed_over(unknown):
    assert read(unknown + account()).credential == plain()
    assert entries([uri(unknown + field(1, account()))])[0].credential == plain()


@pytest.mark.parametrize("kind", [3, 4, 6, 7])
def test_a_kind_of_value_that_nobody_writes_is_damage(kind):
    assert is_damaged(uri(field(1, account()) + bytes([9 * 8 + kind, 0, 0, 0, 0, 0, 0, 0, 0])))


@pytest.mark.parametrize(
    "end",
    [
        b"\x80",  # within a key
        b"\x18",  # no number
        b"\x18\x80",  # within a number
        b"\x12",  # no length
        b"\x12\x02x",  # fewer bytes
        bytes([9 * 8 + FIXED64]) + bytes(7),
        bytes([9 * 8 + FIXED32]) + bytes(3),
        *(b"\x80" * 10, b"\x18" + b"\x80" * 10),  # longer than any number
        b"\x18" + b"\x80" * 10 + b"\x01",
    ],
)
def test_a_message_that_ends_too_early_is_damage(end):
    assert is_damaged(uri(field(1, account()) + end))
    assert read(account() + end).problem.endswith("is damaged; scan it again")


def test_a_number_has_ten_bytes_at_most():
    assert not is_damaged(uri(field(1, account()) + b"\x48" + b"\x80" * 9 + b"\x01"))


def test_a_value_has_a_mebibyte_at_most():
    length = 1 << 20
    assert entries([uri(field(9, bytes(length)) + field(1, account()))])[0].credential == plain()
    assert is_damaged(uri(field(9, bytes(length + 1)) + field(1, account())))


@pytest.mark.parametrize(
    "message",
    [
        field(3, 2) + field(4, 2),
        field(3, 2) + field(4, 3),
        field(3, 2) + field(4, b"x"),
        field(4, 1),
        field(3, google_migration._MOST_CODES + 1),
        field(1, 7),
        field(1, account()) + field(1, 7),
    ],
)
def test_places_and_accounts_that_cannot_be_are_damage(message):
    assert is_damaged(uri(message))


@pytest.mark.parametrize("size", [None, 0, 1])
def test_a_code_by_itself_lacks_none(size):
    assert [one.credential for one in entries([code(account(), size=size)])] == [plain()]


def test_the_largest_batch_names_all_that_it_lacks():
    size = google_migration._MOST_CODES
    found = entries([code(account(), size=size, place=size - 1)])
    assert [one.title for one in found[1:]] == [
        f"QR code {number} of {size} from Google Authenticator" for number in range(1, size)
    ]
    assert all("missing" in one.problem for one in found[1:])


def test_codes_are_put_in_their_order_and_each_counts_once():
    names = ["a", "b", "c", "d", "e"]
    a, b, c, d, e = (account(name=name.encode()) for name in names)
    first = [code(a, size=2, place=0, batch=8), code(b, c, size=2, place=1, batch=8)]
    other = [code(d, size=2, place=0, batch=9), code(e, size=2, place=1, batch=9)]
    found = entries([other[1], first[1], first[1], other[0], first[0]])
    assert [one.credential for one in found] == [plain(name) for name in names]


def test_a_code_that_is_missing_is_named_for_its_batch():
    found = entries(
        [code(account(), size=3, place=1, batch=8), code(account(), size=1, place=0, batch=9)]
    )
    assert [one.title for one in found if one.problem] == [
        "QR code 1 of 3 from Google Authenticator",
        "QR code 3 of 3 from Google Authenticator",
    ]


def test_a_damaged_code_is_told_first_and_the_others_are_read():
    found = entries([uri(b"\x18"), code(account())])
    assert found[0].title == "a QR code of Google Authenticator" and found[0].problem
    assert [one.credential for one in found] == [None, plain()]


@pytest.mark.parametrize("around", ["x=1&data={}", "DATA={}&x=1", "data={}"])
def test_other_parameters_do_not_count(around):
    data = code(account()).partition("data=")[2]
    (one,) = entries(["otpauth-migration://offline?" + around.format(data)])
    assert one.credential == plain()


@pytest.mark.parametrize("query", ["", "data", "data=CgA=&data=CgA=", "data=*"])
def test_without_the_one_parameter_it_is_damage(query):
    (one,) = entries(["otpauth-migration://offline?" + query])
    assert "damaged" in one.problem


def test_a_plus_that_has_become_a_space_is_one():
    message = field(9, b"x" + b"\xfb\xef\xbe" * 3) + field(1, account())
    assert b"+" in base64.b64encode(message)
    spaced = base64.b64encode(message).decode().replace("+", " ")
    (one,) = entries(["otpauth-migration://offline?data=" + spaced])
    assert one.credential == plain()
