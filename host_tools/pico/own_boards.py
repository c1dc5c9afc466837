"""The boards that this computer made tokens of, by installing or simulating them: no strangers.

So whoever sets a token up, or tries a simulated one in a script, is not asked whether it is theirs.
"""

import contextlib

from host_tools.client.known_tokens import KnownTokens
from host_tools.errors import ToolError


def vouch_for(number: str) -> None:
    """From now on the token of this number may be told secrets.

    If that cannot be stored, the user is asked.
    """
    with contextlib.suppress(ToolError):
        KnownTokens().trust(number)


def disown(number: str) -> None:
    """The token of this number is gone for good."""
    with contextlib.suppress(OSError):
        KnownTokens().forget(number)
