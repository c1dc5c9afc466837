"""`picototp bench`: that it runs and tells what it saw. How fast anything is, no test judges."""

import json
import urllib.error

import pytest

from host_tools.benchmark import GUEST_FOLDER, rows
from host_tools.pico import micropython_image
from host_tools.simulator.devices.flash import TYPICAL
from interpreters import Worker
from tests.host_tools.benchmark.bench_answers import plausible, run

KEY = b"12345678901234567890"
# RFC 4226, appendix D.
CODES = ["755224", "287082", "359152", "969429", "338314"]


def test_the_ratios_as_table_and_as_file(tmp_path, capsys):
    path = tmp_path / "bench.json"
    assert run("--only", "ratios", "--json", str(path)) == 0
    printed = capsys.readouterr()
    content = json.loads(path.read_text())
    wanted = {key for key in rows.SPECS if key.startswith("ratio.")}
    assert set(plausible(content)) == wanted
    assert content["image"] is None
    for key in wanted:
        assert rows.SPECS[key].what in printed.out
    assert rows.RATIO_NOTE in printed.out
    assert printed.err == "ratios: on this computer\n"


def test_json_alone_on_standard_output(capsys):
    assert run("--only", "ratios", "--json") == 0
    assert len(json.loads(capsys.readouterr().out)["rows"]) == 4


def test_the_code_that_hashlib_is_timed_with_is_right():
    with Worker([GUEST_FOLDER]) as micropython:
        found = [micropython.call("bench_hashlib", "hotp", KEY, n) for n in range(len(CODES))]
    assert found == CODES


IMPORTS_PROBE = """
import bench_imports

class time:
    now_us = 0

    @staticmethod
    def ticks_us():
        return time.now_us

    @staticmethod
    def ticks_diff(end, start):
        return end - start

def run(statements):
    bench_imports.time = time
    return bench_imports.run(statements)
"""


def test_the_time_of_an_import_counts_for_the_module_that_takes_it(tmp_path):
    """Not for the one that imports it, and only once."""
    (tmp_path / "imports_probe.py").write_text(IMPORTS_PROBE)
    takes = "from imports_probe import time\ntime.now_us += {}\n"
    (tmp_path / "outer.py").write_text(takes.format(5) + "from inner import nothing\n")
    (tmp_path / "inner.py").write_text(takes.format(40) + "nothing = None\n")
    statements = ["import outer", "import inner", "from outer import nothing"]
    with Worker([GUEST_FOLDER, tmp_path]) as micropython:
        own_us = micropython.call("imports_probe", "run", statements)
    assert own_us == {"outer": 5, "inner": 40}


def figures(**changes: float) -> dict[str, float]:
    return {"press.worst": 39.9, "import.picototp.app": 3.0, "import.all": 12.0, **changes}


def test_the_table_for_a_document():
    text = rows.markdown(rows.rows({**figures(), "sha1.call": 32.004, "pbkdf2": 19_999.6}))
    assert text.splitlines()[2:9] == [
        "| **Codes** | | | | |",
        "| the same called from Python, an empty call taken off | 32.0 us | at most 32 | MISSED "
        "| 18,000 bytecode; 160 viper; 31 C module |",
        "| PBKDF2-HMAC-SHA-1, iterations a second | 20,000 1/s | at least 20,000 | MISSED "
        "| 600 hashlib; 25,000 compressions of 20 us alone |",
        "| **Button** | | | | |",
        "| edge to finished code, dark before: worst press | 39.9 ms | at most 40 | ok |  |",
        "| **Imports** | | | | |",
        "| all that the firmware loads | 12.0 ms |  |  |  |",
    ]
    assert "| of that: picototp.app | 3.00 ms |  |  |  |" in text
    assert rows.NOTE in text and rows.RATIO_NOTE not in text
    assert "2 of 3 limits missed: the same called from Python" in text


def test_a_limit_is_kept_or_missed():
    kept = rows.rows(figures(pbkdf2=20_000.0))
    assert [row.ok for row in kept] == [True, True, None, None]
    assert "All limits are met." in rows.notes(kept)
    assert [row.ok for row in rows.rows({"press.worst": 40.1, "heap.free": 94.9})] == [False, False]


def test_the_limits_of_the_vault():
    kept = {"vault.unlock": 1.5, "vault.rounds": 20_000, "vault.load": 1.0, "vault.add": 1.5}
    kept |= {"first.list": 65.0, "first.add": 290.0, "vault.lock": 300.0}
    missed = {"vault.unlock": 1.51, "vault.rounds": 19_999, "vault.load": 1.01, "vault.add": 1.51}
    missed |= {"first.list": 66.0, "first.add": 291.0, "vault.lock": 301.0}
    assert [row.ok for row in rows.rows(kept)] == [True] * 7
    assert [row.ok for row in rows.rows(missed)] == [False] * 7
    assert rows.VAULT_NOTE in rows.notes(rows.rows(kept))
    assert rows.VAULT_NOTE not in rows.notes(rows.rows(figures()))


def test_what_the_note_says_of_the_flash_is_what_is_emulated():
    said = (
        f"a sector of the flash takes {TYPICAL.sector_erase_ns / 1e6:g} ms and programming a page "
    )
    assert said + f"{TYPICAL.page_program_ns / 1e6:g} ms" in rows.VAULT_NOTE


def test_a_figure_that_nothing_describes_is_no_row():
    with pytest.raises(KeyError):
        rows.rows({"ratio.new": 1.0})


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--only", "everything"], 2, "'everything' is not one of"),
        (
            ["--markdown", "--json"],
            2,
            "--markdown and --json without a file cannot be used together",
        ),
        (["--json", "no/such/folder.json"], 2, "give a file in a folder that exists"),
        (["--image", "missing.uf2"], 1, "cannot read missing.uf2"),
    ],
)
def test_errors_are_one_line(capsys, tmp_path, monkeypatch, arguments, code, says):
    monkeypatch.chdir(tmp_path)
    assert run(*arguments) == code
    printed = capsys.readouterr()
    assert printed.out == "" and printed.err.count("\n") == 1
    assert printed.err.startswith("error: ") and says in printed.err


def test_without_an_image_it_says_where_to_get_one(capsys, tmp_path, monkeypatch):
    def no_network(*arguments, **options):
        raise urllib.error.URLError("no route to host")

    monkeypatch.setattr(micropython_image, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setattr(micropython_image.urllib.request, "urlopen", no_network)
    assert run() == 1
    printed = capsys.readouterr()
    last = printed.err.splitlines()[-1]
    assert printed.out == ""
    assert last.startswith("error: MicroPython cannot be fetched")
    assert f"download {micropython_image.PINNED_URL}" in last and "--image" in last
