"""What writes, at the ends of what a token may hold and of what its flash may take.

With PICOTOTP_CHIP=all the whole matrix; else one setting of it, which the seed chooses. How long a
command takes is printed; judged is whether the watchdog is fed, and that no cut loses anything.
"""

import random

import pytest

from flash_log import SEED
from host_tools.benchmark import extremes
from tests.chip.chip_bench import ALL

pytestmark = [pytest.mark.chip, pytest.mark.thorough, pytest.mark.timeout(4 * 3600)]

# Those of 255 accounts take minutes of a computer each.
QUICK = [one for one in extremes.SETTINGS if one.accounts < 2]
CHOSEN = extremes.SETTINGS if ALL else random.Random(SEED).sample(QUICK, 1)


def test_the_watchdog_is_fed_and_nothing_is_lost(image):
    found = []
    for result in extremes.measure(image, print, CHOSEN, SEED):
        print(*result.cells(), sep=" | ", flush=True)
        found.append(result)
    assert {one.setting for one in found} == set(CHOSEN)
    assert [one.cells() for one in found if not one.ok] == []
