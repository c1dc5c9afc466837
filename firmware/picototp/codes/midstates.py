"""HMAC from the two midstates of a key (RFC 2104, 4), as one function that a machine can replace.

    chain(states, block, order)

A midstate is what a hash is after one block, here the padded key; how that is kept is the hash's
affair. `states` is a bytearray of

    inner midstate | outer midstate | u, a digest: the last HMAC | t, the XOR of such digests

`order` and `block` say what to do:

    PREPARE   from the first block, the key followed by zeros, makes both midstates
    ~n        n times u = HMAC(u) and t ^= u, which is PBKDF2 (RFC 8018, 5.2); but if `block` is
              not None, the first message is the one in it, padded as the hash's second block
    KEYED     both at once: `block` is two, the key's and the message's; what is left is u, and
              zeros for midstates

A message in a block has to leave room for its padding.

The general one is `chain_over` a hash; `choose` prefers one that a machine's module brings, if it
is right.
"""

PREPARE = ~0
ONCE = ~1
KEYED = -(1 << 29)
MOST = (1 << 28) - 1  # iterations that one call can be asked for


def chain_over(hash_class):
    """A chain for any hash class with `midstate(block)` and `resumed(midstate)`."""
    size = hash_class.midstate_size
    block_size = hash_class.block_size
    # XOR as one large integer each: a loop over the bytes takes a Pico milliseconds.
    pads = [int.from_bytes(byte * block_size, "big") for byte in (b"\x36", b"\x5c")]

    def midstates(block: bytes) -> list:
        key = int.from_bytes(bytes(block[:block_size]), "big")
        return [hash_class.midstate((key ^ pad).to_bytes(block_size, "big")) for pad in pads]

    def chain(states: bytearray, block, order: int) -> None:
        if order == PREPARE:
            inner, outer = midstates(block)
            states[: 2 * size] = inner + outer
            return
        if order == KEYED:
            inner, outer = midstates(block)
            block = block[block_size:]
            order = ONCE
            states[: 2 * size] = bytes(2 * size)
        else:
            inner = bytes(states[:size])
            outer = bytes(states[size : 2 * size])
        at = 2 * size
        end = at + hash_class.digest_size
        if block is None:
            message = bytes(states[at:end])
        else:
            # A hash pads by itself; how long the message is, the padding says, in bits.
            length = ((block[-2] << 8) | block[-1]) // 8 - block_size
            message = bytes(block[:length])
        total = int.from_bytes(states[end:], "big")
        for _ in range(~order):
            for midstate in (inner, outer):
                hashed = hash_class.resumed(midstate)
                hashed.update(message)
                message = hashed.digest()
            total ^= int.from_bytes(message, "big")
        states[at:] = message + total.to_bytes(end - at, "big")

    return chain


def choose(module, hash_class, one: bytes, two: bytes):
    """`module.chain` if there is one and it is right, else one over `hash_class`.

    `one` and `two` are what PBKDF2 derives from "password" and "salt" by 1 and by 2 iterations.
    """
    chain = getattr(module, "chain", None)
    if chain is not None and _is_right(chain, hash_class, one, two):
        return chain
    return chain_over(hash_class)


def _is_right(chain, hash_class, one: bytes, two: bytes) -> bool:
    """Whether it gets all three kinds of order right."""
    size = hash_class.block_size
    key = b"password" + bytes(size - 8)
    salt = b"salt\0\0\0\x01\x80" + bytes(size - 11) + (8 * (size + 8)).to_bytes(2, "big")
    at = 2 * hash_class.midstate_size
    end = at + hash_class.digest_size
    states = bytearray(2 * end - at)
    chain(states, key, PREPARE)
    chain(states, salt, ONCE)
    if states[at:] != one + one:
        return False
    chain(states, None, ~1)
    if states[end:] != two:
        return False
    chain(states, key + salt, KEYED)
    return states[:end] == bytes(at) + one
