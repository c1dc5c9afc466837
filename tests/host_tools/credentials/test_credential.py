"""The fields of an account: what each may be, at both of its ends, and what a name decides."""

import pytest

from host_tools.credentials.credential import (
    CounterMissing,
    Credential,
    OtherCodes,
    credential_from_fields,
    credential_from_options,
    meant,
    overridden,
)
from host_tools.errors import UsageProblem

SECRET, KEY = "JBSWY3DPEHPK3PXP", b"Hello!\xde\xad\xbe\xef"
PLAIN = {"name": "alice", "secret": SECRET}
COUNTING = {**PLAIN, "kind": "hotp", "counter": 0}
STEAM = {**PLAIN, "kind": "steam"}


def refusal(fields, error=UsageProblem):
    with pytest.raises(error) as caught:
        credential_from_fields(fields)
    assert SECRET not in caught.value.message and "\n" not in caught.value.message
    return caught.value.message


@pytest.mark.parametrize(
    ("base", "what", "attribute", "low", "high", "default"),
    [
        (PLAIN, "digits", "digits", 6, 8, 6),
        (COUNTING, "digits", "digits", 6, 8, 6),
        (PLAIN, "period", "period_s", 1, 86_400, 30),
        (STEAM, "period", "period_s", 30, 30, 30),
        (COUNTING, "counter", "counter", 0, 2**64 - 2, None),
    ],
)
def test_each_number_has_its_ends(base, what, attribute, low, high, default):
    for value in (low, high, str(low), f" {high} ", f"0{low}"):
        made = credential_from_fields({**base, what: value})
        assert getattr(made, attribute) == int(value)
    for value in (low - 1, high + 1, str(low - 1), str(high + 1), "x", "none", f"+{low}"):
        message = refusal({**base, what: value})
        assert message == f"{what} must be a whole number from {low} to {high}"
    for value in (True, False, float(low), [low], b"6", "6.0", "٦", "1_0", "9" * 21):
        assert f"{what} must be" in refusal({**base, what: value})
    if default is not None:
        for value in (None, "", " "):
            assert getattr(credential_from_fields({**base, what: value}), attribute) == default


@pytest.mark.parametrize("counter", [None, "", " "])
def test_a_missing_counter_is_an_error_of_its_own(counter):
    assert "--counter" in refusal({**COUNTING, "counter": counter}, CounterMissing)


def test_a_number_that_does_not_count_is_not_judged():
    made = credential_from_fields({**COUNTING, "counter": 5, "period": "x"})
    assert (made.kind, made.counter, made.period_s) == ("hotp", 5, 30)
    assert credential_from_fields({**PLAIN, "counter": "x"}).counter == 0
    assert credential_from_fields({**STEAM, "digits": "x"}).digits == 5


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"name": " a ", "issuer": " B "}, ("B", "a")),
        ({"name": "", "issuer": "B"}, ("B", "B")),
        ({"issuer": "B"}, ("B", "B")),
        ({"name": "a"}, ("", "a")),
        ({"name": "e\u0301", "issuer": None}, ("", "é")),
    ],
)
def test_an_account_has_a_name(fields, expected):
    made = credential_from_fields({"secret": SECRET, **fields})
    assert (made.issuer, made.name) == expected


@pytest.mark.parametrize("fields", [{}, {"name": " "}, {"name": None, "issuer": ""}, {"name": 5}])
def test_an_account_without_any_name_is_refused(fields):
    assert "has no name" in refusal({"secret": SECRET, **fields})


@pytest.mark.parametrize(
    ("kind", "error", "says"),
    [
        ("yandex", OtherCodes, "Yandex"),
        ("YAOTP", OtherCodes, "Yandex"),
        ("motp", OtherCodes, "mOTP"),
        ("mobileotp", OtherCodes, "mOTP"),
        ("blizzard", OtherCodes, "Battle.net"),
        ("other", UsageProblem, "must be totp or hotp"),
    ],
)
def test_other_kinds_are_named(kind, error, says):
    assert says in refusal({**PLAIN, "kind": kind}, error)


