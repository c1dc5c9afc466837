"""`picototp completion`: what a shell needs to complete commands, options and account names."""

import click
from click.shell_completion import CompletionItem, get_completion_class

from host_tools.client.account_names import label
from host_tools.client.ports import SerialConnection, pico_ports
from host_tools.client.printable import printable
from host_tools.client.token_client import TokenClient
from host_tools.commands.command_line import command, port_given
from host_tools.errors import ToolError

_VARIABLE = "_PICOTOTP_COMPLETE"  # click: the environment variable by which the shell asks
_HELLO_S = 0.7  # nobody waits longer for a completion


@command(
    short_help="Print what makes a shell complete commands and account names.",
    epilog="""\b
Examples:
  eval "$(picototp completion bash)"                    now; in ~/.bashrc for good
  picototp completion zsh > ~/.zfunc/_picototp
  picototp completion fish > ~/.config/fish/completions/picototp.fish
""",
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print a script for your shell, which completes commands, options and, while a token is
    plugged in and open, the names of its accounts."""
    script = get_completion_class(shell)
    assert script is not None, "click knows these three"
    root = context.find_root().command
    click.echo(script(root, {}, "picototp", _VARIABLE).source())


def complete_account(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The accounts of the token that is plugged in, by name; nothing if none answers at once."""
    ports = [port_given(context)] if port_given(context) else [one.device for one in pico_ports()]
    if len(ports) != 1 or ports[0] is None:
        return []
    try:
        line = SerialConnection(str(ports[0]))
        try:
            client = TokenClient(line)
            client.hello(_HELLO_S)
            accounts = client.accounts()
        finally:
            line.close()
    except ToolError:
        return []
    wanted = incomplete.casefold()
    # A shell puts what is completed into the line as it is: no stranger's account may become a
    # command.
    names = [label(account) for account in accounts if _is_plain(label(account))]
    return [CompletionItem(name) for name in names if name.casefold().startswith(wanted)]


def _is_plain(name: str) -> bool:
    """Whether all of a name is letters, digits and characters that mean nothing to a shell."""
    return all(one.isalnum() or one in "@.:+-_%=" for one in name) and printable(name) == name


account_argument = click.argument("account", shell_complete=complete_account)
