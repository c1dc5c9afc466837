"""Which tests run which lines: a plugin of pytest for tools/mutants.py.

Needs the package coverage (the extra `dev`). The environment names the file to write, and the
folders that count.
"""

import json
import os
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import coverage
import pytest

TARGET = "PICOTOTP_LINES"
SOURCES = "PICOTOTP_LINES_OF"
_PARTS = ".part"


class Recorder:
    """Has coverage note the test for every line; one in each process of pytest-xdist."""

    def __init__(self, target: Path, sources: list[str]) -> None:
        self._target = target
        self._took_s: dict[str, float] = {}
        # Not written to a file, and so not found by anybody's report of the coverage.
        self._coverage = coverage.Coverage(data_file=None, source=sources, messages=False)
        # A process whose tests run none of it is no fault.
        self._coverage.set_option("run:disable_warnings", ["no-data-collected"])
        self._coverage.start()

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Each test, its fixtures included, is a context."""
        self._coverage.switch_context(item.nodeid)
        begin = time.perf_counter()
        yield
        self._took_s[item.nodeid] = time.perf_counter() - begin
        self._coverage.switch_context("")

    def pytest_sessionfinish(self) -> None:
        """Write what was seen in this process."""
        self._coverage.stop()
        data, root = self._coverage.get_data(), Path.cwd()
        lines = {
            f"{Path(path).relative_to(root).as_posix()}:{line}": [one for one in tests if one]
            for path in data.measured_files()
            for line, tests in data.contexts_by_lineno(path).items()
        }
        part = self._target.with_suffix(f"{_PARTS}{os.getpid()}")
        part.write_text(json.dumps([self._took_s, lines]))


def pytest_configure(config: pytest.Config) -> None:
    """Record, wherever tests are run: with pytest-xdist not in the process that deals them out."""
    if hasattr(config, "workerinput") or not config.getoption("numprocesses"):
        sources = os.environ[SOURCES].split(os.pathsep)
        config.pluginmanager.register(Recorder(Path(os.environ[TARGET]), sources))


def read(target: Path) -> dict[str, list[str]]:
    """The tests by `path:line`, the quickest first, of all processes."""
    took_s: dict[str, float] = {}
    found = defaultdict(set)
    for part in target.parent.glob(f"{target.stem}{_PARTS}*"):
        seconds, lines = json.loads(part.read_text())
        took_s |= seconds
        for line, tests in lines.items():
            found[line].update(tests)
    return {line: sorted(tests, key=lambda one: took_s[one]) for line, tests in found.items()}
