"""What the token knows of Unicode: the characters beyond ASCII that no name may have.

Loaded for a name that has characters beyond ASCII. names.py says what is done with it.
"""

# First and last code points of ranges, one range behind the other.
# fmt: off
_CONTROL = (0x0080, 0x009F, 0xD800, 0xDFFF)  # C1, and half a surrogate pair
# Of general category Cf, and others that are drawn as nothing (Unicode's property
# Default_Ignorable_Code_Point), with what the standard reserves for more of them.
_INVISIBLE = (
    0x00AD, 0x00AD, 0x034F, 0x034F, 0x0600, 0x0605, 0x061C, 0x061C, 0x06DD, 0x06DD,
    0x070F, 0x070F, 0x0890, 0x0891, 0x08E2, 0x08E2, 0x115F, 0x1160, 0x17B4, 0x17B5,
    0x180B, 0x180F, 0x200B, 0x200F, 0x2028, 0x202E, 0x2060, 0x206F, 0x2800, 0x2800,
    0x3164, 0x3164, 0xFE00, 0xFE0F, 0xFEFF, 0xFEFF, 0xFFA0, 0xFFA0, 0xFFF0, 0xFFFB,
    0x110BD, 0x110BD, 0x110CD, 0x110CD, 0x13430, 0x1343F, 0x1BCA0, 0x1BCA3, 0x1D173, 0x1D17A,
    0xE0000, 0xE0FFF,
)
# Characters of private use, and planes in which nothing is assigned.
_NO_CHARACTER = (0xE000, 0xF8FF, 0xFDD0, 0xFDEF, 0x40000, 0x10FFFF)
_SPACE = (
    0x0020, 0x0020, 0x00A0, 0x00A0, 0x1680, 0x1680, 0x2000, 0x200A, 0x202F, 0x202F,
    0x205F, 0x205F, 0x3000, 0x3000,
)
# What the normal form never has: second spellings of letters, signs, CJK ideographs and so on.
_SECOND_SPELLINGS = (
    0x0340, 0x0341, 0x0343, 0x0344, 0x0374, 0x0374, 0x037E, 0x037E, 0x0387, 0x0387,
    0x1FBE, 0x1FBE, 0x1FEE, 0x1FEF, 0x1FFD, 0x1FFD, 0x2000, 0x2001, 0x2126, 0x2126,
    0x212A, 0x212B, 0x2329, 0x232A, 0xF900, 0xFA0D, 0xFA10, 0xFA10, 0xFA12, 0xFA12,
    0xFA15, 0xFA1E, 0xFA20, 0xFA20, 0xFA22, 0xFA22, 0xFA25, 0xFA26, 0xFA2A, 0xFAD9,
    0xFB1D, 0xFB1D, 0xFB1F, 0xFB1F, 0xFB2A, 0xFB4E, 0x2F800, 0x2FA1D,
)
# fmt: on

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
    """Whether Unicode has one character for the two; not if no letter (b"") is there."""
    if not letter or mark[0] not in (0xCC, 0xCD):  # U+0300 to U+037F
        return False
    begin = _COMPOSED.find(mark.decode())
    if begin < 0:
        return False
    return letter.decode() in _COMPOSED[begin + 1 : _COMPOSED.find(" ", begin)]


def _point(utf8: bytes) -> int:
    """The number of a character."""
    point = utf8[0] & (0x7F >> len(utf8))
    for byte in utf8[1:]:
        point = point << 6 | byte & 0x3F
    return point


def _among(ranges: tuple, point: int) -> bool:
    return any([ranges[at] <= point <= ranges[at + 1] for at in range(0, len(ranges), 2)])
