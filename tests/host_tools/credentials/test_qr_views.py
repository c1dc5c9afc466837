"""QR codes where a reader does not find them: without margin, inverted, with gaps, in parts, in the
later pictures of a file. Another reader gives a second opinion."""

import io

import pytest
import segno
from PIL import Image

import judges
from host_tools.credentials.credential import Credential
from host_tools.credentials.otpauth import build_uri
from host_tools.credentials.picture import _without_page, frames, plain_views
from host_tools.credentials.qr import accounts_of, codes_in, read_all_qr, read_qr
from host_tools.errors import UsageProblem

URI = build_uri(Credential("Zürich Co", "jörg@x.org", bytes(range(20)), "SHA256", 8, 60))
OTHER = build_uri(Credential("", "bob", bytes(20)))
THIRD = build_uri(Credential("X", "carol", bytes(10)))


def code(text=URI, scale=5, border=4, dark="black", light="white"):
    return drawn(segno.make_qr(text), scale=scale, border=border, dark=dark, light=light)


def drawn(qr, **options):
    out = io.BytesIO()
    qr.save(out, kind="png", **options)
    return Image.open(out).convert("RGB")


def on_page(image, colour, margin=60):
    page = Image.new("RGB", (image.width + 2 * margin, image.height + 2 * margin), colour)
    page.paste(image, (margin, margin))
    return page


def with_gaps(image, line, gap, colour):
    """As a terminal shows it: after each `line` pixels, `gap` pixels of background."""
    rows = range(0, image.height, line)
    page = Image.new("RGB", (image.width, image.height + len(rows) * gap), colour)
    for number, top in enumerate(rows):
        part = image.crop((0, top, image.width, min(image.height, top + line)))
        page.paste(part, (0, number * (line + gap)))
    return page


def beside(*images):
    page = Image.new("RGB", (sum(one.width for one in images), images[0].height), "white")
    left = 0
    for one in images:
        page.paste(one, (left, 0))
        left += one.width
    return page


def data_of(image, kind="PNG", **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def texts(data):
    return accounts_of(codes_in(data, "picture"))


@pytest.mark.parametrize("colour", ["#000", "#0d1117", "#1e1e1e", "#222244", "#444", "#666"])
def test_flush_with_a_dark_page(colour):
    assert texts(data_of(on_page(code(border=0), colour))) == [URI]


@pytest.mark.parametrize("page", ["#0d1117", "#1e1e1e", "#555"])
def test_flush_with_a_dark_page_and_small(page):
    assert texts(data_of(on_page(code(border=0, scale=2), page))) == [URI]


def test_flush_with_a_dark_page_in_a_photo():
    data = data_of(on_page(code(border=0), "#1b1f24"), "JPEG", quality=60)
    assert texts(data) == [URI]


@pytest.mark.parametrize("page", ["white", "#eee", "#ccc", "#ffff88"])
@pytest.mark.parametrize(("dark", "light"), [("white", "black"), ("#ddd", "#222")])
@pytest.mark.parametrize("border", [0, 1, 4])
def test_inverted_on_a_light_page(page, dark, light, border):
    image = on_page(code(border=border, dark=dark, light=light), page)
    assert texts(data_of(image)) == [URI]


@pytest.mark.parametrize(("line", "gap"), [(5, 1), (8, 1), (10, 2), (10, 3), (20, 2), (20, 4)])
@pytest.mark.parametrize(("dark", "light"), [("black", "white"), ("#ddd", "#1e1e1e")])
def test_with_the_gaps_between_a_terminals_lines(line, gap, dark, light):
    image = code(scale=line // 2 if line > 5 else 5, dark=dark, light=light)
    for background in (dark, light):
        assert texts(data_of(with_gaps(image, line, gap, background))) == [URI]


def parts(count=2, text=URI, **options):
    return [drawn(one, scale=4) for one in segno.make_sequence(text, symbol_count=count, **options)]


@pytest.mark.parametrize("count", [2, 3, 5, 9])
@pytest.mark.parametrize("error", ["L", "M", "Q", "H"])
def test_parts_are_put_together(count, error):
    images = parts(count, error=error)
    assert texts(data_of(beside(*images))) == [URI]
    assert texts(data_of(beside(*images[::-1]))) == [URI]


def test_parts_of_a_long_text_have_several_blocks_each():
    text = build_uri(Credential("x" * 64, "y" * 64, bytes(range(128)), "SHA512", 8))
    for error in "LMQH":
        assert texts(data_of(beside(*parts(9, text, error=error)))) == [text]


def test_parts_that_are_too_large_are_refused():
    text = build_uri(Credential("x" * 64, "y" * 64, bytes(range(128)), "SHA512", 8))
    with pytest.raises(UsageProblem, match="too large"):
        texts(data_of(beside(*parts(2, text, error="H"))))


def test_parts_in_several_pictures(tmp_path):
    paths = []
    for number, image in enumerate(parts(3)):
        paths.append(tmp_path / f"{number}.png")
        image.rotate(90 * number).save(paths[-1])
    assert read_all_qr(paths) == [URI]
    assert read_all_qr(reversed(paths)) == [URI]


@pytest.mark.parametrize("kept", [[0], [1], [0, 2], [1, 2], [0, 1]])
def test_a_part_that_is_missing_is_named(kept):
    images = parts(3)
    missing = ({0, 1, 2} - set(kept)).pop() + 1
    with pytest.raises(UsageProblem, match=rf"3 QR codes.* {missing}\b") as caught:
        texts(data_of(beside(*(images[number] for number in kept))))
    assert "secret" not in caught.value.message


def test_parts_of_two_accounts_are_kept_apart():
    assert texts(data_of(beside(*parts(2), *parts(2, OTHER)))) == [URI, OTHER]


@judges.needs_qr_judge
@pytest.mark.parametrize("error", ["L", "H"])
def test_another_reader_reads_the_same_of_the_parts(tmp_path, error):
    path = tmp_path / "parts.png"
    beside(*parts(3, error=error)).save(path)
    assert judges.text_of_qr_codes(path) == URI


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "WEBP", "PNG"])
def test_all_frames_of_a_file(kind):
    first, *others = [code(text, scale=8).convert("P") for text in (URI, OTHER, THIRD)]
    size = first.size
    others = [on_page(one.convert("RGB"), "white", 0).resize(size) for one in others]
    data = data_of(first.convert("RGB"), kind, save_all=True, append_images=others)
    assert texts(data) == [URI, OTHER, THIRD]


