"""What each question says, word for word, and where the account is after its yes: from the service,
without button and display."""

import pytest

from every_request import TYPING
from picototp.protocol.request import Consent
from picototp.vault.errors import VaultError
from tests.firmware.protocol.service_rig import (
    ALICE,
    BOB,
    COUNTER,
    NEW,
    fast_vault,
    make_token,
    names,
)
from wired_token import WiredToken, an_account


@pytest.fixture(scope="module")
def one_token():
    """Which no question alone changes."""
    return make_token()


def ask(token, op, **fields):
    question = token.service.handle({"op": op, **fields}, 0)
    assert isinstance(question, Consent)
    return question


SHA256 = "SHA256, 8 digits, 45 s"
NAMED = ("New issuer", "new@example.com")
SECRETS = ("A computer wants to", "install firmware. It", "can read all secrets.")
TYPED = ("Hold 1.6 s on a code", "to type it.", "The token restarts.")
UNDONE = "This cannot be undone."


@pytest.mark.parametrize(
    ("op", "fields", "title", "lines"),
    [
        ("add", NEW, "Add account?", (*NAMED, SHA256, "no. 4")),
        ("add", {**NEW, "kind": "hotp"}, "Add account?",
         (*NAMED, "SHA256, 8 digits, HOTP", "no. 4")),
        ("add", {**NEW, "digits": 5, "algorithm": "SHA1", "period": 30}, "Add account?",
         (*NAMED, "Steam's codes", "no. 4")),
        ("add", {**NEW, **ALICE, "replace": True}, "Replace account?",
         ("Example", "alice", SHA256, "no. 1")),
        ("add", {**NEW, **COUNTER, "replace": True}, "Replace account?",
         ("Example", "counter", SHA256, "no. 3")),
        ("rename", {**BOB, "new_issuer": "Example", "new_name": "x"}, "Rename account?",
         ("Example: bob", "to", "Example: x", "no. 2")),
        ("rename", {**ALICE, "new_issuer": "Example", "new_name": "alice"}, "Rename account?",
         ("Example: alice", "to", "Example: alice", "no. 1")),
        ("move", {**ALICE, "to": 2}, "Move account?",
         ("Example", "alice", "from 1 to 3", "no. 1")),
        ("move", {**COUNTER, "to": 0}, "Move account?",
         ("Example", "counter", "from 3 to 1", "no. 3")),
        ("remove", BOB, "Remove account?", ("Example", "bob", UNDONE, "no. 2")),
        ("code", BOB, "Send a code?", ("Example", "bob", "goes to the computer.", "no. 2")),
        ("wipe", {}, "Erase everything?", ("All 3 accounts", UNDONE)),
        ("maintenance", {}, "Maintenance mode?", SECRETS),
        ("set_order", {"order": "fixed"}, "Order of accounts?",
         ("As in the list of the", "computer.")),
        ("set_order", {"order": "recent"}, "Order of accounts?",
         ("Most recently used", "accounts come first.")),
        ("set_order", {"order": "name"}, "Order of accounts?", ("By issuer and name.",)),
        ("set_lock_after", {"seconds": 120}, "When to lock?",
         ("It locks 120 s after", "it goes dark.", "Now: after 60 s")),
        ("set_lock_after", {"seconds": 180}, "When to lock?",
         ("It locks 3 min after", "it goes dark.", "Now: after 60 s")),
        ("typing", {"on": True, **TYPING, "end": "none"}, "Type codes?",
         ("As a USB keyboard", *TYPED)),
        ("typing", {"on": True, **TYPING}, "Type codes?", ("USB keyboard, then enter", *TYPED)),
        ("typing", {"on": False}, "Stop typing codes?",
         ("The USB keyboard", "is switched off.", "The token restarts.")),
    ],
)  # fmt: skip
def test_what_is_asked(one_token, op, fields, title, lines):
    question = ask(one_token, op, **fields)
    assert (question.title, question.lines) == (title, lines)
    assert question.otherwise is None and question.pages is None


@pytest.mark.parametrize(
    ("named", "index", "left"),
    [(ALICE, 0, ["bob", "counter"]), (BOB, 1, ["alice", "counter"]),
     (COUNTER, 1, ["alice", "bob"])],
)  # fmt: skip
def test_which_account_is_shown_after_one_is_gone(named, index, left):
    """The one that has its place, or else the last."""
    token = make_token()
    assert ask(token, "remove", **named).then() == {"index": index}
    assert names(token) == left


def test_after_the_last_account_there_is_none_to_show():
    token = make_token()
    found = [ask(token, "remove", **named).then()["index"] for named in (BOB, ALICE, COUNTER)]
    assert found == [1, 0, 0]


def test_a_new_name_that_another_account_has():
    token = make_token()
    new = {"new_issuer": "Example", "new_name": "counter"}
    for named in (ALICE, BOB):
        with pytest.raises(Exception, match="another account has this name"):
            ask(token, "rename", **named, **new)
    assert ask(token, "rename", **COUNTER, **new).then() == {"index": 2}


def test_a_full_token_replaces_its_first_account_and_its_last_and_takes_no_other():
    token = WiredToken(storage=fast_vault([an_account(f"n{n}") for n in range(255)]))
    for number in (0, 254):
        named = {"issuer": "Example", "name": f"n{number}", "replace": True}
        assert ask(token, "add", **{**NEW, **named}).lines[-1] == f"no. {number + 1}"
    with pytest.raises(VaultError, match="it holds 255 accounts") as caught:
        ask(token, "add", **NEW, replace=True)
    assert caught.value.code == "full"


@pytest.mark.parametrize(
    ("others", "lines"),
    [
        ([], ("2 new",)),
        ([ALICE], ("2 new", "1 replaces an account", "of the same name")),
        ([ALICE, BOB], ("2 new", "2 replace accounts", "of the same name")),
    ],
)
def test_what_is_asked_about_several_accounts(others, lines):
    token = make_token()
    count = 2 + len(others)
    new = [{**NEW, "name": f"new{number}"} for number in range(2)]
    token.request("batch_begin", what="add", count=count)
    for fields in [*new, *({**NEW, **named, "replace": True} for named in others)]:
        token.request("batch_entry", **fields)
    question = ask(token, "batch_end", count=count)
    assert (question.title, question.lines) == (f"Add {count} accounts?", lines)


@pytest.mark.parametrize("count", [1, 2])
def test_what_is_asked_about_removals(count):
    token = make_token()
    token.request("batch_begin", what="remove", count=count)
    for named in (BOB, ALICE)[:count]:
        token.request("batch_entry", **named)
    question = ask(token, "batch_end", count=count)
    some = "1 account" if count == 1 else "2 accounts"
    assert (question.title, question.lines) == (f"Remove {some}?", (UNDONE,))
    assert question.pages.count == 1
    assert question.pages.lines(0) == ("Example: bob", "Example: alice")[:count]


@pytest.mark.parametrize("replace", [None, False, 1, "true"])
def test_only_true_replaces_in_a_batch(replace):
    token = make_token()
    token.request("batch_begin", what="add", count=1)
    answer = token.request("batch_entry", **{**NEW, **ALICE, "replace": replace})
    assert answer["error"]["code"] == "duplicate"


@pytest.mark.parametrize("op", ["add", "rename"])
def test_a_name_is_checked_before_what_stands_for_it(one_token, op):
    fields = {**NEW, "name": "a\nb"} if op == "add" else {**ALICE, "new_issuer": "", "new_name": ""}
    with pytest.raises(VaultError) as caught:
        ask(one_token, op, **fields, ascii=["é", ""])
    assert caught.value.code == "bad-name"
