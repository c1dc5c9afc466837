"""A HashMap of texts as Java serialises it (Java Object Serialization, protocol version 2)."""

import struct

from host_tools.errors import UsageProblem

MAGIC = b"\xac\xed\x00\x05"
_NULL, _REFERENCE, _CLASS, _OBJECT, _STRING = 0x70, 0x71, 0x72, 0x73, 0x74
_BLOCK, _END, _LONG_STRING = 0x77, 0x78, 0x7C
_FIRST_HANDLE = 0x7E0000
_FIELD_BYTES = {"B": 1, "C": 2, "D": 8, "F": 4, "I": 4, "J": 8, "S": 2, "Z": 1}
_MOST_TEXTS = 100_000


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0
        self._handles: list[str] = []

    def take(self, length: int) -> bytes:
        """The next `count` bytes. UsageProblem if there are fewer."""
        taken = self._data[self._at : self._at + length]
        if len(taken) != length:
            raise _damaged()
        self._at += length
        return taken

    def number(self, form: str) -> int:
        """A big-endian number, `form` as in struct."""
        value: int = struct.unpack(">" + form, self.take(struct.calcsize(form)))[0]
        return value

    def expect(self, *tags: int) -> int:
        """One of these tags."""
        tag = self.number("B")
        if tag not in tags:
            raise _damaged()
        return tag

    def utf(self, form: str = "H") -> str:
        """A text with its length before it; Java's UTF-8 is that of all texts that occur here."""
        try:
            return self.take(self.number(form)).decode()
        except UnicodeDecodeError:
            raise _damaged() from None

    def remember(self, what: str) -> str:
        """What a later reference may mean."""
        self._handles.append(what)
        return what

    def string(self) -> str:
        """A text, or a reference to an earlier one."""
        tag = self.expect(_STRING, _LONG_STRING, _REFERENCE, _NULL)
        if tag == _NULL:
            return ""
        if tag == _REFERENCE:
            handle = self.number("I") - _FIRST_HANDLE
            if not 0 <= handle < len(self._handles):
                raise _damaged()
            return self._handles[handle]
        return self.remember(self.utf("H" if tag == _STRING else "Q"))


def read(data: bytes) -> dict[str, str]:
    """The map. UsageProblem if the data is something else."""
    reader = _Reader(data)
    if reader.take(len(MAGIC)) != MAGIC:
        raise _damaged()
    reader.expect(_OBJECT)
    reader.expect(_CLASS)
    if reader.utf() != "java.util.HashMap":
        raise _damaged()
    reader.take(8)  # the class's version
    reader.remember("")  # the class has a handle of its own
    reader.take(1)  # flags
    fields = [_field(reader) for _ in range(reader.number("H"))]
    reader.expect(_END)
    reader.expect(_NULL)  # no class above it
    reader.remember("")  # the object, too
    for length in fields:
        reader.take(length)
    reader.expect(_BLOCK)
    reader.take(1 + 4)  # the block's length, the number of buckets
    count = reader.number("I")
    if count > _MOST_TEXTS:
        raise _damaged()
    return {reader.string(): reader.string() for _ in range(count)}


def _field(reader: _Reader) -> int:
    """How many bytes the value of the field has that comes next."""
    kind = reader.take(1).decode("latin-1")
    reader.utf()
    if kind not in _FIELD_BYTES:
        raise _damaged()
    return _FIELD_BYTES[kind]


def _damaged() -> UsageProblem:
    return UsageProblem("this FreeOTP backup is damaged or cut short; export it again")
