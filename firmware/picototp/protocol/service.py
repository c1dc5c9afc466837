"""The requests that the token answers. It only computes; what happens, and when, is decided
elsewhere.

A handler returns a dict, which is the answer's fields, or a Consent or a Wait of request.py. Here
are those that concern the token itself; services.py names the modules of the others. No handler
returns a secret, a key or a PIN, and none but code_service.py's a code. Errors are RequestError,
VaultError or ClockError, each with a stable code.
"""

import gc

from picototp.codes import otp
from picototp.codes.hmac import hmac
from picototp.protocol import frames
from picototp.protocol.request import ROOM, Consent, RequestError, text_of
from picototp.vault import account as limits
from picototp.vault.errors import VaultError, VaultTooNew
from picototp.vault.vault import MAX_ACCOUNTS

# RFC 6238 appendix B, the token's self-test: (algorithm, key length, time, eight digits).
_SELF_TEST = (
    ("SHA1", 20, 1234567890, b"89005924"),
    ("SHA256", 32, 1234567890, b"91819424"),
    ("SHA512", 64, 1234567890, b"93441116"),
    ("SHA1", 20, 20000000000, b"65353130"),
)
# What needs the accounts or their key: refused while the token is locked.
_NEED_THE_PIN = (
    "list",
    "add",
    "rename",
    "move",
    "remove",
    "batch_begin",
    "batch_entry",
    "batch_end",
    "check",
    "code",
    "set_pin",
    "set_limit",
    "set_lock_after",
    "typing",
)


class Service:
    """Answers requests. `device` tells about the board: `token_id`, `facts() -> dict`,
    `rtc_facts() -> dict`, `error_log() -> str`, `firmware_is_right() -> bool`, and may
    `enter_maintenance()`.

    `late` maps a request's name to a function that makes more handlers when that request first
    comes.
    """

    def __init__(self, vault, times, late, monotonic, device, version):
        self._vault = vault
        self._late = late
        self._time = times
        self._monotonic = monotonic
        self._device = device
        self._version = version
        self._handlers = {
            "status": self._status,
            "wipe": self._wipe,
            "selftest": self._self_test,
            "log": self._log,
            "maintenance": self._maintenance,
        }

    def handle(self, message: dict, arrived_us: int):
        """Serve one request that arrived at that counter value: a dict, Consent or Wait."""
        self._time.arrived_us = arrived_us
        op = text_of(message, "op")
        if op not in self._handlers and op not in self._late:
            raise RequestError(
                "unknown-op", "this firmware does not know the request; update it: picototp install"
            )
        if op in _NEED_THE_PIN and self._vault.locked:
            raise VaultError("locked", "the token is locked: enter the PIN on it, or unlock it")
        if op not in self._handlers:
            gc.collect()  # between what is garbage, a module would leave the heap full of holes
            for name, handler in self._late[op]().items():  # for which there may be no memory now
                self._handlers[name] = handler
                self._late.pop(name, None)
        return self._handlers[op](message)

    def hello(self, message: dict) -> dict:
        """What the first answer tells: versions, capabilities, limits. Random bytes that the host
        sent with it are mixed into what keys are made of."""
        given = message.get("entropy")
        if given is not None and not self._vault.keys.entropy.add_hex(given):
            raise RequestError("bad-request", "the field entropy must be 64 hexadecimal digits")
        self._vault.drop_batch()  # whoever began it is not heard any more
        return {
            "v": frames.VERSION,
            "firmware": self._version,
            "token": self._device.token_id,
            "ops": sorted(set(self._handlers) | set(self._late)),
            "limits": {
                "accounts": MAX_ACCOUNTS,
                "name_bytes": limits.NAME_MAX_BYTES,
                "issuer_bytes": limits.ISSUER_MAX_BYTES,
                "ascii_bytes": limits.ASCII_MAX_BYTES,
                "secret_bytes": limits.SECRET_MAX_BYTES,
                "steam_characters": limits.STEAM_CHARACTERS,
                "period_s": limits.PERIOD_MAX_S,
                "line_bytes": frames.MAX_LINE,
            },
        }

    # --- reading -----------------------------------------------------------------------------

    def _status(self, message: dict) -> dict:
        gc.collect()
        answer = {
            "accounts": None if self._vault.locked else len(self._vault),
            "vault": self._vault_state(),
            "encrypted": True,
            "clock": self._time.status(),
            "firmware": self._version,
            "uptime_s": self._monotonic.now_ms() // 1000,
        }
        answer.update(self._pin_status())
        answer["clock"].update(self._device.rtc_facts())
        answer.update(self._device.facts())
        return answer

    def _pin_status(self) -> dict:
        keys = self._vault.keys
        return {
            "pin": keys.has_pin,
            "locked": keys.locked,
            "pin_failures": keys.failures,
            "pin_limit": keys.limit,
            "lock_after_s": keys.lock_after_s,
            "pin_wait_s": keys.wait_s(),
        }

    def _vault_state(self) -> str:
        if self._vault.too_new:
            return "too-new"
        if self._vault.keys.destroyed:
            return "destroyed"
        return "damaged" if self._vault.damaged else "ok"

    def _log(self, message: dict) -> dict:
        text = self._device.error_log()[-ROOM:]
        while True:
            too_many = len(frames.ascii_json(text)) - ROOM
            if too_many <= 0:
                return {"text": text}
            text = text[(too_many + 1) // 2 :]  # a line feed or a quote needs two bytes

    def _self_test(self, message: dict) -> dict:
        seed = b"1234567890" * 7
        codes = True
        for algorithm, length, unix_s, code in _SELF_TEST:
            codes = codes and otp.totp(algorithm, seed[:length], unix_s, 30, 8) == code
        mac = hmac("SHA1", b"Jefe", b"what do ya want for nothing?")  # RFC 2202, case 2
        codes = codes and mac.hex() == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
        gc.collect()
        return {
            "codes": codes,
            "slots": [slot[0] for slot in self._vault.slots()],
            "firmware": self._device.firmware_is_right(),
        }

    # --- the whole token -------------------------------------------------------------------

    def _wipe(self, message: dict) -> Consent:
        if self._vault.too_new:
            raise VaultTooNew

        def then() -> dict:
            self._vault.wipe()
            return {}

        count = "" if self._vault.locked else f" {len(self._vault)}"
        lines = [f"All{count} accounts", "This cannot be undone."]
        if self._vault.keys.has_pin:
            lines.insert(1, "and the PIN.")
        return Consent("Erase everything?", tuple(lines), then)

    def _maintenance(self, message: dict) -> Consent:
        """Restart into the plain REPL, which can read and change everything."""

        def then() -> dict:
            self._device.enter_maintenance()
            return {}

        lines = ("A computer wants to", "install firmware. It", "can read all secrets.")
        return Consent("Maintenance mode?", lines, then)
