"""PSKC (RFC 6030)."""

import io
import secrets

import pskc

from exports.accounts import PASSWORD, Export, more, twelve


def _pskc(accounts):
    container = pskc.PSKC()
    for index, one in enumerate(accounts):
        container.add_key(
            id=f"{index}",
            serial=f"serial{index}",
            friendly_name=one.name,
            issuer=one.issuer,
            secret=one.secret,
            algorithm=f"urn:ietf:params:xml:ns:keyprov:pskc:{one.kind}",
            algorithm_suite=one.algorithm,
            response_length=one.digits,
            response_encoding="DECIMAL",
            **(
                {"time_interval": one.period_s, "time_offset": 0}
                if one.kind == "totp"
                else {"counter": one.counter}
            ),
        )
    return container


def _written(container):
    out = io.BytesIO()
    container.write(out)
    return out.getvalue()


def pskc_plain():
    accounts = twelve() + more()
    return Export(_written(_pskc(accounts)), accounts)


def pskc_pre_shared():
    accounts = twelve() + more()
    container, key = _pskc(accounts), secrets.token_bytes(16)
    container.encryption.setup_preshared_key(key=key, key_name="a key", algorithm="aes128-cbc")
    return Export(_written(container), accounts, key.hex())


def pskc_password():
    accounts = twelve() + more()
    container = _pskc(accounts)
    container.encryption.setup_pbkdf2(PASSWORD, iterations=1_000, key_length=16)
    return Export(_written(container), accounts, PASSWORD)
