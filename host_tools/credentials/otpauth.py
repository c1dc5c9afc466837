"""Credentials as the web hands them out: otpauth:// URIs, and secrets typed by hand.

Format: the Key URI Format, `otpauth://TYPE/LABEL?PARAMETERS`, where TYPE is totp or hotp, LABEL is
"issuer:account" percent-encoded, and the parameters are secret, issuer, algorithm, digits, period
and counter. Goal: take what services really issue, refuse what would give wrong codes, and never
let a secret, or any part of the URI, into an error text.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from host_tools.errors import UsageProblem
from picototp.codes import base32
from picototp.vault import account
from picototp.vault.errors import VaultError

DIGITS_DEFAULT, PERIOD_DEFAULT_S = 6, 30

_PARAMETERS = ("secret", "issuer", "algorithm", "digits", "period", "counter", "encoder")


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


def parse_uri(text: str) -> Credential:
    """Read an otpauth:// URI; UsageProblem says in one line what is wrong with it.

    The issuer parameter wins over the label's prefix. Parameters nobody knows (image, icon) are
    ignored. An account without a name takes its issuer's; the token wants every account named.
    """
    kind, raw_label, raw_query = _split(text.strip())
    given = _parameters(raw_query)
    if "encoder" in given:
        raise UsageProblem(
            "this URI asks for codes in an alphabet of its own (encoder), not digits"
        )
    label_issuer, label_name = _label(raw_label)
    moving = _period_s if kind == "totp" else _counter
    return _credential(
        issuer=given.get("issuer", "").strip() or label_issuer,
        name=label_name,
        secret_text=given.get("secret", ""),
        algorithm=given.get("algorithm", "SHA1"),
        digits=given.get("digits", str(DIGITS_DEFAULT)),
        kind=kind,
        **moving(given),
    )


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
    return _credential(
        issuer=(issuer or "").strip(),
        name=(name or "").strip(),
        secret_text=secret_text,
        algorithm="SHA1" if algorithm is None else algorithm,
        digits=str(DIGITS_DEFAULT if digits is None else digits),
        kind="totp",
        period_s=_number(
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

    return _credential(
        issuer=chosen("issuer", credential.issuer).strip(),
        name=chosen("name", credential.name).strip(),
        secret_text=base32.encode(credential.secret),
        algorithm=chosen("algorithm", credential.algorithm),
        digits=chosen("digits", credential.digits),
        kind=credential.kind,
        period_s=_number(chosen("period", credential.period_s), 1, account.PERIOD_MAX_S, "period"),
        counter=credential.counter,
    )


def build_uri(credential: Credential) -> str:
    """The otpauth:// URI of a credential, such that `parse_uri` gives the same one back.

    It contains the secret.
    """
    issuer, name = quote(credential.issuer, safe=""), quote(credential.name, safe="")
    # A colon inside a name without issuer would be taken for the separator: put that one first.
    separator = ":" if issuer or ":" in credential.name else ""
    moving = (
        f"period={credential.period_s}"
        if credential.kind == "totp"
        else f"counter={credential.counter}"
    )
    return (
        f"otpauth://{credential.kind}/{issuer}{separator}{name}"
        f"?secret={base32.encode(credential.secret).rstrip('=')}"
        + (f"&issuer={issuer}" if issuer else "")
        + f"&algorithm={credential.algorithm}&digits={credential.digits}&{moving}"
    )


def _split(text: str) -> tuple[str, str, str]:
    """(kind, label, query) of a URI, the last two still percent-encoded.

    By hand, because urllib.parse drops tabs and newlines, cuts at a '#' in a label, and quotes the
    URI in its errors.
    """
    scheme, _, rest = text.partition("://")
    if scheme.lower() == "otpauth-migration":
        raise UsageProblem(
            "this is an export of several accounts at once; show each account's own QR code or"
            " secret key at its service (or with the app's single-account export) and add it alone"
        )
    if scheme.lower() != "otpauth" or not rest:
        raise UsageProblem("this is not an otpauth:// URI; copy the whole of it, scheme included")
    path, _, query = rest.partition("?")
    kind, _, label = path.partition("/")
    if kind.lower() not in ("totp", "hotp"):
        raise UsageProblem(
            "the type after otpauth:// must be totp or hotp; others are not supported"
        )
    return kind.lower(), label, query


def _parameters(raw_query: str) -> dict[str, str]:
    """The parameters that count, decoded, under their lower-case names."""
    found: dict[str, str] = {}
    for part in raw_query.split("&"):
        raw_name, _, raw_value = part.partition("=")
        name = raw_name.strip().lower()
        if name not in _PARAMETERS:
            continue
        if name in found:
            raise UsageProblem(f"the parameter {name} is given twice; which one counts is unclear")
        found[name] = _percent_decoded(raw_value.replace("+", " "), name)
    return found


def _label(raw_label: str) -> tuple[str, str]:
    """(issuer, account) of a label; the colon between them may itself be percent-encoded."""
    if ":" in raw_label:
        raw_issuer, _, raw_name = raw_label.partition(":")
        issuer, name = _percent_decoded(raw_issuer, "label"), _percent_decoded(raw_name, "label")
    else:
        issuer, colon, name = _percent_decoded(raw_label, "label").partition(":")
        if not colon:
            issuer, name = "", issuer
    return issuer.strip(), name.strip()


def _percent_decoded(raw: str, what: str) -> str:
    try:
        return unquote(raw, errors="strict")
    except UnicodeDecodeError:
        raise UsageProblem(f"the {what} of this URI is not percent-encoded UTF-8") from None


def _period_s(given: dict[str, str]) -> dict[str, int]:
    text = given.get("period", str(PERIOD_DEFAULT_S))
    return {"period_s": _number(text, 1, account.PERIOD_MAX_S, "period")}


def _counter(given: dict[str, str]) -> dict[str, int]:
    if "counter" not in given:
        raise UsageProblem("a hotp URI needs a counter parameter, and this one has none")
    return {"counter": _number(given["counter"], 0, account.COUNTER_MAX - 1, "counter")}


def _credential(
    *,
    issuer: str,
    name: str,
    secret_text: str,
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
        secret=_secret(secret_text),
        algorithm=_algorithm(algorithm),
        digits=_number(digits, min(account.DIGITS), max(account.DIGITS), "digits"),
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


def _secret(text: str) -> bytes:
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


def _number(text: str, low: int, high: int, what: str) -> int:
    """A plain decimal from low to high. int() alone would take '+6', '1_0' and other scripts."""
    text = text.strip()
    plain = text.isascii() and text.isdigit() and len(text) <= len(str(account.COUNTER_MAX))
    if not plain or not low <= int(text) <= high:
        raise UsageProblem(f"{what} must be a whole number from {low} to {high}")
    return int(text)
