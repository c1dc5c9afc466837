"""What reaches the user's terminal from a stranger at the port, and what the stranger hears."""

import json
import re

import pytest

from answers import CLOCK, STATUS
from host_tools import provision
from host_tools.client.data_folder import DATA_VARIABLE
from host_tools.client.known_tokens import KnownTokens
from host_tools.commands import terminal
from host_tools.commands.terminal import exit_code
from host_tools.simulator.virtual_token import VirtualToken
from programs import PICOTOTP
from scripted_token import ACCOUNT, HELLO, ScriptedToken, refusal
from terminal_program import Terminal

NUMBER = HELLO["token"]
SECRET = "GEZDGNBVGY3TQOJQ"
URI = f"otpauth://totp/Example:alice?secret={SECRET}&issuer=Example"


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))
    return tmp_path


@pytest.fixture
def run(monkeypatch, capsys):
    """Runs `picototp provision` against a stranger: (exit code, output, errors)."""

    def run_one(stranger, *arguments, typed=""):
        monkeypatch.setattr(terminal, "SerialConnection", lambda path: stranger)
        monkeypatch.setattr("sys.stdin", Typed(typed))
        arguments = ["--port", "x", *arguments]
        code = exit_code(lambda: provision.provision.main(arguments, standalone_mode=False))
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return run_one


class Typed:
    """Standard input that is no terminal."""

    def __init__(self, text):
        self.buffer = self
        self._data = text.encode()

    def read(self, most=None):
        return self._data

    def isatty(self):
        return False


NASTY = "\u202eevil\u2066 \u200b\u00a0\u3164"


def assert_harmless(text):
    assert all(one.isprintable() or one in "\n\t" for one in text)
    assert not set(text) & set("\u202e\u2066\u200b\u00a0\u3164")


def test_names_are_shown_with_what_cannot_be_seen(run):
    KnownTokens().trust(NUMBER)
    stranger = ScriptedToken(list={"accounts": [{**ACCOUNT, "name": NASTY}], "total": 1})
    code, out, err = run(stranger, "list")
    assert code == 0 and "\\u202eevil" in re.sub(r"\s*\n.*?│.*?│\s*", "", out)
    assert_harmless(out + err)
    _, out, _ = run(stranger, "list", "--json")
    assert_harmless(out)
    assert json.loads(out)[0]["name"] == NASTY
    code, _, err = run(stranger, "remove", "1")
    assert code == 0 and "removed Example:\\u202eevil" in err
    assert_harmless(err)


def test_errors_of_a_stranger(run):
    KnownTokens().trust(NUMBER)
    stranger = ScriptedToken(wipe=refusal("refused", "\x1b[1A\x1b[2Kdone\n" + NASTY))
    code, _, err = run(stranger, "wipe")
    assert code == 4 and err.count("\n") == 1 and err.startswith("error: ")
    assert_harmless(err)


def test_the_users_own_text_comes_back_harmless(run):
    code, _, err = run(ScriptedToken(), "remove", "a\x1b[2J\nb\u202e")
    assert code == 2 and err.splitlines()[-1].startswith("error: ")
    assert_harmless(err)


def test_no_code_but_digits_is_printed(run):
    code, out, err = run(ScriptedToken(code={"code": "\x1b]0;x\x07"}), "code", "alice")
    assert (code, out) == (1, "")
    assert_harmless(err)
    assert run(ScriptedToken(), "code", "alice")[1] == "755224\n"


# --- tokens that are known -----------------------------------------------------------------------


def test_the_first_time_it_says_so(run):
    assert f"has not seen the token {NUMBER} before" in run(ScriptedToken(), "status")[2]
    assert run(ScriptedToken(), "status")[2] == ""


TELLING = [
    (("add", "-"), URI),
    (("unlock", "-"), "1234"),
    (("pin", "set", "-"), "1234"),
]


@pytest.mark.parametrize(("arguments", "typed"), TELLING)
def test_a_stranger_hears_no_secret(run, arguments, typed):
    """Seen is not known: that it was plugged in once does not make it the user's."""
    run(ScriptedToken(), "status")
    stranger = ScriptedToken(status=lambda _: status(arguments))
    code, _, err = run(stranger, *arguments, typed=typed)
    assert code == 4 and "--new-token" in err and NUMBER in err
    assert err.count("\n") == 1
    assert SECRET not in err and "1234" not in err
    heard = json.dumps(stranger.heard)
    assert SECRET not in heard and "1234" not in heard


@pytest.mark.parametrize("first", [True, False], ids=["before", "after"])
@pytest.mark.parametrize(("arguments", "typed"), TELLING)
def test_with_new_token_it_is_known_from_then_on(run, arguments, typed, first):
    script = {"status": lambda _: status(arguments)}
    said = ("--new-token",)
    command = (*said, *arguments) if first else (*arguments[:-1], *said, arguments[-1])
    stranger = ScriptedToken(**script)
    assert run(stranger, *command, typed=typed)[0] == 0
    assert arguments[0] in stranger.ops() or "set_pin" in stranger.ops()
    assert run(ScriptedToken(**script), *arguments, typed=typed)[0] == 0
    other = ScriptedToken(hello={**HELLO, "token": "ffff"}, **script)
    assert run(other, *arguments, typed=typed)[0] == 4


def status(arguments):
    return {
        **STATUS,
        "clock": CLOCK,
        "pin": arguments[0] != "pin",
        "locked": arguments[0] == "unlock",
    }


def test_a_damaged_note_of_a_token_counts_for_nothing(run, data):
    KnownTokens().trust(NUMBER)
    path = data / "tokens" / f"{NUMBER}.json"
    for damage in (b"", b"{", b"[]", b'{"v": 1, "trusted": true}', b"\xff", b"[" * 4000):
        path.write_bytes(damage)
        assert run(ScriptedToken(), "add", "-", typed=URI)[0] == 4


def test_a_number_that_names_no_file_is_never_known(run, data):
    stranger = ScriptedToken(hello={**HELLO, "token": "../../x"})
    assert run(stranger, "add", "-", typed=URI)[0] == 4
    assert "add" not in stranger.ops()
    assert [*data.rglob("*.json")] == []


def test_a_folder_that_cannot_be_written_asks_again(run, data):
    (data / "tokens").write_text("in the way")
    for _ in range(2):
        code, _, err = run(ScriptedToken(), "add", "--new-token", "-", typed=URI)
        assert code == 0 and "warning: cannot write" in err
        assert run(ScriptedToken(), "add", "-", typed=URI)[0] == 4


def test_a_simulated_token_is_this_computers_own(data):
    with VirtualToken() as token:
        assert KnownTokens().is_trusted(token.board.number)
    assert not KnownTokens().is_known(token.board.number)


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 4), ("", 4)])
def test_in_a_terminal_it_asks(answer, code):
    with VirtualToken() as token:
        KnownTokens().forget(token.board.number)
        command = (*PICOTOTP, "provision", "--port", token.port.path, "pin", "set")
        with Terminal(*command) as shell:
            for _ in range(2):
                shell.wait_for("gain: " if _ else "New PIN: ")
                shell.type("1234\n")
            shell.wait_for("Is it yours")
            shell.type(answer + "\n")
            if code == 0:
                shell.wait_for("confirm on the token")
            else:
                assert shell.end() == code
                shell.wait_for("got no secret")
        assert KnownTokens().is_trusted(token.board.number) is (code == 0)


def test_a_command_that_needs_no_token_has_no_option_about_one(run):
    code, _, err = run(ScriptedToken(), "backup", "--new-token", "-o", "new.backup", "-", typed=URI)
    assert code == 2 and "No such option" in err
