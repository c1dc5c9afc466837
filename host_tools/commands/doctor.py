"""`picototp doctor`: what is wrong with a token that was built, and which wire or step mends it."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path

import click

import picototp
from host_tools.clock import ntp
from host_tools.commands.command_line import command, pass_port
from host_tools.commands.terminal import say, show
from host_tools.doctor.acceptance import ACCEPTANCE_CHECKS, Trial, report
from host_tools.doctor.checks import Examined, Hands, Outcome, examine, first_problem
from host_tools.doctor.computer_checks import PORT_CHECKS, TIME_CHECKS, Computer
from host_tools.doctor.patient import Patient
from host_tools.doctor.token_checks import TOKEN_CHECKS
from host_tools.doctor.wire_checks import WIRE_CHECKS
from host_tools.errors import ToolError, UsageProblem

_MARKS = {Outcome.OK: "ok", Outcome.WRONG: "WRONG", Outcome.NOT_DONE: "-"}


class HandsAtTerminal:
    """Whoever sits at this terminal."""

    def asked_to(self, what: str) -> None:
        """Say it, where results are not."""
        say(f"  > {what}")

    def sees(self, what: str) -> bool:
        """Ask; Ctrl-C and the end of the input stop the command."""
        return click.confirm(f"  > do you see {what}?", err=True)


@command(
    short_help="Find out which wire or step is wrong.",
    epilog="""\b
Examples:
  picototp doctor                     with you at the board: it asks you to look and press
  picototp doctor --no-hands          only what needs nobody
  picototp doctor --json --no-hands   for programs
  picototp doctor --acceptance        a real board, from sync to power cuts, with a report
""",
)
@click.option(
    "--hands/--no-hands",
    default=None,
    help="Whether somebody is at the board to look and press; by default, if this is a terminal.",
)
@click.option(
    "--server",
    "servers",
    multiple=True,
    metavar="HOST[:PORT]",
    help="Ask this time server instead of those of the NTP pool; repeatable.",
)
@click.option(
    "--acceptance",
    is_flag=True,
    help="Then test a real board with your help (sync, codes, power cuts), and write a report.",
)
@click.option(
    "--report",
    "report_path",
    type=click.Path(path_type=Path, dir_okay=False),
    default="picototp-acceptance.md",
    show_default=True,
    metavar="FILE",
    help="Where the report of --acceptance goes; it holds no secret and no name.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_port
def doctor(
    port: str | None,
    hands: bool | None,
    servers: tuple[str, ...],
    acceptance: bool,
    report_path: Path,
    as_json: bool,
) -> None:
    """Examine a token, its wires and parts, and this computer's side.

    Each check that fails names the wire or the step. Nothing that the token holds is changed or
    shown; a file is written to its flash and removed.
    """
    if hands is None:
        hands = sys.stdin.isatty()
    if acceptance and not hands:
        raise UsageProblem("--acceptance needs somebody at the board: run it in a terminal")
    at_board: Hands | None = HandsAtTerminal() if hands else None
    examined = []
    for one in _examined(Computer(port, servers), at_board, acceptance):
        examined.append(one)
        if not as_json:
            mark = _MARKS[one.result.outcome]
            show(f"{mark:<7}{one.name + ':':<16}{one.result.words}")
    if as_json:
        show(json.dumps([one.as_json() for one in examined], indent=2))
    if acceptance:
        _write(report_path, report(examined, picototp.__version__))
    problem = first_problem(examined)
    if problem is not None:
        raise problem


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ToolError(f"the report cannot be written to {path}: {error.strerror}") from error
    say(
        f'the report is in {path}; fill in the line that begins with "Board:", and send it: '
        "docs/tried-on.md says how"
    )


def _examined(computer: Computer, hands: Hands | None, acceptance: bool) -> Iterable[Examined]:
    """All checks that can be made."""
    yield from examine(PORT_CHECKS, computer)
    if computer.port is not None and computer.is_token:
        patient = Patient(computer.port, hands)
        try:
            yield from examine((*WIRE_CHECKS, *TOKEN_CHECKS), patient)
            if acceptance:
                servers = computer.servers or ntp.DEFAULT_SERVERS
                trial = Trial(patient, lambda: ntp.read_servers(servers))
                yield from examine(ACCEPTANCE_CHECKS, trial)
        finally:
            patient.close()
    yield from examine(TIME_CHECKS, computer)
