"""The screens whose pictures are kept in tests/golden: name -> value. Runs on MicroPython too."""

from picototp.app.question import ANSWER, NEXT, NOT_YET
from picototp.screens.text import wrap
from picototp.screens.values import (
    BAR_WIDTH_PX,
    HOLD_WIDTH_PX,
    CodeScreen,
    ConfirmScreen,
    MenuScreen,
    MessageScreen,
    PinScreen,
)

LONG_NAME = "maria.magdalena+backup@subdomain.example.com"
MENU = (
    "Lock now",
    "Token and clock",
    "Last errors",
    "Change PIN",
    "Brightness",
    "Maintenance",
    "Back to the codes",
)


def code_screen(**changes: object) -> CodeScreen:
    """A code screen with `changes` to an everyday one."""
    fields = {
        "issuer": "GitHub",
        "name": "alice@example.com",
        "code": b"287082",
        "next_code": b"",
        "seconds_left": 21,
        "bar_px": BAR_WIDTH_PX * 21 // 30,
        "position": 3,
        "total": 12,
        "clock_line": "set 3d ago, ±0.5s",
        "scroll_px": 0,
        "shift_px": 0,
    }
    fields.update(changes)
    return CodeScreen(**fields)


def confirm(title, lines, scrolls_px, seconds_left, held_px, shift_px, hint=ANSWER):
    """A question that listens, or says with its `hint` that it does not."""
    return ConfirmScreen(title, lines, scrolls_px, seconds_left, held_px, hint, shift_px)


