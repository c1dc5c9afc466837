"""Several changes with one question: the pages, what the answers are, and what ends a batch."""

import math

import pytest

import quick_pbkdf2
from picototp.codes import base32
from picototp.protocol import frames
from picototp.protocol.batch_service import NAMES_A_PAGE
from picototp.screens.values import ConfirmScreen
from picototp.vault.slot_pair import BATCH_NAME
from tests.firmware.protocol.service_rig import ALICE, BOB, COUNTER, error_of, make_token, names
from wired_token import READ_S

ASKED = {"wait": "button", "timeout_ms": frames.CONSENT_TIMEOUT_MS}
KEY = base32.encode(b"a key that no flash and no RAM may keep")


def entry(number, **changes):
    fields = {"issuer": "New", "name": f"new{number}", "secret": KEY, "algorithm": "SHA1"}
    fields |= {"digits": 6, "period": 30, "kind": "totp", "counter": 0}
    return {**fields, **changes}


def send(token, entries, what="add"):
    """The entries of a batch."""
    begun = token.request("batch_begin", what=what, count=len(entries))
    assert begun == {"ok": True, "count": 0, "of": len(entries)}
    for number, fields in enumerate(entries, 1):
        answer = token.request("batch_entry", **fields)
        assert answer == {"ok": True, "count": number, "of": len(entries)}


def asked(token, count):
    """The question about a batch is on the display."""
    assert token.request("batch_end", count=count) == ASKED
    assert isinstance(token.screen, ConfirmScreen)
    return token.screen


def read_on(token):
    """Click through the pages: the lines of each but the first, up to the one with the answer."""
    pages = []
    while "next page" in token.screen.hint:
        before = token.screen.hint
        token.click()
        assert [token._mine(each) for each in token.answers()] == [ASKED], "it has more time"
        assert token.screen.hint != before
        pages.append(token.screen.lines)
    token.run(READ_S)
    assert token.screen.hint == "hold = yes  click = no"
    return pages


def yes(token):
    token.hold()
    return token.answered()


@pytest.fixture
def token():
    return make_token()


def test_all_are_added_with_one_yes(token):
    send(token, [entry(number) for number in range(5)])
    screen = asked(token, 5)
    assert screen.title == "Add 5 accounts?" and screen.lines == ("5 new",)
    before = token.vault.generation
    assert len(token.vault) == 3
    pages = read_on(token)
    assert [line for page in pages for line in page] == [f"New: new{n}" for n in range(5)]
    assert yes(token) == {"ok": True, "index": 3}
    assert names(token) == ["alice", "bob", "counter", *(f"new{n}" for n in range(5))]
    assert token.vault.generation == before + 1
    assert token.vault.account(4).secret == base32.decode(KEY)
    assert BATCH_NAME not in token.storage.files


@pytest.mark.parametrize("count", [1, 3, 4, 9, 10, 12, 13, 40, 100])
def test_the_pages_name_the_accounts_or_say_how_many_more(token, count):
    send(token, [entry(number) for number in range(count)])
    assert asked(token, count).title.startswith(f"Add {count} account")
    pages = read_on(token)
    named = [line for page in pages for line in page if line.startswith("New: ")]
    assert named == [f"New: new{number}" for number in range(len(named))]
    if count <= 4 * NAMES_A_PAGE:
        assert len(named) == count and len(pages) == math.ceil(count / NAMES_A_PAGE)
    else:
        assert len(named) == 3 * NAMES_A_PAGE
        assert pages[-1][0] == f"and {count - len(named)} more:"
    assert yes(token)["ok"] is True
    assert len(token.vault) == 3 + count


def test_a_hold_before_the_last_page_is_no_yes(token):
    send(token, [entry(1), entry(2)])
    asked(token, 2)
    token.hold()
    assert token.answers() == [] and len(token.vault) == 3
    assert "next page" in token.screen.hint
    read_on(token)
    assert yes(token)["ok"] is True


def test_the_last_page_takes_no_press_that_comes_too_soon(token):
    send(token, [entry(1)])
    asked(token, 1)
    token.click()  # the names are there
    token.answers()
    token.hold()
    assert token.answers() == [] and len(token.vault) == 3
    token.run(READ_S)
    assert yes(token)["ok"] is True


def test_a_click_on_the_last_page_is_a_no(token):
    send(token, [entry(1), entry(2)])
    asked(token, 2)
    read_on(token)
    token.click()
    assert error_of(token.answered()) == "refused"
    assert names(token) == ["alice", "bob", "counter"]
    assert BATCH_NAME not in token.storage.files and token.storage.unclean
    assert error_of(token.request("batch_end", count=2)) == "no-batch"


def test_silence_on_any_page_is_a_no(token):
    send(token, [entry(1), entry(2)])
    asked(token, 2)
    token.run(20)
    token.click()
    assert token._mine(token.answers()[-1]) == ASKED
    token.run(20)
    assert token.answers() == []
    token.run(11)
    assert error_of(token.answered()) == "timed-out"
    assert BATCH_NAME not in token.storage.files


