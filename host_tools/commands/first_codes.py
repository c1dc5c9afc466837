"""The codes of accounts that were just imported, to be tried where they are used."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from host_tools.client.account_names import key_of, label
from host_tools.client.printable import printable
from host_tools.client.token_client import TokenClient
from host_tools.commands.loading import kind_of
from host_tools.credentials.credential import Credential
from picototp.codes import otp


def show_first_codes(
    token: TokenClient, credentials: Sequence[Credential], unix_s: int, console: Console
) -> None:
    """Print the code at that time of each account that the token computes likewise.

    An account that counts is only named: a code of it that is used up here is one that the token
    still shows as its next.
    """
    present = {key_of(account) for account in token.accounts()}
    table = Table("Account", "Type", "Code", "Valid for")
    for column in table.columns:
        column.overflow = "fold"
    for credential in credentials:
        if key_of(credential) not in present or not token.check(credential, unix_s):
            continue
        if credential.kind == "hotp":
            code, left = "hold the token's button", ""
        else:
            code = _code(credential, unix_s)
            left = f"{credential.period_s - unix_s % credential.period_s} s"
        table.add_row(printable(label(credential)), kind_of(credential), code, left)
    console.print(table)


def _code(credential: Credential, unix_s: int) -> str:
    code = otp.totp(
        credential.algorithm, credential.secret, unix_s, credential.period_s, credential.digits
    )
    return bytes(code).decode()
