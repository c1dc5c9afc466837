"""Pictures of a monochrome OLED: square blue-white pixels on near-black glass in a bezel."""

from os import PathLike

from PIL import Image

MAX_SCALE = 32
_BEZEL = (42, 44, 50)
_GLASS = (3, 5, 9)
_DARK_PIXEL = (8, 12, 19)
_DIMMEST = (84, 112, 138)  # a lit pixel at contrast 0
_BRIGHTEST = (205, 237, 255)  # and at contrast 255
_GAP_FROM_SCALE = 3  # below, a gap would take a third of the pixel or more


def write_png(
    path: str | PathLike[str], pixels: list[bytes], scale: int, contrast: int = 0xFF
) -> None:
    """Writes rows of 0 and 1 as a PNG of (width + 2) x (height + 2) panel pixels, bezel included.

    `contrast` is the controller's, 0 to 255. Raises ValueError for a scale outside 1 to MAX_SCALE
    and OSError if the file cannot be written.
    """
    if not 1 <= scale <= MAX_SCALE:
        raise ValueError(f"scale must be 1 to {MAX_SCALE}, not {scale}")
    height, width = len(pixels), len(pixels[0])
    mask = Image.frombytes("L", (width, height), b"".join(pixels)).point(lambda lit: 255 * lit)
    mask = mask.resize((width * scale, height * scale), Image.Resampling.NEAREST)
    panel = Image.new("RGB", mask.size, _DARK_PIXEL)
    panel.paste(_lit_colour(contrast), mask=mask)
    if scale >= _GAP_FROM_SCALE:
        panel.paste(_GLASS, mask=_gaps(mask.size, scale))
    picture = Image.new("RGB", ((width + 2) * scale, (height + 2) * scale), _BEZEL)
    picture.paste(panel, (scale, scale))
    picture.save(path, format="PNG", optimize=True)


def _lit_colour(contrast: int) -> tuple[int, ...]:
    # The eye judges brightness by about the square root of the light.
    level = (contrast / 255) ** 0.5
    return tuple(
        round(low + (high - low) * level) for low, high in zip(_DIMMEST, _BRIGHTEST, strict=True)
    )


def _gaps(size: tuple[int, int], scale: int) -> Image.Image:
    """Mask of the grid between the pixels: one image pixel, more at large scales.

    Where one image pixel is a large part of the panel's, the grid lets some light through: the real
    gaps are narrower than can be drawn there.
    """
    gap = max(1, scale // 8)
    cell = Image.new("L", (scale, scale), min(255, 60 + 22 * scale))
    cell.paste(0, (0, 0, scale - gap, scale - gap))
    line = Image.new("L", (size[0], scale))
    for x in range(0, size[0], scale):
        line.paste(cell, (x, 0))
    grid = Image.new("L", size)
    for y in range(0, size[1], scale):
        grid.paste(line, (0, y))
    return grid
