"""Asking one NTP server: questions, answers, and what makes an answer unusable (RFC 5905).

Packets are ntplib's; the exchange is our own, because a question needs a random transmit timestamp
that its answer must echo, and because sending and receiving are timed by the monotonic clock.
"""

import secrets
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import ntplib

from host_tools.clock.host_clock import HostClock

MAX_DISTANCE_S = 1.5  # beyond this root distance RFC 5905 (MAXDIST) calls a server unfit

_PACKET_BYTES = 48
_ORIGIN, _TRANSMIT = slice(24, 32), slice(40, 48)  # RFC 5905 section 7.3, figure 8
_MODE_SERVER = 4
_LEAP_UNSYNCHRONISED = 3
_STRATUM_UNSYNCHRONISED = 16
_ERA_S = 2**32  # NTP seconds wrap on 7 February 2036
_CLOCK_STEP_S = 1e-6  # timestamps pass through floats of NTP seconds, good to half a microsecond
_IMPOSSIBLE_DELAY_S = -1e-3


class Unusable(Exception):
    """This server is not to be believed, or not to be asked again; the text is the reason."""


class Unreachable(Unusable):
    """Nothing usable came from this address; the server may have another one."""


@dataclass(frozen=True)
class Limits:
    samples: int
    spacing_s: float
    timeout_s: float
    deadline_s: float  # on time.monotonic()

    def left_s(self) -> float:
        return self.deadline_s - time.monotonic()


@dataclass(frozen=True)
class Sample:
    """One exchange: the server is `offset_s` ahead of the host clock, give or take distance_s.

    `family` is that of the address that answered, of all the `addresses` that its name has.
    """

    server: str
    offset_s: float
    delay_s: float
    distance_s: float
    monotonic_ns: int
    family: int = 0
    addresses: frozenset[Any] = frozenset()

    @property
    def low_s(self) -> float:
        return self.offset_s - self.distance_s

    @property
    def high_s(self) -> float:
        return self.offset_s + self.distance_s


class Claims:
    """Which addresses are taken: one machine under two names has one vote.

    That an IPv6 and an IPv4 address may be one machine's is heeded when the votes are counted.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: set[tuple[str, int]] = set()

    def take(self, address: tuple[str, int]) -> bool:
        with self._lock:
            if address in self._taken:
                return False
            self._taken.add(address)
            return True


def best_sample(
    name: str, host: str, port: int, clock: HostClock, limits: Limits, claims: Claims
) -> Sample:
    """The sample with the shortest delay, from the first address that answers."""
    reason = Unreachable("no answer")
    found = list(_addresses(host, port))
    for family, address in found:
        if not claims.take(address[:2]):
            reason = Unreachable("the same machine as another server named")
            continue
        if limits.left_s() <= 0:
            break
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as sock:
                sock.connect(address)  # so that only this address can answer
                best = min(_samples(name, sock, clock, limits), key=lambda one: one.delay_s)
            addresses = frozenset(address[:2] for _, address in found)
            return replace(best, family=family, addresses=addresses)
        except Unreachable as silence:
            reason = silence
        except OSError as error:
            reason = Unreachable(f"cannot be reached ({error.strerror or 'network error'})")
    raise reason


def _addresses(host: str, port: int) -> Iterator[tuple[socket.AddressFamily, tuple[Any, ...]]]:
    """The host's addresses, families in turn: a broken IPv6 must not use up all the time."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError):  # UnicodeError: the name cannot be encoded for a lookup
        raise Unusable("its name was not found") from None
    rank: Counter[socket.AddressFamily] = Counter()
    ranked = []
    for family, _, _, _, address in found:
        ranked.append((rank[family], family, address))
        rank[family] += 1
    for _, family, address in sorted(ranked, key=lambda one: one[0]):
        yield family, address


