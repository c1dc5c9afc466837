"""The request `typing`: whether the token is a USB keyboard too, and types codes."""

from picototp.protocol.request import Consent, RequestError, text_of
from picototp.typing_setting import ENDS, LAYOUTS, NUM_LOCKS
from picototp.vault.errors import VaultError


class TypingService:
    """Handlers by the name of their request. `device` keeps the setting, and restarts."""

    def __init__(self, device):
        self._device = device
        self.handlers = {"typing": self._typing}

    def _typing(self, message: dict) -> Consent:
        on = message.get("on")
        if not isinstance(on, bool):
            raise RequestError("bad-request", "the field on must be true or false")
        if not on:
            lines = ("The USB keyboard", "is switched off.", "The token restarts.")
            return Consent("Stop typing codes?", lines, lambda: self._set(None))
        end = _one_of(message, "end", ENDS)
        num_lock = _one_of(message, "num_lock", NUM_LOCKS)
        layout = _one_of(message, "layout", LAYOUTS)
        what = "As a USB keyboard" if end == "none" else f"USB keyboard, then {end}"
        how = ("Hold 1.6 s on a code", "to type it.", "The token restarts.")
        return Consent("Type codes?", (what,) + how, lambda: self._set((end, num_lock, layout)))

    def _set(self, setting: tuple | None) -> dict:
        try:
            self._device.set_typing(setting)
        except OSError:
            raise VaultError(
                "storage", "the flash is full or has failed; nothing was changed"
            ) from None
        return {}


def _one_of(message: dict, field: str, known: tuple) -> str:
    value = text_of(message, field)
    if value not in known:
        raise RequestError("bad-request", f"the field {field} must be: " + ", ".join(known))
    return value
