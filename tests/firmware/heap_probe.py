"""Runs on MicroPython: how much heap is gone for good after the firmware has seen many texts."""

import gc

from picototp.codes import base32
from picototp.protocol import frames
from picototp.screens import text
from picototp.vault import account
from picototp.vault.errors import VaultError

_A_LINE = 16  # characters


def _refused_secret(secret):
    try:
        base32.decode(secret)
    except base32.Base32Error:
        return
    raise ValueError("a secret that is none")


def _label(name):
    try:
        account.check_label(name, name)
    except VaultError:
        pass  # a control character


def _there_and_back(name):
    line = frames.encode(frames.REQUEST_MARK, {"name": name})
    if frames.decode(frames.REQUEST_MARK, line) != {"name": name}:
        raise ValueError("the frame holds another text")


def _shown(name):
    text.fit(name, 60)
    text.columns(name)
    text.wrap(name)
    text.name_overflow_px(name)


DOES = {"secret": _refused_secret, "label": _label, "frame": _there_and_back, "shown": _shown}


def kept(what, first, end):
    """Bytes of heap that `what` keeps of texts with the characters of these numbers, each once."""
    do = DOES[what]
    do(_text(0x4000))  # what it loads or makes on its first use
    gc.collect()
    before = gc.mem_alloc()
    for point in range(first, end, _A_LINE):
        do(_text(point))
    gc.collect()
    return gc.mem_alloc() - before


def _text(first):
    """Some characters from that number on; made of bytes, for chr would keep them."""
    out = bytearray()
    for point in range(first, first + _A_LINE):
        if point < 0x10000:
            out.append(0xE0 | point >> 12)
        else:
            out.append(0xF0 | point >> 18)
            out.append(0x80 | point >> 12 & 0x3F)
        out.append(0x80 | point >> 6 & 0x3F)
        out.append(0x80 | point & 0x3F)
    return bytes(out).decode()
