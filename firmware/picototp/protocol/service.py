"""The requests that the token answers. It computes and decides nothing about when or whether.

A handler returns one of three things:
  a dict           the fields of the answer
  Consent(...)     a question for the user, and what to do after a yes
  Wait(...)        something to ask again until it has a result

No handler returns a secret, a key or a code. Errors are RequestError, VaultError or ClockError,
each with a stable code.
"""

import gc
from collections import namedtuple

from picototp.clock import words
from picototp.clock.timekeeper import OK, ClockError
from picototp.codes import base32, otp
from picototp.codes.hmac import hmac
from picototp.protocol import frames
from picototp.vault import account as limits
from picototp.vault.account import Account
from picototp.vault.errors import VaultError, VaultTooNew
from picototp.vault.vault import MAX_ACCOUNTS

# Ask the user `title` and `lines`; on a yes call `then()`, which returns a dict or a Wait.
Consent = namedtuple("Consent", ("title", "lines", "then"))
# Call `poll(now_us)` in every turn of the main loop until it returns a dict; `cancel()` gives up.
Wait = namedtuple("Wait", ("poll", "cancel"))

# RFC 6238 appendix B, the token's self-test: (algorithm, key length, time, eight digits).
_SELF_TEST = (
    ("SHA1", 20, 1234567890, "89005924"),
    ("SHA256", 32, 1234567890, "91819424"),
    ("SHA512", 64, 1234567890, "93441116"),
    ("SHA1", 20, 20000000000, "65353130"),
)
_TICKS_AGE_US = 600_000_000  # an older moment says little: the counter drifts by up to 50 ppm
_FRESH_TIMEOUT_US = 2_500_000
_ANSWER_ROOM = 224  # bytes of a line for the frame, id, session and the small fields of an answer


class RequestError(Exception):
    """A request that cannot be served. `code` is stable, `message` says what to do."""

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code
        self.message = message


