"""otpauth:// URIs, as the web hands them out and as people paste them.

Format: the Key URI Format, `otpauth://TYPE/LABEL?PARAMETERS`, where TYPE is totp or hotp (or steam,
as some apps write what others write with encoder=steam), LABEL is
"issuer:account" percent-encoded, and the parameters are secret, issuer, algorithm, digits, period
and counter. What is accepted is what the service meant. What a program put around or into a
URI on its way (quotes, a BOM, HTML's &amp;) is taken off where that leaves no doubt; any other text
is refused, and no part of it gets into an error.
"""

import difflib
import re
from collections.abc import Collection
from urllib.parse import quote, unquote

from host_tools.credentials import names
from host_tools.credentials.credential import (
    STEAM,
    Credential,
    Fields,
    credential_from_fields,
    meant,
    overridden,
)
from host_tools.credentials.vendor_links import vendor_link
from host_tools.errors import UsageProblem
from picototp.codes import base32

_KNOWN = ("secret", "issuer", "algorithm", "digits", "period", "counter", "encoder")
# How generators and people misspell them; what they mean is beyond doubt.
_ALIASES = {
    **dict.fromkeys(("algo", "alg", "hash", "hashalgorithm", "hashalgo", "hmac"), "algorithm"),
    **dict.fromkeys(
        ("interval", "step", "timer", "timestep", "time_step", "periodseconds"), "period"
    ),
    **dict.fromkeys(("length", "digit", "codelength", "code_length", "otplength"), "digits"),
    **dict.fromkeys(("initialcounter", "initial_counter", "movingfactor"), "counter"),
    **dict.fromkeys(("key", "seed"), "secret"),
}
# What apps add for themselves, and no code depends on.
_IGNORED = {
    *("image", "imageurl", "icon", "icon_url", "iconurl", "logo", "color", "colour", "background"),
    *("codedisplay", "tags", "tag", "lock", "pinned", "group", "note", "notes", "source", "user"),
    *("account", "serial", "thumbnail", "favorite", "uid", "id", "domain", "version", "lang", "f"),
}
# What would change the codes, and no token could follow.
_CHANGING = {"offset", "t0", "epoch", "start", "pin"}
_PARAMETER_NAME = re.compile(r"[a-z][a-z0-9_.-]+", re.IGNORECASE)
# The ampersand as HTML writes it: by name, in decimal, in hexadecimal.
_HTML_AMPERSAND = re.compile(r"&(?:amp|#0*38|#x0*26);", re.IGNORECASE)
# What is put around a URI in pairs, and what cannot be seen: BOM, zero-width and direction marks.
_PAIRS = {'"': '"', "'": "'", "`": "`", "<": ">", "(": ")", "[": "]", "{": "}"}
_PAIRS |= {"“": "”", "„": "“", "‘": "’", "«": "»", "‹": "›"}
_UNSEEN = re.compile("[\ufeff\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069]")
_SCHEMES = ("otpauth", "apple-otpauth")


def parse_uri(text: str, options: Fields | None = None) -> Credential:
    """Read an otpauth:// URI; UsageProblem says in one line what is wrong with it.

    The issuer parameter wins over the label's prefix, and `options` (as Fields) over the URI: they
    are put in place before anything is judged, so that they can repair what they replace.
    """
    given = {name: value for name, value in (options or {}).items() if value is not None}
    fields = uri_fields(text, given.keys())
    if given.keys() & {"issuer", "name"}:
        # What the service said counts: under another name it takes the same kind of codes.
        try:
            said = meant(uri_fields(text, given.keys() - {"issuer", "name"}))
            fields["kind"] = said["kind"]
        except UsageProblem:
            pass  # a name may be wrong that will be replaced
    return credential_from_fields(overridden(fields, given))


def stored_credential(uri: str) -> Credential:
    """The credential of a URI that `build_uri` made, whoever issued the account.

    It may be older than the rules of names: what they refuse is left out.
    """
    fields = uri_fields(uri)
    issuer, name = (names.tidied(str(fields[field])) for field in ("issuer", "name"))
    return credential_from_fields(
        {**fields, "issuer": issuer, "name": name or ("" if issuer else "account")}
    )


def uri_fields(text: str, replaced: Collection[str] = ()) -> dict[str, str | int | bytes | None]:
    """What a URI says, field by field, decoded but not judged. Raises UsageProblem.

    What is wrong with a field in `replaced` does not count: it will be replaced.
    """
    text = bare(text)
    if _HTML_AMPERSAND.search(text):
        text = _unescaped(text)
    kind, raw_label, raw_query = _split(text)
    given = _parameters(raw_query, replaced)
    encoder = given.pop("encoder", "").strip().lower()
    if encoder == STEAM and kind == "totp":
        kind = STEAM
    elif encoder:
        raise UsageProblem(
            "this URI asks for codes that are not digits (encoder), which the token cannot show"
        )
    if given.get("algorithm") == "":
        raise UsageProblem("the algorithm must be SHA1, SHA256 or SHA512, and here it is empty")
    issuer = given.get("issuer", "").strip()
    if "name" in replaced and (issuer or "issuer" in replaced):
        name = ""
    else:
        issuer, name = _label(raw_label, issuer)
    fields: dict[str, str | int | bytes | None] = {"kind": kind, **given}
    return {**fields, "issuer": issuer, "name": name}


