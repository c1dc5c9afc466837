"""A token with three accounts and a session, and what the service tests know of its answers."""

from every_request import ALICE as ALICE
from every_request import COUNTER as COUNTER
from every_request import NEW as NEW
from host_tools.client.wire_errors import EXIT_CODES
from open_vault import opened
from picototp.vault.record import pack_record
from wired_token import WiredToken, an_account
from workbench import MemoryStorage

BOB = {"issuer": "Example", "name": "bob"}
NOBODY = {"issuer": "Example", "name": "nobody"}


ACCOUNTS = (
    an_account("alice"),
    an_account("bob", algorithm="SHA512", digits=8, period_s=60),
    an_account("counter", kind="hotp", counter=5),
)


def make_token(**options):
    token = WiredToken(ACCOUNTS, **options)
    token.hello()
    token.run(3)
    return token


def error_of(answer):
    assert answer["ok"] is False
    assert answer["error"]["code"] in EXIT_CODES
    assert answer["error"]["message"]
    return answer["error"]["code"]


def names(token):
    return [token.vault.label(index)[1] for index in range(len(token.vault))]


def longest_accounts(count):
    """Names of 64 bytes whose every character must be escaped."""
    for number in range(count):
        name = "😀" * 8 + chr(0xE0 + number // 16) * 8 + chr(0xE0 + number % 16) * 8
        yield an_account(
            name,
            issuer="ÿ" * 32,
            secret=b"k" * 128,
            kind="hotp",
            counter=2**64 - 2,
            algorithm="SHA512",
            digits=8,
            period_s=86_400,
        )


def fast_vault(accounts):
    """A vault of many accounts, without writing it anew for each: by moving the packed records."""
    storage = MemoryStorage()
    vault = opened(storage)
    vault._commit(tuple(pack_record(account) for account in accounts))
    return storage


def true_now(token, **changes):
    """The fields of a set_time that sets the clock right."""
    fields = {
        "unix_us": token.true_unix_ns() // 1000,
        "ticks_us": token.monotonic.now_us(),
        "uncertainty_us": 800,
    }
    fields.update(changes)
    return fields


def in_use(token):
    """The clock was set once with the button."""
    assert token.confirmed("set_time", **true_now(token))["confirmed"] is True
    token.run(2)
    return token
