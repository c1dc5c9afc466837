"""URIs as mail, web pages and people spoil them: what the service meant is stored, or nothing.

The kinds are those of bug trackers: of each the sample that was found first, and others like it.
"""

import pytest

from host_tools.credentials.credential import CounterMissing, Credential
from host_tools.credentials.otpauth import (
    bare,
    build_uri,
    parse_uri,
    split_label,
    stored_credential,
)
from host_tools.errors import UsageProblem

SECRET = "JBSWY3DPEHPK3PXP"
KEY = b"Hello!\xde\xad\xbe\xef"
FULL = Credential("R", "a", KEY, "SHA256", 8, 60)
FULL_QUERY = f"secret={SECRET}&issuer=R&algorithm=SHA256&digits=8&period=60"
FULL_URI = f"otpauth://totp/R:a?{FULL_QUERY}"


def refusal(text, options=None):
    with pytest.raises(UsageProblem) as caught:
        parse_uri(text, options)
    assert "\n" not in caught.value.message and SECRET not in caught.value.message
    return caught.value.message


# --- 1: what came through HTML, and text that cannot be a parameter ------------------------------


@pytest.mark.parametrize("ampersand", ["&amp;", "&#38;", "&#x26;", "&#038;", "&AMP;", "&amp;amp;"])
def test_html_is_undone_where_that_leaves_no_doubt(ampersand):
    assert parse_uri(FULL_URI.replace("&", ampersand)) == FULL


def test_html_is_undone_with_parameters_that_are_known_alone():
    start = f"otpauth://totp/R:a?secret={SECRET}"
    more = "&amp;issuer=R&amp;algo=SHA256&amp;image=x&amp;length=8&amp;step=60&amp;"
    assert parse_uri(start + more) == FULL
    assert parse_uri(f"{start}&unknown_one=1") == Credential("R", "a", KEY)
    assert "came through HTML" in refusal(f"{start}&amp;unknown_one=1")


def test_html_among_right_ampersands():
    assert parse_uri(FULL_URI.replace("&digits", "&amp;digits")) == FULL
    assert parse_uri(FULL_URI.replace("R:a", "R&amp;D:a").replace("R&alg", "R%26D&alg")) == (
        Credential("R&D", "a", KEY, "SHA256", 8, 60)
    )


@pytest.mark.parametrize(
    "query",
    [
        f"secret={SECRET}&issuer=AT&T",
        f"secret={SECRET}&issuer=AT&T&digits=8",
        f"issuer=H&M&secret={SECRET}",
        f"secret={SECRET}&issuer=Barnes & Noble",
        f"secret={SECRET}&amp;issuer=AT&amp;T&amp;digits=8",
        f"secret={SECRET}&quot;digits=8",
        f"secret={SECRET}&issuer=R&#39;s",
        f"secret={SECRET}&digits%3D8",
        f"secret={SECRET}&ampdigits=8",
        f"secret={SECRET}&digits",
        f"secret={SECRET}&x&algorithm=SHA256",
    ],
)
def test_what_cannot_be_a_parameter_is_refused(query):
    refusal("otpauth://totp/R:a?" + query)


@pytest.mark.parametrize(
    ("query", "changed"),
    [
        ("algo=SHA256", {"algorithm": "SHA256"}),
        ("alg=sha512", {"algorithm": "SHA512"}),
        ("interval=60", {"period_s": 60}),
        ("timestep=15", {"period_s": 15}),
        ("length=8", {"digits": 8}),
        ("digit=7", {"digits": 7}),
        ("codeLength=8", {"digits": 8}),
    ],
)
def test_known_misspellings_are_understood(query, changed):
    expected = {"issuer": "R", "name": "a", "secret": KEY} | changed
    assert parse_uri(f"otpauth://totp/R:a?secret={SECRET}&{query}") == Credential(**expected)


@pytest.mark.parametrize(
    "query",
    ["perid=60", "algoritm=SHA256", "digitss=8", "alogrithm=SHA512", "periods=60", "isuer=R"]
    + ["algo=SHA256&algorithm=SHA1", "interval=60&period=30", "t0=30", "offset=15", "pin=1234"],
)
def test_other_misspellings_are_refused(query):
    refusal(f"otpauth://totp/R:a?secret={SECRET}&{query}")


@pytest.mark.parametrize("query", ["image=https%3A%2F%2Fx", "icon=x", "color=red", "unknown_one=1"])
def test_what_no_code_depends_on_is_left_out(query):
    assert parse_uri(f"{FULL_URI}&{query}") == FULL


# --- 2: options repair what they replace ---------------------------------------------------------


