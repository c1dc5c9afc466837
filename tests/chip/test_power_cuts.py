"""Power cuts at operations of chance, of commands of chance, with tears of chance, and the starts.

With PICOTOTP_CHIP=all there are two hundred, else a few. The seed is printed.
"""

import pytest

from flash_log import SEED
from host_tools.benchmark import power_cuts
from tests.chip.chip_bench import ALL

pytestmark = [pytest.mark.chip, pytest.mark.thorough, pytest.mark.timeout(4 * 3600)]

CUTS = 200 if ALL else 2


def test_nothing_is_lost(image):
    cuts = power_cuts.lives(image, CUTS, SEED, print)
    assert len(cuts) == CUTS
    if ALL:
        assert {cut.tear for cut in cuts} == {"edge", "head", "tail", "bits"}
        assert {cut.was_new for cut in cuts} == {True, False}
