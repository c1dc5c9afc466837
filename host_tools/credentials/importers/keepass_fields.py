"""One-time passwords in the named texts of a KeePass entry, as its programs and plugins keep them.

otp                                       KeePassXC: an otpauth:// URI
otp                                       KeeOtp: key=...&step=30&size=6&otpHashMode=Sha256
TOTP Seed, TOTP Settings                  KeeTrayTOTP: base32, and "30;6"
TimeOtp-Secret[-Hex|-Base32|-Base64], TimeOtp-Length, -Period, -Algorithm      KeePass 2.47
HmacOtp-Secret[...], HmacOtp-Counter                                           the same
"""

import base64
import binascii
from collections.abc import Mapping
from functools import partial
from urllib.parse import unquote_plus

from host_tools.credentials.credential import Fields
from host_tools.credentials.importers.entry import Entry
from host_tools.credentials.importers.totp_field import fields_entry, totp_entry
from host_tools.errors import UsageProblem
from picototp.codes import base32

_KEEOTP_ALGORITHMS = {"sha1": "SHA1", "sha256": "SHA256", "sha512": "SHA512"}


def otp_entries(texts: Mapping[str, str]) -> list[Entry]:
    """The one-time passwords of an entry: none, or one for each way in which they are there."""
    title, user = texts.get("Title", "").strip(), texts.get("UserName", "").strip()
    found = []
    otp = texts.get("otp", "").strip()
    if otp and "://" not in otp and "key=" in otp.lower():
        found.append(fields_entry(lambda: _keeotp(otp), title, user))
    elif otp:
        found.append(totp_entry(otp, title, user))
    if texts.get("TOTP Seed", "").strip():
        found.append(fields_entry(lambda: _tray_totp(texts), title, user))
    for prefix, kind in (("TimeOtp-", "totp"), ("HmacOtp-", "hotp")):
        if any(name.startswith(prefix + "Secret") and texts[name] for name in texts):
            found.append(fields_entry(partial(_keepass, texts, prefix, kind), title, user))
    return _different(found)


def _different(found: list[Entry]) -> list[Entry]:
    """Entries without those that say the same once more: plugins convert, and leave the old."""
    kept: list[Entry] = []
    for one in found:
        same = (other for other in kept if other.credential == one.credential is not None)
        if next(same, None) is None:
            kept.append(one)
    return kept


def _keeotp(text: str) -> Fields:
    given = {}
    for part in text.split("&"):
        name, _, value = part.partition("=")
        given[name.strip().lower()] = unquote_plus(value).strip()
    mode = given.get("otphashmode", "sha1").lower()
    return {
        "secret": _decoded(given.get("key", ""), given.get("encoding", "base32")),
        "digits": given.get("size"),
        "period": given.get("step"),
        "kind": given.get("type", "totp").lower() or "totp",
        "counter": given.get("counter"),
        "algorithm": _KEEOTP_ALGORITHMS.get(mode, mode),
    }


def _tray_totp(texts: Mapping[str, str]) -> Fields:
    settings = texts.get("TOTP Settings", "").strip().split(";")
    period, digits = settings[0], settings[1].strip() if len(settings) > 1 else ""
    steam = digits.upper() == "S"
    return {
        "secret": texts["TOTP Seed"],
        "period": period,
        "digits": "" if steam else digits,
        "kind": "steam" if steam else "totp",
    }


def _keepass(texts: Mapping[str, str], prefix: str, kind: str) -> Fields:
    secrets = {
        encoding: texts[prefix + "Secret" + suffix]
        for suffix, encoding in (
            *(("-Base32", "base32"), ("-Hex", "hex")),
            *(("-Base64", "base64"), ("", "utf8")),
        )
        if texts.get(prefix + "Secret" + suffix)
    }
    if len(secrets) != 1:
        raise UsageProblem("the entry has several keys, and which one counts is unclear")
    ((encoding, secret),) = secrets.items()
    return {
        "secret": _decoded(secret, encoding),
        "digits": texts.get(prefix + "Length"),
        "period": texts.get(prefix + "Period"),
        "algorithm": texts.get(prefix + "Algorithm"),
        "counter": texts.get(prefix + "Counter") or "0",
        "kind": kind,
    }


def _decoded(text: str, encoding: str) -> bytes:
    """The key; UsageProblem if the text is no such encoding."""
    try:
        match encoding.lower():
            case "base32":
                return base32.decode(text)
            case "hex":
                return bytes.fromhex(text)
            case "base64":
                return base64.b64decode("".join(text.split()), validate=True)
            case "utf8" | "utf-8":
                return text.encode()
    except base32.Base32Error as error:
        raise UsageProblem(f"the secret is not base32 (A-Z and 2-7): {error}") from None
    except (ValueError, binascii.Error):
        raise UsageProblem(f"the secret is not {encoding.lower()}") from None
    raise UsageProblem("the secret is written in an unknown way")