def test_parts_in_the_frames_of_an_animation():
    first, *others = [image.resize((300, 300)) for image in parts(3)]
    assert texts(data_of(first, "GIF", save_all=True, append_images=others)) == [URI]


def test_a_first_frame_without_a_code():
    blank = Image.new("RGB", code().size, "white")
    assert texts(data_of(blank, "GIF", save_all=True, append_images=[code()])) == [URI]


def test_too_many_frames():
    blank = Image.new("1", (8, 8))
    more = [Image.new("1", (8, 8), number % 2) for number in range(300)]
    with pytest.raises(UsageProblem, match="too large"):
        texts(data_of(blank, "TIFF", save_all=True, append_images=more))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM"])
def test_a_file_with_any_byte_spoilt_is_read_or_refused(kind):
    """Pillow raised TypeError, KeyError, IndexError: most often for the second frame of a TIFF."""
    several = {} if kind in ("JPEG", "BMP", "PPM") else {"save_all": True}
    more = {**several, "append_images": [Image.radial_gradient("L").resize((9, 9))]}
    data = data_of(Image.linear_gradient("L").resize((9, 9)), kind, **(more if several else {}))
    refused = 0
    for at in range(len(data)):
        for value in (0, 255, data[at] ^ 1):
            spoilt = data[:at] + bytes([value]) + data[at + 1 :]
            try:
                assert [*frames(spoilt, "x")]
            except UsageProblem:
                refused += 1
    assert refused


def test_several_codes_in_one_picture(tmp_path):
    path = tmp_path / "codes.png"
    beside(code(scale=4), code(OTHER, scale=4), code(THIRD, scale=4)).save(path)
    assert sorted(read_all_qr([path])) == sorted([URI, OTHER, THIRD])
    with pytest.raises(UsageProblem, match="3 different"):
        read_qr(path)


def test_one_code_with_margin_and_one_inverted():
    inverted = on_page(code(OTHER, dark="white", light="black"), "white", 20)
    assert sorted(texts(data_of(beside(inverted, code())))) == sorted([URI, OTHER])


def test_a_picture_is_looked_at_with_a_margin_of_white_and_of_black():
    grey = Image.new("L", (3, 2), 100)
    plain, white, black = plain_views(grey)
    assert plain is grey
    for view, margin in ((white, 255), (black, 0)):
        assert view.size[0] - 3 == view.size[1] - 2 > 0
        assert (view.getpixel((0, 0)), view.getpixel((view.width // 2, view.height // 2))) == (
            margin,
            100,
        )


@pytest.mark.parametrize(
    ("size", "tried"),
    [
        *(((20, 20), False), ((21, 21), True), ((22, 22), True)),
        *(((95, 100), False), ((96, 100), True), ((104, 100), True), ((105, 100), False)),
    ],
)
def test_what_is_as_good_as_square_and_large_enough_is_tried_as_a_code_that_was_cut_out(
    size, tried
):
    """A QR code has 21 modules along a side, or more."""
    grey = Image.new("L", (200, 200), 0)
    grey.paste(255, (40, 40, 40 + size[0], 40 + size[1]))
    assert bool([*_without_page(grey)]) is tried
