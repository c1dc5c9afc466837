# ruff: noqa: F821
# mypy: ignore-errors
"""The SHA-512 compression function in MicroPython's viper (FIPS 180-4, 6.4.2).

Every 64-bit word is two halves, `xh` and `xl`, that are kept below 2**32 by masking: a sum carries
if its low half came out below an addend. So it is right where a viper word has 32 bits and where it
has 64. The block is read byte by byte: Cortex-M0+ faults on unaligned words. Not re-entrant.
"""

from array import array

import micropython

from picototp.codes.sha512_constants import ROUND

# The 80 words of the message schedule, each as high half, low half.
_w = array("I", bytes(8 * 80))
# A copy, because a literal need not be aligned. Low half first, as the literal says.
_k = array("I", ROUND)
# The eight working variables after the rounds.
_v = array("I", bytes(8 * 8))


@micropython.viper
def _schedule(block: ptr8, offset: int):
    w = ptr32(_w)
    m = (uint(0x3FFFFFFF) << 2) | 3  # 0xFFFFFFFF would be an object on a 32-bit machine
    p = ptr8(int(block) + offset)
    i = 0
    while i < 32:
        w[i] = (p[0] << 24) | (p[1] << 16) | (p[2] << 8) | p[3]
        p = ptr8(int(p) + 4)
        i += 1
    i = 16
    while i < 80:
        # w points at word i - 16.
        xh = uint(w[2])  # sigma 0 of word i - 15: rotate by 1 and 8, shift by 7
        xl = uint(w[3])
        h = ((xh >> 1) | (xl << 31)) ^ ((xh >> 8) | (xl << 24)) ^ (xh >> 7)
        t = (((xl >> 1) | (xh << 31)) ^ ((xl >> 8) | (xh << 24)) ^ ((xl >> 7) | (xh << 25))) & m

        xh = uint(w[28])  # sigma 1 of word i - 2: rotate by 19 and 61, shift by 6
        xl = uint(w[29])
        h += ((xh >> 19) | (xl << 13)) ^ ((xl >> 29) | (xh << 3)) ^ (xh >> 6)
        x = (((xl >> 19) | (xh << 13)) ^ ((xh >> 29) | (xl << 3)) ^ ((xl >> 6) | (xh << 26))) & m
        t = (t + x) & m
        if t < x:
            h += 1

        x = uint(w[1])  # word i - 16
        t = (t + x) & m
        if t < x:
            h += 1
        x = uint(w[19])  # word i - 7
        t = (t + x) & m
        if t < x:
            h += 1
        w[32] = int(h + uint(w[0]) + uint(w[18]))
        w[33] = int(t)
        w = ptr32(int(w) + 8)
        i += 1


@micropython.viper
def _rounds(s: ptr32):
    m = (uint(0x3FFFFFFF) << 2) | 3
    w = ptr32(_w)
    k = ptr32(_k)
    ah = uint(s[0])
    al = uint(s[1])
    bh = uint(s[2])
    bl = uint(s[3])
    ch = uint(s[4])
    cl = uint(s[5])
    dh = uint(s[6])
    dl = uint(s[7])
    eh = uint(s[8])
    el = uint(s[9])
    fh = uint(s[10])
    fl = uint(s[11])
    gh = uint(s[12])
    gl = uint(s[13])
    hh = uint(s[14])
    hl = uint(s[15])
    i = 0
    while i < 80:
        # t = h + Sigma 1 of e (14, 18, 41) + Ch(e, f, g) + k + w
        th = hh + (((eh >> 14) | (el << 18)) ^ ((eh >> 18) | (el << 14)) ^ ((el >> 9) | (eh << 23)))
        x = (((el >> 14) | (eh << 18)) ^ ((el >> 18) | (eh << 14)) ^ ((eh >> 9) | (el << 23))) & m
        tl = (hl + x) & m
        if tl < x:
            th += 1
        x = gl ^ (el & (fl ^ gl))
        tl = (tl + x) & m
        if tl < x:
            th += 1
        x = uint(k[0])
        tl = (tl + x) & m
        if tl < x:
            th += 1
        x = uint(w[1])
        tl = (tl + x) & m
        if tl < x:
            th += 1
        th += (gh ^ (eh & (fh ^ gh))) + uint(k[1]) + uint(w[0])

        hh = gh
        hl = gl
        gh = fh
        gl = fl
        fh = eh
        fl = el
        el = (dl + tl) & m
        eh = dh + th
        if el < tl:
            eh += 1
        eh &= m

        # t += Sigma 0 of a (28, 34, 39) + Maj(a, b, c)
        th += ((ah >> 28) | (al << 4)) ^ ((al >> 2) | (ah << 30)) ^ ((al >> 7) | (ah << 25))
        x = (((al >> 28) | (ah << 4)) ^ ((ah >> 2) | (al << 30)) ^ ((ah >> 7) | (al << 25))) & m
        tl = (tl + x) & m
        if tl < x:
            th += 1
        x = (al & bl) | (cl & (al | bl))
        tl = (tl + x) & m
        if tl < x:
            th += 1
        th += (ah & bh) | (ch & (ah | bh))

        dh = ch
        dl = cl
        ch = bh
        cl = bl
        bh = ah
        bl = al
        ah = th & m
        al = tl
        w = ptr32(int(w) + 8)
        k = ptr32(int(k) + 8)
        i += 1
    v = ptr32(_v)
    v[0] = int(ah)
    v[1] = int(al)
    v[2] = int(bh)
    v[3] = int(bl)
    v[4] = int(ch)
    v[5] = int(cl)
    v[6] = int(dh)
    v[7] = int(dl)
    v[8] = int(eh)
    v[9] = int(el)
    v[10] = int(fh)
    v[11] = int(fl)
    v[12] = int(gh)
    v[13] = int(gl)
    v[14] = int(hh)
    v[15] = int(hl)


@micropython.viper
def compress(state: ptr32, block, offset: int):
    """Folds the 128 bytes at `offset` of `block` into `state`, an array('I') of 16 words."""
    m = (uint(0x3FFFFFFF) << 2) | 3
    _schedule(block, offset)
    _rounds(state)
    v = ptr32(_v)
    i = 0
    while i < 16:
        low = uint(v[i + 1])
        total = (uint(state[i + 1]) + low) & m
        high = uint(state[i]) + uint(v[i])
        if total < low:
            high += 1
        state[i] = int(high)
        state[i + 1] = int(total)
        i += 2
