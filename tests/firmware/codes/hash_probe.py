"""Called by the hash tests on either interpreter: drives one variant of a compression function."""

import sys
from array import array

from picototp.codes import hmac, midstates, sha1, sha512

_BASES = {"sha1": sha1.Sha1, "sha512": sha512.Sha512}


def _compress(variant):
    name = "picototp.codes." + variant
    __import__(name)
    return sys.modules[name].compress


def _hash_class(variant):
    """The hash with that variant ("sha1_plain"), or as chosen at import ("sha1")."""
    base = _BASES[variant.split("_")[0]]
    if "_" not in variant:
        return base

    class Variant(base):
        _compress = staticmethod(_compress(variant))

    return Variant


def chosen(name):
    """Which variant the import settled on; None if the hash is the interpreter's own."""
    module = __import__("picototp.codes." + name, None, None, ("_best",))
    return module._best and module._best.__name__.rsplit("_", 1)[1]


def own_chain(name):
    """Whether the chain is the variant's own."""
    module = __import__("picototp.codes." + name, None, None, ("chain",))
    return module.chain is getattr(module._best, "chain", None)


def digests_of(algorithm, messages):
    """As chosen at import; the algorithm has the name that URIs give it."""
    hash_class, _ = hmac.load(algorithm)
    return [hash_class.of(message) for message in messages]


def digests(variant, messages):
    new = _hash_class(variant)
    return [new(message).digest() for message in messages]


_open = None


def begin(variant):
    """Starts a hash that `add` and `finish` go on with: for messages too long for one request."""
    global _open
    _open = _hash_class(variant)()


def add(variant, piece):
    _open.update(piece)


def finish(variant):
    return _open.digest()


def repeated(variant, piece, times):
    """The digest of `piece` that often, one update each."""
    hashed = _hash_class(variant)()
    for _ in range(times):
        hashed.update(piece)
    return hashed.digest()


def in_pieces(variant, message, cuts):
    """Digests after each of the pieces that `cuts` makes; taking them must not disturb anything."""
    hashed = _hash_class(variant)()
    out = []
    start = 0
    for cut in list(cuts) + [len(message)]:
        hashed.update(memoryview(message)[start:cut])
        out.append(hashed.digest())
        start = cut
    return out


def copied(variant, head, one, other):
    """Digests of head+one and head+other, by a copy taken after the head."""
    first = _hash_class(variant)(head)
    second = first.copy()
    first.update(one)
    second.update(other)
    return first.digest(), second.digest()


def monte_carlo(variant, seed, rounds):
    """The chain of the SHA validation system (SHAVS, 6.4): a digest after every 1,000 hashes."""
    new = _hash_class(variant)
    out = []
    for _ in range(rounds):
        a = b = c = seed
        for _ in range(1000):
            a, b, c = b, c, new(a + b + c).digest()
        seed = c
        out.append(seed)
    return out


def compress_many(variant, cases):
    """For (state words, bytes, offset): the state words afterwards."""
    compress = _compress(variant)
    out = []
    for words, block, offset in cases:
        state = array("I", words)
        compress(state, block, offset)
        out.append(list(state))
    return out


def heap_used(variant, words, block):
    """Bytes of heap that one compression takes."""
    import gc

    compress = _compress(variant)
    state = array("I", words)
    compress(state, block, 0)
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    compress(state, block, 0)
    used = gc.mem_alloc() - before
    gc.enable()
    return used


def choose(names, start, block, expected):
    """Which of the modules the choice falls on."""
    from picototp.codes import variants

    return variants.choose(names, start, block, expected).__name__


def chain_choice(algorithm, wrong, one, two):
    """Which chain a hash takes from a module whose own one does as it says."""
    hash_class, _ = hmac.load(algorithm)
    right = midstates.chain_over(hash_class)

    class Module:
        @staticmethod
        def chain(states, block, order):
            right(states, block, order)
            if order == wrong:
                states[0 if order == midstates.PREPARE else 2 * hash_class.midstate_size] ^= 1

    chosen = midstates.choose(Module, hash_class, one, two)
    return "own" if chosen is Module.chain else "general"
