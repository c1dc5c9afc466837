"""The plots draw what was recorded, in whatever space there is. (How they look was looked at.)"""

import builtins
import xml.etree.ElementTree

import pytest
from PIL import Image

from drift_rig import SyncedClock
from host_tools.clock.drift_plot import fitted_lines, terminal_plot, write_plot
from host_tools.errors import ToolError, UsageProblem


@pytest.fixture(scope="module")
def records():
    """A clock that was 3 s off, ten days of syncs, a trim, and six days more."""
    clock = SyncedClock(1.7, 10.0)
    clock.rtc.set_unix_ns(clock.rtc.unix_ns() + 3_000_000_000)
    clock.sync()
    for day in range(16):
        clock.live(1)
        clock.sync()
        if day == 9:
            clock.trim()
    return clock.records


@pytest.mark.parametrize(("columns", "lines"), [(80, 20), (132, 40), (40, 12), (10, 3)])
def test_it_fits_the_terminal(records, columns, lines):
    drawn = terminal_plot(records, columns, lines, colour=False).splitlines()
    assert len(drawn) <= max(lines, 12)
    assert max(len(line) for line in drawn) <= max(columns, 40)


def test_it_says_what_it_draws(records):
    drawn = terminal_plot(records, 80, 20, colour=False)
    assert "\x1b" not in drawn
    assert "+100┤" in drawn and "3000" not in drawn and "larger error not drawn" in drawn
    assert drawn.count("x") > 10 and drawn.count("o") > 10 and "│ trim" in drawn
    assert "2027-01-15" in drawn and "drift +0.0" in drawn.replace("-0.0", "+0.0")
    assert "\x1b" in terminal_plot(records, 80, 20, colour=True)


def test_too_little_to_draw(records, tmp_path):
    for some in ([], records[:1]):
        assert "two measurements" in terminal_plot(some, 80, 20, colour=False)
        with pytest.raises(ToolError, match="two measurements"):
            write_plot(some, tmp_path / "a.png")


def test_two_equal_measurements_are_drawn(records, tmp_path):
    for some in ([records[1]] * 2, records[1:3]):
        assert "┤" in terminal_plot(some, 80, 20, colour=False)
        write_plot(some, tmp_path / "a.png")


def test_a_line_for_each_free_run_with_the_drift_of_its_aging(records):
    lines = fitted_lines(records)
    slopes = [
        (line.end_error_s - line.start_error_s) / (line.end_unix_s - line.start_unix_s) * 1e6
        for line in lines
    ]
    assert len(lines) == 16
    assert slopes[:10] == pytest.approx([1.7] * 10, abs=0.05)
    assert slopes[10:] == pytest.approx([0.0] * 6, abs=0.05)


def test_a_png_and_an_svg(records, tmp_path):
    write_plot(records, tmp_path / "drift.png")
    with Image.open(tmp_path / "drift.png") as picture:
        assert picture.size == (1080, 600) and len(picture.getcolors(1 << 20)) > 4
    write_plot(records, tmp_path / "drift.SVG")
    root = xml.etree.ElementTree.parse(tmp_path / "drift.SVG").getroot()
    assert root.tag.endswith("svg")


def test_another_ending_is_refused(records, tmp_path):
    with pytest.raises(UsageProblem, match=r"\.png or \.svg"):
        write_plot(records, tmp_path / "drift.pdf")


def test_a_file_that_cannot_be_written(records, tmp_path):
    with pytest.raises(ToolError, match="cannot write"):
        write_plot(records, tmp_path / "none" / "drift.png")


def test_matplotlib_is_named_where_it_is_missing(records, tmp_path, monkeypatch):
    def without(name, *rest, load=builtins.__import__):
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return load(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ToolError, match="pip install matplotlib"):
        write_plot(records, tmp_path / "drift.png")
