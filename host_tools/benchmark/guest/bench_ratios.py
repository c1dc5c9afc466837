"""For MicroPython on this computer: our SHA-1 and our codes beside hashlib's. Prints JSON.

Everything is timed in turn, again and again, and the shortest of each counts: what else the
computer does in the meantime then hardly shows. The heap is large enough that none pays for
garbage.
"""

import gc
import hashlib
import json
import sys
import time
from array import array

import bench_hashlib

from picototp.codes import otp, sha1_plain, sha1_viper

_TURNS = 40
_KEY = b"12345678901234567890"
_COUNTER = 66_666_666
_MESSAGE = bytes(55)  # with its padding, one block
_BLOCK = bytes(64)
_state = array("I", bytes(20))
_generator = otp.Generator("SHA1", _KEY, 6)

# What, and how often in a turn.
_WAYS = {
    "hashlib": (lambda: hashlib.sha1(_MESSAGE).digest(), 2_000),
    "plain": (lambda: sha1_plain.compress(_state, _BLOCK, 0), 20),
    "viper": (lambda: sha1_viper.compress(_state, _BLOCK, 0), 1_000),
    "hashlib code": (lambda: bench_hashlib.hotp(_KEY, _COUNTER), 300),
    "raw code": (lambda: otp.hotp("SHA1", _KEY, _COUNTER, 6), 300),
    "kept code": (lambda: _generator.code(_COUNTER), 300),
}


def _turn(function, times):
    gc.collect()
    start = time.ticks_us()
    for _ in range(times):
        function()
    return time.ticks_diff(time.ticks_us(), start) / times


best = {}
for _ in range(_TURNS):
    for name, (function, times) in _WAYS.items():
        taken = _turn(function, times)
        best[name] = min(best.get(name, taken), taken)
json.dump(
    {
        "ratio.plain": best["plain"] / best["hashlib"],
        "ratio.viper": best["viper"] / best["hashlib"],
        "ratio.raw": best["raw code"] / best["hashlib code"],
        "ratio.kept": best["kept code"] / best["hashlib code"],
    },
    sys.stdout,
)
