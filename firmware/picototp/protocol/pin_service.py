"""The requests that concern the PIN: entering it, locking, setting it, how often it may be wrong.

No answer and no error holds a PIN or anything that is made of one. The work on a PIN takes seconds
(PBKDF2), so it is done in slices, one in each turn of the main loop.
"""

from picototp.protocol.request import Consent, RequestError, Wait, text_of, whole_of
from picototp.vault.errors import VaultError
from picototp.vault.key_record import LIMITS, blank

# A turn's share of PBKDF2: some 50 ms on a Pico, which a finger on the button hardly notices.
SLICE_ROUNDS = 1500


class PinService:
    """Handlers by the name of their request."""

    def __init__(self, vault):
        self._vault = vault
        self.handlers = {
            "unlock": self._unlock,
            "lock": self._lock,
            "set_pin": self._set_pin,
            "set_limit": self._set_limit,
            "set_lock_after": self._set_lock_after,
        }

    # --- locking -----------------------------------------------------------------------------

    def _unlock(self, message: dict) -> Wait:
        pin = _pin_of(message)
        vault, keys = self._vault, self._vault.keys
        if not keys.locked and not keys.destroyed:
            blank(pin)
            raise RequestError("not-locked", "the token is not locked")
        seconds = keys.wait_s()
        if seconds:
            blank(pin)
            why = f"wait {seconds} s before the next PIN"
            raise VaultError("too-soon", why, {"wait_s": seconds})
        attempt = keys.unlocking(pin)

        def poll(now_us: int) -> dict | None:
            if not attempt.step(SLICE_ROUNDS):
                return None
            if not attempt.ok:
                raise _wrong_pin(keys)
            vault.unlock()
            return {}

        return Wait(poll, attempt.forget)

    def _lock(self, message: dict) -> dict:
        if not self._vault.keys.has_pin:
            raise _no_pin()
        self._vault.lock()
        return {}

    # --- changes -----------------------------------------------------------------------------

    def _set_pin(self, message: dict) -> Consent:
        from picototp.vault.pin import check  # no token without a PIN needs it

        has_pin = self._vault.keys.has_pin
        if message.get("pin", "") is None:
            if not has_pin:
                raise _no_pin()
            pin, title = None, "Remove the PIN?"
            lines = ("Whoever holds the", "token can then read", "all accounts.")
        else:
            pin = _pin_of(message)
            try:
                check(pin)
            except VaultError:
                blank(pin)
                raise
            # The PIN itself, or a program could set its own in place of the owner's: by the same
            # question, and nobody but it could open the token afterwards.
            title = "Change PIN to this?" if has_pin else "Set this PIN?"
            lines = (_visible(pin), "Not yours? Click.", "Without it: all lost")

        def then() -> Wait:
            change = self._vault.changing_pin(pin)

            def poll(now_us: int) -> dict | None:
                return {} if change.step(SLICE_ROUNDS) else None

            return Wait(poll, change.forget)

        def forget() -> None:
            if pin is not None:
                blank(pin)

        return Consent(title, lines, then, None, forget)

    def _set_limit(self, message: dict) -> Consent:
        limit = None
        if message.get("limit", 0) is not None:
            limit = whole_of(message, "limit", min(LIMITS), max(LIMITS))
        what = "Wrong PINs never" if limit is None else "Accounts destroyed"
        after = "destroy the accounts." if limit is None else f"after {limit} wrong PINs"

        def then() -> dict:
            self._vault.set_limit(limit)
            return {}

        return Consent("Limit wrong PINs?", (what, after), then)

    def _set_lock_after(self, message: dict) -> Consent:
        """When a dark token locks. Loosening it needs what opens the token: PIN and button."""
        from picototp.vault.key_settings import lock_code

        after_s = None
        if message.get("seconds", 0) is not None:
            after_s = whole_of(message, "seconds", 0, 3600)
        lock_code(after_s)  # raises for what cannot be kept, before anybody is asked
        if after_s is None:
            lines = ("It stays open until", "it is unplugged, or", "locked by hand.")
        else:
            now = self._vault.keys.lock_after_s
            was = "never by itself" if now is None else f"after {_time(now)}"
            wanted = f"It locks {_time(after_s)} after" if after_s else "It locks as soon as"
            lines = (wanted, "it goes dark.", f"Now: {was}")

        def then() -> dict:
            self._vault.set_lock_after(after_s)
            return {}

        return Consent("Never lock itself?" if after_s is None else "When to lock?", lines, then)


def _visible(pin: bytearray) -> str:
    """A PIN such that no other one looks the same: whatever is not a plain character of ASCII is
    shown as its bytes, in hex."""
    shown = ""
    for byte in pin:
        plain = 0x20 < byte < 0x7F and byte not in b"<>"
        shown += chr(byte) if plain else f"<{byte:02x}>"
    return shown


def _time(seconds: int) -> str:
    return f"{seconds} s" if seconds <= 120 else f"{seconds // 60} min"


def _pin_of(message: dict) -> bytearray:
    """The PIN of a request, which holds it no longer: requests are kept until they are answered."""
    pin = bytearray(text_of(message, "pin").encode())
    del message["pin"]
    return pin


def _no_pin() -> RequestError:
    return RequestError("no-pin", "the token has no PIN; set one: picototp provision pin set")


def _wrong_pin(keys) -> VaultError:
    if keys.destroyed:
        return VaultError(
            "destroyed", "too many wrong PINs: the accounts are destroyed; wipe the token"
        )
    tries_left = None if keys.limit is None else keys.limit - keys.failures
    left = "" if tries_left is None else f": {tries_left} attempts left"
    wait_s = keys.wait_s()
    data = {"tries_left": tries_left, "wait_s": wait_s}
    return VaultError("wrong-pin", f"wrong PIN{left}; wait {wait_s} s", data)
