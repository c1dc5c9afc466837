"""The README's pictures are what the firmware shows now."""

import importlib.util

import pytest
from PIL import Image

from tests.docs.pages import ROOT

TOOL = ROOT / "tools" / "draw_readme_pictures.py"
GIF_BYTES_AT_MOST = 300_000


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("draw_readme_pictures", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_pictures_are_current(tool, tmp_path, capsys):
    assert tool.check(tmp_path) == 0, capsys.readouterr().out


def test_the_gif_is_small_and_moves(tool):
    assert tool.DEMO.stat().st_size <= GIF_BYTES_AT_MOST
    with Image.open(tool.DEMO) as gif:
        assert gif.n_frames > 20
        assert gif.info["loop"] == 0  # for ever


def test_the_scenes_are_a_press_a_code_the_next_code_and_the_dark(tool):
    demo = [scene for scene in tool.play() if scene.picture == "demo"]
    lit = ["#" in "".join(scene.rows) for scene in demo]
    assert lit == [False] + [True] * (len(demo) - 2) + [False]
    assert [scene.down for scene in demo[:3]] == [False, True, False]
    digits = [tuple(scene.rows[19:45]) for scene in demo]
    assert len(set(digits)) == 5  # the dark, a code, the next one, two other accounts


@pytest.mark.parametrize("change", ["pixel", "time", "length"])
def test_a_stale_picture_is_found(tool, tmp_path, change):
    images, shown_ms = tool.drawn()[tool.DEMO]
    if change == "pixel":
        images[3].putpixel((100, 100), (255, 0, 0))
    elif change == "time":
        shown_ms[3] += 100
    else:
        images, shown_ms = images[:-1], shown_ms[:-1]
    tool.save(tmp_path / "demo.gif", images, shown_ms)
    assert not tool.same(tool.DEMO, tmp_path / "demo.gif")
