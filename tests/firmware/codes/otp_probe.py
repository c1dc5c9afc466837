"""Called by tests on either interpreter: objects that cannot travel, driven from inside."""

from picototp.codes import hmac, midstates, otp, pbkdf2, variants


def mac_results(algorithm, steps):
    """One Mac; each step is the name of a method and its arguments. The results but set_key's."""
    mac = hmac.Mac(algorithm)
    out = []
    for name, *args in steps:
        getattr(mac, name)(*args)
        if name != "set_key":
            out.append(bytes(mac.result))
    return out


def left_after_keyed(algorithm, key):
    """What a Mac holds after the HMAC of counter 7."""
    mac = hmac.Mac(algorithm)
    mac.keyed(key, 7)
    size = 2 * mac._hash.midstate_size
    return {
        "midstates": bytes(mac.states[:size]),
        "blocks": bytes(mac._blocks),
        "result": bytes(mac.result),
    }


def codes(accounts, counters):
    """Of generators that are alive at the same time: for each counter the codes of all."""
    generators = [otp.Generator(*account) for account in accounts]
    return [[generator.code(counter) for generator in generators] for counter in counters]


def derived(password, salt, iterations, length, step):
    """A key derived in such steps, and the number of steps it took."""
    derivation = pbkdf2.Pbkdf2(password, salt, iterations, length)
    steps = 1
    while not derivation.step(step):
        steps += 1
    return derivation.result(), steps


def result_too_early(steps):
    derivation = pbkdf2.Pbkdf2(b"password", b"salt", 10, 20)
    for iterations in steps:
        derivation.step(iterations)
    return derivation.result()


def chained(states, block, order):
    """What SHA-1's chain makes of these states, and what the general one does."""
    from picototp.codes import sha1

    out = []
    for chain in (sha1.chain, midstates.chain_over(sha1.Sha1)):
        copy = bytearray(states)
        chain(copy, block, order)
        out.append(bytes(copy))
    return out


def decimal_choice(names):
    """Which of these modules writes the digits."""
    return variants.proven(tuple(names), otp.writes_right).__name__


def decimal_in_use():
    return variants.proven(otp._NAMES, otp.writes_right).__name__
