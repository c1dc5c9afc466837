"""What goes wrong in a host tool, and the exit status that it becomes.

Every error carries one line that says what to do; the command line prints that line on standard
error and exits with `exit_code`. 0 is "done". No message ever contains a secret.
"""


class ToolError(Exception):
    """The tool failed (exit code 1). `message` is one line that says what to do."""

    exit_code = 1

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class UsageProblem(ToolError):
    """What the user typed, pasted or scanned cannot be used (exit code 2)."""

    exit_code = 2


class NoToken(ToolError):
    """No token was found, or the one named is not there (exit code 3)."""

    exit_code = 3


class Refused(ToolError):
    """The token refused, or nobody confirmed on it in time (exit code 4)."""

    exit_code = 4


class TimeSourceError(ToolError):
    """No time source can be used: silent, unsynchronised or in disagreement (exit code 5)."""

    exit_code = 5


class Disagreement(ToolError):
    """The token and the host compute different codes or times (exit code 6)."""

    exit_code = 6
