"""What the token knows of Unicode: the characters beyond ASCII that no name may have.

Loaded for a name that has characters beyond ASCII. names.py says what is done with it.
"""


def _ranges(text: str) -> tuple:
    """First and last code points, one behind the other, of ranges written in hexadecimal."""
    numbers: list = []
    for part in text.split():
        ends = part.split("-")
        numbers += (int(ends[0], 16), int(ends[-1], 16))
    return tuple(numbers)


_CONTROL = _ranges("80-9F")
# Of general category Cf, and others that are drawn as nothing (Unicode's property
# Default_Ignorable_Code_Point), with what the standard reserves for more of them.
_INVISIBLE = _ranges(
    "AD 34F 600-605 61C 6DD 70F 890-891 8E2 115F-1160 17B4-17B5 180B-180F 200B-200F 2028-202E"
    " 2060-206F 2800 3164 FE00-FE0F FEFF FFA0 FFF0-FFFB 110BD 110CD 13430-1343F 1BCA0-1BCA3"
    " 1D173-1D17A E0000-E0FFF"
)
# Surrogates, characters of private use, and planes in which nothing is assigned.
_NO_CHARACTER = _ranges("D800-F8FF FDD0-FDEF 40000-10FFFF")
_SPACE = _ranges("20 A0 1680 2000-200A 202F 205F 3000")
# What the normal form never has: second spellings of letters, signs, CJK ideographs and so on.
_SECOND_SPELLINGS = _ranges(
    "340-341 343-344 374 37E 387 1FBE 1FEE-1FEF 1FFD 2000-2001 2126 212A-212B 2329-232A F900-FA0D"
    " FA10 FA12 FA15-FA1E FA20 FA22 FA25-FA26 FA2A-FAD9 FB1D FB1F FB2A-FB4E 2F800-2FA1D"
)
# Each combining mark, and behind it the letters of the display's fonts into which it is drawn.
_COMPOSED = (
    "\u0300AEINOUWYaeinouwyÂÊÔÜâêôüĂăĒēŌōΑΕΗΙΟΥΩαεηιουωϊϋЕИеи "
    "\u0301ACEGIKLMNOPRSUWYZacegiklmnoprsuwyzÂÅÆÇÊÏÔÕØÜâåæçêïôõøüĂăĒēŌōŨũΑΕΗΙΟΥΩαεηιουωϊϋГКгк "
    "\u0302ACEGHIJOSUWYZaceghijosuwyz "
    "\u0303AEINOUVYaeinouvyÂÊÔâêôĂă "
    "\u0304AEGIOUYaegiouyÄÆÕÖÜäæõöüΑΙΥαιυИУиу "
    "\u0306AEGIOUaegiouΑΙΥαιυАЕЖИУаежиу "
    "\u0307ABCDEFGHIMNOPRSTWXYZabcdefghmnoprstwxyzŚśŠš "
    "\u0308AEHIOUWXYaehiotuwxyÕõŪūΙΥιυІАЕЖЗИОУЧЫЭаежзиоучыэіӘәӨө "
    "\u0309AEIOUYaeiouyÂÊÔâêôĂă "
    "\u030aAUauwy "
    "\u030bOUouУу "
    "\u030cACDEGHIKLNORSTUZacdeghijklnorstuzÜü "
    "\u030fAEIORUaeioru "
    "\u0311AEIORUaeioru "
    "\u0313ΑΕΗΙΟΩαεηιορυω "
    "\u0314ΑΕΗΙΟΡΥΩαεηιορυω "
    "\u031bOUou "
    "\u0323ABDEHIKLMNORSTUVWYZabdehiklmnorstuvwyz "
    "\u0324Uu "
    "\u0325Aa "
    "\u0326STst "
    "\u0327CDEGHKLNRSTcdeghklnrst "
    "\u0328AEIOUaeiou "
    "\u032dDELNTUdelntu "
    "\u032eHh "
    "\u0330EIUeiu "
    "\u0331BDKLNRTZbdhklnrtz "
    "\u0338<=>←→ "
    "\u0342αηιυωϊϋ "
    "\u0345ΑΗΩάήαηωώ "
)


def fault_of(utf8: bytes) -> str:
    """What a character is that no name may have, wherever it stands; "" if a name may have it."""
    point = _point(utf8)
    if _among(_CONTROL, point):
        return f"a control character (U+{point:04X})"
    if _among(_INVISIBLE, point):
        return f"an invisible character (U+{point:04X})"
    if _among(_NO_CHARACTER, point) or point & 0xFFFE == 0xFFFE:
        return f"an unassigned or private character (U+{point:04X})"
    if _among(_SECOND_SPELLINGS, point):
        return f"a second spelling of a character (U+{point:04X})"
    return ""


def is_space(utf8: bytes) -> bool:
    """Whether a character is white space that a line may have."""
    return _among(_SPACE, _point(utf8))


def composes(letter: bytes, mark: bytes) -> bool:
    """Whether Unicode has one character for the two."""
    if mark[0] not in (0xCC, 0xCD):  # U+0300 to U+037F
        return False
    begin = _COMPOSED.find(mark.decode())
    if begin < 0:
        return False
    return _COMPOSED.find(letter.decode(), begin + 1, _COMPOSED.find(" ", begin)) >= 0


def _point(utf8: bytes) -> int:
    """The number of a character."""
    point = utf8[0] & (0x7F >> len(utf8))
    for byte in utf8[1:]:
        point = point << 6 | byte & 0x3F
    return point


def _among(ranges: tuple, point: int) -> bool:
    return any([ranges[at] <= point <= ranges[at + 1] for at in range(0, len(ranges), 2)])
