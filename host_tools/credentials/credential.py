"""What an account is on this computer, and the one place where its fields are judged.

Every origin (a URI, options, an app's export) hands over `Fields` as it found them; what
`credential_from_fields` takes is what the service meant, and anything else is refused with the
reason. No secret ever gets into an error text.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from host_tools.credentials import names
from host_tools.errors import UsageProblem
from picototp.codes import base32
from picototp.vault import account
from picototp.vault.errors import VaultError

DIGITS_DEFAULT, PERIOD_DEFAULT_S = 6, 30

STEAM = "steam"  # a kind

# As an origin gives them: issuer, name, secret (base32, or the raw key as bytes), algorithm,
# digits, period, counter, kind. Missing, None or empty text means the default.
Fields = Mapping[str, str | int | bytes | None]

# Whose accounts are Steam's: its codes are five characters of an alphabet of their own, whatever an
# app took them for.
_STEAM_NAMES = {
    *("steam", "steam guard", "steamguard", "steampowered", "steam community", "steamcommunity"),
    *("steampowered.com", "store.steampowered.com", "steamcommunity.com"),
}
_OTHER_CODES = {
    "yandex": "Yandex's codes are letters that need a PIN, and the token cannot make them",
    "yaotp": "Yandex's codes are letters that need a PIN, and the token cannot make them",
    "motp": "mOTP makes codes of its own with a PIN, and the token cannot make them",
    "mobileotp": "mOTP makes codes of its own with a PIN, and the token cannot make them",
    "blizzard": "Battle.net's codes of this kind are not made here; see its page for TOTP",
}


class CounterMissing(UsageProblem):
    """A HOTP account without its counter: only the user can say where it stands."""


class OtherCodes(UsageProblem):
    """An account whose codes are no TOTP or HOTP."""


@dataclass(frozen=True)
class Credential:
    """One account: what is needed to compute its codes (RFC 4226, RFC 6238) and to name it.

    `algorithm` is SHA1, SHA256 or SHA512; `kind` is "totp", which uses `period_s`, or "hotp", which
    uses `counter`. `digits` is STEAM_CHARACTERS for Steam's codes. Printing a credential does not
    show its secret.
    """

    issuer: str
    name: str
    secret: bytes = field(repr=False)
    algorithm: str = "SHA1"
    digits: int = DIGITS_DEFAULT
    period_s: int = PERIOD_DEFAULT_S
    kind: str = "totp"
    counter: int = 0

    @property
    def is_steam(self) -> bool:
        """Whether its codes are Steam's."""
        return self.digits == account.STEAM_CHARACTERS


def credential_from_fields(fields: Fields) -> Credential:
    """The credential of such fields. UsageProblem says in one line what is wrong with them.

    An account without a name takes its issuer's; the token wants every account named. The kind
    "steam" is totp with Steam's codes.
    """
    issuer, name = _text(fields, "issuer"), _text(fields, "name")
    if not (issuer or name):
        raise UsageProblem("the account has no name; give it a name or an issuer")
    issuer, name = names.checked(issuer, name or issuer)
    kind = _text(fields, "kind").lower() or "totp"
    steam = kind == STEAM
    if steam:
        _check_steam(fields)
        kind = "totp"
    _refuse_other_kinds(kind)
    moving = (
        {"period_s": _number(fields, "period", PERIOD_DEFAULT_S, 1, account.PERIOD_MAX_S)}
        if kind == "totp"
        else {"counter": _number(fields, "counter", None, 0, account.COUNTER_MAX - 1)}
    )
    digits = account.STEAM_CHARACTERS
    if not steam:
        digits = _number(fields, "digits", DIGITS_DEFAULT, min(account.DIGITS), max(account.DIGITS))
    credential = Credential(
        issuer=issuer,
        name=name,
        secret=_secret(fields.get("secret")),
        algorithm=_algorithm(_text(fields, "algorithm")),
        digits=digits,
        kind=kind,
        **moving,
    )
    try:
        # The token's own limits, before it is asked.
        account.check(account.Account(**vars(credential)))
    except VaultError as error:
        raise UsageProblem(f"{error.message}; change it and try again") from None
    return credential


