"""Runs pytest again and again in a process that has loaded it before, in a third of the time.

    python tools/ready_pytest.py < requests

Each request is a line of JSON: the arguments of pytest, and a file for what it prints. It is run in
a fork, so that nothing of it is left in the next one, and answered by a line with its exit status,
or with that of a signal, negative. For tools/mutants.py; not on Windows, which cannot fork.
"""

import json
import os
import signal
import sys

import pytest

# What the tests load and is not ours: each run loads that for itself.
_OTHERS = ["hypothesis.strategies", "littlefs", "cryptography.hazmat.primitives.ciphers", "click"]
_OTHERS += ["serial", "PIL.Image", "rich.console", "pyotp", "xml.etree.ElementTree", "zipfile"]
# They were loaded before pytest could rewrite assertions, of which they have none that matter here.
_QUIET = ["-W", "ignore::pytest.PytestAssertRewriteWarning"]


def _run(arguments: list[str], said: str) -> int:
    """In a process group of its own, which a signal can end as a whole."""
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        target = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for stream in (1, 2):
            os.dup2(target, stream)
        status = pytest.main([*_QUIET, *arguments])
        sys.stdout.flush()
        os._exit(status)
    print(pid, flush=True)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


def main() -> None:
    """See above."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in _OTHERS:
        __import__(name)
    for line in sys.stdin:
        print(_run(*json.loads(line)), flush=True)


if __name__ == "__main__":
    main()