SCREENS = {
    "code_6_digits": code_screen(),
    "code_7_digits": code_screen(issuer="Amazon", name="seven", code=b"7081804", shift_px=1),
    "code_8_digits": code_screen(
        issuer="Bank", name="07-1234-567", code=b"94287082", total=1, position=1, shift_px=2
    ),
    "digits_012345": code_screen(code=b"012345", issuer="012345", name="the wide digits, part 1"),
    "digits_678901": code_screen(code=b"678901", issuer="678901", name="67890 {}[]()<>|/\\~^`"),
    "digits_01234567": code_screen(code=b"01234567", issuer="ABCDEFGHIJKLM", name="abcdefghijklm"),
    "digits_8901234": code_screen(code=b"8901234", issuer="NOPQRSTUVWXYZ", name="nopqrstuvwxyz"),
    "digits_98765432": code_screen(
        code=b"98765432", issuer="!\"#$%&'*+,-.:;=?@_", name="±…°←→▲ 世"
    ),
    "name_long_start": code_screen(name=LONG_NAME, total=255, position=255),
    "name_long_scrolled": code_screen(name=LONG_NAME, scroll_px=57),
    "name_long_around": code_screen(name=LONG_NAME, scroll_px=200),
    "issuer_long": code_screen(issuer="Bundesdruckerei Vertrauensdienste", total=255, position=100),
    "last_five_seconds": code_screen(
        next_code=b"359152", seconds_left=4, bar_px=BAR_WIDTH_PX * 4 // 30
    ),
    "last_five_seconds_8": code_screen(
        code=b"98765432", next_code=b"07081804", seconds_left=1, bar_px=3, shift_px=2
    ),
    "shifted_1": code_screen(
        next_code=b"359152", seconds_left=4, bar_px=BAR_WIDTH_PX * 4 // 30, shift_px=1
    ),
    "shifted_2": code_screen(
        next_code=b"359152", seconds_left=4, bar_px=BAR_WIDTH_PX * 4 // 30, shift_px=2
    ),
    "steam_1": code_screen(code=b"BCDFG", issuer="Steam", name="gordon", next_code=b"2HJKM"),
    "steam_2": code_screen(code=b"HJKMN", issuer="Steam", name="gordon"),
    "steam_3": code_screen(code=b"PQRTV", issuer="Steam", name="gordon", shift_px=2),
    "steam_4": code_screen(code=b"2WXY9", issuer="Steam", name="gordon"),
    "period_of_a_day": code_screen(seconds_left=86399, bar_px=BAR_WIDTH_PX),
    "hotp_waiting": code_screen(code=b"", bar_px=-1, clock_line="hold for a new code"),
    "hotp_code": code_screen(code=b"755224", bar_px=-1, clock_line="counter 17"),
    "clock_not_set": MessageScreen(
        "Clock not set",
        wrap("No codes until it is right. On a computer run: picototp synctime"),
        "hold = menu",
        0,
    ),
    "no_accounts": MessageScreen(
        "No accounts", wrap("Add one from a computer: picototp provision add"), "", 1
    ),
    "rtc_not_found": MessageScreen(
        "Clock not found",
        wrap("The DS3231 does not answer. Check its four wires and its 3.3 V."),
        "retrying …",
        2,
    ),
    "confirm_add": confirm(
        "Add account?",
        ("GitHub", "alice@example.com", "SHA1, 6 digits, 30 s", "no. 4"),
        (0, 0, 0, 0),
        29,
        0,
        0,
    ),
    "confirm_not_yet": confirm(
        "Add account?",
        ("GitHub", "alice@example.com", "SHA-1, 6 digits, 30 s"),
        (0, 0, 0),
        30,
        0,
        0,
        NOT_YET,
    ),
    "confirm_remove_half_held": confirm(
        "Remove account?", ("GitHub", LONG_NAME), (0, 57), 12, HOLD_WIDTH_PX // 2, 1
    ),
    "confirm_not_exact": confirm(
        "Send a code?",
        ("≈YinXing", "≈Zhang San", "goes to the computer.", "no. 255, hash 3fa9"),
        (0, 0, 0, 0),
        17,
        HOLD_WIDTH_PX // 3,
        2,
    ),
    "confirm_rename": confirm(
        "Rename account?",
        ("Банк: Иван", "to", "Банк: ≈Zhang San", "no. 255, 3fa9 to 77b1"),
        (0, 0, 0, 0),
        28,
        0,
        0,
    ),
    "confirm_names": confirm(
        "Add 40 accounts?",
        ("GitHub: alice", "≈Yin: Zhang San, 3fa9", "(no issuer): bob"),
        (0, 0, 0),
        30,
        0,
        0,
        NEXT + " 2/5",
    ),
    "confirm_more": confirm(
        "Add 40 accounts?", ("and 31 more:", "see the list on the", "computer"), (0, 0, 0), 30, 0, 0
    ),
    "confirm_long": confirm(
        "Rename account?", (LONG_NAME, "to", "GitHub: " + LONG_NAME), (200, 0, 0), 28, 0, 0
    ),
    "confirm_held": confirm("Erase everything?", ("All 255 accounts.",), (0,), 3, HOLD_WIDTH_PX, 2),
    "menu_first": MenuScreen("Menu", MENU, 0, 0),
    "menu_scrolled": MenuScreen("Menu", MENU, 4, 0),
    "menu_last": MenuScreen("Menu", MENU, 6, 2),
    "menu_no_pin": MenuScreen(
        "Menu: no PIN is set", ("Lock now", "Clock", "About", "Erase all", "Back"), 0, 0
    ),
    "about_no_pin": MessageScreen(
        "About",
        ("PicoTOTP 0.1.0", "255 accounts", "No PIN: any holder", "can read all secrets"),
        "click = back",
        2,
    ),
    "confirm_lock_after": confirm(
        "When to lock?",
        ("It locks 60 min after", "it goes dark.", "Now: never by itself"),
        (0, 0, 0),
        29,
        0,
        0,
    ),
    "confirm_never_lock": confirm(
        "Never lock itself?",
        ("It stays open until", "it is unplugged, or", "locked by hand."),
        (0, 0, 0),
        29,
        0,
        0,
    ),
    "menu_short": MenuScreen("Digits", ("6", "7", "8"), 1, 0),
    "pin_first_digit": PinScreen("Locked", 0, "0", "hold = yes click = next", 0),
    "pin_fifth_digit": PinScreen("Wrong PIN, 9 left", 4, "7", "hold = yes click = next", 2),
    "pin_ok": PinScreen("Locked, 10 left", 15, "OK", "hold = yes click = next", 1),
    "pin_take_back": PinScreen("Locked", 32, "<", "hold = yes click = next", 0),
    "latin1_upper": code_screen(issuer="ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎ", name="ÏÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞß"),
    "latin1_lower": code_screen(issuer="àáâãäåæçèéêëìíîï", name="ðñòóôõö÷øùúûüýþÿ"),
    "latin_extended": code_screen(issuer="ĄĆČĎĘĚĞİŁŃŐŘŠŢ", name="ąćčďęěğıłńőřšţůźżșț"),
    "greek_upper": code_screen(issuer="ΑΒΓΔΕΖΗΘΙΚΛΜ", name="ΝΞΟΠΡΣΤΥΦΧΨΩ ΆΈΉΊΌΎΏ"),
    "greek_lower": code_screen(issuer="αβγδεζηθικλμν", name="ξοπρσςτυφχψω άέήίόύώΐ"),
    "cyrillic_upper": code_screen(issuer="АБВГДЕЁЖЗИЙК", name="ЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ"),
    "cyrillic_lower": code_screen(issuer="абвгдеёжзийклм", name="нопрстуфхцчшщъыьэюя"),
    "cyrillic_others": code_screen(issuer="ЂЃЄЅІЇЈЉЊЋЌЎЏҐ", name="ђѓєѕіїјљњћќўџґ ҒҚҢҮҰҺӘӨ"),
    "not_exact": code_screen(issuer="≈Zhong Guo Yin Xing", name="≈Zhang San"),
    "latin1_names": code_screen(issuer="Crédit Agricole", name="Jürgen Groß, Łódź – Ærøskøbing"),
}
