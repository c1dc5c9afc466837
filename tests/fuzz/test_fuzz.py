"""The fuzz targets for some seconds, so that they stay right; `make fuzz` runs them for longer.

Frames, requests and URIs have random tests of their own beside what they test; here these take
their seeds only.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from targets import TARGETS

# How many inputs make a second or two.
EXAMPLES = {
    "vault": 300,
    "key-files": 300,
    "sealed-vault": 15,
    "clock-files": 25,
    "picture": 150,
    "backup": 400,
    "import-json": 60,
    "import-xml": 60,
    "import-zip": 60,
    "import-text": 60,
    "import-binary": 15,
    "google-migration": 300,
    "java-map": 150,
    "pasted-text": 150,
    "answers": 400,
    "board": 400,
}


def spoilt(seeds):
    """A seed with some bytes overwritten and perhaps its end missing."""

    @st.composite
    def draw_one(draw):
        data = bytearray(draw(st.sampled_from(seeds)))
        for _ in range(draw(st.integers(0, 6))):
            if data:
                data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
        return bytes(data[: draw(st.integers(0, len(data)))] if draw(st.booleans()) else data)

    return draw_one()


@pytest.mark.parametrize("name", TARGETS)
def test_the_seeds(name):
    make, seeds = TARGETS[name]
    target = make()
    for seed in seeds:
        target(seed)


@pytest.mark.parametrize(("name", "examples"), EXAMPLES.items())
def test_any_bytes(name, examples):
    make, seeds = TARGETS[name]
    target = make()

    @settings(max_examples=examples)
    @given(st.binary(max_size=400) | spoilt(seeds))
    def run(data):
        target(data)

    run()
