"""The requests that concern the display: how it looks, the order of the accounts, showing one of
them. None of them tells a host anything that is secret.
"""

from picototp.protocol.request import Consent, RequestError, text_of, whole_of
from picototp.vault.settings_file import BRIGHTNESS, DARK_AFTER_S, ORDERS

_ORDERS = {
    "fixed": ("As in the list of the", "computer."),
    "recent": ("Most recently used", "accounts come first."),
    "name": ("By issuer and name.",),
}


class DisplayService:
    """Handlers by the name of their request. `settings` are the Settings; `device` is
    the board, whose panel can look otherwise."""

    def __init__(self, vault, settings, device):
        self._vault = vault
        self._settings = settings
        self._device = device
        self.handlers = {
            "display": self._display,
            "set_display": self._set_display,
            "set_order": self._set_order,
            "show": self._show,
        }

    def _display(self, message: dict) -> dict:
        settings = self._settings
        return {
            "brightness": settings.brightness,
            "dark_after_s": settings.dark_after_s,
            "upside_down": settings.upside_down,
            "order": ORDERS[settings.order],
        }

    def _set_display(self, message: dict) -> Consent:
        """The question is shown as the display would look: whoever cannot read it says nothing,
        and it is as it was again."""
        settings = self._settings
        before = settings.brightness, settings.dark_after_s, settings.upside_down
        brightness = whole_of(message, "brightness", min(BRIGHTNESS), max(BRIGHTNESS), before[0])
        dark_after_s = whole_of(
            message, "dark_after_s", min(DARK_AFTER_S), max(DARK_AFTER_S), before[1]
        )
        upside_down = message.get("upside_down", before[2])
        if not isinstance(upside_down, bool):
            raise RequestError("bad-request", "the field upside_down must be true or false")

        def then() -> dict:
            settings.brightness, settings.dark_after_s = brightness, dark_after_s
            settings.upside_down = upside_down
            try:
                settings.save()
            except OSError:
                settings.brightness, settings.dark_after_s, settings.upside_down = before
                raise
            return {}

        def forget() -> None:
            self._device.panel.configure(settings.brightness, settings.upside_down)

        lines = (
            f"Brightness {brightness} %",
            f"Dark after {dark_after_s} s",
            "Upside down" if upside_down else "Upright",
        )
        return Consent(
            "Keep it like this?",
            lines,
            then,
            None,
            forget,
            None,
            lambda: self._device.panel.configure(brightness, upside_down),
        )

    def _set_order(self, message: dict) -> Consent:
        name = text_of(message, "order")
        if name not in _ORDERS:
            raise RequestError("bad-request", "the field order must be fixed, recent or name")

        def then() -> dict:
            before = self._settings.order
            self._settings.order = ORDERS.index(name)
            try:
                self._settings.save()
            except OSError:
                self._settings.order = before
                raise
            return {}

        return Consent("Order of accounts?", _ORDERS[name], then)

    def _show(self, message: dict) -> dict:
        """link.py lights the display; a locked token then asks for its PIN, and no account is
        known."""
        if not self._device.panel.ok:
            raise RequestError("no-display", "the token has no working display; check its wires")
        if self._vault.locked:
            return {"locked": True}
        index = self._vault.named(text_of(message, "issuer"), text_of(message, "name"))
        return {"locked": False, "index": index}
