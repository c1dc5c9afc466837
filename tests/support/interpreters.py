"""The same calls on CPython, in this process, and on MicroPython, in one long-living worker.

    with Worker([firmware_dir]) as micropython:
        micropython.call("picototp.codes.otp", "truncate", digest, 6)

Both have `call`, `get` and `add_path`, take and give None, bool, int, float, str, bytes, list,
tuple and dict, and turn whatever the called code raises into a RemoteError. Results have been
through the same packing, so they compare equal: a bytearray comes back as bytes. A third one, with
the same methods, is in chip_interpreter.py.
"""

import contextlib
import importlib
import json
import os
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import micropython_worker

SUPPORT = Path(__file__).resolve().parent
FIRMWARE = SUPPORT.parents[1] / "firmware"

# 64-bit objects are twice as wide, so this stands for a Pico's 236 KB.
HEAP_SIZE = "384k"
_TIMEOUT_S = 60.0


class RemoteError(Exception):
    """The called code raised.

    `type_name` and `message` say what; `attributes` holds the simple values the error carried.
    """

    def __init__(self, failure: dict) -> None:
        super().__init__(f"{failure['error']}: {failure['message']}")
        self.type_name: str = failure["error"]
        self.message: str = failure["message"]
        self.attributes = {
            name: micropython_worker.unpack(value) for name, value in failure["attributes"].items()
        }
        self._bases = failure["is"]

    def is_a(self, builtin: type) -> bool:
        """Whether it is of that built-in exception type or a subclass (the usual ones)."""
        return builtin.__name__ in self._bases


class Interpreter:
    """What all have in common: requests made, answers read."""

    name = ""

    def call(self, module: str, function: str, *args, **kwargs):
        """Imports `module` (dotted) and calls `function` (dots reach into a class).

        Raises RemoteError with what the import or the call raised.
        """
        return self._ask(
            {
                "op": "call",
                "module": module,
                "name": function,
                "args": micropython_worker.pack(list(args)),
                "kwargs": micropython_worker.pack(kwargs),
            }
        )

    def get(self, module: str, constant: str):
        """The value of a module's constant."""
        return self._ask({"op": "get", "module": module, "name": constant})

    def add_path(self, folder: Path | str) -> None:
        """Lets `call` import modules from this folder, say a test's own probe."""
        self._ask({"op": "path", "path": str(folder)})

    def _ask(self, request: dict):
        answer = self._exchange(request)
        if "error" in answer:
            raise RemoteError(answer)
        return micropython_worker.unpack(answer["result"])

    def _exchange(self, request: dict) -> dict:
        raise NotImplementedError

    def close(self) -> None:
        """Ends whatever serves the calls."""

    def __enter__(self):
        return self

    def __exit__(self, *_exc) -> None:
        self.close()


class InProcess(Interpreter):
    """CPython, here. Everything still goes through JSON, as it does to the other one."""

    name = "cpython"

    def __init__(self, folders: list[Path | str] | None = None) -> None:
        for folder in folders or [FIRMWARE]:
            if str(folder) not in sys.path:
                sys.path.insert(0, str(folder))
        importlib.invalidate_caches()

    def _exchange(self, request: dict) -> dict:
        if request["op"] == "path" and request["path"] in sys.path:
            return {"result": None}
        return json.loads(json.dumps(micropython_worker.answer(json.loads(json.dumps(request)))))


class Worker(Interpreter):
    """MicroPython's unix port as a subprocess. `close` it, or use it in a `with`."""

    name = "micropython"

    def __init__(self, folders: list[Path | str] | None = None, heap_size: str = HEAP_SIZE) -> None:
        command = [find_micropython(), "-X", f"heapsize={heap_size}"]
        command += [str(SUPPORT / "micropython_worker.py"), *map(str, folders or [FIRMWARE])]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._received = b""

    def _exchange(self, request: dict) -> dict:
        line = json.dumps(request, ensure_ascii=False) + "\n"
        try:
            self._process.stdin.write(line.encode())
            self._process.stdin.flush()
        except BrokenPipeError:
            raise RuntimeError("the MicroPython worker has ended") from None
        mark = micropython_worker.MARK
        deadline = time.monotonic() + _TIMEOUT_S
        while True:
            # What the called code printed without a line end stands before the mark.
            _, found, text = self._read_line(deadline).decode().partition(mark)
            if found:
                return json.loads(text)

    def _read_line(self, deadline: float) -> bytes:
        while b"\n" not in self._received:
            out = self._process.stdout.fileno()
            left = max(0.0, deadline - time.monotonic())
            if not select.select([out], [], [], left)[0]:
                self.close()
                raise RuntimeError(f"the MicroPython worker took more than {_TIMEOUT_S:.0f} s")
            chunk = os.read(out, 65536)
            if not chunk:
                raise RuntimeError("the MicroPython worker has ended; see its standard error")
            self._received += chunk
        line, _, self._received = self._received.partition(b"\n")
        return line

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        with contextlib.suppress(BrokenPipeError):  # a request it did not live to read
            self._process.stdin.close()
        self._process.stdout.close()


def find_micropython() -> str:
    """Path of the interpreter: on PATH, or next to the Python that runs the tests.

    Raises RuntimeError if there is none: a missing interpreter must fail tests, not skip them.
    """
    beside = str(Path(sys.executable).parent)
    found = shutil.which("micropython", path=beside) or shutil.which("micropython")
    if found is None:
        raise RuntimeError("micropython is neither beside this Python nor on PATH")
    return found
