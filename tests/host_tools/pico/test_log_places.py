"""An error log of a token names functions as the sources do."""

import ast

import pytest

from host_tools.pico.firmware_build import names
from host_tools.pico.firmware_source import module_source
from host_tools.pico.log_places import with_source_names

LOOP = "picototp.app.loop"
PLACES = [
    (node.name, node.end_lineno)
    for node in ast.walk(ast.parse(module_source(LOOP).read_bytes()))
    if isinstance(node, ast.FunctionDef)
]


def line_of(module, line, function):
    return f'  File "{module}", line {line}, in {function}\n'


@pytest.mark.parametrize(("function", "line"), PLACES)
def test_a_line_tells_module_and_function(function, line):
    other, called = names().modules[LOOP], names().called(function, LOOP)
    log = f"after 3 s: Traceback:\n{line_of(other, line, called)}OSError: 5\n"
    expected = log.replace(f" {called}\n", f" {function}\n").replace(other, LOOP)
    assert with_source_names(log) == expected
    assert with_source_names(log.replace(f" {called}\n", " <lambda>\n")).count("<lambda>") == 1


@pytest.mark.parametrize(("function", "line"), PLACES)
def test_what_other_firmware_wrote_before_an_update_stays(function, line):
    log = line_of(names().modules[LOOP], line, "nothing_of_it")
    assert with_source_names(log) == log


@pytest.mark.parametrize(
    "line",
    [
        line_of("picototp.app.nowhere", 3, "argv"),
        line_of("main.py", 3, "argv"),
        line_of("adafruit_ds3231", 3, "argv"),
        line_of(LOOP, 1, "argv"),
        line_of(LOOP, 10**9, "argv"),
        line_of(LOOP, 1, "<module>"),
        line_of("..", 1, "argv"),
        "OSError: 5\n",
    ],
)
def test_what_is_no_function_of_ours_stays(line):
    assert with_source_names(line) == line
