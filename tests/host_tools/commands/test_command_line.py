"""What every command has in common: --port anywhere, --version, and help for a mistyped one."""

import click
import pytest

import picototp
from host_tools.cli import picototp_command
from host_tools.commands.command_line import port_given
from host_tools.commands.terminal import exit_code


def run(*arguments):
    """The exit status of `picototp` with these arguments."""
    return exit_code(
        lambda: picototp_command.main(list(arguments), "picototp", standalone_mode=False)
    )


def every_command(command=picototp_command, path=()):
    """(words, command) of each, groups included."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            yield from every_command(command.get_command(context, name), (*path, name))


ALL = [path for path, _ in every_command()]


def test_there_are_many():
    assert len(ALL) > 25 and ("provision", "pin", "set") in ALL


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_each_tells_its_version(path, capsys):
    assert run(*path, "--version") == 0
    assert picototp.__version__ in capsys.readouterr().out


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_each_explains_itself_in_both_ways(path, capsys):
    for option in ("-h", "--help"):
        assert run(*path, option) == 0
        assert capsys.readouterr().out.startswith("Usage: picototp")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--port", "/no/such", "provision", "list"),
        ("provision", "--port", "/no/such", "list"),
        ("provision", "list", "--port", "/no/such"),
        ("--port", "/no/such", "provision", "pin", "remove"),
        ("provision", "pin", "--port", "/no/such", "remove"),
        ("provision", "pin", "remove", "--port", "/no/such"),
        ("provision", "--port", "/no/such", "restore", __file__),
        ("--port", "/no/such", "synctime", "--source", "host"),
        ("synctime", "--source", "host", "--port", "/no/such"),
        ("provision", "--port", "/no/such", "list", "--port", "/no/such"),
    ],
    ids=" ".join,
)
def test_a_port_may_stand_anywhere(arguments, capsys, monkeypatch):
    monkeypatch.setattr("host_tools.credentials.backup_file.read_header", lambda data: None)
    monkeypatch.setattr("host_tools.credentials.backup_file.unseal", lambda *_: [])
    monkeypatch.setattr("host_tools.commands.backup.passphrase_of", lambda *_: b"")
    assert run(*arguments) == 3
    assert "/no/such" in capsys.readouterr().err


def test_two_ports_are_one_too_many(capsys):
    assert run("provision", "--port", "/one", "list", "--port", "/other") == 2
    assert "/one and /other" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["bench", "demo", "image", "simulate", "completion"])
def test_a_port_is_of_no_use_to_what_needs_no_token(name, capsys):
    assert run("--port", "/one", name) == 2
    assert f"{name} takes no --port" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (("provsion",), "provision"),
        (("sync",), "synctime"),
        (("provision", "lst"), "list"),
        (("provision", "ad"), "add"),
        (("provision", "pin", "chagne"), "change"),
        (("simulte", "--help"), "simulate"),
        (("provision", "list", "--jsn"), "--json"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else value,
)
def test_what_is_mistyped_gets_a_suggestion(arguments, meant, capsys):
    assert run(*arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and printed.err.count("\n") == 1
    assert meant in printed.err and "did you mean" in printed.err.lower()


def test_what_is_like_no_command_gets_none(capsys):
    assert run("xyzzy") == 2
    assert "did you mean" not in capsys.readouterr().err


def test_alone_it_shows_help_and_that_no_token_is_there(capsys, monkeypatch):
    monkeypatch.delenv("PICOTOTP_PORT", raising=False)
    monkeypatch.setattr("host_tools.commands.glance.pico_ports", list)
    assert run() == 0
    out = capsys.readouterr().out
    assert out.startswith("Usage: picototp") and "provision" in out
    assert out.endswith("No token is plugged in.\n")


@pytest.mark.parametrize(
    ("shell", "mark"), [("bash", "complete"), ("zsh", "#compdef"), ("fish", "complete")]
)
def test_completion_scripts(shell, mark, capsys):
    assert run("completion", shell) == 0
    out = capsys.readouterr().out
    assert mark in out and "_PICOTOTP_COMPLETE" in out


def test_the_port_is_known_to_nobody_else():
    assert port_given(click.Context(picototp_command)) is None
