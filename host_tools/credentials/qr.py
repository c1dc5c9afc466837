"""The text of an otpauth QR code in a picture: a screenshot, a scan or a photo.

zxing-cpp finds and decodes (any angle, any size, light on dark too), Pillow opens the file. What
was scanned holds a secret, so none of it appears in an error.
"""

import itertools
import os
import warnings
from collections.abc import Iterator

import zxingcpp
from PIL import Image, ImageFilter, UnidentifiedImageError

from host_tools.errors import UsageProblem

_OTPAUTH_PREFIXES = ("otpauth://", "otpauth-migration://")
# No others: Pillow goes by the content, and hands an EPS file to Ghostscript, a program.
_PICTURES = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM")
_FORMATS = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])


def read_qr(path: str | os.PathLike[str]) -> str:
    """The text of the one otpauth QR code in the picture at `path`.

    Without an otpauth code, the text of another QR code is returned for `otpauth.parse_uri` to
    refuse. Raises UsageProblem for a file that is not there or not a picture, for a picture
    without QR code, and for one with several different otpauth codes.
    """
    shown = os.fspath(path)
    texts = _qr_texts(_open(shown))
    if not texts:
        raise UsageProblem(
            f"no QR code found in {shown}; take a sharper picture that shows all of it, with margin"
        )
    wanted = [text for text in texts if text.strip().lower().startswith(_OTPAUTH_PREFIXES)]
    if len(wanted) > 1:
        raise UsageProblem(
            f"{len(wanted)} different otpauth QR codes in {shown}; crop it to the one to add"
        )
    return (wanted or texts)[0]


def _open(path: str) -> Image.Image:
    """The decoded picture. Pillow raises many kinds of error for damaged files: all are usage."""
    try:
        with warnings.catch_warnings():
            # What Pillow finds odd about a damaged file is no use to anybody who wants its code.
            warnings.simplefilter("ignore")
            # A picture above Pillow's limit of pixels is refused rather than warned about.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=_PICTURES) as image:
                image.load()
                return image
    except FileNotFoundError:
        raise UsageProblem(f"there is no file {path}; check the name") from None
    except IsADirectoryError:
        raise UsageProblem(f"{path} is a directory; name the picture in it") from None
    except PermissionError:
        raise UsageProblem(f"{path} may not be read; check its permissions") from None
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise UsageProblem(f"{path} is too large a picture; crop it to the QR code") from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError):
        raise UsageProblem(f"{path} is not a picture that can be read; use PNG or JPEG") from None


def _qr_texts(image: Image.Image) -> list[str]:
    """The different texts of all QR codes in the picture, in the order found."""
    greys = list(_on_backgrounds(image))
    # The noise of a photo taken in poor light hides a code that a median filter brings out.
    attempts = itertools.chain(greys, (grey.filter(ImageFilter.MedianFilter(3)) for grey in greys))
    for grey in attempts:
        found = zxingcpp.read_barcodes(grey, formats=_FORMATS, text_mode=zxingcpp.TextMode.Plain)
        if found:
            return list(dict.fromkeys(barcode.text for barcode in found))
    return []


def _on_backgrounds(image: Image.Image) -> Iterator[Image.Image]:
    """The picture in grey; a transparent one on white and on black, whichever it was drawn for."""
    if not image.has_transparency_data:
        yield image.convert("L")
        return
    rgba = image.convert("RGBA")
    for background in ("white", "black"):
        yield Image.alpha_composite(Image.new("RGBA", rgba.size, background), rgba).convert("L")