def bare(text: str) -> str:
    """The text without what mail, terminals and documents put around a URI."""
    before = None
    while text != before:
        before = text
        text = text.strip()
        if text and _UNSEEN.fullmatch(text[0]):
            text = text[1:]
        elif text and _UNSEEN.fullmatch(text[-1]):
            text = text[:-1]
        elif len(text) > 1 and _PAIRS.get(text[0]) == text[-1]:
            text = text[1:-1]
    if re.match(r"[a-z-]+:\\/\\/", text, re.IGNORECASE):  # as in JSON
        text = text.replace("\\/", "/").replace("\\u0026", "&")
    return text


def split_label(label: str, issuer: str) -> str:
    """The account's name of a label that may begin with its issuer and a colon."""
    head, rest = label[: len(issuer)], label[len(issuer) :].lstrip()
    if issuer and head.casefold() == issuer.casefold() and rest.startswith(":"):
        return rest[1:].strip()
    return label.strip()


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
        + (f"&encoder={STEAM}" if credential.is_steam else "")
    )


def _split(text: str) -> tuple[str, str, str]:
    """(kind, label, query) of a URI, the last two still percent-encoded.

    By hand, because urllib.parse drops tabs and newlines, cuts at a '#' in a label, and quotes the
    URI in its errors.
    """
    scheme, _, rest = text.partition("://")
    if scheme.lower() == "otpauth-migration":
        raise UsageProblem(
            "this is an export of several accounts at once: load it with picototp provision import"
        )
    if scheme.lower() == STEAM and rest:  # steam://KEY, as password managers keep it
        return STEAM, "Steam", f"secret={rest}&issuer=Steam"
    if scheme.lower() not in _SCHEMES or not rest:
        vendor = vendor_link(text)
        raise UsageProblem(
            vendor or "this is not an otpauth:// URI; copy the whole of it, scheme included"
        )
    if "\n" in rest or "\r" in rest or "otpauth://" in rest.lower():
        raise UsageProblem(
            "this is more than one URI, or one that was broken into lines; give one on each line"
        )
    path, _, query = rest.partition("?")
    kind, _, label = path.partition("/")
    kind = kind.lower()
    if kind not in ("totp", "hotp", STEAM):
        raise UsageProblem(
            vendor_link(f"otpauth://{kind}/")
            or "the type after otpauth:// must be totp or hotp; others are not supported"
        )
    return kind, label, query


def _unescaped(text: str) -> str:
    """A URI that came through HTML, if it then has nothing but parameters that are known."""
    while _HTML_AMPERSAND.search(text):  # some were escaped twice
        text = _HTML_AMPERSAND.sub("&", text)
    for part in filter(None, text.partition("?")[2].split("&")):
        name = part.partition("=")[0].strip().lower()
        if name not in _KNOWN and name not in _ALIASES and name not in _IGNORED:
            raise UsageProblem(
                "this URI came through HTML (&amp;) and cannot be repaired safely;"
                " copy it from the page as shown, or scan its QR code"
            )
    return text


def _parameters(raw_query: str, replaced: Collection[str]) -> dict[str, str]:
    """The parameters that count and are not replaced, decoded, under their lower-case names."""
    found: dict[str, str] = {}
    before = ""  # a stray part belongs to the value in front of it
    for part in filter(None, raw_query.split("&")):
        raw_name, equals, raw_value = part.partition("=")
        name, problem = _meaning(raw_name.strip(), bool(equals))
        if (name or before) in replaced:
            before = name or before
            continue
        if problem:
            raise UsageProblem(problem)
        if name in found:
            raise UsageProblem(f"the parameter {name} is given twice; which one counts is unclear")
        if name:
            found[name] = _percent_decoded(raw_value.replace("+", " "), name)
        before = name
    return found


def _meaning(raw_name: str, has_value: bool) -> tuple[str, str]:
    """(which of _KNOWN a name means or seems to, what is wrong with it), either may be empty."""
    name = raw_name.lower()
    if name in _CHANGING:
        return "", "this URI asks for a start, an offset or a PIN, and the token has none of them"
    if name in _IGNORED:
        return "", ""
    if not has_value or not _PARAMETER_NAME.fullmatch(raw_name):
        return "", (
            "the text behind one of the & in this URI cannot be a parameter; an & inside a name"
            " is written %26"
        )
    if name in _KNOWN or name in _ALIASES:
        return _ALIASES.get(name, name), ""
    close = difflib.get_close_matches(name, _KNOWN, 1, cutoff=0.72)
    if close:
        return close[0], f"a parameter of this URI looks like {close[0]} misspelt; correct it"
    return "", ""


def _label(raw_label: str, issuer: str) -> tuple[str, str]:
    """(issuer, account) of a label and of the issuer parameter, which counts more.

    The colon between them may itself be percent-encoded, and an issuer may have colons.
    """
    whole = _percent_decoded(raw_label, "label").strip()
    name = split_label(whole, issuer)
    if name != whole:
        return issuer, name
    if ":" in raw_label:
        raw_issuer, _, raw_name = raw_label.partition(":")
        label_issuer = _percent_decoded(raw_issuer, "label")
        name = _percent_decoded(raw_name, "label")
    else:
        label_issuer, colon, name = whole.partition(":")
        if not colon:
            label_issuer, name = "", label_issuer
    return issuer or label_issuer.strip(), name.strip()


def _percent_decoded(raw: str, what: str) -> str:
    try:
        return unquote(raw, errors="strict")
    except UnicodeDecodeError:
        raise UsageProblem(f"the {what} of this URI is not percent-encoded UTF-8") from None
