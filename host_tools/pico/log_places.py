"""What the functions in a token's error log are called in the sources.

A bundle has other names for most of them (short_names.py), but modules and lines are the same.
"""

import ast
import re
from functools import cache

from host_tools.pico.firmware_source import module_source

_PLACE = re.compile(r'(File "([\w.]+)", line (\d+), in )(\w+)')  # one line of a traceback


def with_functions(log: str) -> str:
    """The log of a token that runs these very sources, with their names of its functions."""
    return _PLACE.sub(
        lambda place: place[1] + (_function(place[2], int(place[3])) or place[4]), log
    )


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
