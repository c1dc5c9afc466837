"""Base32 on both interpreters: RFC 4648, what people paste, what is refused and where."""

import random
from base64 import b32decode, b32encode
from pathlib import Path

import pyotp
import pytest

from chip_interpreter import on_the_chip_too
from interpreters import RemoteError

BASE32 = "picototp.codes.base32"
VECTORS = Path(__file__).resolve().parents[2] / "vectors" / "codes"
SEED = 20260104


def refused(interpreter, text):
    """The position of the error; also proves that its text does not hold what was pasted."""
    with pytest.raises(RemoteError) as caught:
        interpreter.call(BASE32, "decode", text)
    error = caught.value
    assert error.type_name == "Base32Error"
    assert error.is_a(ValueError)
    position = error.attributes["position"]
    if position:
        assert f"position {position}" in error.message
    assert len(text) < 4 or text not in error.message
    return position


@on_the_chip_too
def test_rfc_4648(interpreter):
    lines = (VECTORS / "rfc4648_base32.txt").read_text().splitlines()
    table = [line.split() for line in lines if not line.startswith("#")]
    assert len(table) == 6
    for plain, coded in table:
        assert interpreter.call(BASE32, "decode", coded) == plain.encode()
        assert interpreter.call(BASE32, "decode", coded.rstrip("=")) == plain.encode()
        assert interpreter.call(BASE32, "encode", plain.encode()) == coded.rstrip("=")
    assert interpreter.call(BASE32, "encode", b"") == ""


def test_random_bytes_there_and_back(interpreter):
    source = random.Random(SEED)
    for length in [*range(1, 42), 127, 128]:
        data = source.randbytes(length)
        coded = b32encode(data).decode()
        assert interpreter.call(BASE32, "encode", data) == coded.rstrip("="), f"seed {SEED}"
        for text in (coded, coded.rstrip("="), coded.lower()):
            assert interpreter.call(BASE32, "decode", text) == data, f"seed {SEED}"


@pytest.mark.parametrize(
    "text",
    [
        "JBSWY3DPEHPK3PXP",
        "jbswy3dpehpk3pxp",
        "JbSw y3Dp eHpK 3pXp",
        "JBSW-Y3DP-EHPK-3PXP",
        "  JBSWY3DP\tEHPK3PXP\r\n",
        "JBSWY3DP\u00a0EHPK3PXP",
        "-JBSWY3DPEHPK3PXP-",
    ],
)
def test_as_people_paste_it(interpreter, text):
    assert interpreter.call(BASE32, "decode", text) == b32decode("JBSWY3DPEHPK3PXP")


@pytest.mark.parametrize("text", ["MZXW6YQ=", "mzxw 6yq =", "MZXW-6YQ", "MZXW6YQ =\n"])
def test_padding_may_stand_apart(interpreter, text):
    assert interpreter.call(BASE32, "decode", text) == b"foob"


def test_left_over_bits_are_ignored_as_pyotp_does(interpreter):
    # 26 symbols are 130 bits: the last two do not matter, set or not.
    stem = "JBSWY3DPEHPK3PXPJBSWY3DPE"
    results = set()
    for last in "ABCD":
        found = interpreter.call(BASE32, "decode", stem + last)
        assert found == pyotp.OTP(stem + last).byte_secret()
        results.add(found)
    assert len(results) == 1


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 0),
        ("  - \n", 0),
        ("====", 1),
        ("JBSW0", 5),
        ("1BSWY3DP", 1),
        ("JBSWY3D8", 8),
        ("JBSW Y3D9", 9),
        ("JBSW.Y3DP", 5),
        ("JBSW_Y3DP", 5),
        ("JBSW/Y3DP", 5),
        ("JBSWY3DPé", 9),
        ("\u0131BSWY3DP", 1),
        ("\uff21BSWY3DP", 1),
        ("\u00a0\u00a0JB\u20ac", 5),
        ("JBSWY3D\x00", 8),
        ("JBSW=Y3D", 5),
        ("MZ======MY", 3),
        ("M", 1),
        ("MZX", 3),
        ("MZX W6Y", 7),
        ("JBSWY3DPE", 9),
        ("MZXW===", 5),
        ("MZXW=====", 5),
        ("JBSWY3DP=", 9),
    ],
)
def test_refused_with_its_position(interpreter, text, position):
    assert refused(interpreter, text) == position


def test_every_other_ascii_character_is_refused(interpreter):
    allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz234567 \t\r\n\v\f-="
    for char in map(chr, range(128)):
        if char not in allowed:
            assert refused(interpreter, "JBSW" + char + "Y3D") == 5
