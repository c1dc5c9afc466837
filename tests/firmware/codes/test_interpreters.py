"""The test helper itself: both interpreters take, give and raise alike."""

import pytest

from interpreters import RemoteError, Worker

VALUES = [None, True, 0, -1, 2**31, 2**64 - 1, -(2**70), 1.5, "", 'é€ "\\\n\x01', b"", b"\x00\xff"]


@pytest.fixture
def probe(interpreter, tmp_path):
    """A module that only this test can import."""
    name = f"probe_{interpreter.name}_{tmp_path.name}"
    (tmp_path / f"{name}.py").write_text(
        "LIMIT = (1, b'x', [None])\n"
        "class Odd(ValueError):\n"
        "    def __init__(self, text, where):\n"
        "        super().__init__(text)\n"
        "        self.where = where\n"
        "def same(value, again=None):\n"
        "    return (value, again)\n"
        "def fail():\n"
        "    raise Odd('no', b'7')\n"
        "def noisy():\n"
        "    print('line')\n"
        "    print('no end', end='')\n"
        "    return bytearray(b'ok')\n"
        "def whose():\n"
        "    import sys\n"
        "    return sys.implementation.name\n"
        "def strange():\n"
        "    return object()\n"
    )
    interpreter.add_path(tmp_path)
    return name


def test_values_go_there_and_back(interpreter, probe):
    for value in [*VALUES, VALUES, tuple(VALUES), {"a": (1, b"2")}, [[], ()]]:
        found = interpreter.call(probe, "same", value, again=value)
        assert found == (value, value)
        assert type(found[0]) is type(value)


def test_constants_output_and_bytearrays(interpreter, probe):
    assert interpreter.get(probe, "LIMIT") == (1, b"x", [None])
    assert interpreter.call(probe, "noisy") == b"ok"


def test_errors_carry_their_type_and_values(interpreter, probe):
    with pytest.raises(RemoteError) as caught:
        interpreter.call(probe, "fail")
    assert (caught.value.type_name, caught.value.message) == ("Odd", "no")
    assert caught.value.attributes["where"] == b"7"
    assert caught.value.is_a(ValueError) and not caught.value.is_a(OSError)


def test_what_cannot_be_had_is_an_error_and_no_hang(interpreter, probe):
    for function, kind in (("strange", "TypeError"), ("absent", "AttributeError")):
        with pytest.raises(RemoteError) as caught:
            interpreter.call(probe, function)
        assert caught.value.type_name == kind
    with pytest.raises(RemoteError) as caught:
        interpreter.call("no_such_module_at_all", "f")
    assert caught.value.type_name in ("ImportError", "ModuleNotFoundError")
    assert interpreter.call(probe, "same", 1) == (1, None)


def test_they_are_two_different_interpreters(interpreter, probe):
    assert interpreter.call(probe, "whose") == interpreter.name


def test_built_in_modules(interpreter):
    assert interpreter.call("binascii", "hexlify", b"\x01\xff") == b"01ff"
    assert interpreter.get("sys", "byteorder") == "little"


def test_a_worker_that_ends_is_reported():
    with Worker() as worker:
        for _ in range(2):
            with pytest.raises(RuntimeError, match="ended"):
                worker.call("sys", "exit")
