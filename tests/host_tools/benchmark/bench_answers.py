"""Runs `picototp bench` in this process, and looks at what it answers."""

from host_tools.commands.bench import bench
from host_tools.commands.terminal import exit_code


def run(*arguments: str) -> int:
    return exit_code(lambda: bench.main(list(arguments), standalone_mode=False))


def plausible(content: dict) -> dict[str, float]:
    """The figures of a JSON answer, by their key."""
    for row in content["rows"]:
        assert set(row) == {
            *("key", "group", "what", "value", "unit"),
            *("limit", "limit_is", "ok", "others"),
        }
        assert 0.001 < row["value"] < 1e6, row
    return {row["key"]: row["value"] for row in content["rows"]}
