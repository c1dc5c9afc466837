"""Links and QR codes that look like an account and are none that a token could take.

People scan what the page shows. They are told what it is, and what to ask the service for instead.
"""

_OTHER_APP = "at the service, choose another authenticator app (TOTP) and take that QR code"

# The scheme, or the beginning of the link, in lower case: what it is.
_LINKS = {
    "phonefactor:": f"this is Microsoft Authenticator's own link, for that app only; {_OTHER_APP}",
    "msauth:": f"this is Microsoft Authenticator's own link, for that app only; {_OTHER_APP}",
    "microsoft-authenticator:": (
        f"this is Microsoft Authenticator's own link, for that app only; {_OTHER_APP}"
    ),
    "battlenet:": f"this is Battle.net's own link, for its app only; {_OTHER_APP}",
    "bnac:": f"this is Battle.net's own link, for its app only; {_OTHER_APP}",
    "duo:": f"this is Duo Mobile's own link, for that app only; {_OTHER_APP}",
    "okta:": f"this is Okta Verify's own link, for that app only; {_OTHER_APP}",
    "oktaverify:": f"this is Okta Verify's own link, for that app only; {_OTHER_APP}",
    "com.okta.authenticator:": f"this is Okta Verify's own link, for that app only; {_OTHER_APP}",
    "vip:": f"this is Symantec VIP's own link, for that app only; {_OTHER_APP}",
    "symantec:": f"this is Symantec VIP's own link, for that app only; {_OTHER_APP}",
    "rsasecurid:": f"this is RSA SecurID's own link, for its app only; {_OTHER_APP}",
    "com.rsa.securid:": f"this is RSA SecurID's own link, for its app only; {_OTHER_APP}",
    "com.rsa.securid.iphone:": f"this is RSA SecurID's own link, for its app only; {_OTHER_APP}",
    "authy:": f"this is Authy's own link, for that app only; {_OTHER_APP}",
    "entrustsoftoken:": f"this is Entrust's own link, for its app only; {_OTHER_APP}",
    "igmobileotp:": f"this is Entrust's own link, for its app only; {_OTHER_APP}",
    "salesforce:": f"this is Salesforce Authenticator's own link; {_OTHER_APP}",
    "salesforce-authenticator:": f"this is Salesforce Authenticator's own link; {_OTHER_APP}",
    "blizzard:": f"this is Battle.net's own link, for its app only; {_OTHER_APP}",
    "lpaauth-migration:": (
        "this is LastPass Authenticator's own transfer code; export to a file there, and load it"
        " with picototp provision import"
    ),
    "otpauth://yaotp/": "this is Yandex's key: its codes are letters that need a PIN",
    "otpauth://motp/": "this is an mOTP key, which makes codes of its own with a PIN",
    "motp:": "this is an mOTP key, which makes codes of its own with a PIN",
    "mobileotp:": "this is an mOTP key, which makes codes of its own with a PIN",
    "fido:": "this is a passkey's QR code, which a phone or a security key answers, not a token",
    "wifi:": "this is a QR code for a wireless network, not an account",
    "openpgp4fpr:": "this is the fingerprint of an OpenPGP key, not an account",
    "bitcoin:": "this is an address for payments, not an account",
    "http:": "this is the address of a page, not an otpauth:// URI; open it and look for the key",
    "https:": "this is the address of a page, not an otpauth:// URI; open it and look for the key",
}


def vendor_link(text: str) -> str | None:
    """What such a link is, and what to do; None for a text that is none of them."""
    start = text.strip().lower()
    for link, what in _LINKS.items():
        if start.startswith(link):
            return what
    return None
