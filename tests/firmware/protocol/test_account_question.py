"""No two accounts have the same question, whatever their names are and whatever the host says."""

import hashlib
import itertools

import pytest

from picototp.protocol.account_question import ascii_of, lines_about, lines_about_new_name
from picototp.protocol.request import RequestError
from picototp.screens.text import columns, is_exact
from picototp.vault.account import Account
from picototp.vault.errors import VaultError
from picototp.vault.record import pack_label, pack_record, unlike

REST = ("goes to the computer.",)


class Names:
    """The accounts of a vault, as far as questions look at them; with names of earlier firmware."""

    def __init__(self, *names):
        self.all = [(*each, "", "") if len(each) == 2 else each for each in names]

    def find_with_like(self, issuer, name):
        label = pack_label(issuer, name)
        bodies = [pack_record(Account(*names[:2], b"key"))[2:] for names in self.all]
        like = [index for index, body in enumerate(bodies) if not unlike(memoryview(body), label)]
        return -1, like

    def names(self, index):
        return self.all[index]

    def lines(self, index):
        return lines_about(self, self.all[index], index, REST)


def hash_of(issuer, name):
    """The documented hash, computed here."""
    return hashlib.sha256(f"picototp name 1\0{issuer}\0{name}".encode()).hexdigest()[:4]


@pytest.mark.parametrize(
    "names", [("Example", "alice"), ("", "bob"), ("Bücher", "Łódź"), ("Банк", "Иван"), ("Ωμ", "ά")]
)
def test_names_that_are_shown_exactly_need_no_hash(names):
    vault = Names(names, ("Other", "account"))
    assert vault.lines(0) == (names[0] or "(no issuer)", names[1], *REST, "no. 1")


def test_what_is_not_shown_exactly_is_marked_and_hashed():
    vault = Names(("銀行", "鍵", "YinXing", "Jian"), ("銀行", "bob", "YinXing", ""))
    assert vault.lines(0) == ("≈YinXing", "≈Jian", *REST, f"no. 1, hash {hash_of('銀行', '鍵')}")
    assert vault.lines(1) == ("≈YinXing", "bob", *REST, f"no. 2, hash {hash_of('銀行', 'bob')}")


def test_a_host_that_lies_about_a_name_is_seen():
    vault = Names(("Example", "alice"), ("Example", "鍵", "", "alice"))
    honest, lie = vault.lines(0), vault.lines(1)
    assert honest == ("Example", "alice", *REST, "no. 1")
    assert lie == ("Example", "≈alice", *REST, f"no. 2, hash {hash_of('Example', '鍵')}")


def test_a_stand_in_for_what_can_be_shown_does_not_count():
    message = {"ascii": ["Lodz", "Jian"]}
    assert ascii_of(message, "Łódź", "鍵") == ("", "Jian")
    assert ascii_of(message, "鍵", "Łódź") == ("Lodz", "")
    assert ascii_of({}, "鍵", "鍵") == ("", "")


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ("YinXing", RequestError),
        (["one"], RequestError),
        (["a", "b", "c"], RequestError),
        ({"issuer": "x"}, RequestError),
        (None, RequestError),
        (["é", ""], VaultError),
        (["", "a\nb"], VaultError),
        (["", " a"], VaultError),
        (["", "a" * 49], VaultError),
        ([1, 2], VaultError),
    ],
)
def test_what_cannot_stand_for_a_name_is_refused(given, error):
    with pytest.raises(error):
        ascii_of({"ascii": given}, "Example", "bob")


# Pairs that look the same on the display, or that only a box or white space tells apart.
ALIKE = [
    (("", "bob"), ("", "bоb")),  # Latin and Cyrillic o
    (("PayPal", "x"), ("РауРаl", "x")),
    (("", "AΒ"), ("", "ΑB")),
    (("a", "b: c"), ("a: b", "c")),
    (("", "bob"), ("", "bob ")),
    (("", "a b"), ("", "a  b")),
    (("", "a b"), ("", "a\u00a0b")),
    (("", "é"), ("", "e\u0301")),
    (("", "鍵"), ("", "銀")),
    (("", "bob"), ("", "b\u200bob")),
    (("", "bob"), ("", "\u202ebob")),
    (("", "it's"), ("", "it\u02bcs")),
    (("", "a-b"), ("", "a\u2010b")),
]


@pytest.mark.parametrize(("one", "other"), [*ALIKE, *[(b, a) for a, b in ALIKE]])
def test_accounts_that_look_alike_are_told_apart(one, other):
    vault = Names(one, other)
    drawn = [tuple(map(columns, vault.lines(index)[:-1])) for index in (0, 1)]
    if drawn[0] == drawn[1]:
        for index, names in enumerate((one, other)):
            assert vault.lines(index)[-1] == f"no. {index + 1}, hash {hash_of(*names)}"
    assert any("hash" in vault.lines(index)[-1] for index in (0, 1))


def test_two_names_that_no_font_has_differ_by_their_hash_alone():
    first, second = Names(("", "日本")).lines(0), Names(("", "中国")).lines(0)
    assert first != second and columns(first[1]) == columns(second[1])


def test_an_issuer_that_says_it_is_none_is_never_taken_for_none():
    assert Names(("", "x")).lines(0) != Names(("(no issuer)", "x")).lines(0)


