"""What the host's readers do with any bytes: URIs, pictures, backups.

Each target takes bytes and raises if something else comes of them than what is documented.
"""

import io
import tempfile

import segno
from PIL import Image

from host_tools.credentials import backup_file
from host_tools.credentials.credential import Credential
from host_tools.credentials.otpauth import build_uri, parse_uri
from host_tools.credentials.qr import read_qr
from host_tools.errors import UsageProblem

_URIS = (
    "otpauth://totp/ACME:alice?secret=MZXW6YTB&issuer=ACME&algorithm=SHA256&digits=8&period=60",
    "otpauth://hotp/b%C3%BCcher%3Ax?secret=MZXW6YTB&counter=7",
)


def uri_target(data):
    """A credential that survives the way through build_uri, or one line that shows no secret."""
    text = data.decode("utf-8", "surrogateescape")
    try:
        credential = parse_uri(text)
    except UsageProblem as problem:
        assert "\n" not in problem.message and len(problem.message) < 300
        return
    assert isinstance(credential, Credential)
    assert parse_uri(build_uri(credential)) == credential


def picture_target(data):
    """A file that claims to be a picture: a text, or one line that says what is wrong with it."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        try:
            assert isinstance(read_qr(file.name), str)
        except UsageProblem as problem:
            assert "\n" not in problem.message


def backup_target(data):
    """A header whose costs are bearable, or a BackupError; nothing is computed for it."""
    try:
        line, salt, nonce, (n, r, p) = backup_file.read_header(data)
    except backup_file.BackupError as error:
        assert "\n" not in error.message
        return
    assert data.startswith(line) and (len(salt), len(nonce)) == (16, 12)
    assert 128 * n * r <= 256 << 20 and n * r * p <= 1 << 23


def _pictures():
    """A small QR code in formats whose readers are Python or C."""
    png = io.BytesIO()
    segno.make(_URIS[1]).save(png, kind="png", scale=2)
    made = [png.getvalue()]
    image = Image.open(png).convert("L")
    for kind in ("GIF", "BMP", "TIFF", "JPEG", "PPM", "TGA", "PCX", "WEBP"):
        data = io.BytesIO()
        image.save(data, kind)
        made.append(data.getvalue())
    return tuple(made)


_BACKUP = backup_file.seal([], "passphrase", backup_file.Cost(1 << 10, 8, 1))[:300]

# name: (a function that makes the target, seeds)
TARGETS = {
    "uri": (lambda: uri_target, tuple(uri.encode() for uri in _URIS)),
    "picture": (lambda: picture_target, _pictures()),
    "backup": (lambda: backup_target, (_BACKUP, _BACKUP.replace(b": 1024,", b": 1048576,"))),
}
