"""otpauth URIs and typed secrets: what services issue is read, what cannot work is refused in one
line, and no error shows the secret. pyotp judges the URIs from outside."""

import base64

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from host_tools.credentials import names
from host_tools.credentials.credential import Credential, credential_from_options
from host_tools.credentials.otpauth import build_uri, parse_uri
from host_tools.errors import UsageProblem

SECRET = "JBSWY3DPEHPK3PXPGEZDGNBVGY"
KEY = b"Hello!\xde\xad\xbe\xef123456"


def uri(label="ACME:alice", query="", kind="totp", secret=SECRET):
    return f"otpauth://{kind}/{label}?secret={secret}{query}"


def problem(text):
    with pytest.raises(UsageProblem) as caught:
        parse_uri(text)
    message = caught.value.message
    assert "\n" not in message and len(message) < 200
    assert SECRET not in message and "otpauth://totp/" not in message
    return message


def test_everything_given():
    text = (
        "otpauth://totp/ACME%20Co:john@x.org?secret="
        + SECRET.lower()
        + ("&issuer=ACME%20Co&algorithm=SHA512&digits=8&period=60&image=https%3A%2F%2Fx%2Fy.png")
    )
    assert parse_uri(text) == Credential("ACME Co", "john@x.org", KEY, "SHA512", 8, 60)


def test_defaults():
    assert parse_uri(uri("bob")) == Credential("", "bob", KEY, "SHA1", 6, 30, "totp", 0)


@pytest.mark.parametrize("counter", [0, 1, 2**64 - 2])
def test_a_counter_at_its_ends(counter):
    assert parse_uri(uri(query=f"&counter={counter}", kind="hotp")).counter == counter


def test_hotp():
    credential = parse_uri(uri(query="&counter=42&period=oops", kind="hotp"))
    assert (credential.kind, credential.counter, credential.period_s) == ("hotp", 42, 30)


@pytest.mark.parametrize(
    ("label", "query", "issuer", "name"),
    [
        ("ACME:alice", "&issuer=Other", "Other", "alice"),
        ("ACME:alice", "&issuer=", "ACME", "alice"),
        ("ACME%3Aalice", "", "ACME", "alice"),
        ("ACME%3A%20alice%20", "", "ACME", "alice"),
        ("ACME:%20alice", "&issuer=ACME", "ACME", "alice"),
        ("alice", "&issuer=A+B", "A B", "alice"),
        ("a+b@x.org", "", "", "a+b@x.org"),
        ("Z%C3%BCrich:J%C3%B6rg", "", "Zürich", "Jörg"),
        ("Zürich:Jörg", "", "Zürich", "Jörg"),
        ("X:a:b", "", "X", "a:b"),
        ("100%:#1", "", "100%", "#1"),
        ("ACME:", "", "ACME", "ACME"),
        ("", "&issuer=ACME", "ACME", "ACME"),
        ("a/b", "", "", "a/b"),
    ],
)
def test_labels(label, query, issuer, name):
    credential = parse_uri(uri(label, query))
    assert (credential.issuer, credential.name) == (issuer, name)


@pytest.mark.parametrize(
    ("spelling", "algorithm"),
    [
        ("sha1", "SHA1"),
        ("SHA-256", "SHA256"),
        ("HmacSHA256", "SHA256"),
        ("hmac-sha-512", "SHA512"),
        ("Sha_1", "SHA1"),
    ],
)
def test_algorithm_spellings(spelling, algorithm):
    assert parse_uri(uri(query=f"&algorithm={spelling}")).algorithm == algorithm


@pytest.mark.parametrize(
    "secret",
    [
        SECRET.lower(),
        "JBSW-Y3DP-EHPK-3PXP-GEZD-GNBV-GY",
        "jbsw+y3dp%20ehpk+3pxp+gezd+gnbv+gy",
        SECRET + "======",
        SECRET + "%3D%3D%3D%3D%3D%3D",
    ],
)
def test_secrets_as_people_paste_them(secret):
    assert parse_uri(uri(secret=secret)).secret == KEY


