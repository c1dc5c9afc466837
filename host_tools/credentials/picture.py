"""Pictures as files have them, and the views of one in which a QR code may show.

Pillow opens the file. Codes are often shown where a reader does not find them: flush with a dark
page, without their margin, light on dark, drawn by a terminal with gaps between its lines. Each
view undoes one of these.
"""

import io
import itertools
import os
import warnings
from collections.abc import Callable, Iterator

from PIL import Image, ImageChops, ImageFilter, ImageOps, ImageSequence

from host_tools.credentials import named_file
from host_tools.credentials.library_errors import LIBRARY_ERRORS
from host_tools.errors import UsageProblem

# No others: Pillow goes by the content, and hands an EPS file to Ghostscript, a program.
_FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM")
_BEGINNINGS = (
    *(b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"BM", b"II*\0", b"MM\0*"),
    *(b"P1", b"P2", b"P3", b"P4", b"P5", b"P6"),
)
# A few hundred KB of PNG can hold hundreds of millions of equal pixels. A photo has some 12
# million, and a screenshot of a large display 15.
MOST_PIXELS = 20_000_000
_MOST_FRAMES = 200
_MOST_FRAME_PIXELS = 400_000_000  # of all frames together
_MOST_PIXELS_TO_FILTER = 4_000_000
_MARGIN = 40  # pixels
_FILE_MAX_BYTES = 256 << 20
_GREYS = range(24, 250, 32)
_MODULES = range(21, 98, 4)  # along a side of a QR code of versions 1 to 20
_GAPS = (1, 2, 3, 4, 6, 8)  # pixels between a terminal's lines


def is_picture(data: bytes) -> bool:
    """Whether the file begins as one of the formats that are read."""
    return data.startswith(_BEGINNINGS) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP")


def read_picture_file(path: str | os.PathLike[str]) -> bytes:
    """What is in the file. UsageProblem if it cannot be read."""
    data = named_file.content(path, _FILE_MAX_BYTES, "picture")
    if len(data) > _FILE_MAX_BYTES:
        raise UsageProblem(f"{path} is too large a picture; crop it to the QR code")
    return data


def frames(data: bytes, shown: str) -> Iterator[Image.Image]:
    """The pictures of a file, one after the other: an animation and a TIFF have several.

    Pillow raises many kinds of error for damaged files: all are usage. `shown` is the file's name
    for people.
    """
    try:
        with warnings.catch_warnings():
            # Pillow's warnings about a damaged file do not help somebody who wants its code.
            warnings.simplefilter("ignore")
            # A picture above Pillow's limit of pixels is refused rather than warned about.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
                pixels = 0
                for number, frame in enumerate(ImageSequence.Iterator(image)):
                    check_size(frame)
                    pixels += image.width * image.height
                    if number >= _MOST_FRAMES or pixels > _MOST_FRAME_PIXELS:
                        raise Image.DecompressionBombError
                    frame.load()
                    yield frame.copy()
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise UsageProblem(f"{shown} is too large a picture; crop it to the QR code") from None
    except LIBRARY_ERRORS:
        raise UsageProblem(f"{shown} is not a picture that can be read; use PNG or JPEG") from None


def check_size(image: Image.Image) -> None:
    """DecompressionBombError for a picture of too many pixels; call it before they are decoded."""
    if image.width * image.height > MOST_PIXELS:
        raise Image.DecompressionBombError


def in_grey(image: Image.Image) -> list[Image.Image]:
    """The picture in grey; a transparent one on white and on black, whichever it was drawn for."""
    if not image.has_transparency_data:
        return [image.convert("L")]
    rgba = image.convert("RGBA")
    return [
        Image.alpha_composite(Image.new("RGBA", rgba.size, background), rgba).convert("L")
        for background in ("white", "black")
    ]


def plain_views(grey: Image.Image) -> Iterator[Image.Image]:
    """The picture itself, and with a margin of white and of black."""
    yield grey
    yield ImageOps.expand(grey, _MARGIN, 255)
    yield ImageOps.expand(grey, _MARGIN, 0)


def filtered_views(grey: Image.Image) -> Iterator[Image.Image]:
    """Views for a picture in which nothing was found, the likeliest first."""
    if grey.width * grey.height > _MOST_PIXELS_TO_FILTER:
        grey = grey.copy()
        side = int(_MOST_PIXELS_TO_FILTER**0.5)
        grey.thumbnail((side, side))
    # The noise of a photo taken in poor light hides a code that a median filter brings out.
    yield grey.filter(ImageFilter.MedianFilter(3))
    for low, high in _bands(grey):
        band = grey.point([255 if low < value <= high else 0 for value in range(256)])
        # The page becomes the margin of a code whose own was left out.
        yield ImageOps.expand(band, _MARGIN, 255)
        yield ImageOps.expand(band, _MARGIN, 0)
    for gap in _GAPS:
        for first, second in (
            (ImageChops.lighter, ImageChops.darker),
            (ImageChops.darker, ImageChops.lighter),
        ):
            closed = _swept(_swept(grey, gap, 1, first), gap, -1, second)
            yield ImageOps.expand(closed, _MARGIN, 255)
            yield ImageOps.expand(closed, _MARGIN, 0)
    for one in (grey, ImageOps.invert(grey)):
        yield from _without_page(one)


def _without_page(grey: Image.Image) -> Iterator[Image.Image]:
    """A dark code on a page as dark as itself, as if it had been cut out: its outermost modules
    are told from the page only by how many modules a code can have."""
    bright = grey.point(lambda value: 255 if value > 127 else 0)
    box = bright.getbbox()
    if box is None:
        return
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    if not 0.95 < width / height < 1.05 or width < _MODULES.start:
        return
    for modules in _MODULES:
        edge = round(width / (modules - 2))
        inside = bright.crop((left - edge, top - edge, right + edge, bottom + edge))
        cut_out = ImageOps.expand(inside, 4 * edge, 255)
        yield cut_out
        yield cut_out.resize((2 * cut_out.width, 2 * cut_out.height))


def _bands(grey: Image.Image) -> list[tuple[int, int]]:
    """Ranges of grey to tell from the rest: around those that fill most of the picture, and all
    above a threshold."""
    histogram = grey.histogram()
    common = sorted(sorted(range(256), key=lambda value: -histogram[value])[:4])
    between = [(low + high) // 2 for low, high in itertools.pairwise(common)]
    bands = [(level, 255) for level in (*between, *_GREYS)]
    bands += list(itertools.pairwise(between))
    return list(dict.fromkeys(bands))


def _swept(
    grey: Image.Image,
    gap: int,
    step: int,
    chosen: Callable[[Image.Image, Image.Image], Image.Image],
) -> Image.Image:
    """Each pixel the lighter or darker one of itself and the `gap` pixels above or below it."""
    result = grey
    for _ in range(gap):
        result = chosen(result, ImageChops.offset(result, 0, step))
    return result
