"""Comparison of authentication tags, whose time must not tell how much of a guess was right."""


def equal(one: bytes | bytearray | memoryview, other: bytes | bytearray | memoryview) -> bool:
    """Whether two tags are the same, looking at every byte whatever the others were.

    Lengths are no secret: tags of different lengths differ at once.
    """
    if len(one) != len(other):
        return False
    differing = 0
    for index in range(len(one)):
        differing |= one[index] ^ other[index]
    return not differing
