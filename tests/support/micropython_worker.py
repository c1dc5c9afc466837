"""Runs under MicroPython for tests/interpreters.py: one JSON line in, one marked JSON line out.

Arguments: the folders to put in front of sys.path. Also imported by CPython, which calls `answer`
in its own process. The firmware's rule holds here too: nothing but what both interpreters have.
"""

import binascii
import json
import sys

# In front of every answer, so that what the called code prints is not taken for one.
MARK = "\x01answer "

# What a test may want to know of an error besides its own type.
_BASES = (ValueError, TypeError, KeyError, IndexError, OSError, RuntimeError, MemoryError)


def pack(value):
    """The value as JSON can carry it: bytes, tuples and dicts become tagged objects."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {"hex": binascii.hexlify(bytes(value)).decode()}
    if isinstance(value, tuple):
        return {"tuple": [pack(item) for item in value]}
    if isinstance(value, list):
        return [pack(item) for item in value]
    if isinstance(value, dict):
        return {"dict": [[pack(key), pack(item)] for key, item in value.items()]}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise TypeError("cannot send a " + type(value).__name__)


def unpack(value):
    if isinstance(value, list):
        return [unpack(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "hex" in value:
        return binascii.unhexlify(value["hex"])
    if "tuple" in value:
        return tuple([unpack(item) for item in value["tuple"]])
    return {unpack(key): unpack(item) for key, item in value["dict"]}


def _look_up(module, path):
    found = __import__(module)  # the top package, if the name is dotted
    found = sys.modules.get(module, found)  # where MicroPython keeps no built-in modules
    for name in path.split("."):
        found = getattr(found, name)
    return found


def _attributes(error):
    """The simple values that the error carries, such as a position."""
    kept = {}
    for name, value in getattr(error, "__dict__", {}).items():
        try:
            kept[name] = pack(value)
        except TypeError:
            pass  # an object that cannot travel
    return kept


def _failure(error):
    return {
        "error": type(error).__name__,
        "message": str(error),
        "is": [base.__name__ for base in _BASES if isinstance(error, base)],
        "attributes": _attributes(error),
    }


def answer(request):
    """{"op": "call"|"get"|"path", ...} -> {"result": packed} or what _failure gives."""
    try:
        if request["op"] == "path":
            sys.path.insert(0, request["path"])
            return {"result": None}
        found = _look_up(request["module"], request["name"])
        if request["op"] == "call":
            found = found(*unpack(request["args"]), **unpack(request["kwargs"]))
        return {"result": pack(found)}
    except Exception as error:
        return _failure(error)


def main():
    sys.path[:0] = sys.argv[1:]
    while True:
        line = sys.stdin.readline()
        if not line:
            return
        print(MARK + json.dumps(answer(json.loads(line))))


if __name__ == "__main__":
    main()
