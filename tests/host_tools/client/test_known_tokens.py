"""What this computer remembers of tokens, and whom it may tell a secret."""

import json
import time

import platformdirs
import pytest

from host_tools.client.data_folder import DATA_VARIABLE, data_folder
from host_tools.client.known_tokens import KnownTokens
from host_tools.errors import ToolError

NUMBER = "00112233aabbccdd"


@pytest.fixture
def known(tmp_path):
    return KnownTokens(tmp_path / "data" / "of" / "mine")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "of" / "mine" / "tokens" / f"{NUMBER}.json"


def said_of(known, token=NUMBER):
    return known.is_known(token), known.is_trusted(token), known.is_advised(token)


def test_what_was_said_of_a_token_adds_up(known):
    assert said_of(known) == (False, False, False)
    known.meet(NUMBER)
    assert said_of(known) == (True, False, False)
    known.advise(NUMBER)
    assert said_of(known) == (True, False, True)
    known.trust(NUMBER)
    assert said_of(known) == (True, True, True)
    known.meet(NUMBER)
    known.trust(NUMBER)
    known.advise(NUMBER)
    assert said_of(known) == (True, True, True)
    assert said_of(known, "other") == (False, False, False)


@pytest.mark.parametrize("say", [KnownTokens.trust, KnownTokens.advise])
def test_a_token_that_was_never_met_gets_what_is_said_and_no_more(known, say):
    say(known, NUMBER)
    assert said_of(known) == (True, say is KnownTokens.trust, say is KnownTokens.advise)


def test_a_token_that_is_forgotten_was_never_seen(known):
    known.trust(NUMBER)
    for _ in range(2):
        known.forget(NUMBER)
        assert said_of(known) == (False, False, False)


def test_the_file_of_a_token(known, path):
    began_s = int(time.time())
    known.meet(NUMBER)
    kept = json.loads(path.read_bytes())
    assert began_s <= kept.pop("since_unix_s") <= time.time()
    assert kept == {"v": 1, "token": NUMBER, "trusted": False}
    assert path.read_bytes().endswith(b"}\n")
    assert [*path.parent.iterdir()] == [path], "nothing half written is left"


def test_a_token_is_known_since_it_was_met_first(known, path):
    path.parent.mkdir(parents=True)
    since = {"v": 1, "token": NUMBER, "since_unix_s": 5, "trusted": False}
    path.write_text(json.dumps(since))
    known.trust(NUMBER)
    assert json.loads(path.read_bytes()) == {**since, "trusted": True}


@pytest.mark.parametrize(
    "changes",
    [{"v": 2}, {"v": None}, {"token": "other"}, {"token": NUMBER.upper()}, {"more": "x" * 4096}],
    ids=lambda changes: str(changes)[:20],
)
def test_the_file_of_another_format_or_token_counts_for_nothing(known, path, changes):
    path.parent.mkdir(parents=True)
    good = {"v": 1, "token": NUMBER, "trusted": True, "advised": True}
    path.write_text(json.dumps(good))
    assert said_of(known) == (True, True, True)
    path.write_text(json.dumps({**good, **changes}))
    assert said_of(known) == (False, False, False)


@pytest.mark.parametrize("said", ["yes", 1, None, [True]])
def test_nothing_but_true_is_a_yes(known, path, said):
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"v": 1, "token": NUMBER, "trusted": said, "advised": said}))
    assert said_of(known) == (True, False, False)


@pytest.mark.parametrize("number", ["x", "x" * 64, "a-b_C0"])
def test_a_number_that_names_a_file(known, number):
    known.meet(number)
    assert known.is_known(number)


@pytest.mark.parametrize("number", ["", "x" * 65, "../x", "a.b", "a\n", "\u00fc"])
def test_a_number_that_cannot_name_one_stays_a_stranger(known, number):
    for say in (known.meet, known.trust, known.advise):
        with pytest.raises(ToolError, match="update its firmware"):
            say(number)
    known.forget(number)
    assert said_of(known, number) == (False, False, False)


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path):
    (tmp_path / "tokens").write_text("in the way")
    known = KnownTokens(tmp_path)
    with pytest.raises(ToolError, match=rf"cannot write .*{NUMBER}.json: \w+"):
        known.meet(NUMBER)


def test_the_folder_of_the_users_data(tmp_path, monkeypatch):
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))
    assert data_folder() == tmp_path
    KnownTokens().meet(NUMBER)
    assert (tmp_path / "tokens" / f"{NUMBER}.json").exists()
    # No folder of an author around it, as Windows has them.
    asked = []
    monkeypatch.setattr(
        platformdirs, "user_data_path", lambda *names, **options: asked.append((names, options))
    )
    for unset in (
        lambda: monkeypatch.setenv(DATA_VARIABLE, ""),
        lambda: monkeypatch.delenv(DATA_VARIABLE),
    ):
        unset()
        data_folder()
    assert asked == [(("picototp",), {"appauthor": False})] * 2
