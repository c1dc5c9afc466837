"""What an account is: the one place where every field is checked, wherever it came from."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from host_tools.errors import UsageProblem
from picototp.codes import base32
from picototp.vault import account
from picototp.vault.errors import VaultError

DIGITS_DEFAULT, PERIOD_DEFAULT_S = 6, 30


@dataclass(frozen=True)
class Credential:
    """One account: what is needed to compute its codes (RFC 4226, RFC 6238) and to name it.

    `algorithm` is SHA1, SHA256 or SHA512; `kind` is "totp", which uses `period_s`, or "hotp", which
    uses `counter`. Printing a credential does not show its secret.
    """

    issuer: str
    name: str
    secret: bytes = field(repr=False)
    algorithm: str = "SHA1"
    digits: int = DIGITS_DEFAULT
    period_s: int = PERIOD_DEFAULT_S
    kind: str = "totp"
    counter: int = 0


def credential_from_options(
    secret_text: str,
    name: str,
    issuer: str | None = None,
    algorithm: str | None = None,
    digits: int | None = None,
    period: int | None = None,
) -> Credential:
    """A TOTP credential from a base32 secret and command-line options; None means the default.

    Raises UsageProblem as `parse_uri` does; `period` is in seconds.
    """
    return checked_credential(
        issuer=(issuer or "").strip(),
        name=(name or "").strip(),
        secret=secret_from_base32(secret_text),
        algorithm="SHA1" if algorithm is None else algorithm,
        digits=str(DIGITS_DEFAULT if digits is None else digits),
        kind="totp",
        period_s=whole_number(
            str(PERIOD_DEFAULT_S if period is None else period), 1, account.PERIOD_MAX_S, "period"
        ),
    )


def with_overrides(credential: Credential, options: Mapping[str, str | int | None]) -> Credential:
    """The credential with issuer, name, algorithm, digits and period (seconds) as options say.

    None leaves a field as it is. Raises UsageProblem as `parse_uri` does.
    """

    def chosen(option: str, present: str | int) -> str:
        given = options.get(option)
        return str(present if given is None else given)

    return checked_credential(
        issuer=chosen("issuer", credential.issuer).strip(),
        name=chosen("name", credential.name).strip(),
        secret=credential.secret,
        algorithm=chosen("algorithm", credential.algorithm),
        digits=chosen("digits", credential.digits),
        kind=credential.kind,
        period_s=whole_number(
            chosen("period", credential.period_s), 1, account.PERIOD_MAX_S, "period"
        ),
        counter=credential.counter,
    )


def checked_credential(
    *,
    issuer: str,
    name: str,
    secret: bytes,
    algorithm: str,
    digits: str,
    kind: str,
    period_s: int = PERIOD_DEFAULT_S,
    counter: int = 0,
) -> Credential:
    """The one place where every field is checked, wherever it came from."""
    if not (issuer or name):
        raise UsageProblem("the account has no name; give it a name or an issuer")
    credential = Credential(
        issuer=issuer,
        name=name or issuer,
        secret=secret,
        algorithm=_algorithm(algorithm),
        digits=whole_number(digits, min(account.DIGITS), max(account.DIGITS), "digits"),
        period_s=period_s,
        kind=kind,
        counter=counter,
    )
    try:
        account.check(
            account.Account(**vars(credential))
        )  # the token's own limits, before it is asked
    except VaultError as error:
        raise UsageProblem(f"{error.message}; change it and try again") from None
    return credential


def secret_from_base32(text: str) -> bytes:
    """The key in base32, as people paste it. UsageProblem, which does not repeat it, if not."""
    if not text.strip():
        raise UsageProblem("the secret is missing or empty; copy the whole URI or key")
    try:
        return base32.decode(text)
    except base32.Base32Error as error:
        # `from None`: a traceback must not show what was typed.
        raise UsageProblem(f"the secret is not base32 (A-Z and 2-7): {error}") from None


def _algorithm(text: str) -> str:
    """SHA1, SHA256 or SHA512 from spellings such as sha1, SHA-256 and HmacSHA512."""
    plain = text.strip().upper().replace("-", "").replace("_", "").removeprefix("HMAC")
    if plain not in account.ALGORITHMS:
        raise UsageProblem("the algorithm must be SHA1, SHA256 or SHA512; no other is supported")
    return plain


def whole_number(text: str, low: int, high: int, what: str) -> int:
    """A plain decimal from low to high. int() alone would take '+6', '1_0' and other scripts."""
    text = text.strip()
    plain = text.isascii() and text.isdigit() and len(text) <= len(str(account.COUNTER_MAX))
    if not plain or not low <= int(text) <= high:
        raise UsageProblem(f"{what} must be a whole number from {low} to {high}")
    return int(text)
