"""The tokens that this computer has met, and those that may be told a secret or a PIN.

One small file a token, `tokens/NUMBER.json` in the data folder, with the number that the token
tells. The number does not prove which token it is: anyone who has seen the token once can copy it.
It keeps a stranger's device, plugged in for the token, from getting what was meant for the token.
"""

import json
import os
import re
import time
from pathlib import Path
from typing import Any

from host_tools.client.data_folder import data_folder
from host_tools.errors import ToolError

_NUMBER = re.compile(r"[0-9A-Za-z_-]{1,64}")
_FORMAT_VERSION = 1
_MOST_BYTES = 4096


class KnownTokens:
    """What is remembered of tokens, in `folder` or the user's data folder."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = (folder or data_folder()) / "tokens"

    def is_known(self, token: str) -> bool:
        """Whether this computer has met the token before."""
        return self._read(token) is not None

    def is_trusted(self, token: str) -> bool:
        """Whether its user said once that a secret may go to it."""
        kept = self._read(token)
        return kept is not None and kept.get("trusted") is True

    def meet(self, token: str) -> None:
        """Remember that it was seen. ToolError if that cannot be written."""
        if not self.is_known(token):
            self._write(token)

    def trust(self, token: str) -> None:
        """Remember that a secret may go to it. ToolError if that cannot be written."""
        if not self.is_trusted(token):
            self._write(token, trusted=True)

    def is_advised(self, token: str) -> bool:
        """Whether its user was advised once to set a PIN."""
        kept = self._read(token)
        return kept is not None and kept.get("advised") is True

    def advise(self, token: str) -> None:
        """Remember that its user was advised to set a PIN. ToolError if that cannot be written."""
        self._write(token, advised=True)

    def forget(self, token: str) -> None:
        """Forget the token, as if it had never been seen."""
        path = self._path(token)
        if path is not None:
            path.unlink(missing_ok=True)

    def _path(self, token: str) -> Path | None:
        """None for a number that cannot name a file: such a token stays a stranger."""
        return self._folder / f"{token}.json" if _NUMBER.fullmatch(token) else None

    def _read(self, token: str) -> dict[str, Any] | None:
        path = self._path(token)
        if path is None:
            return None
        try:
            with path.open("rb") as file:
                kept = json.loads(file.read(_MOST_BYTES))
        except (OSError, ValueError, RecursionError):
            return None  # never written, or damaged: then it has to be asked for once more
        # Some file systems take two numbers for one name: the file says whose it is.
        fits = isinstance(kept, dict) and kept.get("v") == _FORMAT_VERSION
        return kept if fits and kept.get("token") == token else None

    def _write(self, token: str, **said: bool) -> None:
        """Add what was said to what is remembered already."""
        path = self._path(token)
        if path is None:
            raise ToolError("the token's number cannot name a file; update its firmware")
        new = {"since_unix_s": int(time.time()), "trusted": False}
        kept = {"v": _FORMAT_VERSION, "token": token, **(self._read(token) or new), **said}
        part = path.with_suffix(f".{os.getpid()}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            part.write_bytes(json.dumps(kept).encode() + b"\n")
            part.replace(path)
        except OSError as error:
            raise ToolError(f"cannot write {path}: {error.strerror}") from error
