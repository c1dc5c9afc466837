"""The accounts' texts in the QR codes of a picture: a screenshot, a scan, a photo, an animation.

zxing-cpp finds and decodes (any angle, any size); picture.py shows it the picture in several views.
What was scanned holds a secret, so none of it appears in an error.
"""

import os
from collections.abc import Iterable

import zxingcpp
from PIL import Image

from host_tools.credentials import picture
from host_tools.credentials.qr_sequence import Code, code_of, joined
from host_tools.errors import UsageProblem

_ACCOUNTS = ("otpauth://", "otpauth-migration://", "apple-otpauth://")


def read_qr(path: str | os.PathLike[str]) -> str:
    """The text of the one account in the picture at `path`; UsageProblem if it shows several."""
    texts = read_all_qr([path])
    if len(texts) > 1:
        raise UsageProblem(
            f"{len(texts)} different otpauth QR codes in {os.fspath(path)}; crop it to the one to"
            " add"
        )
    return texts[0]


def read_all_qr(paths: Iterable[str | os.PathLike[str]]) -> list[str]:
    """The texts of all accounts in these pictures, each once, in the order found.

    A picture without an account's code gives the text of another QR code, for `otpauth.parse_uri`
    to refuse. UsageProblem for a file that is no picture, a picture without QR code, and an
    account of which a part is missing.
    """
    codes: list[Code] = []
    for path in paths:
        codes += codes_in(picture.read_picture_file(path), os.fspath(path))
    return accounts_of(codes)


def codes_in(data: bytes, shown: str) -> list[Code]:
    """The different codes in the picture that `data` is, at least one. Raises UsageProblem."""
    codes: list[Code] = []
    for frame in picture.frames(data, shown):
        codes += _codes(frame)
    if not codes:
        raise UsageProblem(
            f"no QR code found in {shown}; take a sharper picture that shows all of it, with some "
            "margin"
        )
    return list(dict.fromkeys(codes))


def accounts_of(codes: Iterable[Code]) -> list[str]:
    """The texts of codes, parts put together; only the accounts' if there are any."""
    texts = joined(list(codes))
    return [text for text in texts if text.strip().lower().startswith(_ACCOUNTS)] or texts


def _codes(image: Image.Image) -> list[Code]:
    greys = picture.in_grey(image)
    # All of these, because one picture may show one code with its margin and one without.
    found = [code for grey in greys for view in picture.plain_views(grey) for code in _read(view)]
    if found:
        return found
    for grey in greys:
        for view in picture.filtered_views(grey):
            found = _read(view)
            if found:
                return found
    return []


def _read(view: Image.Image) -> list[Code]:
    formats = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
    found = zxingcpp.read_barcodes(view, formats=formats, text_mode=zxingcpp.TextMode.Plain)
    return [code_of(barcode) for barcode in found]
