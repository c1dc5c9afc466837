"""Guest code for the emulated chip: do the codes come out right there, and how long do they take?

    import codes_chip_probe
    codes_chip_probe.imports()   first: {module: (microseconds, bytes of heap)}
    codes_chip_probe.vectors()   what is wrong, as lines; an empty list is right
    codes_chip_probe.timings()   {what: microseconds, and PBKDF2's iterations a second}

Needs nothing but picototp.codes. `vectors` also runs on CPython and MicroPython's unix port.
"""

import gc
import time

_KEY = b"12345678901234567890"
_MODULES = (
    ("variants", "midstates", "block_hash", "sha1_thumb", "sha1", "hmac")
    + ("decimal_viper", "otp", "base32", "pbkdf2", "sha256")
    + ("sha512_constants", "sha512_viper", "sha512")
)
# RFC 6238, appendix B: seconds, codes of SHA-1, SHA-256, SHA-512.
_RFC_6238 = (
    (59, "94287082", "46119246", "90693936"),
    (1111111109, "07081804", "68084774", "25091201"),
    (1111111111, "14050471", "67062674", "99943326"),
    (1234567890, "89005924", "91819424", "93441116"),
    (2000000000, "69279037", "90698825", "38618901"),
    (20000000000, "65353130", "77737706", "47863826"),
)
# RFC 4226, appendix D: counters 0 to 9.
_RFC_4226 = ("755224", "287082", "359152", "969429", "338314") + (
    "254676",
    "287922",
    "162583",
    "399871",
    "520489",
)
# RFC 2202, section 3, cases 1, 2 and 6: key, data, digest.
_RFC_2202 = (
    (b"\x0b" * 20, b"Hi There", "b617318655057264e28bc0b6fb378c8ef146be00"),
    (b"Jefe", b"what do ya want for nothing?", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
    (
        b"\xaa" * 80,
        b"Test Using Larger Than Block-Size Key - Hash Key First",
        "aa4ae5e15272d00e95705637ce8a3b55ed402112",
    ),
)
# RFC 6070: iterations and key for "password" and "salt".
_RFC_6070 = (
    (1, "0c60c80f961f0e71f3a9b524af6012062fe037a6"),
    (2, "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957"),
    (4096, "4b007901b765489abead49d926f721d065a429c1"),
)
# FIPS 180-2, A.2; three times that, for every alignment of a block.
_FIPS_180 = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
_FIPS_180_DIGEST = "84983e441c3bd26ebaae4aa1f95129e5e54670f1"


def imports():
    """What each module costs; only in a fresh interpreter, and only those that it can load."""
    out = {}
    for name in _MODULES:
        gc.collect()
        before = gc.mem_alloc()
        start = time.ticks_us()
        __import__("picototp.codes." + name)
        taken = time.ticks_diff(time.ticks_us(), start)
        gc.collect()
        out[name] = (taken, gc.mem_alloc() - before)
    return out


def vectors(iterations_max=4096):
    """A line for everything that came out wrong. PBKDF2 with more iterations is left out."""
    from picototp.codes import hmac, otp, pbkdf2, sha1

    wrong = []

    def same(what, found, right):
        if found != right:
            wrong.append(what)

    for offset in range(9):
        hashed = sha1.Sha1()
        hashed.update(memoryview(bytes(offset) + _FIPS_180 * 3)[offset:])
        whole = sha1.Sha1(_FIPS_180 * 3).digest()
        same("SHA-1 at offset " + str(offset), hashed.digest(), whole)
    same("FIPS 180-2, A.2", sha1.Sha1(_FIPS_180).digest().hex(), _FIPS_180_DIGEST)
    for key, data, digest in _RFC_2202:
        same("RFC 2202, " + str(data), hmac.hmac("SHA1", key, data).hex(), digest)
    # By its definition, around the length up to which a message fits into one block.
    for size in (0, 54, 55, 56, 57, 63, 64, 65, 120):
        inner = sha1.Sha1(bytes([byte ^ 0x36 for byte in _KEY + bytes(44)]) + bytes(size)).digest()
        outer = sha1.Sha1(bytes([byte ^ 0x5C for byte in _KEY + bytes(44)]) + inner).digest()
        found = hmac.hmac("SHA1", _KEY, bytes(size))
        same("HMAC of " + str(size) + " bytes", found, outer)
    generator = otp.Generator("SHA1", _KEY, 6)
    for counter, code in enumerate(_RFC_4226):
        same("RFC 4226, " + str(counter), otp.hotp("SHA1", _KEY, counter, 6), code)
        same("RFC 4226 kept, " + str(counter), generator.code(counter), code)
    keys = (("SHA1", 20), ("SHA256", 32), ("SHA512", 64))
    generators = [otp.Generator(name, (_KEY * 4)[:length], 8) for name, length in keys]
    for unix_s, *codes in _RFC_6238:
        for index, (name, length) in enumerate(keys):
            found = otp.totp(name, (_KEY * 4)[:length], unix_s, 30, 8)
            same("RFC 6238, " + name + ", " + str(unix_s), found, codes[index])
            found = generators[index].code(unix_s // 30)
            same("RFC 6238 kept, " + name + ", " + str(unix_s), found, codes[index])
    for iterations, key in _RFC_6070:
        if iterations > iterations_max:
            continue
        derivation = pbkdf2.Pbkdf2(b"password", b"salt", iterations, 20)
        while not derivation.step(1000):
            pass
        same("RFC 6070, " + str(iterations), derivation.result().hex(), key)
    return wrong


def timings():
    """The best of ten of each, less what calling an empty function takes."""
    from picototp.codes import pbkdf2, sha1

    out = {}
    compress = sha1.compress
    empty = _empty()
    block = bytes(64)
    state = sha1.Sha1()._state

    def call_compress():
        compress(state, block, 0)

    def call_empty():
        empty(state, block, 0)

    out["calling an empty viper function"] = _best(call_empty)
    out["SHA-1 compression, that taken off"] = _mean(call_compress) - _mean(call_empty)
    for algorithm in ("SHA1", "SHA256", "SHA512"):
        raw, kept = _code_timings(algorithm)
        out[algorithm + " code from the raw secret"] = raw
        out[algorithm + " code, midstates kept"] = kept
    derivation = pbkdf2.Pbkdf2(b"password", b"salt", 10000, 20)
    start = time.ticks_us()
    while not derivation.step(1000):
        pass
    taken = time.ticks_diff(time.ticks_us(), start)
    out["PBKDF2 iterations a second, in steps of 1,000"] = 10000 * 1000000 // taken
    return out


def _code_timings(algorithm):
    from picototp.codes import otp

    hotp = otp.hotp
    generator = otp.Generator(algorithm, _KEY, 6)

    def raw():
        hotp(algorithm, _KEY, 56666666, 6)

    def kept():
        generator.code(56666666)

    return _best(raw), _best(kept)


def _empty():
    import micropython

    @micropython.viper
    def empty(state, block, offset):
        pass

    return empty


def _best(function):
    """The shortest of ten runs, in microseconds, after one that does not count."""
    return _shortest(function) - _shortest(_nothing)


def _shortest(function):
    function()
    gc.collect()
    best = 1 << 29
    for _ in range(10):
        start = time.ticks_us()
        function()
        best = min(best, time.ticks_diff(time.ticks_us(), start))
    return best


def _mean(function):
    """Of 200 runs, in microseconds, because ticks are whole ones."""
    start = time.ticks_us()
    for _ in range(200):
        function()
    return time.ticks_diff(time.ticks_us(), start) / 200


def _nothing():
    pass
