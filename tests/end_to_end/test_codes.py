"""The code on the display, read off its pixels, is what others compute: for 200 random accounts.

The judges are a program for codes (judges.py) and pyotp. Each of the ten tokens loads twenty
accounts over its serial port, at a random time between the firmware's build and the end of 2099.
"""

import base64
import hashlib
import os
import random

import pyotp
import pytest

import picototp
from host_tools.credentials.credential import Credential
from host_tools.simulator.digits import read_code
from judges import hotp, needs_code_judge, totp
from waiting import eventually

SEED = int(os.environ.get("PICOTOTP_TEST_SEED", "20261123"))
TOKENS, ACCOUNTS = 10, 20
OFTEN = random.Random(SEED).sample(range(TOKENS), 4)
DIGESTS = {"SHA1": hashlib.sha1, "SHA256": hashlib.sha256, "SHA512": hashlib.sha512}
COMBINATIONS = [(name, digits) for name in DIGESTS for digits in (6, 7, 8)]
END_UNIX_S = 4_102_444_800 - 2 * 86_400  # 2099-12-30


def random_credential(chance: random.Random, number: int) -> Credential:
    """Every algorithm with every number of digits comes up at least twenty times in all."""
    algorithm, digits = COMBINATIONS[number % len(COMBINATIONS)]
    kind = "hotp" if number % 10 == 9 else "totp"
    key_sizes = (16, 20, 32, 64, 65, 100, 127, 128) + ((1, 10) if kind == "totp" else ())
    return Credential(
        issuer=chance.choice(("", "Example", "Zoë & Söhne", "i" * 64)),
        name=f"{number} {'n' * chance.choice((0, 8, 60))}".rstrip(),
        secret=chance.randbytes(chance.choice(key_sizes)),
        algorithm=algorithm,
        digits=digits,
        period_s=chance.choice(
            (1, 15, 30, 30, 30, 60, 90, 3600, 86_400, chance.randint(1, 86_400))
        ),
        kind=kind,
        counter=chance.choice((0, 1, 2**31 - 1, 2**32, 2**63, chance.randrange(2**48))),
    )


def program_code(credential: Credential, unix_s: int, counter: int = 0) -> str | None:
    """What the program computes, or None for HOTP with SHA-2, which it does not know."""
    key, digits = credential.secret, credential.digits
    if credential.kind == "totp":
        return totp(key, unix_s, credential.algorithm, digits, credential.period_s)
    return hotp(key, counter, digits) if credential.algorithm == "SHA1" else None


def pyotp_code(credential: Credential, unix_s: int, counter: int = 0) -> str | None:
    """What pyotp computes, or None for a key of less than 14 bytes, which it refuses."""
    if len(credential.secret) < 14:
        return None
    secret = base64.b32encode(credential.secret).decode()
    options = {"digits": credential.digits, "digest": DIGESTS[credential.algorithm]}
    if credential.kind == "hotp":
        return pyotp.HOTP(secret, **options).at(counter)
    if credential.period_s > 120:  # it refuses these, too
        return pyotp.HOTP(secret, **options).at(unix_s // credential.period_s)
    return pyotp.TOTP(secret, interval=credential.period_s, **options).at(unix_s)


def judged(credential: Credential, unix_s: int, counter: int = 0) -> str:
    """The code on which the judges agree."""
    verdicts = {judge(credential, unix_s, counter) for judge in (program_code, pyotp_code)}
    (code,) = verdicts - {None}
    return code


def assert_totp(hands, credential: Credential) -> None:
    hands.assert_code(lambda unix_s: judged(credential, unix_s))


def assert_hotp(hands, credential: Credential) -> None:
    """No code before it is asked for, and then the next one each time."""
    hands.sees("hold = new code")
    assert read_code(hands.token.screen()) is None
    hands.hold()
    assert hands.code() == judged(credential, 0, credential.counter)


@needs_code_judge
@pytest.mark.parametrize(
    "batch",
    [pytest.param(n, marks=[] if n in OFTEN else pytest.mark.thorough) for n in range(TOKENS)],
)
def test_codes_on_the_display(boot, batch):
    chance = random.Random(f"{SEED} {batch}")
    print(f"seed {SEED}, token {batch}")
    unix_s = chance.uniform(picototp.BUILT_UNIX_S, END_UNIX_S)
    hands = boot(unix_s=unix_s)
    hands.brisk = True
    credentials = [random_credential(chance, batch * ACCOUNTS + i) for i in range(ACCOUNTS)]
    with hands.client() as client:
        eventually(lambda: client.request("time").get("uncertainty_us", 1e9) < 15_000, "its phase")
        for credential in credentials:
            client.add(credential)
    hands.click()  # from the last account, which was shown after its adding, to the first
    for credential in credentials:
        print(credential)
        (assert_totp if credential.kind == "totp" else assert_hotp)(hands, credential)
        hands.click()


def test_the_random_accounts_cover_everything():
    chance = random.Random(SEED)
    everything = [random_credential(chance, number) for number in range(TOKENS * ACCOUNTS)]
    pairs = {(one.algorithm, one.digits, one.kind) for one in everything}
    assert len(pairs) == 18 and len(everything) == 200
