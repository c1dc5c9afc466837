"""A token as an object: requests are methods, answers are values, and there is no terminal."""

from collections.abc import Callable
from typing import Any, Self

from host_tools.client.answers import (
    Account,
    ClockLogEntry,
    Code,
    SelfTest,
    TokenInfo,
    TokenTime,
    error_log,
    page_of,
)
from host_tools.client.connection import Connection
from host_tools.client.conversation import HELLO_TIMEOUT_S, Conversation, Json
from host_tools.client.fields import Fields
from host_tools.client.status import Status
from host_tools.credentials.credential import Credential
from picototp.codes import base32, otp


def _nobody_waits() -> None:
    """The default for `on_wait`."""


def _nobody_waits_longer(why: str, seconds: float) -> None:
    """The default for `on_later`."""


class TokenClient:
    """One session with the token at a connection. Use it in a `with` statement.

    `on_wait` is called when the token starts to wait for its button, `on_later` when it puts its
    question off (Conversation). Every request raises TokenError for an error that the token
    reports, BadAnswer for an answer that cannot be a token's, and ToolError if it does not answer.
    """

    def __init__(
        self,
        connection: Connection,
        on_wait: Callable[[], None] = _nobody_waits,
        on_later: Callable[[str, float], None] = _nobody_waits_longer,
    ) -> None:
        self.connection = connection
        self.on_wait = on_wait
        self.on_later = on_later
        self._conversation = Conversation(
            connection, lambda: self.on_wait(), lambda *what: self.on_later(*what)
        )
        self._info: TokenInfo | None = None

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
        return self._conversation.request(op, **fields)

    # --- reading -----------------------------------------------------------------------------

    def status(self) -> Status:
        """The token's state: accounts, PIN, clock, faults."""
        return Status.of(self.request("status"))

    def accounts(self) -> list[Account]:
        """All accounts, without secrets, in the order of the display."""
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
        self.request("add", **_described(credential), replace=replace)

    def rename(self, account: Account, issuer: str, name: str) -> None:
        """Give an account another name."""
        self.request("rename", **_named(account), new_issuer=issuer, new_name=name)

    def move(self, account: Account, index: int) -> None:
        """Put an account at that place, counted from 0."""
        self.request("move", **_named(account), to=index)

    def remove(self, account: Account) -> None:
        """Forget an account."""
        self.request("remove", **_named(account))

    def wipe(self) -> None:
        """Erase all accounts and the PIN."""
        self.request("wipe")

    def code(self, account: Account) -> Code:
        """Its code now; needs the button each time. A counter account counts up."""
        return Code.of(self.request("code", **_named(account)))

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
        self.request("batch_entry", **_described(credential), replace=replace)

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

    def set_time(self, unix_us: int, ticks_us: int, uncertainty_us: int, **drift: int) -> TokenTime:
        """Have its second begin where true time has it; needs the button if the step is large.

        `unix_us` is true time when its counter stood at `ticks_us`. `drift` has `drift_ppb` and
        `drift_uncertainty_ppb`, if they are known.
        """
        answer = self.request(
            "set_time", unix_us=unix_us, ticks_us=ticks_us, uncertainty_us=uncertainty_us, **drift
        )
        return TokenTime.of("set_time", answer)

    def set_aging(self, aging: int) -> None:
        """Trim the clock's rate; needs the button."""
        self.request("set_aging", aging=aging)

    def clock_log(self) -> list[ClockLogEntry]:
        """Its own log of settings, oldest first."""
        return [ClockLogEntry.of(entry) for entry in self._whole_list("clock_log", "entries")]

    # --- the board ---------------------------------------------------------------------------

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


def _described(credential: Credential) -> Json:
    """The fields by which a request hands over an account."""
    return {
        "issuer": credential.issuer,
        "name": credential.name,
        "secret": base32.encode(credential.secret),
        "algorithm": credential.algorithm,
        "digits": credential.digits,
        "period": credential.period_s,
        "kind": credential.kind,
        "counter": credential.counter,
    }


def _named(account: Account) -> Json:
    """The fields by which a request names an account."""
    return {"issuer": account.issuer, "name": account.name}
