"""The token's state, as it answers to `status`."""

from dataclasses import dataclass
from typing import Self

from host_tools.client.conversation import Json
from host_tools.client.fields import LARGEST, Fields

VAULT_STATES = ("ok", "damaged", "destroyed", "too-new")
CLOCK_STATES = ("ok", "not-set", "moved-back", "unreadable", "missing")
_MOST_U32 = (1 << 32) - 1
_MOST_S = float(1 << 40)
_MOST_PPB = 1 << 31
_MOST_ACCOUNTS = 4096  # far above what any token holds


@dataclass(frozen=True)
class ClockStatus:
    """The clock's part of the status.

    `unix_us`, `uncertainty_us`, `rollover` and `error_bound_s` are there in the state "ok";
    `temperature_c` and `aging` where the RTC answers. Drifts are in parts per billion, positive if
    fast; None: not measured. Unix times are 0 for never.
    """

    state: str
    set_unix_s: int
    settings: int
    refused: int
    confirmed_unix_s: int
    moved_us: int
    jump_unix_s: int
    jump_s: int
    drift_ppb: int | None
    drift_uncertainty_ppb: int | None
    trimmed_aging: int | None
    unix_us: int | None
    uncertainty_us: int | None
    rollover: str | None
    error_bound_s: float | None
    temperature_c: float | None
    aging: int | None

    @classmethod
    def of(cls, fields: Fields) -> Self:
        """Read from that part of an answer. BadAnswer if it cannot be a token's."""
        state = fields.one_of("state", CLOCK_STATES)
        told = state == "ok"
        return cls(
            state=state,
            set_unix_s=fields.whole("set_unix_s", 0, _MOST_U32),
            settings=fields.whole("settings"),
            refused=fields.whole("refused"),
            confirmed_unix_s=fields.whole("confirmed_unix_s", 0, _MOST_U32),
            moved_us=fields.whole("moved_us"),
            jump_unix_s=fields.whole("jump_unix_s", 0, _MOST_U32),
            jump_s=fields.whole("jump_s", -_MOST_U32, _MOST_U32),
            drift_ppb=fields.maybe_whole("drift_ppb", -_MOST_PPB, _MOST_PPB),
            drift_uncertainty_ppb=fields.maybe_whole("drift_uncertainty_ppb", 0, _MOST_U32),
            trimmed_aging=fields.maybe_whole("trimmed_aging", -128, 127),
            unix_us=fields.whole("unix_us") if told else None,
            uncertainty_us=fields.whole("uncertainty_us") if told else None,
            rollover=fields.one_of("rollover", ("square-wave", "polled")) if told else None,
            error_bound_s=fields.maybe_number("error_bound_s", 0, _MOST_S) if told else None,
            temperature_c=fields.maybe_number("temperature_c", -128, 128),
            aging=fields.maybe_whole("aging", -128, 127),
        )


@dataclass(frozen=True)
class Typing:
    """How the token types codes: what comes after one, whether it looks at Num Lock, and for which
    layout it types letters. The words are those of typing_setting.py,
    or of newer firmware."""

    end: str
    num_lock: str
    layout: str

    @classmethod
    def of(cls, fields: Fields) -> Self:
        """Read from that part of an answer. BadAnswer if it cannot be a token's."""
        return cls(
            end=fields.word("end", 16),
            num_lock=fields.word("num_lock", 16),
            layout=fields.word("layout", 16),
        )


@dataclass(frozen=True)
class Status:
    """Accounts, PIN, clock and faults.

    `accounts` is None while locked, `pin` is None of firmware that knows no PIN, `pin_limit` where
    no number of wrong PINs destroys the accounts, `lock_after_s` where the token never locks by
    itself (older firmware does not tell that: `knows_lock_after`), `typing` where it types nothing.
    `slot` is where the firmware lies, `bundle` the first 16 hex digits of its SHA-256,
    `other_firmware` the version in the other slot, `left_firmware` why that one was left; each None
    where there is no such thing, and of older firmware. `facts` is the answer itself, for programs.
    """

    accounts: int | None
    vault: str
    encrypted: bool
    cleaning: bool
    clock: ClockStatus
    firmware: str
    uptime_s: int
    display: str
    heap_free: int
    reset_cause: int
    errors_logged: bool
    pin: bool | None
    locked: bool
    pin_failures: int
    pin_limit: int | None
    pin_wait_s: int
    lock_after_s: int | None
    knows_lock_after: bool
    typing: Typing | None
    slot: str | None
    bundle: str | None
    other_firmware: str | None
    left_firmware: str | None
    facts: Json

    @classmethod
    def of(cls, answer: Json) -> Self:
        """Read from an answer. BadAnswer if it cannot be a token's."""
        fields = Fields("status", answer)
        knows_pin = fields.has("pin")
        return cls(
            accounts=fields.maybe_whole("accounts", 0, _MOST_ACCOUNTS),
            vault=fields.one_of("vault", VAULT_STATES),
            encrypted=fields.flag("encrypted", False),
            cleaning=fields.flag("cleaning", False),
            clock=ClockStatus.of(fields.part("clock")),
            firmware=fields.word("firmware", 32),
            uptime_s=fields.whole("uptime_s"),
            display=fields.one_of("display", ("ok", "missing")),
            heap_free=fields.whole("heap_free"),
            reset_cause=fields.whole("reset_cause", 0, 255),
            errors_logged=fields.flag("errors_logged"),
            pin=fields.flag("pin") if knows_pin else None,
            locked=fields.flag("locked", False),
            pin_failures=fields.whole("pin_failures") if knows_pin else 0,
            pin_limit=fields.maybe_whole("pin_limit", 1, 1000),
            pin_wait_s=fields.whole("pin_wait_s", 0, LARGEST) if knows_pin else 0,
            lock_after_s=fields.maybe_whole("lock_after_s", 0, 1 << 24),
            knows_lock_after=fields.has("lock_after_s"),
            typing=Typing.of(fields.part("typing")) if answer.get("typing") is not None else None,
            slot=fields.maybe_one_of("slot", ("a", "b")),
            bundle=fields.maybe_word("bundle", 16),
            other_firmware=fields.maybe_word("other_firmware", 32),
            left_firmware=fields.maybe_one_of("left_firmware", ("given-up", "damaged")),
            facts={name: answer[name] for name in answer if name not in ("id", "s", "ok")},
        )
