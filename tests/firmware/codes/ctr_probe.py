"""Runs on either interpreter: counter mode and its helpers, by way of bytes."""

import hashlib

from picototp.codes import aes_ctr, pbkdf2, stream_mac, variants


def applied(key, nonce, offset, data, before=0, after=0):
    """What becomes of data, within a larger buffer whose rest must stay as it is."""
    buffer = bytearray(before + len(data) + after)
    buffer[before : before + len(data)] = data
    aes_ctr.AesCtr(key).apply(nonce, offset, memoryview(buffer)[before : before + len(data)])
    if any(buffer[:before]) or any(buffer[before + len(data) :]):
        raise ValueError("wrote beside its part")
    return bytes(buffer[before : before + len(data)])


def in_pieces(key, nonce, data, sizes):
    """The same in pieces of these sizes, by one object, last piece first."""
    cipher = aes_ctr.AesCtr(key)
    buffer = bytearray(data)
    pieces = []
    at = 0
    while at < len(data):
        size = sizes[len(pieces) % len(sizes)]
        pieces.append((at, min(at + size, len(data))))
        at += size
    for start, end in reversed(pieces):
        cipher.apply(nonce, start, memoryview(buffer)[start:end])
    return bytes(buffer)


def loops_in_use():
    return aes_ctr._loops.__name__


def chosen(names):
    return variants.proven(tuple(names), aes_ctr.is_right).__name__


def plain_filled(first, number, count):
    from picototp.codes import ctr_plain

    blocks = bytearray(16 * count)
    ctr_plain.fill(blocks, first, number, count)
    return bytes(blocks)


def heap_of_many_blocks(blocks):
    """Bytes of heap that encrypting so many blocks in one call takes, without a collection."""
    import gc

    cipher = aes_ctr.AesCtr(bytes(32))
    nonce = bytes(16)
    data = bytearray(16 * blocks)
    cipher.apply(nonce, 0, data)
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    cipher.apply(nonce, 0, data)
    taken = gc.mem_alloc() - before
    gc.enable()
    return taken


def mac(key, pieces):
    made = stream_mac.StreamMac(key)
    hashed = made.begin()
    for piece in pieces:
        hashed.update(piece)
    tag = made.finish(hashed)
    if tag != made.of(b"".join(pieces)):
        raise ValueError("whole and in pieces differ")
    return tag


def forgotten(key):
    """What is left in the objects after `forget`: zeros, and no more."""
    made = stream_mac.StreamMac(key)
    made.forget()
    cipher = aes_ctr.AesCtr(key)
    cipher.apply(bytes(16), 0, bytearray(100))
    cipher.forget()
    derivation = pbkdf2.Pbkdf2(key, b"salt", 2, 32)
    derivation.step(9)
    derivation.forget()
    parts = (made._inner, made._outer, cipher._stream, derivation._derived)
    return [hashlib.sha256(part).digest() == hashlib.sha256(bytes(len(part))).digest()
            for part in parts] + [not any(derivation._mac.states)]  # fmt: skip


def equal(one, other):
    return stream_mac.equal(one, other)
