"""The board's files: a folder's worth of them, and the log of errors."""

import errno
from pathlib import Path

import pytest

import workbench  # noqa: F401  lets picototp.board be imported here
from interpreters import FIRMWARE, InProcess, RemoteError, Worker
from picototp.board.storage import Storage

HERE = Path(__file__).resolve().parent
PROBE = "board_probe"


@pytest.fixture(scope="module")
def on_micropython():
    with Worker([FIRMWARE / "picototp" / "board", HERE]) as worker:
        yield worker


@pytest.fixture(params=["cpython", "micropython"])
def board(request):
    """`call` of the probe on either interpreter."""
    if request.param == "micropython":
        return request.getfixturevalue("on_micropython")
    return InProcess([HERE])


def refused(board, *args):
    with pytest.raises(RemoteError) as caught:
        board.call(PROBE, *args)
    assert caught.value.is_a(OSError)
    return caught.value.message


def test_files_come_and_go(board, tmp_path):
    folder = str(tmp_path / "data")
    assert not board.call(PROBE, "exists", folder, "a")
    board.call(PROBE, "write", folder, "a", b"one, which is long")
    board.call(PROBE, "write", folder, "a", b"two")
    board.call(PROBE, "write", folder, "empty", b"")
    assert board.call(PROBE, "read", folder, "a") == b"two"
    assert board.call(PROBE, "read", folder, "empty") == b""
    assert board.call(PROBE, "exists", folder, "a")
    assert (tmp_path / "data" / "a").read_bytes() == b"two"
    board.call(PROBE, "remove", folder, "a")
    assert not board.call(PROBE, "exists", folder, "a")
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["empty"]


def test_what_is_not_there(board, tmp_path):
    folder = str(tmp_path / "data")
    for function in ("read", "remove"):
        assert str(errno.ENOENT) in refused(board, function, folder, "a")
    assert str(errno.ENOENT) in refused(board, "make", str(tmp_path / "none" / "data"))


def test_touched_it_stays_what_it_is(board, tmp_path):
    folder = str(tmp_path / "data")
    board.call(PROBE, "write", folder, "a", b"one")
    board.call(PROBE, "touch", folder, "a")
    board.call(PROBE, "touch", folder, "gone meanwhile")
    assert board.call(PROBE, "read", folder, "a") == b"one"
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["a"]
    (tmp_path / "data" / "b").mkdir()
    refused(board, "touch", folder, "b")


def test_the_watchdog_is_fed_before_a_file_is_made_and_before_it_is_closed(tmp_path):
    """Making a file may take littlefs two erases, and closing it one more: 400 ms each."""
    storage = Storage(str(tmp_path))
    breaths = []
    storage.working = lambda saves: breaths.append((saves, storage.exists("new")))
    storage.open_write("new").close()
    assert breaths == [(True, False), (True, True)]
    storage.remove("new")
    assert breaths[2:] == [(True, True)]


def test_flash_that_is_unclean_is_marked_once(tmp_path):
    """Each write of littlefs may erase a block."""
    storage = Storage(str(tmp_path))
    written = []
    storage.before_write = lambda: written.append(storage.unclean)
    storage.mark_unclean()
    storage.mark_unclean()
    assert storage.unclean and written == [False]
    storage.remove("unclean")
    storage.mark_unclean()
    assert storage.unclean and written == [False, False]


# --- the log -----------------------------------------------------------------------------------


def log_name():
    return InProcess([HERE]).get(PROBE, "LOG_FILE")


def test_no_log_is_an_empty_one(board, tmp_path):
    assert board.call(PROBE, "log_text", str(tmp_path)) == ""


def test_an_error_and_where_it_was(on_micropython, tmp_path):
    on_micropython.call(PROBE, "log_error", str(tmp_path), "first", 12)
    on_micropython.call(PROBE, "log_error", str(tmp_path), "second", 345)
    text = on_micropython.call(PROBE, "log_text", str(tmp_path))
    assert text.startswith("after 12 s: Traceback")
    assert text.index("ValueError: first0\n") < text.index("after 345 s: ")
    assert "board_probe.py" in text
    assert "in log_error" in text
    assert text.endswith("ValueError: second0\n")


def test_the_oldest_text_makes_room(on_micropython, tmp_path):
    on_micropython.call(PROBE, "log_error", str(tmp_path), "number ", 7, times=60)
    text = on_micropython.call(PROBE, "log_text", str(tmp_path))
    assert len(text) == on_micropython.get(PROBE, "LOG_BYTES")
    assert text.endswith("ValueError: number 59\n")
    assert "number 58" in text
    assert "number 1\n" not in text


def test_a_log_that_was_cut_within_a_character(on_micropython, tmp_path):
    for length in range(8):
        on_micropython.call(PROBE, "log_error", str(tmp_path), "ü😀" * 40 + "x" * length, 7, 5)
        text = on_micropython.call(PROBE, "log_text", str(tmp_path))
        assert text.isascii()
        assert text.endswith("4\n")


def test_a_damaged_log_is_shown_and_appended_to(board, on_micropython, tmp_path):
    (tmp_path / log_name()).write_bytes(bytes(range(256)))
    text = board.call(PROBE, "log_text", str(tmp_path))
    kept = "\n" + bytes(range(0x20, 0x7F)).decode()
    assert [char for char in text if char != "?" or char in kept] == list(text)
    assert text == "".join(chr(byte) if chr(byte) in kept else "?" for byte in range(256))
    on_micropython.call(PROBE, "log_error", str(tmp_path), "later", 9)
    assert on_micropython.call(PROBE, "log_text", str(tmp_path)).startswith(text + "after 9 s: ")