def test_scheme_kind_and_parameter_names_in_any_case_and_white_space_around():
    text = f"  OTPAuth://TOTP/bob?SECRET={SECRET}&Digits=7\n"
    assert parse_uri(text) == Credential("", "bob", KEY, digits=7)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not an otpauth"),
        ("otpauth://", "not an otpauth"),
        ("otpauth:totp/x?secret=" + SECRET, "not an otpauth"),
        ("https://example.org/?secret=" + SECRET, "not an otpauth"),
        ("otpauth-migration://offline?data=" + SECRET, "several accounts at once"),
        ("otpauth://yandex/x?secret=" + SECRET, "totp or hotp"),
        ("otpauth://totp/bob", "secret is missing"),
        (uri(secret=""), "secret is missing"),
        (uri(secret="%20%20"), "secret is missing"),
        (uri(secret="===="), "not base32"),
        (uri(secret="A"), "not base32"),
        (uri(secret="A" * 208), "128 bytes"),
        (uri(""), "no name"),
        (uri(":"), "no name"),
        (uri(query="&algorithm=MD5"), "SHA1, SHA256 or SHA512"),
        (uri(query="&algorithm="), "SHA1, SHA256 or SHA512"),
        (uri(query="&digits=5"), "digits must be a whole number from 6 to 8"),
        (uri(query="&digits=9"), "digits must"),
        (uri(query="&digits=six"), "digits must"),
        (uri(query="&digits=%D9%A6"), "digits must"),
        (uri(query="&period=0"), "period must be a whole number from 1 to 86400"),
        (uri(query="&period=86401"), "period must"),
        (uri(query="&period=-30"), "period must"),
        (uri(query="&period=1_0"), "period must"),
        (uri(query="&period=" + "9" * 5000), "period must"),
        (uri(query="&digits=6&digits=6"), "digits is given twice"),
        (uri(query="&Secret=" + SECRET), "secret is given twice"),
        (uri(query="&issuer=a&issuer=b"), "issuer is given twice"),
        (uri(query="&encoder=yandex"), "not digits"),
        (uri(kind="hotp", query="&encoder=steam&counter=1"), "not digits"),
        (uri(kind="steam", query="&period=60"), "period must be a whole number from 30 to 30"),
        (uri(kind="steam", query="&algorithm=SHA256"), "another algorithm"),
        (uri(kind="hotp"), "needs a counter"),
        (uri(kind="hotp", query="&counter="), "needs a counter"),
        (uri(kind="hotp", query=f"&counter={2**64}"), "counter must"),
        (uri(kind="hotp", query=f"&counter={2**64 - 1}"), "counter must"),
        (uri("ACME:%FF"), "label of this URI is not percent-encoded UTF-8"),
        (uri(query="&issuer=%ff"), "issuer of this URI is not"),
        (uri("ACME:a%0Ab"), "control character"),
        (uri(query="&issuer=%1b[2J"), "control character"),
        (uri("\ud800"), "control character"),
        (uri("x" * 65), "64 UTF-8 bytes"),
        (uri("%C3%BC" * 33 + ":x"), "64 UTF-8 bytes"),
    ],
)
def test_refused(text, says):
    assert says in problem(text)


@pytest.mark.parametrize("bad", ["1", "8", "!", "ü", "#"])
@pytest.mark.parametrize("position", [1, 7, 26])
def test_bad_character_is_named_by_its_position_in_the_secret(bad, position):
    secret = SECRET[: position - 1] + bad + SECRET[position:]
    assert f"position {position}" in problem(uri(secret=secret))


def test_printing_a_credential_shows_no_secret():
    assert "Hello" not in repr(parse_uri(uri())) and SECRET not in repr(parse_uri(uri()))


def test_from_options():
    plain = credential_from_options("jbsw y3dp ehpk 3pxp gezd gnbv gy", "alice")
    assert plain == Credential("", "alice", KEY)
    full = credential_from_options(SECRET, " alice ", "ACME", "sha-256", 7, 45)
    assert full == Credential("ACME", "alice", KEY, "SHA256", 7, 45)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"secret_text": ""}, "missing"),
        ({"secret_text": SECRET[:-1] + "!"}, "position 26"),
        ({"name": ""}, "no name"),
        ({"algorithm": "MD5"}, "algorithm"),
        ({"algorithm": ""}, "algorithm"),
        ({"digits": 9}, "digits"),
        ({"digits": 0}, "digits"),
        ({"period": 0}, "period"),
        ({"period": -1}, "period"),
    ],
)
def test_from_options_refused(change, says):
    with pytest.raises(UsageProblem, match=says) as caught:
        credential_from_options(**({"secret_text": SECRET, "name": "alice"} | change))
    assert SECRET[:-1] not in caught.value.message


