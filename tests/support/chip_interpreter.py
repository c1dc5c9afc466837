"""The third interpreter: the official MicroPython on an emulated RP2040, at its prompt, with the
firmware's modules, compiled for it, under the names that they have in the sources.

    @on_the_chip_too
    def test_a_vector(interpreter):          runs on CPython, the unix port and the chip

A call takes the chip some milliseconds, and a computer a hundred times as long: it is for known
answers and for a few random ones, not for thousands.
"""

import json
import tempfile
from pathlib import Path

import pytest

from host_tools.benchmark.emulated_pico import EmulatedPico
from host_tools.pico.firmware_build import compile_text, module_path, module_sources
from host_tools.pico.uf2 import Image
from interpreters import SUPPORT, Interpreter

# Probes that tests call there, and what these import.
PROBES = (
    *("support/micropython_worker.py", "support/open_vault.py"),
    *(f"firmware/codes/{name}.py" for name in ("otp_probe", "ctr_probe", "hash_probe")),
    "firmware/vault/vault_steps_probe.py",
)
_FOLDER = "/probes"

on_the_chip_too = pytest.mark.parametrize(
    "interpreter",
    ["cpython", "micropython", pytest.param("rp2040", marks=pytest.mark.chip)],
    indirect=True,
)


class OnChip(Interpreter):
    """`close` it, or use it in a `with`. What is called must print nothing."""

    name = "rp2040"

    def __init__(self, image: Image) -> None:
        files = {
            f"/{module_path(module)}.mpy": compile_text(text, module)
            for module, text in module_sources().items()
        }
        for path in PROBES:
            source = SUPPORT.parent / path
            text = source.read_text(encoding="utf-8")
            files[f"{_FOLDER}/{source.stem}.mpy"] = compile_text(text, source.stem)
        self._state = tempfile.TemporaryDirectory(prefix="picototp-chip-")
        self._pico = EmulatedPico(image, files, Path(self._state.name))
        self._pico.run_code(
            f"import sys; sys.path.append({_FOLDER!r}); import gc, json, micropython_worker"
        )

    def add_path(self, folder: Path | str) -> None:
        """The probes are there from the start."""

    def _exchange(self, request: dict) -> dict:
        answer = f"micropython_worker.answer(json.loads({json.dumps(request)!r}))"
        return json.loads(self._pico.run_code(f"gc.collect(); print(repr(json.dumps({answer})))"))

    def close(self) -> None:
        """Power off."""
        self._pico.__exit__()
        self._state.cleanup()
