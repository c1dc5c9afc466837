"""Texts with URIs among other lines: many lines are many accounts, and a broken one is none."""

import pytest

from host_tools.credentials.pasted_text import spoilt_lines, uri_lines
from host_tools.errors import UsageProblem

ONE = "otpauth://totp/R:a?secret=JBSWY3DPEHPK3PXP&issuer=R&icon=x"
TWO = "otpauth://totp/S:b?secret=GEZDGNBVGY3TQOJQ&digits=8&algorithm=SHA256"


def uris(text):
    return [line.uri for line in uri_lines(text)]


@pytest.mark.parametrize(
    "text",
    [
        f"{ONE}\n{TWO}\n",
        f"{ONE}\r\n{TWO}",
        f"\n\n{ONE}\n\n  {TWO}  \n",
        f"\ufeff{ONE}\n<{TWO}>\n",
        f'"{ONE}"\n"{TWO}"',
        f"{ONE} {TWO}",
        f"{ONE}\n# a comment\n{TWO}",
    ],
)
def test_many_lines_are_many_accounts(text):
    assert uris(text) == [ONE, TWO]


@pytest.mark.parametrize(
    "text",
    [
        f"hunter2\n{ONE}\n",
        f"hunter2\nlogin: alice\nurl: https://example.org\n{ONE}\n",
        f"hunter2\n{ONE}\nlogin: alice\nnotes and more notes\n",
        f"hunter2\n---\notp: {ONE}\nuser: alice",
        f"hunter2\ntotp={ONE}\n\nJBSWY3DPEHPK3PXP",
        f"hunter2\n{ONE}\nemail = alice@example.org",
        f"{ONE}\nrecovery",
    ],
)
def test_an_entry_of_pass(text):
    assert uris(text) == [ONE]


@pytest.mark.parametrize("text", ["", "hunter2", "https://example.org/?x=otpauth://totp/x", "\n"])
def test_none(text):
    assert uris(text) == []


@pytest.mark.parametrize(
    "rest",
    [
        "digits=8&algorithm=SHA256",
        "&digits=8",
        "EHPK3PXPGEZDGNBV",
        "JBSWY3DPEHPK3PXP&issuer=R&digits=8",
        "pple%20Co&period=60",
        "?secret=JBSWY3DP",
        "period=60",
        "secret=JBSWY3DPEHPK3PXP",
    ],
)
def test_a_uri_that_goes_on_in_the_next_line_is_refused(rest):
    with pytest.raises(UsageProblem, match="line 2") as caught:
        uri_lines(f"otpauth://totp/R:a?secret=JBSWY3DP\n{rest}\n")
    assert "JBSWY3DP" not in caught.value.message


def test_the_lines_are_numbered():
    assert [line.number for line in uri_lines(f"x\n{ONE}\n\n{TWO}")] == [2, 4]


@pytest.mark.parametrize(
    "line", ["otpauth:/totp/x?secret=A", "tpauth://totp/x?secret=A", "secret=A"]
)
def test_lines_that_were_uris_are_told(line):
    assert spoilt_lines(f"hunter2\n{ONE}\n\n{line}\nuser: alice") == [4]
    assert spoilt_lines(f"hunter2\n{ONE}\nuser: alice") == []


@pytest.mark.parametrize(
    ("before", "taken"),
    [
        *(("URI: ", True), ("x=", True), ("x:", True), ('x="', True), ("x,", True), ("x;", True)),
        *(("x(", True), ("x<", True), ("x\t", True), ("", True)),
        *(("x", False), ("x/", False), ("x?", False), ("http://x y ", False)),
    ],
)
def test_what_may_stand_before_a_uri_in_its_line(before, taken):
    assert uris(before + TWO) == ([TWO] if taken else [])


def test_a_link_with_a_uri_inside_has_no_rest():
    link = "https://example.org/?x=otpauth://totp/x"
    assert uris(f"{link}\nEHPK3PXPGEZDGNBV\n{ONE}") == [ONE]
    assert uris(f"{ONE}\n{link}\nEHPK3PXPGEZDGNBV") == [ONE]


def test_what_looks_like_the_rest_of_a_uri_is_one_behind_it_alone():
    rest = "EHPK3PXPGEZDGNBV"
    assert uris(f"{rest}\n{ONE}\n\n{rest}") == [ONE]
    for text in (f"{ONE}\n{rest}", f"x\n{ONE} {TWO}\n{rest}", f"{ONE}\n  {rest}\n{TWO}"):
        with pytest.raises(UsageProblem, match="join them to one line"):
            uri_lines(text)


@pytest.mark.parametrize(
    "line",
    [
        "word",
        "https://example.org?a=b&c=d",
        "otpauth:/x",
        "a:/b&c=d",
        "x: y",
        "A",
        "A8",
        "two words",
    ],
)
def test_what_is_no_rest_may_follow(line):
    assert uris(f"{ONE}\n{line}") == [ONE]


@pytest.mark.parametrize(
    "uri",
    [
        TWO.upper(),
        *(f"apple-{TWO}", "otpauth-migration://offline?data=CgA%3D"),
        TWO.replace("://", ":\\/\\/"),
    ],
)
def test_uris_of_each_scheme(uri):
    whole = uri.replace("\\/", "/")
    assert [(one.number, one.uri) for one in uri_lines(f"x\n'{uri}'")] == [(2, whole)]
    assert uris(f'{ONE}  "{whole}" <{whole}>') == [ONE, whole, whole]


def test_lines_with_a_uri_or_without_any_word_of_one_are_not_spoilt():
    text = f"{ONE}\nissuer=x\nmy secret=x\n?secret=x\n&SECRET=x\nsecret=x\nan otpauth link\n"
    assert spoilt_lines(text) == [4, 5, 6, 7]
