"""A token as an object: requests are methods, answers are values, and there is no terminal."""

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Self

from host_tools.client.answers import (
    Account,
    ClockLogEntry,
    Code,
    DisplaySettings,
    SelfTest,
    TokenInfo,
    TokenTime,
    error_log,
    page_of,
)
from host_tools.client.connection import Connection
from host_tools.client.conversation import HELLO_TIMEOUT_S, Conversation, Json
from host_tools.client.diagnosis import (
    CLOCK_WATCH_MS,
    BusReading,
    ButtonReading,
    ClockReading,
    DisplayReading,
    FlashReading,
)
from host_tools.client.fields import Fields
from host_tools.client.status import Status, Typing
from host_tools.credentials import names
from host_tools.credentials.credential import Credential
from host_tools.errors import ToolError
from picototp.codes import base32, otp
from picototp.vault.names import name_hash

# The fields of requests that hold what nobody but the right token may hear.
_SECRETS = ("secret", "pin")


def _nobody_waits() -> None:
    """The default for `on_wait`."""


def _everybody_may_hear(_info: TokenInfo) -> None:
    """The default for `before_secret`."""


def _nobody_waits_longer(why: str, seconds: float) -> None:
    """The default for `on_later`."""


class TokenClient:
    """One session with the token at a connection. Use it in a `with` statement.

    `on_wait` is called when the token starts to wait for its button, `on_later` when it puts its
    question off (Conversation), and `before_secret` before the first request that tells it a secret
    or a PIN: what that raises, ends the request. Every request raises TokenError for an error that
    the token reports, BadAnswer for an answer that cannot be a token's, and ToolError if it does
    not answer. `name_hashes` are those that the display may show in the question about the accounts
    of the request that is being made.
    """

    def __init__(
        self,
        connection: Connection,
        on_wait: Callable[[], None] = _nobody_waits,
        before_secret: Callable[[TokenInfo], None] = _everybody_may_hear,
        on_later: Callable[[str, float], None] = _nobody_waits_longer,
    ) -> None:
        self.connection = connection
        self.on_wait = on_wait
        self.on_later = on_later
        self._before_secret = before_secret
        self._may_hear = False
        self._conversation = Conversation(
            connection, lambda: self.on_wait(), lambda *what: self.on_later(*what)
        )
        self._info: TokenInfo | None = None
        self.name_hashes: list[str] = []

    def __enter__(self) -> Self:
        try:
            self.hello()
        except BaseException:
            self.connection.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def hello(self, timeout_s: float = HELLO_TIMEOUT_S) -> TokenInfo:
        """Open the session, as entering a `with` statement does."""
        self._info = TokenInfo.of(self._conversation.hello(timeout_s))
        return self._info

    @property
    def info(self) -> TokenInfo:
        """What the token told first."""
        assert self._info is not None, "say hello first"
        return self._info

    def request(self, op: str, **fields: Any) -> Json:
        """Any request, as the protocol has it: its answer, of which nothing was checked."""
        if not self._may_hear and _tells_secret(fields):
            self._before_secret(self.info)
            self._may_hear = True
        return self._conversation.request(op, **fields)

    # --- reading -----------------------------------------------------------------------------

    def status(self) -> Status:
        """The token's state: accounts, PIN, clock, faults."""
        return Status.of(self.request("status"))

    def accounts(self) -> list[Account]:
        """All accounts, without secrets, in their stored order."""
        return [Account.of(entry) for entry in self._whole_list("list", "accounts")]

    def error_log(self) -> str:
        """The end of its log of unexpected errors."""
        return error_log(self.request("log"))

    def self_test(self) -> SelfTest:
        """Have it test its arithmetic and both copies of its accounts."""
        return SelfTest.of(self.request("selftest"))

    def check(self, credential: Credential, unix_s: int) -> bool:
        """Whether the token computes the same code for this account at that time.

        For HOTP the counter of `credential` takes the place of the time.
        """
        if credential.kind == "hotp":
            counter = credential.counter
            moment = {"counter": counter}
        else:
            counter = otp.counter_at(unix_s, credential.period_s)
            moment = {"unix": unix_s}
        proof = otp.check_proof(credential.algorithm, credential.secret, counter, credential.digits)
        answer = self.request(
            "check", issuer=credential.issuer, name=credential.name, proof=proof, **moment
        )
        return Fields("check", answer).flag("match")

    # --- accounts; each but `code` needs the button ------------------------------------------

    def add(self, credential: Credential, replace: bool = False) -> None:
        """Load an account."""
        with self._asking_about(credential):
            self.request("add", **self._described(credential), replace=replace)

    def rename(self, account: Account, issuer: str, name: str) -> None:
        """Give an account another name."""
        new = {"new_issuer": issuer, "new_name": name, **self._in_ascii(issuer, name)}
        with self._asking_about(account):
            self.name_hashes.append(name_hash(issuer, name))
            self.request("rename", **_named(account), **new)

    def move(self, account: Account, index: int) -> None:
        """Put an account at that place, counted from 0."""
        with self._asking_about(account):
            self.request("move", **_named(account), to=index)

    def remove(self, account: Account) -> None:
        """Forget an account."""
        with self._asking_about(account):
            self.request("remove", **_named(account))

    def wipe(self) -> None:
        """Erase all accounts and the PIN."""
        self.request("wipe")

    def code(self, account: Account) -> Code:
        """Its code now; needs the button each time. A counter account counts up."""
        with self._asking_about(account):
            return Code.of(self.request("code", **_named(account)), account.digits)

    @contextmanager
    def _asking_about(self, account: Account | Credential) -> Iterator[None]:
        self.name_hashes = [name_hash(account.issuer, account.name)]
        try:
            yield
        finally:
            self.name_hashes = []

    def _described(self, credential: Credential) -> Json:
        """The fields by which a request hands over an account. ToolError if the token's firmware is
        too old for it."""
        if credential.is_steam and "steam_characters" not in self.info.limits:
            raise ToolError(
                "this token's firmware cannot make Steam's codes; update it: picototp install"
            )
        return {
            "issuer": credential.issuer,
            "name": credential.name,
            "secret": base32.encode(credential.secret),
            "algorithm": credential.algorithm,
            "digits": credential.digits,
            "period": credential.period_s,
            "kind": credential.kind,
            "counter": credential.counter,
            **self._in_ascii(credential.issuer, credential.name),
        }

    def _in_ascii(self, issuer: str, name: str) -> Json:
        """What its display may show in place of such names, if it takes that."""
        shown = [names.in_ascii(issuer), names.in_ascii(name)]
        return {"ascii": shown} if any(shown) and "ascii_bytes" in self.info.limits else {}

    # --- several at once; each but `end_batch` changes nothing -------------------------------

    @property
    def takes_batches(self) -> bool:
        """Whether one question can be about several accounts: earlier firmware has none."""
        return "batch_end" in self.info.ops

    def begin_batch(self, what: str, count: int) -> None:
        """Begin to "add" or "remove" at most so many accounts."""
        self.request("batch_begin", what=what, count=min(count, self.info.limits["accounts"]))

    def put_account(self, credential: Credential, replace: bool = False) -> None:
        """Put an account to add into the batch. After a TokenError with a code of ENTRY_CODES it
        is as before."""
        self.request("batch_entry", **self._described(credential), replace=replace)

    def put_removal(self, account: Account) -> None:
        """Put an account to remove into the batch."""
        self.request("batch_entry", **_named(account))

    def end_batch(self, count: int) -> None:
        """Do it, all or nothing; needs the button. `count` is how many were put in."""
        self.request("batch_end", count=count)

    # --- the PIN -----------------------------------------------------------------------------

    def unlock(self, pin: str) -> None:
        """Enter the PIN. TokenError "wrong-pin" if it is not the one."""
        self.request("unlock", pin=pin)

    def lock(self) -> None:
        """Lock the token until its PIN is entered."""
        self.request("lock")

    def set_pin(self, pin: str | None) -> None:
        """Set, change or (None) remove the PIN; needs the button."""
        self.request("set_pin", pin=pin)

    def set_limit(self, limit: int | None) -> None:
        """Set how many wrong PINs in a row destroy the accounts; needs the button."""
        self.request("set_limit", limit=limit)

    def set_lock_after(self, seconds: int | None) -> None:
        """Set how long after its display went dark it locks; needs the button."""
        self.request("set_lock_after", seconds=seconds)

    # --- the clock ---------------------------------------------------------------------------

    def time(self, fresh: bool = False) -> TokenTime:
        """Its time; `fresh`: after it saw the RTC's second change once more."""
        fields = {"fresh": True} if fresh else {}
        return TokenTime.of("time", self.request("time", **fields))

    def set_time(
        self,
        unix_us: int,
        ticks_us: int,
        uncertainty_us: int,
        confirm: bool = False,
        **drift: int,
    ) -> TokenTime:
        """Have its second begin where true time has it; needs the button if the step is large, or
        with `confirm`.

        `unix_us` is true time when its counter stood at `ticks_us`. `drift` has `drift_ppb` and
        `drift_uncertainty_ppb`, if they are known.
        """
        known: dict[str, int] = {"confirm": True, **drift} if confirm else drift
        answer = self.request(
            "set_time", unix_us=unix_us, ticks_us=ticks_us, uncertainty_us=uncertainty_us, **known
        )
        return TokenTime.of("set_time", answer)

    def set_aging(self, aging: int) -> None:
        """Trim the clock's rate; needs the button."""
        self.request("set_aging", aging=aging)

    def clock_log(self) -> list[ClockLogEntry]:
        """Its own log of settings, oldest first."""
        return [ClockLogEntry.of(entry) for entry in self._whole_list("clock_log", "entries")]

    # --- the display -------------------------------------------------------------------------

    def display(self) -> DisplaySettings:
        """How it is set."""
        return DisplaySettings.of(self.request("display"))

    def set_display(self, **changes: int) -> None:
        """Change `brightness`, `dark_after_s` or `upside_down`; needs the button."""
        self.request("set_display", **changes)

    def set_order(self, order: str) -> None:
        """Set the order of the accounts, one of settings_file.ORDERS; needs the button."""
        self.request("set_order", order=order)

    def show(self, account: Account | None = None) -> bool:
        """Light the display with this account, without asking; False if the token is locked, which
        lights it for the PIN."""
        answer = self.request("show", **(_named(account) if account else {}))
        return not Fields("show", answer).flag("locked")

    # --- the board ---------------------------------------------------------------------------

    def diagnose_bus(self) -> BusReading:
        """Levels of the two wires, and who answers on them."""
        return BusReading.of(self.request("diagnose", part="bus"))

    def diagnose_clock(self) -> ClockReading | None:
        """Three seconds of the RTC; None if it does not answer."""
        return ClockReading.of(self.request("diagnose", part="clock", ms=CLOCK_WATCH_MS))

    def diagnose_display(self) -> DisplayReading | None:
        """Which display answers; None if there is none."""
        return DisplayReading.of(self.request("diagnose", part="display"))

    def diagnose_flash(self) -> FlashReading:
        """Room in its flash, and whether a file can be written."""
        return FlashReading.of(self.request("diagnose", part="flash"))

    def diagnose_button(self, presses: int, patience_ms: int) -> ButtonReading:
        """Wait for so many presses, and see how the contact bounces."""
        request = {"part": "button", "presses": presses, "ms": patience_ms}
        return ButtonReading.of(self.request("diagnose", **request))

    def show_pattern(self, duration_ms: int) -> bool:
        """Show a test picture until its button is pressed; whether it has a display for it."""
        answer = self.request("diagnose", part="pattern", ms=duration_ms)
        return Fields("diagnose", answer).flag("shown")

    def set_typing(self, setting: Typing | None) -> None:
        """Have it type codes so as a USB keyboard, or (None) not; needs the button. It restarts."""
        if setting is None:
            self.request("typing", on=False)
        else:
            self.request("typing", on=True, **dataclasses.asdict(setting))

    def enter_maintenance(self) -> None:
        """Have it restart into MicroPython's prompt; needs the button."""
        self.request("maintenance")

    def _whole_list(self, op: str, entries: str) -> list[Fields]:
        """A list that comes in several answers."""
        found: list[Fields] = []
        while True:
            part, total = page_of(op, self.request(op, **{"from": len(found)}), entries, len(found))
            found += part
            if len(found) >= total or not part:
                return found


def _tells_secret(value: object) -> bool:
    """Whether the fields of a request hold a secret, however deep."""
    if isinstance(value, dict):
        own = any(value.get(name) is not None for name in _SECRETS)
        return own or any(map(_tells_secret, value.values()))
    return isinstance(value, list | tuple) and any(map(_tells_secret, value))


def _named(account: Account) -> Json:
    """The fields by which a request names an account."""
    return {"issuer": account.issuer, "name": account.name}
