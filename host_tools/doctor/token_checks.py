"""What a token can be asked about itself: its arithmetic, its storage, its display, its clock."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from host_tools.client import status_words
from host_tools.client.status import ClockStatus
from host_tools.client.token_client import TokenClient
from host_tools.errors import Disagreement, ToolError

# How far the token's clock may be off before `verify` calls it wrong: a third of a usual period.
VERIFY_CLOCK_S = 10


@dataclass(frozen=True)
class Finding:
    """What one check found: in words if it is right, and what is wrong and what to do if not."""

    words: str
    problem: ToolError | None = None


def self_test(token: TokenClient) -> Iterator[Finding]:
    """Each check of the token, gravest first."""
    result, status = token.self_test(), token.status()

    def judged(good: bool, words: str, problem: ToolError) -> Finding:
        return Finding(words, None if good else problem)

    yield judged(
        result.codes,
        "codes: RFC 6238 test vectors",
        Disagreement("the token computes wrong codes: install its firmware again"),
    )
    yield judged(
        status.vault == "ok" and "corrupt" not in result.slots,
        f"accounts: {status_words.account_count(status)}, copies {' and '.join(result.slots)}",
        ToolError(
            status_words.vault_problem(status)
            or "a copy of the accounts is damaged; any change to an account renews it"
        ),
    )
    no_display = ToolError("the display does not answer; check its wires")
    yield judged(status.display == "ok", "display", no_display)
    yield _clock(status.clock)


def _clock(clock: ClockStatus) -> Finding:
    """Whether the token's clock shows what this computer's does."""
    if clock.unix_us is None:
        return Finding("clock", ToolError(f"clock: {status_words.CLOCK_STATES[clock.state]}"))
    error_s = clock.unix_us / 1e6 - time.time()
    problem = Disagreement(
        f"token and computer differ by {error_s:+.0f} s; find out which is right: picototp synctime"
    )
    words = f"clock: {error_s:+.1f} s from this computer's"
    return Finding(words, None if abs(error_s) < VERIFY_CLOCK_S else problem)
