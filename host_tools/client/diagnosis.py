"""What a token answers to `diagnose`: how its parts look to it."""

from dataclasses import dataclass
from typing import Self

from host_tools.client.conversation import Json
from host_tools.client.fields import Fields

CLOCK_WATCH_MS = 3200  # long enough for three seconds to begin
_OP = "diagnose"
_MOST_COUNT = 1 << 20
_MOST_ADDRESSES = 32
_MOST_BLOCKS = 1 << 24


@dataclass(frozen=True)
class BusReading:
    """The two I2C wires. `sda_low`: held low at rest. `sda_open`: no module pulls it up.

    `found` and `swapped` are the addresses that answer, and that answer with the wires exchanged.
    """

    sda_low: bool
    scl_low: bool
    sda_open: bool
    scl_open: bool
    found: tuple[int, ...]
    swapped: tuple[int, ...]

    @classmethod
    def of(cls, answer: Json) -> Self:
        """Of an answer. BadAnswer if it cannot be a token's."""
        fields = Fields(_OP, answer)
        return cls(
            sda_low=not fields.whole("sda", 0, 1),
            scl_low=not fields.whole("scl", 0, 1),
            sda_open=not fields.whole("sda_pulled", 0, 1),
            scl_open=not fields.whole("scl_pulled", 0, 1),
            found=tuple(fields.wholes("found", _MOST_ADDRESSES, 0x7F)),
            swapped=tuple(fields.wholes("swapped", _MOST_ADDRESSES, 0x7F)),
        )


@dataclass(frozen=True)
class ClockReading:
    """CLOCK_WATCH_MS of the RTC: how often its seconds changed, how often it began to measure its
    temperature, and its control and status registers."""

    seconds: int
    conversions: int
    control: int
    status: int

    @classmethod
    def of(cls, answer: Json) -> Self | None:
        """Of an answer; None if the RTC does not answer. BadAnswer if it cannot be a token's."""
        fields = Fields(_OP, answer)
        if not fields.flag("answers"):
            return None
        return cls(
            seconds=fields.whole("seconds", 0, _MOST_COUNT),
            conversions=fields.whole("conversions", 0, _MOST_COUNT),
            control=fields.whole("control", 0, 0xFF),
            status=fields.whole("status", 0, 0xFF),
        )


@dataclass(frozen=True)
class DisplayReading:
    """A display that answers. `status` is None if it cannot be read; `controller` is what the
    firmware is set to: "auto", or one of the two."""

    address: int
    status: int | None
    controller: str

    @classmethod
    def of(cls, answer: Json) -> Self | None:
        """Of an answer; None if no display answers. BadAnswer if it cannot be a token's."""
        fields = Fields(_OP, answer)
        address = fields.maybe_whole("address", 0, 0x7F)
        if address is None:
            return None
        return cls(address, fields.maybe_whole("status", 0, 0xFF), fields.text("controller", 16))


@dataclass(frozen=True)
class ButtonReading:
    """`down` before anything; then so many presses and edges, and the longest bounce."""

    down: bool
    presses: int
    edges: int
    bounce_us: int

    @classmethod
    def of(cls, answer: Json) -> Self:
        """Of an answer. BadAnswer if it cannot be a token's."""
        fields = Fields(_OP, answer)
        return cls(
            down=fields.flag("down"),
            presses=fields.whole("presses", 0, _MOST_COUNT),
            edges=fields.whole("edges", 0, _MOST_COUNT),
            bounce_us=fields.whole("bounce_us", 0, 1 << 30),
        )


@dataclass(frozen=True)
class FlashReading:
    """The file system, in blocks of `block_bytes`, and whether a file could be written."""

    block_bytes: int
    blocks: int
    free: int
    wrote: bool

    @classmethod
    def of(cls, answer: Json) -> Self:
        """Of an answer. BadAnswer if it cannot be a token's."""
        fields = Fields(_OP, answer)
        return cls(
            block_bytes=fields.whole("block_bytes", 1, _MOST_BLOCKS),
            blocks=fields.whole("blocks", 1, _MOST_BLOCKS),
            free=fields.whole("free", 0, _MOST_BLOCKS),
            wrote=fields.flag("wrote"),
        )
