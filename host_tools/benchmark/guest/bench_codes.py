# ruff: noqa: F821
"""For the emulated Pico: how long codes take. Times are microseconds; each result is a dict."""

import gc
import time
from array import array

import bench_hashlib
import machine
import micropython

from picototp.codes import otp, pbkdf2, sha1

_CALLS = 200  # ticks are whole microseconds
_FIRST_COUNTER = 66_666_666  # of the year 2033
_ITERATIONS = 2_000
# Where MicroPython's inline assembler functions have their type and their code: py/objfun.h.
_TYPE, _CODE = 0, 8


def compression():
    """One SHA-1 compression: the routine, called from a loop in assembler, and from Python."""
    state = array("I", bytes(20))
    block = bytes(64)
    out = {"sha1.routine": _routine(sha1.compress, state, block)}
    out["call.empty"] = empty = _mean(_empty, state, block)
    out["sha1.call"] = _mean(sha1.compress, state, block) - empty
    return out


def _routine(compress, state, block):
    if machine.mem32[id(compress) + _TYPE] != machine.mem32[id(_repeat) + _TYPE]:
        raise TypeError("SHA-1 is not in assembler here")
    code = machine.mem32[id(compress) + _CODE] | 1  # bit 0: Thumb
    again = array("I", bytes(20))
    compress(again, block, 0)
    compress(again, block, 0)
    _repeat(code, state, block, 2)
    if state != again:
        raise ValueError("the SHA-1 routine computes something else than from Python")
    start = time.ticks_us()
    _repeat(code, state, block, _CALLS)
    return time.ticks_diff(time.ticks_us(), start) / _CALLS


@micropython.asm_thumb
def _repeat(r0, r1, r2, r3):
    mov(r4, r0)
    mov(r5, r1)
    mov(r6, r2)
    mov(r7, r3)
    label(AGAIN)
    mov(r0, r5)
    mov(r1, r6)
    mov(r2, 0)
    data(2, 0x47A0)  # blx r4
    sub(r7, 1)
    bne(AGAIN)


@micropython.asm_thumb
def _empty(r0, r1, r2):
    mov(r0, 0)


def _mean(function, state, block):
    start = time.ticks_us()
    for _ in range(_CALLS):
        function(state, block, 0)
    return time.ticks_diff(time.ticks_us(), start) / _CALLS


def codes(algorithm, key_bytes, count):
    """{way: microseconds}: the slowest of several codes from the raw key and from kept midstates,
    and the fastest by hashlib."""
    key = bytes(range(1, key_bytes + 1))
    hotp = otp.hotp
    kept = otp.Generator(algorithm, key, 6).code
    out = {
        "raw": max(_times(lambda counter: hotp(algorithm, key, counter, 6), count)),
        "kept": max(_times(lambda counter: kept(counter), count)),
    }
    if algorithm == "SHA1":
        other = bench_hashlib.hotp
        out["hashlib"] = min(_times(lambda counter: other(key, counter), count))
    nothing = min(_times(lambda counter: None, count))
    return {way: taken - nothing for way, taken in out.items()}


def _times(code, count):
    """Times of codes, one after the other; none pays for another's garbage."""
    code(_FIRST_COUNTER)
    out = []
    gc.collect()
    for counter in range(_FIRST_COUNTER + 1, _FIRST_COUNTER + 1 + count):
        start = time.ticks_us()
        code(counter)
        out.append(time.ticks_diff(time.ticks_us(), start))
    return out


def key_derivation():
    """PBKDF2-HMAC-SHA-1's iterations a second, in steps after each of which a main loop turns."""
    derivation = pbkdf2.Pbkdf2(b"password", b"salt", _ITERATIONS, 20)
    start = time.ticks_us()
    while not derivation.step(1000):
        pass
    return _ITERATIONS * 1_000_000 / time.ticks_diff(time.ticks_us(), start)
