"""The requests that concern single accounts: checking, adding and changing them."""

from picototp.codes import otp
from picototp.protocol.request import Consent, text_of, whole_of
from picototp.vault import account as limits
from picototp.vault.errors import VaultError
from picototp.vault.vault import MAX_ACCOUNTS


def _question():
    """The module of questions, loaded late: `check` asks none."""
    from picototp.protocol import account_question

    return account_question


class AccountService:
    """Handlers by the name of their request."""

    def __init__(self, vault):
        self._vault = vault
        self.handlers = {
            "check": self._check,
            "add": self._add,
            "rename": self._rename,
            "move": self._move,
            "remove": self._remove,
        }

    # --- checking ----------------------------------------------------------------------------

    def _check(self, message: dict) -> dict:
        """Whether the token computes the code that the host does, without either saying it."""
        account = self._vault.account(self.named(message))
        if "counter" in message:
            counter = whole_of(message, "counter", 0, limits.COUNTER_MAX)
        else:
            counter = otp.counter_at(whole_of(message, "unix", 0, 1 << 40), account.period_s)
        proof = otp.check_proof(account.algorithm, account.secret, counter, account.digits)
        # A proof cannot be guessed or replayed for another time, so comparing may stop early.
        return {"match": proof == text_of(message, "proof")}

    # --- changes -----------------------------------------------------------------------------

    def named(self, message: dict) -> int:
        """The position of the account that a request names."""
        self._vault.check_open()
        return self._vault.named(text_of(message, "issuer"), text_of(message, "name"))

    def account_from(self, message: dict) -> limits.Account:
        """The account that a request describes."""
        from picototp.codes import base32  # takes 1.7 KB of the heap, and few add every day

        try:
            secret = base32.decode(text_of(message, "secret"))
        except base32.Base32Error as error:
            raise VaultError("bad-secret", str(error)) from None
        issuer, name = text_of(message, "issuer"), text_of(message, "name")
        limits.check_label(issuer, name)
        issuer_ascii, name_ascii = _question().ascii_of(message, issuer, name)
        account = limits.Account(
            issuer,
            name,
            secret,
            text_of(message, "algorithm"),
            whole_of(message, "digits", 0, 99),
            whole_of(message, "period", 0, 1 << 24, 30),
            text_of(message, "kind"),
            whole_of(message, "counter", 0, limits.COUNTER_MAX, 0),
            issuer_ascii,
            name_ascii,
        )
        limits.check(account)
        return account

    def _add(self, message: dict) -> Consent:
        account = self.account_from(message)
        replace = message.get("replace") is True
        existing, like = self._vault.find_with_like(account.issuer, account.name)
        self._check_room(existing, replace)
        detail = f"{account.algorithm}, {account.digits} digits"
        detail += f", {account.period_s} s" if account.kind == "totp" else ", HOTP"
        if account.digits == limits.STEAM_CHARACTERS:
            detail = "Steam's codes"
        index = existing if existing >= 0 else len(self._vault)
        verb = "Add" if existing < 0 else "Replace"
        names = (account.issuer, account.name, account.issuer_ascii, account.name_ascii)

        def then() -> dict:
            return {"index": self._vault.add(account, replace)}

        lines = _question().lines_about(self._vault, names, index, (detail,), like)
        return Consent(f"{verb} account?", lines, then)

    def _check_room(self, existing: int, replace: bool) -> None:
        self._vault.check_open()
        if existing >= 0 and not replace:
            raise VaultError("duplicate", "the token has this account already; see --replace")
        if existing < 0 and len(self._vault) >= MAX_ACCOUNTS:
            raise VaultError("full", f"the token is full: it holds {MAX_ACCOUNTS} accounts")

    def _rename(self, message: dict) -> Consent:
        index = self.named(message)
        issuer, name = text_of(message, "new_issuer"), text_of(message, "new_name")
        limits.check_label(issuer, name)
        if self._vault.find(issuer, name) not in (-1, index):
            raise VaultError("duplicate", "another account has this name")
        new = (issuer, name) + _question().ascii_of(message, issuer, name)

        def then() -> dict:
            self._vault.rename(index, *new)
            return {"index": index}

        old = self._vault.names(index)
        lines = _question().lines_about_new_name(self._vault, old, new, index)
        return Consent("Rename account?", lines, then)

    def _move(self, message: dict) -> Consent:
        index = self.named(message)
        to = whole_of(message, "to", 0, len(self._vault) - 1)

        def then() -> dict:
            self._vault.move(index, to)
            return {"index": to}

        return self._consent("Move", index, f"from {index + 1} to {to + 1}", then)

    def _remove(self, message: dict) -> Consent:
        index = self.named(message)

        def then() -> dict:
            self._vault.remove(index)
            return {"index": max(0, min(index, len(self._vault) - 1))}

        return self._consent("Remove", index, "This cannot be undone.", then)

    def _consent(self, verb: str, index: int, what: str, then) -> Consent:
        names = self._vault.names(index)
        lines = _question().lines_about(self._vault, names, index, (what,))
        return Consent(f"{verb} account?", lines, then)
