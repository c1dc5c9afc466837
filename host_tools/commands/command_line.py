"""What all commands have in common on the command line: --port anywhere, -h, --version, and a
suggestion for a mistyped one."""

import difflib
import functools
import importlib
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

import click

import picototp
from host_tools.client.ports import PORT_VARIABLE
from host_tools.errors import UsageProblem

_PORT = "host_tools.port"
_HELP = {"help_option_names": ["-h", "--help"]}

Function = Callable[..., Any]


def _version_option() -> click.Option:
    def show(context: click.Context, parameter: click.Parameter, value: bool) -> None:
        if value and not context.resilient_parsing:
            click.echo(f"picototp, version {picototp.__version__}")
            context.exit()

    return click.Option(
        ["--version"],
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=show,
        help="Show the version and exit.",
    )


class ToolCommand(click.Command):
    """A command that stands alone, or in a group."""

    def __init__(self, *args: Any, **attributes: Any) -> None:
        attributes.setdefault("context_settings", _HELP)
        super().__init__(*args, **attributes)
        self.params.append(_version_option())


class ToolGroup(click.Group):
    """A command with subcommands."""

    command_class = ToolCommand

    def __init__(self, *args: Any, **attributes: Any) -> None:
        attributes.setdefault("context_settings", _HELP)
        super().__init__(*args, **attributes)
        self.params.append(_version_option())

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it; an unknown command is answered with what may have been meant."""
        name = args[0] if args else ""
        if ctx.resilient_parsing or not name or self.get_command(ctx, name) is not None:
            return super().resolve_command(ctx, args)
        if name.startswith("-"):
            super().resolve_command(ctx, args)
        self._unknown(ctx, name)

    def _unknown(self, ctx: click.Context, name: str) -> NoReturn:
        close = difflib.get_close_matches(name, self.list_commands(ctx), n=3, cutoff=0.5)
        meant = f"; did you mean: {', '.join(close)}?" if close else ""
        raise click.UsageError(f"there is no command {name!r}{meant}", ctx)


class LoadingGroup(ToolGroup):
    """A command with subcommands, each of which is loaded when it is asked for: to load all takes
    longer than most of them work.

    `modules` says where each is, as "module:name"; `prepare` is called with one that was loaded.
    """

    def __init__(
        self,
        *args: Any,
        modules: Mapping[str, str],
        prepare: Callable[[click.Command], object] = lambda command: None,
        **attributes: Any,
    ) -> None:
        super().__init__(*args, **attributes)
        self._modules = modules
        self._prepare = prepare

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self._modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._modules:
            return None
        if cmd_name not in self.commands:
            module, _, name = self._modules[cmd_name].partition(":")
            loaded = getattr(importlib.import_module(module), name)
            assert isinstance(loaded, click.Command)
            self._prepare(loaded)
            self.commands[cmd_name] = loaded
        return self.commands[cmd_name]


def command(name: str | None = None, **attributes: Any) -> Callable[[Function], ToolCommand]:
    """A decorator that makes a command of a function."""
    return click.command(name, cls=ToolCommand, **attributes)


def group(name: str | None = None, **attributes: Any) -> Callable[[Function], ToolGroup]:
    """A decorator that makes a command with subcommands of a function."""
    return click.group(name, cls=ToolGroup, **attributes)


def _remember_port(context: click.Context, parameter: click.Parameter, value: str | None) -> None:
    if value is None:
        return
    if context.meta.setdefault(_PORT, value) != value:
        raise UsageProblem(f"two ports are given, {context.meta[_PORT]} and {value}: give one")


def port_given(context: click.Context) -> str | None:
    """The port that was named anywhere on the line."""
    port = context.meta.get(_PORT)
    return None if port is None else str(port)


# For a group, which only passes it on, and for the commands in it.
port_option = click.option(
    "--port",
    metavar="PORT",
    expose_value=False,
    callback=_remember_port,
    help=f"Serial port of the token; by default ${PORT_VARIABLE}, or the token that is plugged in.",
)


def pass_port(function: Function) -> Function:
    """A decorator for a command that needs a token: --port, whose value, or None, is the first
    argument. It may stand before the command's name as well."""

    @click.pass_context
    def with_port(context: click.Context, *args: Any, **options: Any) -> Any:
        return function(port_given(context), *args, **options)

    return port_option(functools.update_wrapper(with_port, function))