def test_a_rename_shows_both_hashes_if_either_needs_one():
    vault = Names(("Example", "bob"), ("Example", "bоb"))
    old, new = vault.all[0], ("Example", "鍵", "", "Jian")
    assert lines_about_new_name(vault, old, new, 0) == (
        "Example: bob",
        "to",
        "Example: ≈Jian",
        f"no. 1, {hash_of('Example', 'bob')} to {hash_of('Example', '鍵')}",
    )
    alone = Names(("Example", "bob"))
    plain = lines_about_new_name(alone, alone.all[0], ("", "carol", "", ""), 0)
    assert plain == ("Example: bob", "to", "(no issuer): carol", "no. 1")


@pytest.mark.parametrize("back", [False, True])
def test_a_rename_shows_both_hashes_if_one_alone_needs_it(back):
    vault = Names(("Example", "bob"))
    plain, doubtful = vault.all[0], ("Example", "鍵", "", "Jian")
    old, new = (doubtful, plain) if back else (plain, doubtful)
    line = lines_about_new_name(vault, old, new, 0)[-1]
    assert line == f"no. 1, {hash_of(*old[:2])} to {hash_of(*new[:2])}"


def test_texts_that_are_drawn_alike_have_as_many_characters():
    """What lets most names be told apart without drawing them: no two rows of different glyphs of
    any fonts have the same columns (Sardinas and Patterson's test)."""
    chars = [chr(code) for code in [*range(0x20, 0x530), *range(0x2000, 0x2100)]]
    glyphs = {columns(char) + b"\0" for char in chars if is_exact(f"a{char}b")}
    assert len(glyphs) > 300

    def rests(of, by):
        return {a[len(b) :] for a in of for b in by if a != b and a.startswith(b)}

    seen, rest = set(), rests(glyphs, glyphs)
    while rest - seen:
        seen |= rest
        rest = rests(glyphs, rest) | rests(rest, glyphs)
    assert not seen & glyphs


# On the wire, with the real service and display


def test_the_question_about_a_lookalike_shows_its_hash(token):
    token.confirmed("add", issuer="Example", name="bоb", secret="GEZDGNBV", **USUAL)
    token.request("remove", issuer="Example", name="bob")
    expected = f"no. 2, hash {hash_of('Example', 'bob')}"
    assert token.screen.lines == ("Example", "bob", "This cannot be undone.", expected)


USUAL = {"algorithm": "SHA1", "digits": 6, "kind": "totp"}


def test_the_token_keeps_what_the_host_sends_for_the_display(token):
    fields = {"issuer": "銀行", "name": "Łódź", "secret": "GEZDGNBV", **USUAL}
    token.request("add", **fields, ascii=["YinXing", "Lodz"])
    line = f"no. 4, hash {hash_of('銀行', 'Łódź')}"
    assert token.screen.lines == ("≈YinXing", "Łódź", "SHA1, 6 digits, 30 s", line)
    token.button.down = True
    assert token.answered()["index"] == 3
    token.button.down = False
    token.run(1)
    assert token.vault.names(3) == ("銀行", "Łódź", "YinXing", "")
    assert (token.screen.issuer, token.screen.name) == ("≈YinXing", "Łódź")
    new = {"new_issuer": "銀行", "new_name": "鍵", "ascii": ["YinXing", "Jian"]}
    token.confirmed("rename", issuer="銀行", name="Łódź", **new)
    assert token.vault.names(3) == ("銀行", "鍵", "YinXing", "Jian")


@pytest.mark.parametrize("name", ["bob ", "b  ob", "b\u200bob", "\u202ebob", "e\u0301"])
def test_new_names_that_cannot_be_seen_are_refused_before_the_question(token, name):
    answer = token.request("add", issuer="", name=name, secret="GEZDGNBV", **USUAL)
    assert answer["error"]["code"] == "bad-name" and "position" in answer["error"]["message"]
    answer = token.request("rename", issuer="Example", name="bob", new_issuer=name, new_name="x")
    assert answer["error"]["code"] == "bad-issuer" and "position" in answer["error"]["message"]


@pytest.mark.parametrize("name", ["bob ", "b  ob", "b\u200bob", "\u202ebob", "e\u0301", "\ue000"])
def test_accounts_that_have_such_names_stay_usable(token, name):
    vault = token.vault
    vault._commit((vault._range(0, len(vault)), pack_record(Account("Old", name, b"k" * 20))))
    assert token.request("list", **{"from": 3})["accounts"][0]["name"] == name
    assert token.confirmed("move", issuer="Old", name=name, to=0)["index"] == 0
    renamed = token.confirmed("rename", issuer="Old", name=name, new_issuer="", new_name="bobby")
    assert renamed["index"] == 0 and vault.label(0) == ("", "bobby")
    vault._commit((vault._range(0, len(vault)), pack_record(Account("Old", name, b"k" * 20))))
    token.request("remove", issuer="Old", name=name)
    hash_line = f"no. 5, hash {hash_of('Old', name)}"
    assert token.screen.lines == ("Old", f"≈{name}", "This cannot be undone.", hash_line)
    token.button.down = True
    assert token.answered()["ok"] is True
    assert vault.find("Old", name) < 0


def test_each_pair_of_old_accounts_has_two_questions():
    twins = [
        "bob",
        "bob ",
        "bоb",
        "b\u200bob",
        "b\u200cob",
        "\u202abob",
        "鍵",
        "銀",
        "e\u0301",
        "é",
    ]
    vault = Names(*[("", name) for name in twins])
    without_place = [
        lines[:-1] + (lines[-1].partition(", ")[2],)
        for lines in map(vault.lines, range(len(twins)))
    ]
    drawn = [tuple(map(columns, lines)) for lines in without_place]
    for one, other in itertools.combinations(range(len(twins)), 2):
        assert drawn[one] != drawn[other], (twins[one], twins[other])
