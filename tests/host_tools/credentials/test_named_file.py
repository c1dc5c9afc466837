"""A file that the user names: its first bytes, or in one line why there are none."""

import os

import pytest

from host_tools.credentials.named_file import content
from host_tools.errors import UsageProblem


def refusal(path):
    with pytest.raises(UsageProblem) as caught:
        content(path, 10, "export")
    assert "\n" not in caught.value.message
    return caught.value.message


@pytest.mark.parametrize(("length", "taken"), [(0, 0), (9, 9), (10, 10), (11, 11), (12, 11)])
def test_a_byte_too_many_is_read_and_no_more(tmp_path, length, taken):
    path = tmp_path / "file"
    path.write_bytes(bytes(range(length)))
    assert content(path, 10, "export") == bytes(range(taken))


def test_what_cannot_be_read_is_told(tmp_path, monkeypatch):
    assert "there is no file" in refusal(tmp_path / "missing")
    assert "is a directory; name the export in it" in refusal(tmp_path)
    assert refusal("a\0b").endswith("cannot be read: no file has such a name")
    assert refusal("x" * 5_000).endswith("cannot be read: File name too long")


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (PermissionError(13, "no"), "may not be read; check its permissions"),
        (OSError(5, "Input/output error"), "cannot be read: Input/output error"),
        (OSError("x"), "cannot be read: no file has such a name"),
    ],
)
def test_what_the_system_refuses_is_told(monkeypatch, error, says):
    def refuse(*_arguments):
        raise error

    monkeypatch.setattr("builtins.open", refuse)
    assert refusal("a.file") == f"a.file {says}"


def test_a_path_of_any_kind(tmp_path):
    (tmp_path / "file").write_bytes(b"x")
    for path in (tmp_path / "file", os.fspath(tmp_path / "file")):
        assert content(path, 10, "export") == b"x"