class Service:
    """Answers requests. `device` tells about the board: `facts() -> dict`, `display_ok`."""

    def __init__(self, vault, timekeeper, monotonic, device, version: str):
        self._vault = vault
        self._timekeeper = timekeeper
        self._monotonic = monotonic
        self._device = device
        self._version = version
        self._handlers = {
            "status": self._status,
            "list": self._list,
            "add": self._add,
            "rename": self._rename,
            "move": self._move,
            "remove": self._remove,
            "wipe": self._wipe,
            "check": self._check,
            "selftest": self._self_test,
            "time": self._time,
            "set_time": self._set_time,
            "log": self._log,
            "maintenance": self._maintenance,
        }

    def handle(self, message: dict):
        """Serve one request: a dict, a Consent or a Wait."""
        handler = self._handlers.get(_text(message, "op"))
        if handler is None:
            raise RequestError("unknown-op", "the token does not know this request; update it")
        return handler(message)

    def hello(self) -> dict:
        """What the first answer tells: versions, capabilities, limits."""
        return {
            "v": frames.VERSION,
            "firmware": self._version,
            "token": self._device.token_id,
            "ops": sorted(self._handlers),
            "limits": {
                "accounts": MAX_ACCOUNTS,
                "name_bytes": limits.NAME_MAX_BYTES,
                "issuer_bytes": limits.ISSUER_MAX_BYTES,
                "secret_bytes": limits.SECRET_MAX_BYTES,
                "period_s": limits.PERIOD_MAX_S,
                "line_bytes": frames.MAX_LINE,
            },
        }

    # --- reading -----------------------------------------------------------------------------

    def _status(self, message: dict) -> dict:
        gc.collect()
        answer = {
            "accounts": len(self._vault),
            "vault": self._vault_state(),
            "encrypted": False,
            "clock": self._clock_status(),
            "firmware": self._version,
            "uptime_s": self._monotonic.now_ms() // 1000,
        }
        answer.update(self._device.facts())
        return answer

    def _vault_state(self) -> str:
        if self._vault.too_new:
            return "too-new"
        return "damaged" if self._vault.damaged else "ok"

    def _clock_status(self) -> dict:
        keeper = self._timekeeper
        keeper.check()
        status = {"state": keeper.state}
        if keeper.state == OK:
            unix_us = keeper.unix_us(self._monotonic.now_us())
            status["unix_us"] = unix_us
            status["uncertainty_us"] = keeper.uncertainty_us
            status["set_unix_s"] = keeper.record.set_unix_s
            status["error_bound_s"] = keeper.record.error_bound_s(unix_us // 1_000_000)
        status.update(self._device.rtc_facts())
        return status

    def _list(self, message: dict) -> dict:
        start = _whole(message, "from", 0, MAX_ACCOUNTS, 0)
        accounts: list = []
        room = frames.MAX_LINE - _ANSWER_ROOM
        index = start
        while index < len(self._vault):
            fields = ("issuer", "name", "kind", "algorithm", "digits", "period", "counter")
            entry = dict(zip(fields, self._vault.summary(index)))  # noqa: B905
            room -= len(frames.ascii_json(entry)) + 2  # ", "
            if room < 0:
                break
            accounts.append(entry)
            index += 1
        return {"accounts": accounts, "total": len(self._vault), "next": index}

    def _log(self, message: dict) -> dict:
        room = frames.MAX_LINE - _ANSWER_ROOM
        text = self._device.error_log()[-room:]
        while True:
            too_many = len(frames.ascii_json(text)) - room
            if too_many <= 0:
                return {"text": text}
            text = text[(too_many + 1) // 2 :]  # a line feed or a quote needs two bytes

    def _check(self, message: dict) -> dict:
        """Whether the token computes the code that the host does, without either saying it."""
        account = self._vault.account(self._named(message))
        if "counter" in message:
            counter = _whole(message, "counter", 0, limits.COUNTER_MAX)
        else:
            counter = otp.counter_at(_whole(message, "unix", 0, 1 << 40), account.period_s)
        proof = otp.check_proof(account.algorithm, account.secret, counter, account.digits)
        # A proof cannot be guessed or replayed for another time, so comparing may stop early.
        return {"match": proof == _text(message, "proof")}

    def _self_test(self, message: dict) -> dict:
        seed = b"1234567890" * 7
        codes = True
        for algorithm, length, unix_s, code in _SELF_TEST:
            codes = codes and otp.totp(algorithm, seed[:length], unix_s, 30, 8) == code
        mac = hmac("SHA1", b"Jefe", b"what do ya want for nothing?")  # RFC 2202, case 2
        codes = codes and mac.hex() == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
        gc.collect()
        return {"codes": codes, "slots": [slot[0] for slot in self._vault.slots()]}

    # --- accounts ----------------------------------------------------------------------------

    def _check_open(self) -> None:
        """Refuse before asking the user what the vault would refuse after it."""
        if self._vault.too_new:
            raise VaultTooNew
        if self._vault.damaged:
            raise VaultError("damaged", "the stored accounts are damaged: wipe to start anew")

    def _named(self, message: dict) -> int:
        self._check_open()
        index = self._vault.find(_text(message, "issuer"), _text(message, "name"))
        if index < 0:
            raise VaultError("not-found", "the token has no such account; see provision.py list")
        return index

    def _account_from(self, message: dict) -> Account:
        try:
            secret = base32.decode(_text(message, "secret"))
        except base32.Base32Error as error:
            raise VaultError("bad-secret", str(error)) from None
        account = Account(
            _text(message, "issuer"),
            _text(message, "name"),
            secret,
            _text(message, "algorithm"),
            _whole(message, "digits", 0, 99),
            _whole(message, "period", 0, 1 << 24, 30),
            _text(message, "kind"),
            _whole(message, "counter", 0, limits.COUNTER_MAX, 0),
        )
        limits.check(account)
        return account

    def _add(self, message: dict) -> Consent:
        account = self._account_from(message)
        replace = message.get("replace") is True
        existing = self._vault.find(account.issuer, account.name)
        self._check_room(existing, replace)
        detail = f"{account.algorithm}, {account.digits} digits"
        detail += f", {account.period_s} s" if account.kind == "totp" else ", HOTP"
        title = "Add account?" if existing < 0 else "Replace account?"

        def then() -> dict:
            return {"index": self._vault.add(account, replace)}

        return Consent(title, (account.issuer or "(no issuer)", account.name, detail), then)

    def _check_room(self, existing: int, replace: bool) -> None:
        self._check_open()
        if existing >= 0 and not replace:
            raise VaultError("duplicate", "the token has this account already; see --replace")
        if existing < 0 and len(self._vault) >= MAX_ACCOUNTS:
            raise VaultError("full", f"the token is full: it holds {MAX_ACCOUNTS} accounts")

    def _rename(self, message: dict) -> Consent:
        index = self._named(message)
        issuer, name = _text(message, "new_issuer"), _text(message, "new_name")
        limits.check_label(issuer, name)
        if self._vault.find(issuer, name) not in (-1, index):
            raise VaultError("duplicate", "another account has this name")

        def then() -> dict:
            self._vault.rename(index, issuer, name)
            return {"index": index}

        old = _label(*self._vault.label(index))
        return Consent("Rename account?", (old, "to", _label(issuer, name)), then)

    def _move(self, message: dict) -> Consent:
        index = self._named(message)
        to = _whole(message, "to", 0, len(self._vault) - 1)

        def then() -> dict:
            self._vault.move(index, to)
            return {"index": to}

        lines = (_label(*self._vault.label(index)), f"from {index + 1} to {to + 1}")
        return Consent("Move account?", lines, then)

    def _remove(self, message: dict) -> Consent:
        index = self._named(message)

        def then() -> dict:
            self._vault.remove(index)
            return {"index": max(0, min(index, len(self._vault) - 1))}

        issuer, name = self._vault.label(index)
        return Consent(
            "Remove account?", (issuer or "(no issuer)", name, "This cannot be undone."), then
        )

    def _wipe(self, message: dict) -> Consent:
        if self._vault.too_new:
            raise VaultTooNew

        def then() -> dict:
            self._vault.wipe()
            return {}

        lines = (f"All {len(self._vault)} accounts", "This cannot be undone.")
        return Consent("Erase everything?", lines, then)

    def _maintenance(self, message: dict) -> Consent:
        """Restart into the plain REPL, which can read and change everything."""

        def then() -> dict:
            self._device.enter_maintenance()
            return {}

        lines = ("A computer wants to", "install firmware. It", "can read all secrets.")
        return Consent("Maintenance mode?", lines, then)

    # --- time --------------------------------------------------------------------------------

    def _time(self, message: dict):
        """The token's idea of now and the counter at that moment; `fresh`: after a new rollover."""
        keeper = self._timekeeper
        keeper.check()
        if message.get("fresh") is not True or keeper.state != OK:
            return self._now()
        seen = keeper.rollovers_seen
        deadline_us = self._monotonic.now_us() + _FRESH_TIMEOUT_US

        def poll(now_us: int) -> dict | None:
            if keeper.rollovers_seen != seen or keeper.state != OK:
                return self._now()
            if now_us > deadline_us:
                raise RequestError("no-rollover", "the clock's second was not seen to change")
            keeper.want_rollover()
            return None

        return Wait(poll, lambda: None)

    def _now(self) -> dict:
        now_us = self._monotonic.now_us()
        answer = {"state": self._timekeeper.state, "ticks_us": now_us}
        if self._timekeeper.state == OK:
            answer["unix_us"] = self._timekeeper.unix_us(now_us)
            answer["uncertainty_us"] = self._timekeeper.uncertainty_us
        return answer

    def _set_time(self, message: dict) -> Consent:
        """Let the RTC show `unix_us` when the counter stands at `ticks_us`.

        `uncertainty_us` is how well the host knows that.
        """
        unix_us = _whole(message, "unix_us", 0, 1 << 53)
        now_us = self._monotonic.now_us()
        at_us = _whole(message, "ticks_us", max(0, now_us - _TICKS_AGE_US), now_us)
        uncertainty_us = _whole(message, "uncertainty_us", 0, 1 << 40)
        keeper = self._timekeeper
        keeper.check_settable(unix_us)

        def then() -> Wait:
            keeper.begin_set(unix_us, at_us, uncertainty_us)
            return Wait(poll, keeper.cancel_set)

        def poll(now_us: int) -> dict | None:
            if keeper.setting:
                return None
            if keeper.state != OK:
                raise ClockError(keeper.state, "the clock was not set: the RTC or flash failed")
            return self._now()

        return Consent("Set the clock?", self._clock_change(unix_us, at_us), then)

    def _clock_change(self, unix_us: int, at_us: int) -> tuple:
        """Old and new time in plain words."""
        keeper = self._timekeeper
        now_us = self._monotonic.now_us()
        new_us = unix_us + now_us - at_us
        if keeper.state != OK:
            return ("It is not set yet.", f"new {words.minute(new_us // 1_000_000)}", "UTC")
        old_us = keeper.unix_us(now_us)
        return (
            words.step(new_us - old_us),
            f"old {words.minute(old_us // 1_000_000)}",
            f"new {words.minute(new_us // 1_000_000)}",
        )


def _label(issuer: str, name: str) -> str:
    return f"{issuer}: {name}" if issuer else name


def _text(message: dict, field: str) -> str:
    value = message.get(field)
    if not isinstance(value, str):
        raise RequestError("bad-request", f"the field {field} must be a text")
    return value


def _whole(message: dict, field: str, low: int, high: int, default: int | None = None) -> int:
    value = message.get(field, default)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise RequestError("bad-request", f"the field {field} must be {low} to {high}")
    return value
