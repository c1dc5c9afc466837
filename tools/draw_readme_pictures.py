"""Draws the pictures of the README (docs/demo.gif, docs/code-screen.png, docs/confirm-screen.png)
and those of docs/screens.md (docs/screens/*.png).

    python tools/draw_readme_pictures.py           writes them
    python tools/draw_readme_pictures.py --check   exits 1 when one shows something else

What the display shows comes from the firmware itself, which MicroPython runs in readme_scenes.py
and screens_tour.py with a clock moved by hand. Around the demo's, a display module on a breadboard
and a button are drawn. Pictures are compared by their pixels and times, since a compressor may pack
them differently.
"""

import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageChops, ImageDraw, ImageSequence

from picototp.screens.text import columns

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
SCRIPTS = [
    Path(__file__).resolve().with_name(f"{name}.py") for name in ("readme_scenes", "screens_tour")
]
DEMO, CODE, CONFIRM = DOCS / "demo.gif", DOCS / "code-screen.png", DOCS / "confirm-screen.png"

Box = tuple[int, int, int, int]
Colour = tuple[int, int, int]

SCALE = 3  # picture pixels for a pixel of the display
SMOOTH = 4  # shapes are drawn so much larger, and then made smaller

PAPER = (236, 234, 228)  # the breadboard
HOLE = (196, 193, 184)
BOARD = (24, 54, 104)  # the display's circuit board
BOARD_EDGE = (15, 36, 72)
SOLDER = (205, 178, 92)
PRINT = (214, 224, 240)
GLASS = (3, 5, 9)
DARK_PIXEL = (7, 10, 16)
LIT_PIXEL = (196, 230, 255)
LIT_GAP = (150, 180, 204)  # between two lit pixels
METAL = (176, 180, 186)
METAL_EDGE = (120, 124, 130)
CAP = (34, 36, 40)
CAP_DOWN = (62, 66, 74)
FINGER_RING = (232, 120, 60)  # around a button that is pressed
INK = (58, 60, 66)

SIZE = (560, 316)
MODULE: Box = (16, 16, 436, 276)
WINDOW = (34, 54)  # the display's upper left pixel
BUTTON = (498, 146)  # its middle
CAPTION = (18, 288)
HEADER = ("GND", "VCC", "SCL", "SDA")


class Scene(NamedTuple):
    """One look at the token: the display as rows of '#' and '.', and for how long it is shown."""

    picture: str
    shown_ms: int
    down: bool
    caption: str
    rows: list[str]


def play() -> list[Scene]:
    """Run the scripts on MicroPython, and return what the firmware showed."""
    beside = Path(sys.executable).with_name("micropython")
    program = str(beside) if beside.exists() else shutil.which("micropython")
    if program is None:
        sys.exit("micropython is not installed; run: make install-dev")
    environment = {**os.environ, "MICROPYPATH": str(ROOT / "firmware")}
    printed: list[str] = []
    for script in SCRIPTS:
        run = subprocess.run(
            [program, str(script)], env=environment, capture_output=True, text=True, check=False
        )
        if run.returncode != 0:
            sys.exit(f"{script.name} failed: {run.stdout[-1000:]}{run.stderr}")
        printed += run.stdout.splitlines()
    lines = iter(printed)
    scenes = []
    for line in lines:
        told = json.loads(line)
        rows = list(itertools.islice(lines, 64))
        scenes.append(Scene(told["scene"], told["ms"], told["down"], told["caption"], rows))
    return scenes


# ---- what stands around the display


class Pen:
    """Draws smooth shapes, in pixels of the picture."""

    def __init__(self, size: tuple[int, int]) -> None:
        self._image = Image.new("RGB", (size[0] * SMOOTH, size[1] * SMOOTH), PAPER)
        self._draw = ImageDraw.Draw(self._image)

    def box(self, box: Box, colour: Colour, radius: int = 0, edge: Colour | None = None) -> None:
        x0, y0, x1, y1 = (SMOOTH * at for at in box)
        self._draw.rounded_rectangle(
            (x0, y0, x1 - 1, y1 - 1), radius * SMOOTH, colour, edge, 2 * SMOOTH if edge else 0
        )

    def disc(
        self, middle: tuple[int, int], radius: int, colour: Colour, edge: Colour | None = None
    ) -> None:
        x, y = middle
        self.box((x - radius, y - radius, x + radius, y + radius), colour, radius, edge)

    def finished(self) -> Image.Image:
        return self._image.reduce(SMOOTH)


def write(
    image: Image.Image, text: str, at: tuple[int, int], colour: Colour, scale: int = 1
) -> None:
    """Write in the font of the display."""
    draw = ImageDraw.Draw(image)
    for x, column in enumerate(columns(text)):
        for y in range(8):
            if column >> y & 1:
                left, top = at[0] + scale * x, at[1] + scale * y
                draw.rectangle((left, top, left + scale - 1, top + scale - 1), colour)


def draw_module(pen: Pen, box: Box) -> list[int]:
    """Draw the display's circuit board; returns the x of each pin."""
    left, top, right, bottom = box
    pen.box(box, BOARD, 10, BOARD_EDGE)
    for x, y in itertools.product((left + 14, right - 14), (top + 14, bottom - 14)):
        pen.disc((x, y), 7, PAPER, SOLDER)
    middle = (left + right) // 2
    pins = [middle - 54 + 36 * i for i in range(len(HEADER))]
    for x in pins:
        pen.disc((x, top + 10), 5, SOLDER)
        pen.disc((x, top + 10), 2, METAL_EDGE)
    pen.box((left + 12, top + 32, right - 12, bottom - 24), GLASS, 4)
    return pins


