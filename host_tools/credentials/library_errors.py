"""What libraries raise for a file that is damaged, beside errors of their own.

Readers of formats take a field for granted, index with what they read, divide by it, unpack what
is too short, and ask for its size in memory. Fuzzing found most of these, one by one.
"""

import lzma
import struct
import zipfile
import zlib

LIBRARY_ERRORS: tuple[type[Exception], ...] = (
    *(OSError, EOFError, SyntaxError, ValueError, TypeError, LookupError, AttributeError),
    *(ArithmeticError, AssertionError, RuntimeError, MemoryError),
    *(struct.error, zlib.error, lzma.LZMAError, zipfile.BadZipFile, zipfile.LargeZipFile),
)
