"""What a majority of servers agrees on, whatever the others say."""

import socket
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from host_tools.clock import majority, ntp_exchange
from host_tools.errors import TimeSourceError

NS = 1_000_000_000


def sample(name, offset_s, distance_s):
    return ntp_exchange.Sample(name, offset_s, 2 * distance_s, distance_s, 0)


def test_a_pool_s_name_with_ipv6_costs_its_other_names_no_vote():
    pool = frozenset({"192.0.2.1", "192.0.2.2", "192.0.2.3", "2001:db8::1"})
    answers = [
        replace(sample(name, 0.0, 0.1), family=family, addresses=pool)
        for name, family in (("2", socket.AF_INET6), ("0", socket.AF_INET), ("1", socket.AF_INET))
    ]
    apart = replace(sample("apart", 0.0, 0.1), family=socket.AF_INET6)
    assert [one.server for one in majority.one_vote_each([*answers, apart])] == ["0", "1", "apart"]


def test_the_best_estimate_is_moved_into_the_shared_interval():
    answers = [sample("a", 0.0, 10.0), sample("b", 12.0, 5.0), sample("liar", 40.0, 1.0)]
    assert majority.agreed(answers) == (10.0, 5.0, answers[:2])


distances = st.floats(0.0001, 1.0)


@given(st.lists(st.tuples(distances, st.floats(-1, 1)), min_size=1, max_size=7))
def test_honest_servers_agree_on_bounds_that_hold_the_truth(servers):
    answers = [sample(str(i), 7 + d * error, d * 1.0001) for i, (d, error) in enumerate(servers)]
    offset_s, uncertainty_s, used = majority.agreed(answers)
    assert used == answers
    assert abs(offset_s - 7) <= uncertainty_s + 1e-9
    assert uncertainty_s == min(one.distance_s for one in answers)


@given(
    st.lists(st.tuples(distances, st.floats(-1, 1)), min_size=2, max_size=5),
    st.lists(st.tuples(distances, st.floats(-10, 10)), max_size=4),
)
def test_a_lying_minority_cannot_move_the_time_beyond_an_honest_bound(honest, lies):
    lies = lies[: len(honest) - 1]
    true = [sample(f"h{i}", d * error, d * 1.0001) for i, (d, error) in enumerate(honest)]
    answers = true + [sample(f"l{i}", off, d) for i, (d, off) in enumerate(lies)]
    try:
        offset_s, _, used = majority.agreed(answers)
    except TimeSourceError:
        return
    assert any(one in used for one in true)
    assert any(one.low_s <= offset_s <= one.high_s for one in true)
