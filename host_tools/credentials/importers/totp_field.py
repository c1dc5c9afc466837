"""The one-time password of an item in a password manager: a URI, or the key alone.

What the field does not say, the item does: its title is the issuer, its user the account.
"""

from collections.abc import Callable

from host_tools.credentials.credential import (
    Credential,
    Fields,
    credential_from_fields,
    meant,
)
from host_tools.credentials.importers.entry import Entry, entry
from host_tools.credentials.otpauth import bare, uri_fields
from host_tools.credentials.vendor_links import vendor_link
from host_tools.errors import UsageProblem


def totp_entry(value: str, title: str, user: str = "") -> Entry:
    """The entry of such a field."""
    return fields_entry(lambda: _fields(value), title, user)


def fields_entry(make: Callable[[], Fields], title: str, user: str = "") -> Entry:
    """The entry of the fields that `make` gives, named after the item where they have no name."""

    def credential() -> Credential:
        fields = make()
        issuer = fields.get("issuer") or title
        name = fields.get("name") or user or issuer
        # An item called Steam is Steam's, whatever its field says.
        return credential_from_fields(meant({**fields, "issuer": issuer, "name": name}))

    return entry(f"{title}:{user}".strip(":"), credential)


def _fields(value: str) -> Fields:
    plain = bare(value)
    if "://" in plain:
        return uri_fields(plain)
    what = vendor_link(plain)
    if what:
        raise UsageProblem(what)
    return {"secret": plain}