@pytest.mark.parametrize(
    ("uri", "options", "expected"),
    [
        (
            f"otpauth://totp/?{FULL_QUERY}".replace("&issuer=R", ""),
            {"name": "a", "issuer": "R"},
            FULL,
        ),
        (FULL_URI.replace("R:a", "%FF"), {"name": "a", "issuer": "R"}, FULL),
        (FULL_URI.replace("issuer=R", "issuer=%FF"), {"issuer": "R"}, FULL),
        (FULL_URI.replace("issuer=R", "issuer=" + "x" * 65), {"issuer": "R"}, FULL),
        (FULL_URI.replace("R:a", "R:" + "x" * 65), {"name": "a"}, FULL),
        (FULL_URI.replace("period=60", "period=0"), {"period": 60}, FULL),
        (FULL_URI.replace("period=60", "period=1m"), {"period": 60}, FULL),
        (FULL_URI + "&period=30", {"period": 60}, FULL),
        (FULL_URI.replace("period", "perid"), {"period": 60}, FULL),
        (FULL_URI.replace("digits=8", "digits=eight"), {"digits": 8}, FULL),
        (FULL_URI.replace("SHA256", "MD5"), {"algorithm": "SHA256"}, FULL),
        (FULL_URI.replace("issuer=R", "issuer=R&D"), {"issuer": "R"}, FULL),
    ],
)
def test_options_come_before_the_judgement(uri, options, expected):
    refusal(uri)
    assert parse_uri(uri, options) == expected


def test_options_are_judged_too():
    for options in ({"period": 0}, {"digits": 9}, {"algorithm": "MD5"}, {"algorithm": " "}):
        refusal(FULL_URI, options)


# --- 6: issuers, links, empty values, what is around a URI ---------------------------------------


@pytest.mark.parametrize(
    "uri",
    [
        f"otpauth://totp/Steam:a?secret={SECRET}&issuer=Steam",
        f"otpauth://totp/a?secret={SECRET}&issuer=steam",
        f"otpauth://totp/Steam:a?secret={SECRET}",
        f"otpauth://totp/Steam?secret={SECRET}",
        f"otpauth://totp/a?secret={SECRET}&issuer=Steam%20Guard",
        f"otpauth://totp/a?secret={SECRET}&issuer=store.steampowered.com&digits=5",
        f"otpauth://steam/Steam:a?secret={SECRET}",
        f"otpauth://steam/Valve:a?secret={SECRET}&digits=5&period=30&algorithm=SHA1",
        f"otpauth://totp/Valve:a?secret={SECRET}&encoder=steam",
        f"steam://{SECRET}",
    ],
)
def test_steam_has_codes_of_its_own_whatever_the_uri_says(uri):
    for options in ({}, {"name": "x"}, {"issuer": "Valve"}, {"digits": 6}):
        credential = parse_uri(uri, options)
        assert credential.is_steam
        assert (credential.kind, credential.algorithm, credential.period_s) == ("totp", "SHA1", 30)


def test_an_account_that_is_called_steam_by_an_option_is_steam():
    options = {"issuer": "Steam", "period": 30, "algorithm": "SHA1"}
    assert parse_uri(FULL_URI, options).is_steam
    assert "another algorithm" in refusal(FULL_URI, {"issuer": "Steam", "period": 30})


def test_steam_stays_steam_in_a_backup_under_any_name():
    credential = parse_uri(f"otpauth://steam/Steam:a?secret={SECRET}", {"issuer": "Valve"})
    assert stored_credential(build_uri(credential)) == credential
    assert "encoder=steam" in build_uri(credential)


def test_an_account_of_steam_with_six_digits_in_an_old_backup_is_as_it_was():
    uri = f"otpauth://totp/Steam:a?secret={SECRET}&issuer=Steam&algorithm=SHA1&digits=6&period=30"
    assert stored_credential(uri).digits == 6


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("phonefactor://activate_account?code=1&url=https%3A%2F%2Fx", "Microsoft"),
        ("msauth://code/x", "Microsoft"),
        ("duo://abc-xyz", "Duo"),
        ("oktaverify://email/?t=x", "Okta"),
        ("com.rsa.securid://ctf?ctfData=1", "RSA"),
        ("battlenet://x", "Battle.net"),
        ("otpauth://yaotp/x?secret=" + SECRET, "Yandex"),
        ("motp://x:y?secret=" + SECRET, "mOTP"),
        ("FIDO:/0123", "passkey"),
        ("https://example.org/setup", "page"),
        ("WIFI:S:x;P:y;;", "wireless"),
    ],
)
def test_links_of_vendors_are_named(text, says):
    assert says in refusal(text)


