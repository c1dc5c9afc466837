"""The names that a compiled module brings along (MicroPython, py/persistentcode.c)."""


def _number(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    while True:
        value = value << 7 | data[at] & 0x7F
        at += 1
        if data[at - 1] < 0x80:
            return value, at


def names_of(mpy: bytes) -> list[str]:
    """Without those that mpy-cross knows to be in each MicroPython's ROM."""
    count, at = _number(mpy, 4)
    _, at = _number(mpy, at)  # how many constants there are
    names = []
    for _ in range(count):
        length, at = _number(mpy, at)
        if not length & 1:
            end = at + (length >> 1)
            names.append(mpy[at:end].decode())
            at = end + 1
    return names