def test_what_replaces_is_told(token):
    send(token, [entry(1), {**entry(2), **ALICE, "replace": True}])
    screen = asked(token, 2)
    assert screen.lines == ("1 new", "1 replaces an account", "of the same name")
    read_on(token)
    assert yes(token)["ok"] is True
    assert names(token) == ["alice", "bob", "counter", "new1"]
    assert token.vault.account(0).secret == base32.decode(KEY)


def test_several_that_replace_are_told(token):
    send(token, [{**entry(1), **ALICE, "replace": True}, {**entry(2), **BOB, "replace": True}])
    screen = asked(token, 2)
    assert screen.lines == ("0 new", "2 replace accounts", "of the same name")


def test_several_are_removed_with_one_yes(token):
    send(token, [BOB, ALICE], "remove")
    screen = asked(token, 2)
    assert screen.title == "Remove 2 accounts?" and screen.lines == ("This cannot be undone.",)
    assert read_on(token) == [("Example: bob", "Example: alice")]
    assert yes(token) == {"ok": True, "index": 0}
    assert names(token) == ["counter"]


def test_progress_is_shown(token):
    send(token, [entry(1), entry(2)])
    assert token.screen.lines == ("2 of 2:", "New: new2")
    token.hello("another")
    token.run(0.1)
    assert "2 of 2:" not in getattr(token.screen, "lines", ())


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"secret": "1!"}, "bad-secret"),
        ({"digits": 9}, "bad-digits"),
        ({"name": ""}, "bad-name"),
        ({"name": "new0"}, "duplicate"),
        ({**ALICE}, "duplicate"),
        ({"secret": 7}, "bad-request"),
    ],
)
def test_an_entry_that_is_refused_leaves_the_others(token, fields, code):
    send(token, [entry(0)])
    token.request("batch_begin", what="add", count=3)
    token.request("batch_entry", **entry(0))
    assert error_of(token.request("batch_entry", **entry(1, **fields))) == code
    token.request("batch_entry", **entry(2))
    asked(token, 2)
    read_on(token)
    assert yes(token)["ok"] is True
    assert names(token)[3:] == ["new0", "new2"]


def test_one_that_was_lost_on_its_way_is_missed(token):
    send(token, [entry(1), entry(2)])
    assert error_of(token.request("batch_end", count=3)) == "no-batch"


@pytest.mark.parametrize("fields", [{}, {"count": 0}, {"count": 256}, {"count": 1, "what": "x"}])
def test_a_batch_that_cannot_be(token, fields):
    assert error_of(token.request("batch_begin", **{"what": "add", **fields})) == "bad-request"


def test_nothing_can_be_put_into_no_batch(token):
    assert error_of(token.request("batch_entry", **entry(1))) == "no-batch"
    assert error_of(token.request("batch_end", count=1)) == "no-batch"


def test_a_new_host_ends_it(token):
    send(token, [entry(1)])
    token.hello("another")
    assert token.vault.batch is None and BATCH_NAME not in token.storage.files
    assert error_of(token.request("batch_end", "another", count=1)) == "no-batch"


def test_a_new_host_withdraws_the_question(token):
    send(token, [entry(1)])
    asked(token, 1)
    token.hello("another")
    assert token.vault.batch is None and BATCH_NAME not in token.storage.files
    assert len(token.vault) == 3


def test_a_change_in_between_ends_it(token):
    send(token, [entry(1)])
    token.confirmed("remove", **COUNTER)
    assert error_of(token.request("batch_end", count=1)) == "no-batch"
    assert BATCH_NAME not in token.storage.files


def test_a_lock_ends_it_and_a_locked_token_refuses_one(token):
    with quick_pbkdf2.patched():
        token.confirmed("set_pin", pin="123456")
    send(token, [entry(1)])
    assert token.request("lock")["ok"] is True
    assert token.vault.batch is None and BATCH_NAME not in token.storage.files
    for op, fields in (
        ("batch_begin", {"what": "add", "count": 1}),
        ("batch_entry", entry(1)),
        ("batch_end", {"count": 1}),
    ):
        assert error_of(token.request(op, **fields)) == "locked"


def test_without_a_display_nothing_is_asked_and_nothing_stays(token):
    send(token, [entry(1)])
    token.panel.ok = False
    assert error_of(token.request("batch_end", count=1)) == "no-display"
    assert token.vault.batch is None and BATCH_NAME not in token.storage.files


def test_names_that_flash_does_not_give_back_are_no_names_to_agree_to(token):
    send(token, [entry(1)])
    asked(token, 1)
    del token.storage.files[BATCH_NAME]
    token.click()
    assert token.screen.lines[0] == "Not readable:"
    token.answers()
    token.run(READ_S)
    assert error_of(yes(token)) == "no-batch"
    assert len(token.vault) == 3