@pytest.mark.parametrize(
    "query", ["period=", "digits=", "digits=&period=", "issuer=", "period=%20"]
)
def test_empty_means_the_default(query):
    assert parse_uri(f"otpauth://totp/R:a?secret={SECRET}&{query}") == Credential("R", "a", KEY)


@pytest.mark.parametrize(
    "around",
    ["\ufeff{}", '"{}"', "'{}'", "<{}>", "\u200b{}\u200b", "`{}`", "“{}”", "<\u200e{}\u200e>\n"]
    + ["({})", " \u2060 {}\ufeff\r\n", '"<{}>"', "«{}»"],
)
def test_what_is_around_a_uri_goes(around):
    assert parse_uri(around.format(FULL_URI)) == FULL


def test_what_belongs_to_it_stays():
    uri = f"otpauth://totp/a?secret={SECRET}&issuer="
    for issuer in ("Foo (Bar)", "say 'x'", 'a "b"', "x)", "<y>"):
        assert parse_uri(uri + issuer).issuer == issuer
    assert parse_uri(f"({uri}Foo (Bar))").issuer == "Foo (Bar)"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("", ""),
        *(("'", "'"), ("''", ""), ("'a'", "a"), ("(a)", "a"), ("'a", "'a"), ("a'", "a'")),
        *(
            ("<a'", "<a'"),
            ("\ufeff", ""),
            ("\u200ba", "a"),
            ("a\u2069", "a"),
            ("a\u200bb", "a\u200bb"),
        ),
        *((" a b ", "a b"), ("\u200b\u200b ab \u200b\u200b", "ab")),
        ("x-y:\\/\\/a\\u0026b", "x-y://a&b"),
        *(("x:\\/a", "x:\\/a"), ("1:\\/\\/a", "1:\\/\\/a")),
    ],
)
def test_what_is_taken_off_a_text_and_what_stays(text, kept):
    assert bare(text) == kept


def test_slashes_as_json_escapes_them():
    assert parse_uri(FULL_URI.replace("://", ":\\/\\/").replace("totp/", "totp\\/")) == FULL


@pytest.mark.parametrize(
    ("label", "issuer", "expected"),
    [
        ("127.0.0.1%3A8000%3A%20bob", "127.0.0.1:8000", ("127.0.0.1:8000", "bob")),
        ("127.0.0.1%3A8000:bob", "127.0.0.1:8000", ("127.0.0.1:8000", "bob")),
        ("127.0.0.1:8000:bob", "127.0.0.1%3A8000", ("127.0.0.1:8000", "bob")),
        ("localhost%3A8080%3Abob", "localhost:8080", ("localhost:8080", "bob")),
        ("%5B%3A%3A1%5D%3A%20bob", "[::1]", ("[::1]", "bob")),
        ("A: B%3Abob", "A: B", ("A: B", "bob")),
        ("github:bob", "GitHub", ("GitHub", "bob")),
        ("R:a:b", "R", ("R", "a:b")),
    ],
)
def test_issuers_with_colons(label, issuer, expected):
    credential = parse_uri(f"otpauth://totp/{label}?secret={SECRET}&issuer={issuer}")
    assert (credential.issuer, credential.name) == expected


@pytest.mark.parametrize(
    ("label", "issuer", "name"),
    [
        *(("R:a", "R", "a"), ("r : a ", "R", "a"), ("R", "R", "R"), (" R ", "R", "R")),
        *(("R:", "R", ""), ("RS:a", "R", "RS:a"), ("Ra", "R", "Ra"), ("a", "R", "a")),
        *((" :a ", "", ":a"), (":a", "", ":a"), ("R::a", "R", ":a")),
    ],
)
def test_the_name_in_a_label_that_may_begin_with_its_issuer(label, issuer, name):
    assert split_label(label, issuer) == name


@pytest.mark.parametrize("query", ["", "&counter=", "&counter=%20", "&digits=6", "&period=30"])
def test_a_counter_that_is_missing_is_asked_for(query):
    uri = f"otpauth://hotp/R:a?secret={SECRET}{query}"
    with pytest.raises(CounterMissing, match="--counter"):
        parse_uri(uri)
    assert parse_uri(uri, {"counter": 0}) == Credential("R", "a", KEY, kind="hotp", counter=0)
    assert parse_uri(uri, {"counter": 7}).counter == 7


