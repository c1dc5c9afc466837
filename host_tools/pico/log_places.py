"""What modules and functions in a token's error log are called in the sources.

A bundle has other names for most of them (short_names.py), but the lines are the same.
"""

import ast
import re
from functools import cache

from host_tools.pico import firmware_build
from host_tools.pico.firmware_source import module_source

_PLACE = re.compile(r'File "([\w.]+)", line (\d+), in (\S+)')  # in a line of a traceback


def with_source_names(log: str) -> str:
    """The log of a token that runs these very sources, with their names. Where other firmware
    stood in a place, as before an update, that stays."""
    names = firmware_build.names()
    modules = {new: old for old, new in names.modules.items()}

    def named(place: re.Match[str]) -> str:
        module = modules.get(place[1], place[1])
        function = _function(module, int(place[2]))
        if place[3].startswith("<"):
            return f'File "{module}", line {place[2]}, in {place[3]}'
        if function is None or names.called(function, module) != place[3]:
            return place[0]
        return f'File "{module}", line {place[2]}, in {function}'

    return _PLACE.sub(named, log)


@cache
def _function(module: str, line: int) -> str | None:
    """The innermost function there; None if there is no such place."""
    path = module_source(module)
    if path is None:
        return None
    around = [
        node
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.FunctionDef) and node.lineno <= line <= (node.end_lineno or 0)
    ]
    return max(around, key=lambda node: node.lineno).name if around else None
