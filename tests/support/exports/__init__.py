"""Exports as other apps write them, made here by other means than those that read them.

The formats are those that the apps document or their sources show. EXPORTS has one function for
each row of the table in docs/import.md.
"""

from exports import apps, keepass, lists, managers, more_apps, pskc_containers
from exports.accounts import PASSWORD, Export

_PLAIN = (
    *(lists.uri_list, lists.winauth_list, lists.cotp, lists.google),
    *(apps.aegis, apps.twofas, apps.twofas_schema_1, apps.andotp, apps.lastpass, apps.raivo),
    *(more_apps.freeotp_plus, more_apps.ente, more_apps.stratum),
    *(managers.bitwarden, managers.bitwarden_csv, managers.onepassword),
    *(managers.proton_authenticator, managers.proton_pass),
    *(keepass.keepassxc_csv, keepass.keepass_xml, pskc_containers.pskc_plain),
)
_ENCRYPTED = (
    *(apps.aegis_encrypted, apps.twofas_encrypted, apps.andotp_encrypted),
    *(apps.andotp_encrypted_before, apps.raivo_zip, more_apps.freeotp_backup),
    *(more_apps.ente_encrypted, more_apps.stratum_encrypted, more_apps.stratum_encrypted_before),
    *(managers.bitwarden_pbkdf2, managers.bitwarden_argon2, managers.proton_encrypted),
    *(keepass.keepass_database, keepass.keepass_database_3),
    *(pskc_containers.pskc_pre_shared, pskc_containers.pskc_password),
)
ENCRYPTED = {made.__name__: made for made in _ENCRYPTED}
EXPORTS = {made.__name__: made for made in _PLAIN} | ENCRYPTED

__all__ = ["ENCRYPTED", "EXPORTS", "PASSWORD", "Export"]
