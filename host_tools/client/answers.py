"""What a token answers, as values: each is checked field by field before anybody sees it."""

from dataclasses import dataclass
from typing import Self

from host_tools.client.conversation import Json
from host_tools.client.fields import LARGEST, Fields
from host_tools.client.status import CLOCK_STATES
from picototp.codes import steam
from picototp.vault import account
from picototp.vault.settings_file import BRIGHTNESS, DARK_AFTER_S, ORDERS

_MOST_OPS = 100
_LONGEST_OP = 32
_MOST_LIMITS, _MOST_LIMIT = 32, 1 << 24
_LONGEST_CODE = 10
_LONGEST_LOG = 4096
_KINDS = ("confirmed", "small", "refused", "aging")


@dataclass(frozen=True)
class TokenInfo:
    """What a token tells first: who it is, what it runs, what it can do.

    `token` is the chip's own number, in hex. `limits` has whole numbers by name.
    """

    version: int
    firmware: str
    token: str
    ops: frozenset[str]
    limits: dict[str, int]

    def as_json(self) -> Json:
        """For --json."""
        told = {"firmware": self.firmware, "token": self.token}
        return {**told, "ops": sorted(self.ops), "limits": self.limits}

    @classmethod
    def of(cls, answer: Json) -> Self:
        """Read from the answer to `hello`. BadAnswer if it cannot be a token's."""
        fields = Fields("hello", answer)
        return cls(
            version=fields.whole("v", 0, 255),
            firmware=fields.word("firmware", 32),
            token=fields.word("token", 64),
            ops=frozenset(fields.texts("ops", _MOST_OPS, _LONGEST_OP)),
            limits=fields.numbers("limits", _MOST_LIMITS, _LONGEST_OP, _MOST_LIMIT),
        )


@dataclass(frozen=True)
class Account:
    """An account as the token lists it: no secret. `period` is in seconds."""

    issuer: str
    name: str
    kind: str
    algorithm: str
    digits: int
    period: int
    counter: int

    @classmethod
    def of(cls, fields: Fields) -> Self:
        """Read from an entry of the answer to `list`. BadAnswer if it cannot be a token's."""
        return cls(
            issuer=fields.text("issuer", account.ISSUER_MAX_BYTES),
            name=fields.text("name", account.NAME_MAX_BYTES),
            kind=fields.one_of("kind", account.KINDS),
            algorithm=fields.one_of("algorithm", account.ALGORITHMS),
            digits=fields.whole("digits", 1, _LONGEST_CODE),
            period=fields.whole("period", 0, account.PERIOD_MAX_S),
            counter=fields.whole("counter", 0, account.COUNTER_MAX),
        )

    def as_json(self) -> Json:
        """For --json."""
        return dict(vars(self))


@dataclass(frozen=True)
class Code:
    """A code, and how many seconds it lasts; None: until it is used (HOTP)."""

    code: str
    left_s: int | None

    @classmethod
    def of(cls, answer: Json, digits: int) -> Self:
        """Read from the answer to `code`, which must have that many digits, or be Steam's.
        BadAnswer if it cannot be a token's."""
        fields = Fields("code", answer)
        if digits == account.STEAM_CHARACTERS:
            code = fields.word("code", digits)
            if len(code) != digits or set(code) - set(steam.ALPHABET.decode()):
                raise fields.bad("code")
        else:
            code = fields.digits("code", digits)
        return cls(code, fields.maybe_whole("left_s", 0, account.PERIOD_MAX_S))


@dataclass(frozen=True)
class DisplaySettings:
    """How the display looks (per cent of its brightness), after how many seconds it goes dark, and
    in which order clicks go through the accounts."""

    brightness: int
    dark_after_s: int
    upside_down: bool
    order: str

    @classmethod
    def of(cls, answer: Json) -> Self:
        """Read from the answer to `display`. BadAnswer if it cannot be a token's."""
        fields = Fields("display", answer)
        return cls(
            brightness=fields.whole("brightness", min(BRIGHTNESS), max(BRIGHTNESS)),
            dark_after_s=fields.whole("dark_after_s", min(DARK_AFTER_S), max(DARK_AFTER_S)),
            upside_down=fields.flag("upside_down"),
            order=fields.one_of("order", ORDERS),
        )

    def as_json(self) -> Json:
        """For --json."""
        return dict(vars(self))


@dataclass(frozen=True)
class TokenTime:
    """The token's time: microseconds of Unix time (None if it has none) at `ticks_us`.

    `arrived_us` and `ticks_us` are its counter when the request arrived and when this was made.
    `confirmed` and `step_us` are those of a setting; the step is None if it had no time before.
    """

    state: str
    arrived_us: int
    ticks_us: int
    unix_us: int | None
    uncertainty_us: int | None
    confirmed: bool
    step_us: int | None

    @classmethod
    def of(cls, op: str, answer: Json) -> Self:
        """Read from the answer to `time` or `set_time`. BadAnswer if it cannot be a token's."""
        fields = Fields(op, answer)
        state = fields.one_of("state", CLOCK_STATES)
        told = state == "ok"
        return cls(
            state=state,
            arrived_us=fields.whole("arrived_us"),
            ticks_us=fields.whole("ticks_us"),
            unix_us=fields.whole("unix_us") if told else None,
            uncertainty_us=fields.whole("uncertainty_us") if told else None,
            confirmed=fields.flag("confirmed", False),
            step_us=fields.maybe_whole("step_us", -LARGEST, LARGEST),
        )


@dataclass(frozen=True)
class ClockLogEntry:
    """A line of the token's own log of its clock.

    `step_us` is None if it had no time before, `temperature_c` where it was not known.
    """

    kind: str
    unix_s: int
    step_us: int | None
    uncertainty_us: int
    aging: int
    temperature_c: float | None

    @classmethod
    def of(cls, fields: Fields) -> Self:
        """Read from an entry of the answer to `clock_log`. BadAnswer if it cannot be a token's."""
        return cls(
            kind=fields.one_of("kind", _KINDS),
            unix_s=fields.whole("unix_s", 0, (1 << 32) - 1),
            step_us=fields.maybe_whole("step_us", -(1 << 63), 1 << 63),
            uncertainty_us=fields.whole("uncertainty_us"),
            aging=fields.whole("aging", -128, 127),
            temperature_c=fields.maybe_number("temperature_c", -128, 128),
        )

    def as_json(self) -> Json:
        """For --json."""
        return dict(vars(self))


@dataclass(frozen=True)
class SelfTest:
    """Whether the token computes the RFCs' codes, the state of both copies of its accounts, and
    whether its firmware is what was installed."""

    codes: bool
    slots: tuple[str, ...]
    firmware: bool

    @classmethod
    def of(cls, answer: Json) -> Self:
        """Read from the answer to `selftest`. BadAnswer if it cannot be a token's."""
        fields = Fields("selftest", answer)
        copies = tuple(fields.texts("slots", 2, 16))
        return cls(fields.flag("codes"), copies, fields.flag("firmware", True))


def error_log(answer: Json) -> str:
    """The text of the answer to `log`, of several lines. BadAnswer if it cannot be a token's."""
    return Fields("log", answer).text("text", _LONGEST_LOG, lines=True)


def page_of(op: str, answer: Json, entries: str, so_far: int) -> tuple[list[Fields], int]:
    """(entries, total) of an answer that holds a part of a list, of which `so_far` are known.

    BadAnswer if it cannot be a token's: a list without end, too.
    """
    fields = Fields(op, answer)
    total = fields.whole("total", 0, 4096)
    return list(fields.parts(entries, total - min(so_far, total))), total
