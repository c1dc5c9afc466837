"""`picototp demo`: a simulated token from nothing to a right code, with the real tools."""

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import click
import pyotp

from host_tools.client.data_folder import DATA_VARIABLE
from host_tools.client.known_tokens import KnownTokens
from host_tools.commands.command_line import command
from host_tools.credentials import otpauth
from host_tools.credentials.credential import Credential
from host_tools.errors import Disagreement, ToolError
from host_tools.simulator.board import VirtualBoard
from host_tools.simulator.digits import read_code
from host_tools.simulator.live import CLICK_S, HOLD_S, picture, run_live
from host_tools.simulator.ready_made import image_in_place_of_unix_port, install_on_blank
from host_tools.simulator.virtual_token import VirtualToken

PICOTOTP = (sys.executable, "-m", "host_tools.cli")  # the console script, wherever it lies
CODE_TIMEOUT_S, CODE_TIMEOUT_OF_CHIP_S = 5.0, 60.0
DOUBLE_CLICK_S = 0.4
READ_S = 1.2  # an earlier press would not count


@dataclass
class Demo:
    """The steps of the demo, on one token."""

    token: VirtualToken
    data: str  # the folder for what the tools remember of this token
    code_timeout_s: float
    credentials: list[Credential] = field(
        default_factory=lambda: [
            Credential("Example", "alice@example.com", secrets.token_bytes(20)),
            Credential("Example Bank", "alice", secrets.token_bytes(32), "SHA256", 8, 60),
        ]
    )

    def run_tool(self, *arguments: str, typed: str = "") -> None:
        """Run a tool as a user would, and say yes on the token when the tool asks for it."""
        click.echo(f"\n$ picototp {' '.join(arguments)}")
        tool, *rest = arguments
        process = subprocess.Popen(
            [*PICOTOTP, tool, "--port", self.token.port.path, *rest],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, DATA_VARIABLE: self.data},
        )
        assert process.stdin is not None and process.stderr is not None
        process.stdin.write(typed)
        process.stdin.close()
        for line in process.stderr:
            click.echo(f"  {line.rstrip()}")
            if line.startswith("confirm on the token"):
                click.echo(drawn(self.settled_screen()))
                time.sleep(READ_S)
                self.token.press(HOLD_S)
        if process.wait() != 0:
            raise ToolError(f"picototp {tool} ended with exit code {process.returncode}")

    def add_accounts(self) -> None:
        """Load them with picototp provision; the secret goes in by standard input."""
        for credential in self.credentials:
            self.run_tool("provision", "add", "-", typed=otpauth.build_uri(credential))
        self.run_tool("provision", "list")

    def judge(self, credential: Credential) -> None:
        """Show the display; Disagreement unless the code on it is the one that pyotp computes."""
        deadline = time.monotonic() + self.code_timeout_s
        while True:
            before = time.time()
            rows = self.token.screen()
            shown = read_code(rows)
            expected = {expected_code(credential, moment) for moment in (before, time.time())}
            if shown in expected or time.monotonic() > deadline:
                break
            time.sleep(0.02)
        click.echo(drawn(rows))
        if shown not in expected:
            raise Disagreement(f"the display shows {shown}, pyotp computes {' or '.join(expected)}")
        click.echo(f"{credential.issuer}: the display shows {shown}, and pyotp agrees")

    def settled_screen(self) -> list[str]:
        """The display once two looks at it are the same."""
        rows = self.token.screen()
        while True:
            time.sleep(0.1)
            rows, last = self.token.screen(), rows
            if rows == last:
                return rows


def drawn(rows: list[str]) -> str:
    """The display, as large as the terminal allows."""
    size = shutil.get_terminal_size((132, 60))
    return picture(rows, size.columns, size.lines)


def expected_code(credential: Credential, unix_s: float) -> str:
    """What pyotp, an independent implementation, computes for that moment."""
    judge = pyotp.parse_uri(otpauth.build_uri(credential))
    assert isinstance(judge, pyotp.TOTP)
    return judge.at(int(unix_s))


@command(short_help="See a simulated token work, from nothing to a right code.")
def demo() -> None:
    """Boot a simulated token, load accounts, set its clock, press its button, check its codes.

    In a terminal it then stays live.
    """
    chip = image_in_place_of_unix_port()
    board = VirtualBoard(rtc_set=False)
    if chip is not None:
        click.echo("Starting an emulated Pico, which takes some time ...")
        install_on_blank(board)
    with (
        tempfile.TemporaryDirectory(prefix="picototp-demo-") as data,
        VirtualToken(board, image=chip) as token,
    ):
        KnownTokens(Path(data)).trust(token.board.number)  # made here, so no stranger
        click.echo(f"A token has booted on real MicroPython; its serial port is {token.port.path}.")
        steps = Demo(token, data, CODE_TIMEOUT_S if chip is None else CODE_TIMEOUT_OF_CHIP_S)
        steps.add_accounts()
        # Right by definition: the judge of the codes reads the same clock.
        steps.run_tool("synctime", "--source", "host", "--host-uncertainty", "0.1")
        for credential in steps.credentials:
            click.echo("\nA click of the button:")
            # Two clicks in quick succession would mean "back"; an emulated chip's time is slow.
            token.board.clock.after(DOUBLE_CLICK_S, lambda: None)
            token.press(CLICK_S)
            steps.judge(credential)
        click.echo("\nAll codes on the display are right.")
        if sys.stdin.isatty() and sys.stdout.isatty():
            click.pause("Press any key to play with the token ...")
            run_live(token)