def _samples(name: str, sock: socket.socket, clock: HostClock, limits: Limits) -> list[Sample]:
    """At least one sample from a connected socket, else Unusable, or the socket's OSError.

    Good samples count even if the server then stops answering or asks us to stop (kiss-of-death).
    """
    good: list[Sample] = []
    for number in range(limits.samples):
        if number and limits.left_s() > limits.spacing_s:
            time.sleep(limits.spacing_s)
        timeout_s = min(limits.timeout_s, limits.left_s())
        if number and timeout_s <= 0:
            break
        try:
            good.append(_exchange(name, sock, clock, timeout_s))
        except (Unusable, OSError):
            if not good:
                raise
            break
    return good


def _exchange(name: str, sock: socket.socket, clock: HostClock, timeout_s: float) -> Sample:
    """One question and its answer. Anything else is skipped: anyone could send it."""
    question = bytearray(ntplib.NTPPacket(version=4, mode=3).to_data())
    question[_TRANSMIT] = cookie = secrets.token_bytes(8)
    reason = "no answer"
    sent_ns = time.monotonic_ns()
    deadline_s = time.monotonic() + timeout_s
    sock.send(question)
    while (left_s := deadline_s - time.monotonic()) > 0:
        sock.settimeout(left_s)
        try:
            packet = sock.recv(1024)
        except TimeoutError:
            break
        received_ns = time.monotonic_ns()
        if len(packet) < _PACKET_BYTES:
            reason = f"its answer is too short ({len(packet)} of {_PACKET_BYTES} bytes)"
        elif packet[_ORIGIN] != cookie:
            reason = "its answer does not echo our transmit timestamp"
        else:
            return _sample(name, packet, clock, sent_ns, received_ns)
    raise Unreachable(reason)


def _sample(name: str, packet: bytes, clock: HostClock, sent_ns: int, received_ns: int) -> Sample:
    """What an answer says, if it is fit to be believed; Unusable otherwise."""
    stats = ntplib.NTPStats()
    stats.from_data(packet)
    stats.orig_timestamp = ntplib.system_to_ntp_time(clock.unix_s_at(sent_ns))
    stats.dest_timestamp = ntplib.system_to_ntp_time(clock.unix_s_at(received_ns))
    _refuse_unsynchronised(stats)
    if stats.delay < _IMPOSSIBLE_DELAY_S or stats.tx_timestamp < stats.recv_timestamp:
        raise Unusable("its timestamps are impossible")
    delay_s = max(0.0, stats.delay)
    root_distance_s = stats.root_delay / 2 + stats.root_dispersion + 2.0**stats.precision
    distance_s = delay_s / 2 + root_distance_s + _CLOCK_STEP_S
    if distance_s > MAX_DISTANCE_S:
        raise Unusable(f"it may be wrong by {distance_s:.3g} s (root distance)")
    # The server's seconds have no era: take the one that is nearest to this computer's clock.
    offset_s = stats.offset - round(stats.offset / _ERA_S) * _ERA_S
    middle_ns = (sent_ns + received_ns) // 2
    return Sample(name, offset_s, delay_s, distance_s, middle_ns)


def _refuse_unsynchronised(stats: ntplib.NTPStats) -> None:
    """Raises Unusable for a server that says itself that its time is not to be used."""
    if stats.mode != _MODE_SERVER:
        raise Unusable(f"it answers in mode {stats.mode}, not as a server")
    if stats.stratum == 0:
        raise Unusable(f"it asks us to stop (kiss-of-death {_kiss_code(stats.ref_id)})")
    if stats.leap == _LEAP_UNSYNCHRONISED:
        raise Unusable("it says that its clock is not synchronised")
    if stats.stratum >= _STRATUM_UNSYNCHRONISED:
        raise Unusable(f"it is at stratum {stats.stratum}, which means not synchronised")
    if stats.tx_timestamp == 0:
        raise Unusable("it gives no time")


def _kiss_code(ref_id: int) -> str:
    """The four letters of RFC 5905 section 7.4; anything else as hexadecimal, for the terminal."""
    raw = ref_id.to_bytes(4, "big")
    text = raw.rstrip(b"\0").decode("latin-1")
    return text if text.isascii() and text.isalnum() else f"0x{raw.hex()}"