def draw_button(pen: Pen, down: bool) -> None:
    x, y = BUTTON
    for dx, dy in itertools.product((-24, 24), (-40, 40)):
        pen.box((x + dx - 3, y + min(dy, 0), x + dx + 3, y + max(dy, 0)), METAL_EDGE, 2)
    pen.box((x - 34, y - 34, x + 34, y + 34), METAL, 6, METAL_EDGE)
    if down:
        pen.disc((x, y), 27, FINGER_RING)
        pen.disc((x, y), 21, CAP_DOWN)
    else:
        pen.disc((x, y), 23, CAP, METAL_EDGE)


def draw_breadboard(pen: Pen, size: tuple[int, int]) -> None:
    for x, y in itertools.product(range(10, size[0], 18), range(10, size[1] - 40, 18)):
        pen.box((x, y, x + 4, y + 4), HOLE, 1)


def scenery(down: bool) -> Image.Image:
    """The breadboard with a dark display and the button."""
    pen = Pen(SIZE)
    draw_breadboard(pen, SIZE)
    pins = draw_module(pen, MODULE)
    draw_button(pen, down)
    image = pen.finished()
    for x, name in zip(pins, HEADER, strict=True):
        write(image, name, (x - 8, MODULE[1] + 19), PRINT)
    return image


# ---- the display


def draw_display(image: Image.Image, rows: list[str], at: tuple[int, int], scale: int) -> None:
    """Draw square pixels, with a slightly darker gap between lit ones."""
    draw = ImageDraw.Draw(image)
    left, top = at
    draw.rectangle((left, top, left + 128 * scale - 1, top + 64 * scale - 1), DARK_PIXEL)
    for y, x in itertools.product(range(64), range(128)):
        if rows[y][x] == "#":
            x0, y0 = left + scale * x, top + scale * y
            draw.rectangle((x0, y0, x0 + scale - 1, y0 + scale - 1), LIT_GAP)
            draw.rectangle((x0, y0, x0 + scale - 2, y0 + scale - 2), LIT_PIXEL)


def frame(scene: Scene) -> Image.Image:
    """A picture of the demo."""
    image = scenery(scene.down)
    draw_display(image, scene.rows, WINDOW, SCALE)
    write(image, scene.caption, CAPTION, INK, 2)
    return image


def still(scene: Scene) -> Image.Image:
    """A picture of the display alone."""
    scale = 2 if "/" in scene.picture else 4
    image = Image.new("RGB", ((128 + 6) * scale, (64 + 6) * scale), GLASS)
    draw_display(image, scene.rows, (3 * scale, 3 * scale), scale)
    return image


# ---- files


def drawn() -> dict[Path, tuple[list[Image.Image], list[int]]]:
    """The pictures of each file, and how many milliseconds each is shown."""
    scenes = play()
    demo = [scene for scene in scenes if scene.picture == "demo"]
    files = {DEMO: ([frame(scene) for scene in demo], [scene.shown_ms for scene in demo])}
    for scene in scenes:
        if scene.picture != "demo":
            files[DOCS / f"{scene.picture}.png"] = ([still(scene)], [0])
    return files


def in_few_colours(images: list[Image.Image]) -> list[Image.Image]:
    """Give all pictures one palette, so that the GIF stores only what changes between two."""
    strip = Image.new("RGB", (SIZE[0], SIZE[1] * len(images)))
    for i, image in enumerate(images):
        strip.paste(image, (0, SIZE[1] * i))
    palette = strip.quantize(64, dither=Image.Dither.NONE)
    return [image.quantize(palette=palette, dither=Image.Dither.NONE) for image in images]


def save(path: Path, images: list[Image.Image], shown_ms: list[int]) -> None:
    if path.suffix == ".gif":
        first, *others = in_few_colours(images)
        first.save(path, save_all=True, append_images=others, duration=shown_ms, loop=0)
    else:
        path.parent.mkdir(exist_ok=True)
        images[0].quantize(8, dither=Image.Dither.NONE).save(path, optimize=True)


def timeline(path: Path) -> Iterator[tuple[Image.Image, int]]:
    """Each picture of a file and its time. Equal neighbours are joined, as in a written GIF."""
    joined: list[tuple[Image.Image, int]] = []
    with Image.open(path) as image:
        for each in ImageSequence.Iterator(image):
            shown_ms = int(each.info.get("duration", 0))
            picture = each.convert("RGB")
            if joined and ImageChops.difference(picture, joined[-1][0]).getbbox() is None:
                joined[-1] = (picture, joined[-1][1] + shown_ms)
            else:
                joined.append((picture, shown_ms))
    yield from joined


def same(one: Path, other: Path) -> bool:
    """Whether two files show the same for the same times."""
    pairs = itertools.zip_longest(timeline(one), timeline(other))
    return all(
        a is not None
        and b is not None
        and a[1] == b[1]
        and a[0].size == b[0].size
        and ImageChops.difference(a[0], b[0]).getbbox() is None
        for a, b in pairs
    )


def check(folder: Path) -> int:
    """Return 0 if the files in docs/ are current; draws them in `folder` to compare."""
    stale = []
    for path, (images, shown_ms) in drawn().items():
        drawn_now = folder / path.name
        save(drawn_now, images, shown_ms)
        if not path.exists() or not same(path, drawn_now):
            stale.append(path.name)
    if stale:
        print(f"not current: {', '.join(stale)}; run python tools/draw_readme_pictures.py")
    return 1 if stale else 0


def main(arguments: Sequence[str]) -> int:
    if list(arguments) == ["--check"]:
        with tempfile.TemporaryDirectory() as folder:
            return check(Path(folder))
    for path, (images, shown_ms) in drawn().items():
        save(path, images, shown_ms)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
