"""Lists of URIs, and Google Authenticator."""

from urllib.parse import quote

from exports.accounts import Export, base32, base64_of, dumped, more, twelve, uri
from host_tools.credentials.credential import Credential


def uri_list():
    accounts = twelve() + more()
    return Export("\n".join(uri(one) for one in accounts).encode(), accounts)


def winauth_list():
    """WinAuth's names no issuer, adds an icon, and leaves usual things out."""
    accounts = [Credential("", one.name, one.secret) for one in twelve() if ":" not in one.name]
    lines = [
        f"otpauth://totp/{quote(one.name, safe='')}?secret={base32(one.secret)}&digits=6&icon=Icon"
        for one in accounts
    ]
    return Export("\r\n".join(lines).encode(), accounts)


def cotp():
    accounts = twelve() + more()
    return Export(dumped({"version": 1, "items": [uri(one) for one in accounts]}), accounts)


def _varint(number):
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes(out) + bytes([number])


def _field(number, value):
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value) if value else b""
    data = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def migration_uris(accounts, per_code=10, batch=1234567):
    """The texts of Google Authenticator's QR codes for these accounts."""
    codes = [accounts[start : start + per_code] for start in range(0, len(accounts), per_code)]
    texts = []
    for index, code in enumerate(codes):
        message = b""
        for one in code:
            message += _field(
                1,
                _field(1, one.secret)
                + _field(2, f"{one.issuer}:{one.name}")
                + _field(3, one.issuer)
                + _field(4, {"SHA1": 1, "SHA256": 2, "SHA512": 3}[one.algorithm])
                + _field(5, {6: 1, 8: 2}[one.digits])
                + _field(6, {"hotp": 1, "totp": 2}[one.kind])
                + _field(7, one.counter),
            )
        message += _field(2, 1) + _field(3, len(codes)) + _field(4, index) + _field(5, batch)
        data = quote(base64_of(message), safe="")
        texts.append(f"otpauth-migration://offline?data={data}")
    return texts


def google():
    accounts = twelve() + more()[2:]
    return Export("\n".join(migration_uris(accounts)).encode(), accounts)
