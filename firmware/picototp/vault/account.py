"""An account and the limits that it must keep before it may enter the vault.

The limits are named constants because the protocol reports them to the host. Digits and
algorithms follow RFC 6238 section 1.2 and RFC 4226 section 5.3 (6 to 8 digits).
"""

from picototp.vault.errors import VaultError

NAME_MAX_BYTES = 64  # UTF-8 bytes; a name has at least one
ISSUER_MAX_BYTES = 64  # UTF-8 bytes; an issuer may be empty
ASCII_MAX_BYTES = 48  # of what the display shows in place of either
SECRET_MAX_BYTES = 128  # the block size of SHA-512; a secret has at least one byte
DIGITS = (6, 7, 8)
STEAM_CHARACTERS = 5  # in place of digits: the code is Steam's (codes/steam.py)
PERIOD_MAX_S = 86400
ALGORITHMS = ("SHA1", "SHA256", "SHA512")
KINDS = ("totp", "hotp")
COUNTER_MAX = 2**64 - 1  # RFC 4226 section 5.1: the counter is 8 bytes


class Account:
    """One account. `secret` is the raw key (bytes), `period_s` seconds, `counter` the next HOTP
    counter to use, `digits` may be STEAM_CHARACTERS. `issuer_ascii` and `name_ascii` are what the
    display shows in place of a name that it cannot show, or empty. Values are not checked here: see
    check()."""

    def __init__(
        self,
        issuer: str,
        name: str,
        secret: bytes,
        algorithm: str = "SHA1",
        digits: int = 6,
        period_s: int = 30,
        kind: str = "totp",
        counter: int = 0,
        issuer_ascii: str = "",
        name_ascii: str = "",
    ):
        self.issuer = issuer
        self.name = name
        self.secret = secret
        self.algorithm = algorithm
        self.digits = digits
        self.period_s = period_s
        self.kind = kind
        self.counter = counter
        self.issuer_ascii = issuer_ascii
        self.name_ascii = name_ascii


def check(account: Account) -> None:
    """Raise VaultError, with the code of the first field out of its limits, or return None."""
    check_label(account.issuer, account.name)
    check_ascii_label(account.issuer_ascii, account.name_ascii)
    secret = account.secret
    if not isinstance(secret, (bytes, bytearray)) or not 1 <= len(secret) <= SECRET_MAX_BYTES:
        raise VaultError("bad-secret", f"the secret must have 1 to {SECRET_MAX_BYTES} bytes")
    if account.kind not in KINDS:
        raise VaultError("bad-kind", "the kind must be totp or hotp")
    if account.algorithm not in ALGORITHMS:
        raise VaultError("bad-algorithm", "the algorithm must be SHA1, SHA256 or SHA512")
    is_steams = account.digits == STEAM_CHARACTERS
    if not _is_whole(account.digits) or not (is_steams or account.digits in DIGITS):
        raise VaultError("bad-digits", "a code must have 6, 7 or 8 digits")
    made_with = (account.kind, account.algorithm, account.period_s)
    if is_steams and made_with != ("totp", "SHA1", 30):
        raise VaultError("bad-digits", "Steam's codes are made with totp, SHA1 and 30 seconds")
    if not _is_whole(account.period_s) or not 1 <= account.period_s <= PERIOD_MAX_S:
        raise VaultError("bad-period", f"the period must be 1 to {PERIOD_MAX_S} seconds")
    # The last counter value is kept free: it marks a counter that cannot advance any more.
    if not _is_whole(account.counter) or not 0 <= account.counter < COUNTER_MAX:
        raise VaultError("bad-counter", "the counter must be 0 to 2**64 - 2")


def check_label(issuer: str, name: str) -> None:
    """Raise VaultError bad-issuer or bad-name if a label is out of its limits, or is one that new
    accounts may not have (names.py): older ones keep theirs."""
    from picototp.vault import names  # few add or rename an account every day

    wrong = _fault(issuer, 0, ISSUER_MAX_BYTES, names.fault)
    if wrong:
        raise VaultError("bad-issuer", f"the issuer {wrong}")
    wrong = _fault(name, 1, NAME_MAX_BYTES, names.fault)
    if wrong:
        raise VaultError("bad-name", f"the name {wrong}")


def check_ascii_label(issuer_ascii: str, name_ascii: str) -> None:
    """Raise the same VaultErrors for what is shown in place of a label."""
    from picototp.vault import names

    wrong = _fault(issuer_ascii, 0, ASCII_MAX_BYTES, names.ascii_fault)
    if wrong:
        raise VaultError("bad-issuer", f"what is shown for the issuer {wrong}")
    wrong = _fault(name_ascii, 0, ASCII_MAX_BYTES, names.ascii_fault)
    if wrong:
        raise VaultError("bad-name", f"what is shown for the name {wrong}")


def _fault(text: object, min_bytes: int, max_bytes: int, fault) -> str:
    if not isinstance(text, str):
        return "must be a string"
    if not min_bytes <= len(text.encode("utf-8", "surrogatepass")) <= max_bytes:
        return f"must have {min_bytes} to {max_bytes} UTF-8 bytes"
    wrong = fault(text)
    return "has " + wrong if wrong else ""


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
