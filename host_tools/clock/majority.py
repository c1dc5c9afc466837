"""Which time a majority of NTP servers agrees on (Marzullo's algorithm), and who is outvoted."""

from dataclasses import replace

from host_tools.clock.ntp_exchange import Sample
from host_tools.clock.time_reading import HOST_DRIFT, NS
from host_tools.errors import TimeSourceError


def aged(sample: Sample, now_ns: int) -> Sample:
    """The sample with the drift allowed for that this computer's clock may have had since."""
    drift_s = HOST_DRIFT * (now_ns - sample.monotonic_ns) / NS
    return replace(sample, distance_s=sample.distance_s + drift_s)


def one_vote_each(answers: list[Sample]) -> list[Sample]:
    """The answers, without any that may be a second vote of the same machine over its other address
    family.

    Names that share an address share a machine. If one of them answered by IPv6 and one by IPv4,
    that may be the same one. Two addresses of one family count as two machines: in the NTP pool,
    where few servers are near, each of its names stands for all of them. The answer that could be
    the double of most others is dropped first, so that the others keep their votes.
    """
    kept = list(answers)
    while True:
        doubles = [sum(_may_be_one(one, other) for other in kept) for one in kept]
        if not any(doubles):
            return kept
        del kept[max(range(len(kept)), key=lambda index: (doubles[index], index))]


def _may_be_one(one: Sample, other: Sample) -> bool:
    return one.family != other.family and not one.addresses.isdisjoint(other.addresses)


def agreed(answers: list[Sample]) -> tuple[float, float, list[Sample]]:
    """(offset, uncertainty, servers that agree) in seconds; TimeSourceError without a majority.

    All agreeing servers vote; the best of them gives the time: the result is the estimate of the
    agreeing server with the smallest error bound, moved into the interval that all of them share if
    it lies outside. Its bound then still holds: the truth lies within the shared interval, and that
    within its own.
    """
    low_s, high_s = _shared_interval(answers)
    used = [one for one in answers if one.low_s <= low_s and one.high_s >= high_s]
    best = min(used, key=lambda one: one.distance_s)
    return min(max(best.offset_s, low_s), high_s), best.distance_s, used


def _shared_interval(answers: list[Sample]) -> tuple[float, float]:
    """Where the most intervals overlap (Marzullo's algorithm), if that is a majority of them.

    Two places with equally many are no agreement: either could hold the truth.
    """
    edges = sorted(
        [(one.low_s, 0) for one in answers] + [(one.high_s, 1) for one in answers]
    )  # at the same place starts (0) come before ends (1): touching intervals do overlap
    overlap = most = 0
    places: list[tuple[float, float]] = []
    for number, (edge_s, is_end) in enumerate(edges):
        overlap += -1 if is_end else 1
        if not is_end and overlap >= most:
            # No interval starts within a place of most overlap, so that the next edge ends it.
            place = (edge_s, edges[number + 1][0])
            places = [place] if overlap > most else [*places, place]
            most = overlap
    if 2 * most <= len(answers) or len(places) > 1:
        said = ", ".join(f"{one.server} {one.offset_s:+.3f} s" for one in answers)
        raise TimeSourceError(
            f"the time servers disagree ({said}, from this computer's clock);"
            " name more of them with --server, so that a majority can decide"
        )
    return places[0]


def outvoted(bad: Sample, offset_s: float) -> str:
    """Why this answer does not count, where the others agree on `offset_s`."""
    return f"outvoted: it is {bad.offset_s - offset_s:+.3f} s from what the others agree on"
