"""A file that the user has named, read whole."""

import os

from host_tools.errors import UsageProblem


def content(path: str | os.PathLike[str], most_bytes: int, what: str) -> bytes:
    """What is in it, but no more than a byte beyond `most_bytes`. UsageProblem if it cannot be
    read; `what` it should be is told then."""
    try:
        with open(path, "rb") as file:
            return file.read(most_bytes + 1)
    except FileNotFoundError:
        raise UsageProblem(f"there is no file {path}; check the name") from None
    except IsADirectoryError:
        raise UsageProblem(f"{path} is a directory; name the {what} in it") from None
    except PermissionError:
        raise UsageProblem(f"{path} may not be read; check its permissions") from None
    except (OSError, ValueError) as error:  # the latter for a name that can be none
        raise UsageProblem(f"{path!s} cannot be read: {_reason(error)}") from None


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or "no file has such a name"