def meant(fields: Fields) -> Fields:
    """The fields with the kind "steam" if Steam issued the account: digits never work there."""
    issuer = _text(fields, "issuer") or _text(fields, "name")
    kind = _text(fields, "kind").lower()
    if kind in ("", "totp") and " ".join(issuer.casefold().split()) in _STEAM_NAMES:
        return {**fields, "kind": STEAM}
    return fields


def overridden(fields: Fields, options: Fields) -> dict[str, str | int | bytes | None]:
    """The fields with those in place that options give; None leaves a field as it is. What the
    service said counts: under another issuer it takes the same kind of codes.
    """
    fields = meant(fields)
    given = {name: value for name, value in options.items() if value is not None}
    algorithm = given.get("algorithm")
    if isinstance(algorithm, str) and not algorithm.strip():
        raise UsageProblem("the algorithm is empty; leave the option out for SHA1")
    return {**meant({**fields, **given})}


def credential_from_options(
    secret_text: str,
    name: str,
    issuer: str | None = None,
    algorithm: str | None = None,
    digits: int | None = None,
    period: int | None = None,
    kind: str | None = None,
    counter: int | None = None,
) -> Credential:
    """A credential from a base32 secret and command-line options; None means the default.

    `period` is in seconds. Raises UsageProblem.
    """
    options: Fields = {
        **{"name": name, "issuer": issuer, "algorithm": algorithm},
        **{"digits": digits, "period": period, "kind": kind, "counter": counter},
    }
    return credential_from_fields(overridden({"secret": secret_text}, options))


def _text(fields: Fields, name: str) -> str:
    value = fields.get(name)
    return value.strip() if isinstance(value, str) else ""


def _check_steam(fields: Fields) -> None:
    """UsageProblem for what would make other codes than Steam's; how many digits an app believed
    it to have does not count."""
    _number(fields, "period", PERIOD_DEFAULT_S, PERIOD_DEFAULT_S, PERIOD_DEFAULT_S)
    if _algorithm(_text(fields, "algorithm")) != "SHA1":
        raise UsageProblem("Steam's codes are made with SHA1; this account says another algorithm")


def _refuse_other_kinds(kind: str) -> None:
    if kind in account.KINDS:
        return
    if kind in _OTHER_CODES:
        raise OtherCodes(_OTHER_CODES[kind])
    raise UsageProblem("the type must be totp or hotp; others are not supported")


def _secret(value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    text = value if isinstance(value, str) else ""
    if not text.strip():
        raise UsageProblem("the secret is missing or empty; copy the whole URI or key")
    try:
        return base32.decode(text)
    except base32.Base32Error as error:
        # `from None`: a traceback must not show what was typed.
        raise UsageProblem(f"the secret is not base32 (A-Z and 2-7): {error}") from None


def _algorithm(text: str) -> str:
    """SHA1, SHA256 or SHA512 from spellings such as sha1, SHA-256 and HmacSHA512."""
    plain = text.upper().replace("-", "").replace("_", "").replace(" ", "").removeprefix("HMAC")
    if not plain:
        return "SHA1"
    if plain not in account.ALGORITHMS:
        raise UsageProblem("the algorithm must be SHA1, SHA256 or SHA512; no other is supported")
    return plain


def _number(fields: Fields, what: str, default: int | None, low: int, high: int) -> int:
    """A plain decimal from low to high. int() alone would take '+6', '1_0' and other scripts."""
    value = fields.get(what)
    # A number of JSON is one too; true and 6.0 are not.
    text = str(value).strip() if isinstance(value, str) or type(value) is int else "none"
    if value is None or not text:
        if default is None:
            raise CounterMissing(
                "an HOTP account needs a counter, and this has none: give it with --counter (0 for"
                " a new key)"
            )
        return default
    plain = text.isascii() and text.isdigit() and len(text) <= len(str(account.COUNTER_MAX))
    if not plain or not low <= int(text) <= high:
        raise UsageProblem(f"{what} must be a whole number from {low} to {high}")
    return int(text)
