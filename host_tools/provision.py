"""Load accounts into the token and look after them.

picototp provision add 'otpauth://totp/...'      picototp provision add --qr picture.png
picototp provision list                          picototp provision remove example.com:alice
"""

import sys
from pathlib import Path

if not __package__:  # run as a file: the folder above holds the packages
    sys.path[0] = str(Path(__file__).resolve().parent.parent)
    sys.path.insert(1, str(Path(sys.path[0]) / "firmware"))


import click

from host_tools.commands.command_line import LoadingGroup, port_option
from host_tools.commands.introduction import new_token_option
from host_tools.commands.terminal import run

_COMMANDS = {
    "add": "adding:add",
    "backup": "backup:backup",
    "code": "pin:code",
    "display": "display:display",
    "import": "importing:import_accounts",
    "list": "accounts:list_accounts",
    "lock": "pin:lock",
    "move": "accounts:move",
    "order": "display:order",
    "pin": "pin:pin",
    "remove": "accounts:remove",
    "rename": "accounts:rename",
    "restore": "backup:restore",
    "show": "display:show_account",
    "status": "status:status",
    "typing": "typing_switch:typing",
    "unlock": "pin:unlock",
    "verify": "verify:verify",
    "wipe": "accounts:wipe",
}


def _may_meet_a_token(command: click.Command) -> None:
    if not any("--port" in parameter.opts for parameter in command.params):
        return  # it needs none
    new_token_option(command)
    if isinstance(command, click.Group):
        for each in command.commands.values():
            new_token_option(each)


@click.group(
    cls=LoadingGroup,
    modules={name: f"host_tools.commands.{place}" for name, place in _COMMANDS.items()},
    prepare=_may_meet_a_token,
    short_help="Load accounts into the token and look after them.",
    epilog="""\b
Examples:
  picototp provision add                       asks for the secret without showing it
  picototp provision add --qr shot.png         reads a QR code from a picture
  pass show otp/web | picototp provision add - reads a URI from standard input
  picototp provision import export.json        everything that another app exported
  picototp provision list --json
  picototp provision move example.com:alice 1
  picototp provision remove example.com:alice
  picototp provision add --qr shot.png --backup accounts.backup
  picototp provision restore accounts.backup   loads a spare token
  picototp provision pin set                   then: unlock, lock
  picototp provision code example.com:alice    prints a code, after a yes on the token
  picototp provision show example.com:alice    lights the token's display with that account
  picototp provision order recent              most recently used accounts first
  picototp provision display --dark-after 60
  picototp provision typing on                 the token types codes as a USB keyboard
""",
)
@port_option
@new_token_option
def provision() -> None:
    """Load accounts into the token, and list, rename, move, remove or check them.

    Every change is shown on the token's display and needs its button.
    """


if __name__ == "__main__":
    run(provision)
