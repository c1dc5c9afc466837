"""QR codes in pictures as people have them: screenshots, scans and photos, made here with segno."""

import io
import random
import subprocess

import pytest
import segno
from PIL import EpsImagePlugin, Image, ImageFile, ImageFilter

from host_tools.credentials.credential import Credential
from host_tools.credentials.otpauth import build_uri, parse_uri
from host_tools.credentials.picture import check_size
from host_tools.credentials.qr import read_qr
from host_tools.errors import UsageProblem

CREDENTIAL = Credential("Zürich Co", "jörg@x.org", bytes(range(20)), "SHA256", 8, 60)
URI = build_uri(CREDENTIAL)
OTHER = build_uri(Credential("", "bob", bytes(20)))
SEED = 20  # of the noise


def picture(text=URI, scale=5, dark="black", light="white", **options):
    """A QR code with its margin as a Pillow image."""
    out = io.BytesIO()
    segno.make_qr(text).save(out, kind="png", scale=scale, dark=dark, light=light, **options)
    return Image.open(out)


def beside(*images):
    """The images in one row on white."""
    width, height = sum(one.width for one in images), max(one.height for one in images)
    row = Image.new("RGB", (width, height), "white")
    left = 0
    for one in images:
        row.paste(one.convert("RGB"), (left, 0))
        left += one.width
    return row


def noisy(image):
    """As a bad photo: uneven light, blur, and noise of its own in every pixel."""
    grey = image.convert("L").filter(ImageFilter.GaussianBlur(1.5))
    dice = random.Random(SEED)
    width = grey.width
    pixels = (
        40 + 0.5 * value * (0.6 + 0.4 * (index % width) / width) + dice.gauss(0, 12)
        for index, value in enumerate(grey.tobytes())
    )
    return Image.frombytes("L", grey.size, bytes(max(0, min(255, round(p))) for p in pixels))


def saved(tmp_path, image, name="code.png"):
    path = tmp_path / name
    image.save(path)
    return path


IMAGES = {
    "plain": lambda: picture(),
    "smallest": lambda: picture(scale=2),
    "large": lambda: picture(scale=20),
    "scaled oddly": lambda: picture().resize((317, 317)),
    "rotated by 90": lambda: picture().convert("L").rotate(90),
    "rotated by 30": lambda: picture().convert("L").rotate(30, expand=True, fillcolor=255),
    "mirrored": lambda: picture().convert("L").transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    "dark mode": lambda: picture(dark="white", light="#121212"),
    "coloured": lambda: picture(dark="darkblue", light="#ffe"),
    "transparent": lambda: picture(light=None),
    "transparent for dark mode": lambda: picture(dark="white", light=None),
    "photo": lambda: noisy(picture().convert("L").rotate(7, expand=True, fillcolor=255)),
    "16 bit": lambda: picture().convert("L").convert("I;16").point(lambda v: v * 257),
    "twice the same": lambda: beside(picture(), picture()),
    "beside another kind": lambda: beside(picture("https://example.org/"), picture()),
}


@pytest.mark.parametrize("kind", IMAGES)
def test_read(tmp_path, kind):
    text = read_qr(saved(tmp_path, IMAGES[kind]()))
    assert text == URI
    assert parse_uri(text) == CREDENTIAL


@pytest.mark.parametrize("name", ["code.jpg", "code.gif", "code.bmp", "code.webp"])
def test_formats(tmp_path, name):
    assert read_qr(str(saved(tmp_path, picture().convert("L"), name))) == URI


def test_the_whole_alphabet_of_a_raw_uri(tmp_path):
    text = "otpauth://totp/Zürich:Jörg 日本?secret=MZXW6YTB"
    assert read_qr(saved(tmp_path, picture(text))) == text


def refusal(path):
    with pytest.raises(UsageProblem) as caught:
        read_qr(path)
    assert "\n" not in caught.value.message and "secret" not in caught.value.message
    return caught.value.message


def test_no_such_file(tmp_path):
    assert "no file" in refusal(tmp_path / "missing.png")


def test_a_directory(tmp_path):
    assert "directory" in refusal(tmp_path)


# Pillow warns about the last one, a TIFF whose list of tags lies beyond its end.
@pytest.mark.parametrize(
    "content",
    [b"", b"hello", b"\x89PNG\r\n\x1a\n", b"GIF89a\0\0", b"II*\0\0\0\0\1"],
)
def test_not_a_picture(tmp_path, content):
    path = tmp_path / "text.png"
    path.write_bytes(content)
    assert "not a picture" in refusal(path)


def test_no_program_is_started_for_a_picture(tmp_path, monkeypatch):
    """Pillow would hand PostScript to Ghostscript."""
    monkeypatch.setattr(subprocess, "check_call", lambda *_, **__: pytest.fail("gs"))
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: pytest.fail("gs"))
    monkeypatch.setattr(EpsImagePlugin, "gs_binary", "gs")
    path = tmp_path / "code.png"
    picture().convert("RGB").save(path, "EPS")
    assert "not a picture" in refusal(path)


def test_a_picture_cut_short(tmp_path):
    path = saved(tmp_path, picture())
    path.write_bytes(path.read_bytes()[:-400])
    assert "not a picture" in refusal(path)


def test_too_large_a_picture(tmp_path, monkeypatch):
    image = picture()
    path = saved(tmp_path, image)
    for limit in (
        1_000,
        image.width * image.height - 1,
    ):  # far above Pillow's limit it raises, just above it only warns
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
        assert "too large" in refusal(path)


@pytest.mark.parametrize("kind", ["PNG", "GIF", "TIFF", "WEBP", "BMP"])
def test_a_small_file_with_too_many_pixels_is_not_decoded(tmp_path, monkeypatch, kind):
    """A PNG of 363 KB cost 1.45 GB."""
    path = tmp_path / "bomb"
    Image.new("L" if kind == "WEBP" else "1", (5_000, 4_001)).save(path, kind)
    refuse = lambda *_: pytest.fail("it was decoded")  # noqa: E731
    monkeypatch.setattr(ImageFile.ImageFile, "load", refuse)
    assert "too large" in refusal(path)


def test_twenty_million_pixels_are_not_too_many():
    check_size(Image.new("1", (5_000, 4_000)))


def test_no_code(tmp_path):
    assert "no QR code" in refusal(saved(tmp_path, Image.new("L", (200, 200), 255)))


def test_half_a_code(tmp_path):
    whole = picture()
    half = whole.crop((0, 0, whole.width // 2, whole.height))
    assert "no QR code" in refusal(saved(tmp_path, half))


def test_two_different_otpauth_codes(tmp_path):
    assert "2 different" in refusal(saved(tmp_path, beside(picture(), picture(OTHER))))


def test_another_code_is_left_to_the_parser(tmp_path):
    text = read_qr(saved(tmp_path, picture("https://example.org/")))
    assert text == "https://example.org/"
    with pytest.raises(UsageProblem, match="not an otpauth"):
        parse_uri(text)
