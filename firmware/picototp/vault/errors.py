"""What the vault raises: one class with a stable code, so that one place can turn it into a
screen or a protocol answer. No message ever contains a secret."""


class VaultError(Exception):
    """A request that the vault refuses or could not carry out.

    `code` is one of those in firmware/README.md, `message` a sentence for people, and `data` what a
    program may want to know beside them: fields by their name in the answer.
    """

    def __init__(self, code: str, message: str, data: dict | None = None):
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data


class VaultTooNew(VaultError):
    """The files were written by newer firmware: they are left alone, even by wipe()."""

    def __init__(self) -> None:
        super().__init__("too-new", "newer firmware wrote the accounts: update the firmware")


class NoBatch(VaultError):
    """There is no batch, or not with all its entries, or the accounts changed since it began."""

    def __init__(self):
        super().__init__("no-batch", "the batch has ended, nothing was changed: begin it again")
