"""Truncation to digits in the wrong order: it must never be chosen."""


def write(digest, last, text, digits):
    at = digest[last] & 0x0F
    number = int.from_bytes(bytes(digest[at : at + 4]), "big") & 0x7FFFFFFF
    for index in range(digits):
        text[index] = 48 + number % 10
        number //= 10
