"""Finding, fetching and reading MicroPython images, without a network."""

import hashlib
import io
import struct
import urllib.error

import pytest

from host_tools.commands import install
from host_tools.errors import ToolError
from host_tools.pico import flash_layout, micropython_image, uf2

BLOCK = 512
OTHER_FAMILY = 0xE48B_FF59  # RP2350, ARM


def block(number=0, offset=0, flags=0x2000, family=uf2.RP2040_FAMILY, data=bytes(256)) -> bytes:
    address = flash_layout.FLASH_START + offset
    head = struct.pack("<8I", 0x0A324655, 0x9E5D5157, flags, address, len(data), number, 1, family)
    return head + data.ljust(476, b"\0") + struct.pack("<I", 0x0AB16F30)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache folder, which nothing fills."""
    monkeypatch.setattr(micropython_image, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setattr(micropython_image.urllib.request, "urlopen", no_network)
    return tmp_path / "cache"


def no_network(*arguments, **options):
    raise urllib.error.URLError("no route to host")


def test_the_blocks_of_an_image_by_their_offset(tmp_path):
    path = tmp_path / "a.uf2"
    path.write_bytes(
        block(0, 0, data=b"\1" * 256)
        + block(1, 256, data=b"\2" * 256)
        + block(2, 512, flags=0x2001, data=b"\3" * 256)  # a comment, not for the flash
    )
    assert uf2.read_image(path).blocks == {0: b"\1" * 256, 256: b"\2" * 256}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "not a whole UF2 file"),
        (block()[:-1], "not a whole UF2 file"),
        (bytes(BLOCK), "not a UF2 file"),
        (b"\x7fELF" + block()[4:], "not a UF2 file"),
        (block().replace(struct.pack("<I", 256), struct.pack("<I", 477), 1), "not a UF2 file"),
        (block(family=OTHER_FAMILY), "another chip (UF2 family 0xe48bff59)"),
        (block(offset=flash_layout.FLASH_SIZE - 255), "does not fit"),
        (block(offset=-256), "does not fit"),
        (block(offset=4096), "no program for the start of flash"),
    ],
)
def test_what_is_no_image_is_refused_in_one_line(tmp_path, content, says):
    path = tmp_path / "bad.uf2"
    path.write_bytes(content)
    with pytest.raises(ToolError) as caught:
        micropython_image.find_image(path)
    assert says in caught.value.message and str(path) in caught.value.message
    assert "\n" not in caught.value.message


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ToolError, match="No such file"):
        micropython_image.find_image(tmp_path / "none.uf2")


def test_without_image_and_network_one_line_says_what_to_do(cache):
    with pytest.raises(ToolError) as caught:
        micropython_image.find_image(None)
    message = caught.value.message
    assert "no route to host" in message and "\n" not in message
    assert (
        micropython_image.PINNED_URL in message and "--image" in message and str(cache) in message
    )


def test_another_image_of_the_cache_serves_and_is_named(cache):
    cache.mkdir()
    (cache / "a.uf2").write_bytes(block(family=OTHER_FAMILY))
    (cache / "b.uf2").write_bytes(block())
    lines = []
    assert micropython_image.find_image(None, lines.append).path == cache / "b.uf2"
    assert len(lines) == 1 and str(cache / "b.uf2") in lines[0]


def test_a_damaged_pinned_image_is_not_used(cache):
    cache.mkdir()
    (cache / micropython_image.PINNED_NAME).write_bytes(block())
    with pytest.raises(ToolError, match=r"SHA-256.*delete it"):
        micropython_image.find_image(None)


class Answer(io.BytesIO):
    """What urlopen gives."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.headers = {"Content-Length": str(len(data))}


def test_the_image_is_fetched_once_with_progress(cache, monkeypatch):
    data = block() * 400
    asked = []
    monkeypatch.setattr(micropython_image, "PINNED_SHA256", hashlib.sha256(data).hexdigest())
    monkeypatch.setattr(
        micropython_image.urllib.request,
        "urlopen",
        lambda url, timeout: asked.append(url) or Answer(data),
    )
    lines = []
    for _ in range(2):
        assert (
            micropython_image.find_image(None, lines.append).path
            == cache / micropython_image.PINNED_NAME
        )
    assert asked == [micropython_image.PINNED_URL]
    assert "200 of 200 KB" in lines[-1] and len(lines) > 3


def test_what_was_fetched_must_be_the_official_image(cache, monkeypatch):
    monkeypatch.setattr(
        micropython_image.urllib.request, "urlopen", lambda url, timeout: Answer(block())
    )
    with pytest.raises(ToolError, match="wrong SHA-256"):
        micropython_image.find_image(None)
    assert not list(cache.glob("*"))


def test_nothing_but_the_official_image_of_the_cache_goes_onto_a_board(cache, monkeypatch):
    """Any program may have left a .uf2 there, and the pinned name says nothing of the content."""
    cache.mkdir()
    (cache / "other.uf2").write_bytes(block())
    assert micropython_image.find_image(None).path.name == "other.uf2"
    with pytest.raises(ToolError, match="cannot be fetched"):
        micropython_image.find_image(None, only_official=True)
    pinned = cache / micropython_image.PINNED_NAME
    pinned.write_bytes(block())
    with pytest.raises(ToolError, match="wrong SHA-256"):
        micropython_image.find_image(None, only_official=True)
    sha256 = hashlib.sha256(block()).hexdigest()
    monkeypatch.setattr(micropython_image, "PINNED_SHA256", sha256)
    assert micropython_image.find_image(None, only_official=True).path == pinned


def test_install_flash_asks_for_the_official_one(cache, capsys):
    cache.mkdir()
    (cache / "other.uf2").write_bytes(block())
    with pytest.raises(ToolError, match="cannot be fetched"):
        install.write_micropython(None)