@pytest.mark.parametrize("kind", [None, "", "totp", " TOTP "])
def test_the_usual_kind(kind):
    assert credential_from_fields({**PLAIN, "kind": kind}) == Credential("", "alice", KEY)


@pytest.mark.parametrize("length", [1, 128])
def test_a_secret_of_each_length_that_the_token_takes(length):
    assert credential_from_fields({**PLAIN, "secret": bytes(length)}).secret == bytes(length)


@pytest.mark.parametrize("length", [0, 129])
def test_a_secret_of_another_length_is_refused(length):
    message = refusal({**PLAIN, "secret": bytes(length)})
    assert message == "the secret must have 1 to 128 bytes; change it and try again"


def test_a_secret_that_is_not_base32_is_told():
    message = refusal({**PLAIN, "secret": SECRET[:-1] + "1"})
    assert message.startswith("the secret is not base32 (A-Z and 2-7): ") and "16" in message


@pytest.mark.parametrize("secret", [None, "", " ", 5])
def test_a_missing_secret_is_told(secret):
    assert "missing or empty" in refusal({**PLAIN, "secret": secret})


@pytest.mark.parametrize(
    ("spelling", "algorithm"),
    [(None, "SHA1"), ("", "SHA1"), ("HMAC", "SHA1"), ("hmac_sha-1", "SHA1"), ("sha 512", "SHA512")],
)
def test_spellings_of_algorithms(spelling, algorithm):
    assert credential_from_fields({**PLAIN, "algorithm": spelling}).algorithm == algorithm
    assert "no other is supported" in refusal({**PLAIN, "algorithm": "SHA224"})


def test_steam_has_codes_of_its_own():
    made = credential_from_fields({**STEAM, "algorithm": "sha-1", "period": "30"})
    assert made == Credential("", "alice", KEY, digits=5) and made.is_steam
    assert not Credential("", "alice", KEY).is_steam
    assert "another algorithm" in refusal({**STEAM, "algorithm": "SHA256"})


@pytest.mark.parametrize(
    ("fields", "steam"),
    [
        ({"issuer": "Steam", "name": "x"}, True),
        ({"issuer": " STEAM   Guard ", "name": "x"}, True),
        ({"issuer": "", "name": "steamcommunity.com"}, True),
        ({"issuer": "Steam", "kind": "TOTP"}, True),
        ({"issuer": "Steam", "kind": "hotp"}, False),
        ({"issuer": "x", "name": "steam"}, False),
        ({"issuer": "steamy"}, False),
    ],
)
def test_an_account_that_steam_issued_is_steams(fields, steam):
    assert (meant(fields) == {**fields, "kind": "steam"}) is steam
    assert steam or meant(fields) == fields


def test_options_replace_fields_and_what_the_service_said_counts():
    fields = {"issuer": "Steam", "name": "a", "digits": 6}
    given = overridden(fields, {"issuer": "Valve", "digits": None, "name": "b"})
    assert given == {"issuer": "Valve", "name": "b", "digits": 6, "kind": "steam"}
    assert overridden({"issuer": "x"}, {"issuer": "Steam"})["kind"] == "steam"
    assert overridden({"algorithm": "SHA256"}, {"algorithm": None}) == {"algorithm": "SHA256"}
    for empty in ("", " "):
        with pytest.raises(UsageProblem, match="algorithm is empty"):
            overridden(fields, {"algorithm": empty})


def test_options_give_every_field():
    made = credential_from_options(SECRET, "a", "I", "sha512", 8, None, "hotp", 7)
    assert made == Credential("I", "a", KEY, "SHA512", 8, kind="hotp", counter=7)
    with pytest.raises(CounterMissing):
        credential_from_options(SECRET, "a", kind="hotp")
