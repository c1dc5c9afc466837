"""What the host does with whatever answers at a port, as a token or as a board's prompt.

Each target takes bytes and raises if something else comes of them than checked values or an error
in one printable line.
"""

import json

from host_tools.client.printable import printable
from host_tools.client.token_client import TokenClient
from host_tools.credentials.credential import Credential
from host_tools.errors import ToolError
from host_tools.pico import board_files, install_plan
from host_tools.pico.repl import Repl
from scripted_token import ACCOUNT, ANSWERS, ScriptedToken

_CREDENTIAL = Credential("Example", "alice", b"12345678901234567890")
_READS = {
    "hello": lambda token: None,
    "status": lambda token: token.status(),
    "list": lambda token: token.accounts(),
    "log": lambda token: token.error_log(),
    "selftest": lambda token: token.self_test(),
    "check": lambda token: token.check(_CREDENTIAL, 59),
    "clock_log": lambda token: token.clock_log(),
    "time": lambda token: token.time(),
    "set_time": lambda token: token.set_time(1 << 50, 0, 0),
    "code": lambda token: token.code(token.accounts()[0]),
    "add": lambda token: token.add(_CREDENTIAL),
}
_QUESTIONS = (
    install_plan.check_board,
    lambda board: board.files(("/data",)),
    lambda board: board.digests(["/a", "/b"]),
    lambda board: board.free_bytes(),
    lambda board: board_files.listed(board.read("/a")),
    lambda board: board_files.stale(board.files(()), {}, ["/a"]),
)


def answer_target(data):
    """The first byte chooses the request; the rest is what is answered, as JSON or as it is."""
    op = list(_READS)[(data[0] if data else 0) % len(_READS)]
    try:
        fields = json.loads(data[1:])
    except (ValueError, RecursionError):
        fields = None
    fits = isinstance(fields, dict) and len(json.dumps(fields)) < 900  # escapes are longer
    answer = fields if fits else data[1:] + b"\n"
    stranger = ScriptedToken(**{op: answer})
    try:
        with TokenClient(stranger) as token:
            result = _READS[op](token)
    except ToolError as error:
        assert error.message.isprintable() and len(error.message) < 700
        return
    shown = printable(repr(result), lines=True)
    assert all(one.isprintable() or one in "\n\t" for one in shown)


def board_target(data):
    """The first byte chooses the question; the rest is what the board prints."""
    board = Repl.__new__(Repl)
    board.port = "port"
    board.run = lambda code: data[1:].decode(errors="replace")
    try:
        _QUESTIONS[(data[0] if data else 0) % len(_QUESTIONS)](board)
    except ToolError as error:
        assert len(error.message) < 400


def _seeds():
    for number, op in enumerate(_READS):
        yield bytes((number,)) + json.dumps(ANSWERS.get(op, {})).encode()
        yield bytes((number,)) + b'{"ok": false, "error": {"code": "refused", "message": "no"}}'
        yield bytes((number,)) + b'{"wait": "button", "timeout_ms": 30000}'
    yield b"\x02" + json.dumps({"accounts": [ACCOUNT], "total": 2}).encode()


_BOARDS = (
    b"\x00('micropython', (1, 28, 0), 'Raspberry Pi Pico with RP2040', 4870)",
    b"\x01('/a', 1)\n('/lib/b', 20)",
    b"\x02" + b"0" * 64 + b"\n" + b"f" * 64,
    b"\x031441792",
    b'\x04b\'{"files": ["/a"]}\'',
    b"\x05('/picototp/a', 1)\n('/a', 20)",
)

# name: (a function that makes the target, seeds)
TARGETS = {
    "answers": (lambda: answer_target, tuple(_seeds())),
    "board": (lambda: board_target, _BOARDS),
}