def labels(min_bytes):
    printable = st.characters(exclude_categories=("Cc", "Cs"))
    return (
        st.text(printable, max_size=64)
        .map(names.tidied)
        .filter(lambda text: min_bytes <= len(text.encode()) <= 64)
    )


credentials = st.builds(
    Credential,
    issuer=labels(0),
    name=labels(1),
    secret=st.binary(min_size=1, max_size=128),
    algorithm=st.sampled_from(["SHA1", "SHA256", "SHA512"]),
    digits=st.integers(6, 8),
    period_s=st.integers(1, 86_400),
) | st.builds(
    Credential,
    issuer=labels(0),
    name=labels(1),
    secret=st.binary(min_size=1, max_size=128),
    kind=st.just("hotp"),
    counter=st.integers(0, 2**64 - 2),
)


@pytest.mark.parametrize(
    ("issuer", "name"),
    [("", "a:b"), ("", ":"), ("X:Y", "a:b"), ("X:", ":a"), ("%3A", "a%b&c=#?/+")],
)
def test_names_with_delimiters_survive_a_uri(issuer, name):
    credential = Credential(issuer, name, KEY)
    assert parse_uri(build_uri(credential)) == credential


@given(credentials)
def test_build_and_parse_are_inverse(credential):
    assert parse_uri(build_uri(credential)) == credential


@given(
    st.sampled_from(["SHA1", "SHA256", "SHA512"]),
    st.binary(min_size=14, max_size=64),
    st.integers(1, 120),
)
def test_pyotp_reads_our_uris_and_we_read_its(algorithm, secret, period_s):
    # pyotp takes no 7 digits, no period above 120 s and no key below 14 bytes.
    ours = Credential("ACME Co", "a+b@x.org", secret, algorithm, 8, period_s)
    theirs = pyotp.parse_uri(build_uri(ours))
    assert (theirs.issuer, theirs.name, theirs.interval) == ("ACME Co", "a+b@x.org", period_s)
    assert theirs.digits == 8 and theirs.digest().name == algorithm.lower()
    assert base64.b32decode(theirs.secret + "=" * (-len(theirs.secret) % 8)) == secret
    assert parse_uri(theirs.provisioning_uri()) == ours


# Pieces that come close to a URI, so that the fuzz gets past the first check.
PIECES = (
    "otpauth:// totp/ hotp/ ? & = : %3A % + # 1 MZXW6YTB \0 \ud800"
    " secret= issuer= digits= period= algorithm= counter="
)
pieces = st.sampled_from([*PIECES.split(" "), " ", "\n"])


@given(st.lists(pieces | st.text(max_size=5), max_size=30).map("".join))
def test_any_text_parses_or_is_refused_in_one_line(text):
    try:
        assert isinstance(parse_uri(text), Credential)
    except UsageProblem as refusal:
        assert "\n" not in refusal.message


@given(
    st.binary(min_size=5, max_size=140).map(lambda raw: base64.b32encode(raw).decode()),
    st.sampled_from(["", "!", "1", "=", "%FF"]),
    st.lists(pieces | st.text(max_size=5), max_size=12).map("".join),
    st.sampled_from(["totp", "hotp", "x"]),
)
def test_no_refusal_shows_the_secret(secret, flaw, rest, kind):
    for text in (
        f"otpauth://{kind}/A:b?secret={secret}{flaw}&{rest}",
        f"otpauth://{kind}/{rest}?x&secret={secret}{flaw}",
        f"otpauth://{kind}/{secret}?algorithm={secret}&digits={secret}&period={secret}",
        f"{secret}://{rest}",
        f"otpauth://{secret}/{rest}",
    ):
        try:
            parse_uri(text)
        except UsageProblem as refusal:
            assert secret.rstrip("=") not in refusal.message
            assert secret[:8] not in refusal.message


def test_the_shortest_period_may_be_given_as_an_option():
    assert credential_from_options("MFRGG===", "alice", period=1).period_s == 1
    with pytest.raises(UsageProblem, match="period"):
        credential_from_options("MFRGG===", "alice", period=0)
