"""Guest code for the emulated chip: do the codes come out right there?

    import codes_chip_probe
    codes_chip_probe.vectors()   what is wrong, as lines; an empty list is right

Needs nothing but picototp.codes, and also runs on CPython and MicroPython's unix port. How long
codes take, `picototp bench` tells.
"""

_KEY = b"12345678901234567890"
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
        same("RFC 4226, " + str(counter), otp.hotp("SHA1", _KEY, counter, 6), code.encode())
        same("RFC 4226 kept, " + str(counter), generator.code(counter), code.encode())
    keys = (("SHA1", 20), ("SHA256", 32), ("SHA512", 64))
    generators = [otp.Generator(name, (_KEY * 4)[:length], 8) for name, length in keys]
    for unix_s, *codes in _RFC_6238:
        for index, (name, length) in enumerate(keys):
            found = otp.totp(name, (_KEY * 4)[:length], unix_s, 30, 8)
            same("RFC 6238, " + name + ", " + str(unix_s), found, codes[index].encode())
            found = generators[index].code(unix_s // 30)
            same("RFC 6238 kept, " + name + ", " + str(unix_s), found, codes[index].encode())
    for iterations, key in _RFC_6070:
        if iterations > iterations_max:
            continue
        derivation = pbkdf2.Pbkdf2(b"password", b"salt", iterations, 20)
        while not derivation.step(1000):
            pass
        same("RFC 6070, " + str(iterations), derivation.result().hex(), key)
    return wrong