def test_a_uri_that_was_broken_into_lines_is_no_uri():
    for text in (
        FULL_URI + "\n" + FULL_URI,
        f"otpauth://totp/R:a?secret={SECRET}&icon=x\ndigits=8&algorithm=SHA256",
        FULL_URI + " " + FULL_URI,
        FULL_URI.replace("&digits", "\r\n&digits"),
        FULL_URI.replace("totp/", "totp/\n"),
    ):
        assert "line" in refusal(text)


@pytest.mark.parametrize(
    "query",
    [
        f"&secret={SECRET}&",
        f"x_ignored=1&secret={SECRET}",
        f"secret={SECRET}&Image=x&icon",
        f"secret={SECRET}&a.b-c_d1=x",
        f"secret={SECRET}&encoder=",
    ],
)
def test_empty_parts_and_parameters_of_others_do_not_count(query):
    assert parse_uri(f"otpauth://totp/R:a?{query}") == Credential("R", "a", KEY)


@pytest.mark.parametrize("query", ["=x", "1x=y", "x=y", "x%20y=z", "ab"])
def test_what_is_no_name_of_a_parameter_may_be_part_of_another(query):
    assert "written %26" in refusal(f"otpauth://totp/R:a?secret={SECRET}&{query}")


def test_what_belongs_to_a_value_that_is_replaced_goes_with_it():
    uri = f"otpauth://totp/R:a?issuer=A&B&C=1&secret={SECRET}"
    assert parse_uri(uri, {"issuer": "R"}) == Credential("R", "a", KEY)
    assert "written %26" in refusal(uri, {"name": "a"})
    uri = f"otpauth://totp/R:a?secret={SECRET}&issuer=A&digits=x"
    assert "digits" in refusal(uri, {"issuer": "R"})


@pytest.mark.parametrize(
    ("label", "query", "options", "expected"),
    [
        ("%FF", "&issuer=R", {"name": "b"}, ("R", "b")),
        ("R:%FF", "", {"name": "b", "issuer": "S"}, ("S", "b")),
        ("R:a", "", {"name": "b"}, ("R", "b")),
        ("R:a", "", {"issuer": "S"}, ("S", "a")),
        ("R:a", "&issuer=%FF", {"issuer": "S"}, ("S", "a")),
    ],
)
def test_a_label_is_read_for_what_is_not_replaced(label, query, options, expected):
    made = parse_uri(f"otpauth://totp/{label}?secret={SECRET}{query}", options)
    assert (made.issuer, made.name) == expected


def test_a_label_that_is_needed_is_judged():
    assert "label" in refusal(f"otpauth://totp/R:%FF?secret={SECRET}", {"name": "b"})
    assert "label" in refusal(f"otpauth://totp/%FF?secret={SECRET}&issuer=R", {"issuer": "S"})


@pytest.mark.parametrize(
    ("credential", "expected"),
    [
        (Credential("", "a", KEY), "otpauth://totp/a?"),
        (Credential("", "a:b", KEY), "otpauth://totp/:a%3Ab?"),
        (Credential("R", "a", KEY), "otpauth://totp/R:a?"),
        (Credential("R/S", "a b", KEY), "otpauth://totp/R%2FS:a%20b?"),
    ],
)
def test_how_a_uri_is_written(credential, expected):
    issuer = expected[15:].partition(":")[0] if credential.issuer else ""
    between = f"&issuer={issuer}" if issuer else ""
    end = "&algorithm=SHA1&digits=6&period=30"
    assert build_uri(credential) == f"{expected}secret={SECRET}{between}{end}"


@pytest.mark.parametrize(
    ("label", "issuer", "expected"),
    [
        ("R:a%20", "R%00%20", ("R", "a")),
        ("R:%00", "R", ("R", "")),
        (":%00", "", ("", "account")),
        ("R:a%20%20b", "R", ("R", "a b")),
    ],
)
def test_an_old_backup_keeps_of_a_name_what_is_allowed_now(label, issuer, expected):
    made = stored_credential(f"otpauth://totp/{label}?secret={SECRET}&issuer={issuer}")
    assert (made.issuer, made.name) == (expected[0], expected[1] or expected[0])


def test_each_kind_of_scheme():
    for scheme in ("otpauth", "OTPAUTH", "apple-otpauth", "Apple-OTPAuth"):
        assert parse_uri(FULL_URI.replace("otpauth", scheme, 1)) == FULL
    assert parse_uri(f"STEAM://{SECRET}") == Credential("Steam", "Steam", KEY, digits=5)
    for text in ("steam://", "steam:x", "xotpauth://totp/a?secret=A", "totp/a?secret=A"):
        assert "not an otpauth:// URI" in refusal(text)
