"""Credentials as the web hands them out: otpauth:// URIs, and secrets typed by hand.

Format: the Key URI Format, `otpauth://TYPE/LABEL?PARAMETERS`, where TYPE is totp or hotp, LABEL is
"issuer:account" percent-encoded, and the parameters are secret, issuer, algorithm, digits, period
and counter. Goal: take what services really issue, refuse what would give wrong codes, and never
let a secret, or any part of the URI, into an error text.
"""

from urllib.parse import quote, unquote

from host_tools.credentials.credential import (
    DIGITS_DEFAULT,
    PERIOD_DEFAULT_S,
    Credential,
    checked_credential,
    secret_from_base32,
    whole_number,
)
from host_tools.errors import UsageProblem
from picototp.codes import base32
from picototp.vault import account

_PARAMETERS = ("secret", "issuer", "algorithm", "digits", "period", "counter", "encoder")


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
    return checked_credential(
        issuer=given.get("issuer", "").strip() or label_issuer,
        name=label_name,
        secret=secret_from_base32(given.get("secret", "")),
        algorithm=given.get("algorithm", "SHA1"),
        digits=given.get("digits", str(DIGITS_DEFAULT)),
        kind=kind,
        **moving(given),
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
    return {"period_s": whole_number(text, 1, account.PERIOD_MAX_S, "period")}


def _counter(given: dict[str, str]) -> dict[str, int]:
    if "counter" not in given:
        raise UsageProblem("a hotp URI needs a counter parameter, and this one has none")
    return {"counter": whole_number(given["counter"], 0, account.COUNTER_MAX - 1, "counter")}
