"""What the vault raises: one class with a stable code, so that one place can turn it into a
screen or a protocol answer. No message ever contains a secret."""


class VaultError(Exception):
    """A request that the vault refuses or could not carry out.

    `code` is one of: bad-name, bad-issuer, bad-secret, bad-digits, bad-period, bad-algorithm,
    bad-kind, bad-counter, duplicate, full, not-found, damaged, too-new, storage, locked, destroyed,
    too-soon, bad-pin, bad-limit.
    `message` is a sentence for people.
    """

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code
        self.message = message


class VaultTooNew(VaultError):
    """The files were written by newer firmware: they are left alone, even by wipe()."""

    def __init__(self) -> None:
        super().__init__("too-new", "newer firmware wrote the accounts: update the firmware")
