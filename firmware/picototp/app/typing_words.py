"""Why a code was not typed, in words for the display. Loaded with the first one."""

_WHY = {
    "no host": ("No computer uses the", "keyboard. Is the USB", "cable a data cable?"),
    "no answer": ("The computer does not", "read the keyboard.", "Is it asleep?"),
    "lost": ("The computer went", "away while typing."),
    "refused": ("Num Lock stays off.", "A Mac has none. See:", "typing on --help"),
    "too short": ("A code must last for", "more than 2 s to be", "typed."),
    "no layout": ("Letters need your", "keyboard's layout:", "typing on --layout"),
}


def failed(why: str, in_part: bool) -> tuple:
    """What `message` takes."""
    return ("Typed in part" if in_part else "Not typed"), _WHY[why], "click = back"
