"""The judges: programs from outside Python that tests compare the token with, where they are there.

No other file names them. Tests that need one carry one of the marks below, `needs_...`, or
use the fixture `time_server`; where the program is missing they are skipped, all in one line.

    python tests/support/judges.py      the Debian packages of those that are missing
    PICOTOTP_HIDE_JUDGES=1              as if none were installed
"""

import os
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

HIDE_VARIABLE = "PICOTOTP_HIDE_JUDGES"
_ALSO_IN = "/usr/sbin:/usr/local/sbin"  # where Debian keeps servers, and few users look


@dataclass(frozen=True)
class Judge:
    """A program, and the Debian package that has it."""

    program: str
    package: str

    def find(self) -> str | None:
        """Its path; None if it is not installed, or hidden."""
        if os.environ.get(HIDE_VARIABLE):
            return None
        return shutil.which(self.program) or shutil.which(self.program, path=_ALSO_IN)

    def required(self) -> str:
        """Its path. Skips the test where it is missing: from here, so that pytest counts all such
        tests in one line."""
        found = self.find()
        if found is None:
            pytest.skip(f"{self.program} is missing: install Debian's package {self.package}")
        return found


CODE_JUDGE = Judge("oathtool", "oathtool")  # computes codes
TIME_SERVER = Judge("chronyd", "chrony")  # a real NTP server
QR_JUDGE = Judge("zbarimg", "zbar-tools")  # reads QR codes
PSKC_JUDGE = Judge("pskctool", "pskctool")  # reads RFC 6030's containers of keys
JUDGES = (CODE_JUDGE, TIME_SERVER, QR_JUDGE, PSKC_JUDGE)

needs_code_judge = pytest.mark.judge(CODE_JUDGE)
needs_qr_judge = pytest.mark.judge(QR_JUDGE)
needs_pskc_judge = pytest.mark.judge(PSKC_JUDGE)
needs_time_server = pytest.mark.judge(TIME_SERVER)


def skip_without_judge(item: pytest.Item) -> None:
    """Skip a test that needs a judge which is missing."""
    for mark in item.iter_markers("judge"):
        for judge in mark.args:
            judge.required()


def missing() -> list[Judge]:
    """Those that are not installed."""
    return [judge for judge in JUDGES if judge.find() is None]


def totp(
    key: bytes, unix_s: int, algorithm: str = "SHA1", digits: int = 6, period_s: int = 30
) -> str:
    """The code that the judge computes for this moment."""
    times = [f"--time-step-size={period_s}s", f"--now=@{unix_s}"]
    return _code(key, [f"--totp={algorithm}", *times, f"--digits={digits}"])


def hotp(key: bytes, counter: int, digits: int = 6) -> str:
    """The code that the judge computes for this counter, with SHA-1: it knows no other here."""
    return _code(key, ["--hotp", f"--counter={counter}", f"--digits={digits}"])


def text_of_qr_codes(path: Path) -> str:
    """What the judge reads from a picture."""
    return _said(QR_JUDGE, "--quiet", "--raw", "-Sbinary", path)


def text_of_key_container(path: Path) -> str:
    """What the judge prints of a PSKC file."""
    return _said(PSKC_JUDGE, "--info", path)


def _said(judge: Judge, *arguments: str | Path) -> str:
    command = [judge.required(), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _code(key: bytes, options: Iterable[str]) -> str:
    """The key goes in by standard input: ps shows nothing."""
    command = [CODE_JUDGE.required(), *options, "-"]
    done = subprocess.run(command, input=key.hex(), capture_output=True, text=True, check=True)
    return done.stdout.strip()


if __name__ == "__main__":
    print(*(judge.package for judge in missing()))
