"""Every app's export gives the accounts that are in it, and nothing else opens it."""

import pytest

from exports import ENCRYPTED, EXPORTS, Export
from host_tools.credentials.importers import formats
from host_tools.credentials.importers.document import Document
from host_tools.credentials.importers.entry import WrongPassword


def read(data, password=None):
    def ask(_what):
        assert password is not None, "the export is not encrypted"
        return password

    return formats.read_all([Document(data, "file")], ask)


@pytest.mark.parametrize("name", EXPORTS)
def test_it_gives_its_accounts(name):
    export: Export = EXPORTS[name]()
    entries = read(export.data, export.password)
    assert [entry.problem for entry in entries if entry.problem] == []
    assert [entry.credential for entry in entries] == export.credentials


@pytest.mark.parametrize("name", ENCRYPTED)
def test_a_wrong_password_is_told_and_asked_for_again(name):
    export = EXPORTS[name]()
    wrong = "00" * 16 if name == "pskc_pre_shared" else "wrong"
    given = iter([wrong, "", export.password])
    problems = []

    def again(problem):
        problems.append(problem.message)
        return True

    entries = formats.read_all([Document(export.data, "a.file")], lambda _: next(given), again)
    assert [entry.credential for entry in entries] == export.credentials
    assert len(problems) == 2
    assert all("wrong password" in problem and "a.file" in problem for problem in problems)


@pytest.mark.parametrize("name", ENCRYPTED)
def test_a_wrong_password_ends_it_without_anybody_to_ask(name):
    export = EXPORTS[name]()
    with pytest.raises(WrongPassword) as caught:
        read(export.data, "wrong")
    assert "\n" not in caught.value.message
