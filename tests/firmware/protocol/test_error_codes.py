"""The codes of errors: what the firmware raises, what firmware/README.md says that they mean, and
what the host's tools make of them."""

import ast
import re
from pathlib import Path

from host_tools.client.wire_errors import EXIT_CODES
from picototp.clock import states

FIRMWARE = Path(__file__).resolve().parents[3] / "firmware"
ERRORS = {"RequestError", "VaultError", "FrameError", "ClockError"}
ANSWERS = {"_fail": 1, "_give_up": 1}  # methods of the link, and where they take a code


def code_in(node):
    """What an expression says that the code is: itself, or a state of the clock. None if it hands
    on the code of another error."""
    if isinstance(node, ast.Constant):
        assert isinstance(node.value, str)
        return node.value
    if isinstance(node, ast.Name) and node.id.isupper():
        return getattr(states, node.id)
    assert isinstance(node, ast.Name | ast.Attribute), ast.dump(node)
    handed_on = node.id if isinstance(node, ast.Name) else node.attr
    assert handed_on in ("code", "state"), ast.dump(node)
    return None


def codes_in(tree):
    """All codes that a module raises or answers with."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            fields = {
                key.value: value
                for key, value in zip(node.keys, node.values, strict=True)
                if isinstance(key, ast.Constant)
            }
            if {"code", "message"} <= set(fields):
                yield code_in(fields["code"])
        elif isinstance(node, ast.ClassDef) and ERRORS & {ast.unparse(base) for base in node.bases}:
            for call in ast.walk(node):  # a class of its own hands its code to super().__init__
                if isinstance(call, ast.Call) and ast.unparse(call.func) == "super().__init__":
                    yield code_in(call.args[0])
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func).rpartition(".")[2]
            if called in ERRORS:
                yield code_in(node.args[0])
            elif called in ANSWERS:
                yield code_in(node.args[ANSWERS[called]])


def raised():
    trees = [ast.parse(path.read_text()) for path in (FIRMWARE / "picototp").rglob("*.py")]
    return {code for tree in trees for code in codes_in(tree)} - {None}


def documented():
    """{code: meaning} of the table."""
    text = (FIRMWARE / "README.md").read_text(encoding="utf-8")
    section = text.partition("### The error codes\n")[2]
    return dict(re.findall(r"^\| `([a-z-]+)` \| (.+) \|$", section, re.MULTILINE))


def test_the_checker_sees_each_way_to_answer_with_an_error():
    source = """
class TooNew(VaultError):
    def __init__(self): super().__init__("a", "...")
def f(self, request, error):
    raise RequestError("b", "...")
    self._fail(request, "c", "...")
    self._give_up(request, error.code, error.message)
    raise ClockError(NOT_SET, "...") from None
    return {"code": "d", "message": "..."}, {"code": f}
"""
    assert set(codes_in(ast.parse(source))) == {"a", "b", "c", None, states.NOT_SET, "d"}


def test_the_table_is_what_the_firmware_raises():
    assert set(documented()) == raised()


def test_the_host_knows_each_code():
    assert list(EXIT_CODES) and set(EXIT_CODES) == set(documented())


def test_each_code_has_a_meaning_of_its_own():
    meanings = documented().values()
    assert len(set(meanings)) == len(meanings) > 30
