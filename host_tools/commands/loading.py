"""Loading several accounts into a token, and saying of each what became of it."""

from collections.abc import Callable
from typing import NamedTuple

from host_tools.client.account_names import compare, key_of, label
from host_tools.client.answers import Account
from host_tools.client.token_client import TokenClient
from host_tools.client.wire_errors import ENTRY_CODES, TokenError
from host_tools.commands.introduction import advise_a_pin
from host_tools.commands.terminal import say
from host_tools.credentials.credential import Credential
from host_tools.errors import Disagreement, Refused, ToolError, UsageProblem
from picototp.vault.names import name_hash

# RFC 4226, sections 7.2 and 7.4: a server only looks ahead of its own counter.
HOTP_NOTE = (
    "is an HOTP account: the backup keeps its counter as it is now, {counter}. A spare loaded "
    "later is behind: ask it for new codes until one is accepted, and from then on use only one "
    "token"
)


def load(
    token: TokenClient,
    credentials: list[Credential],
    replace: bool,
    on_loaded: Callable[[Credential], None] = lambda _credential: None,
) -> list[ToolError]:
    """Load those that the token does not have yet, with one question, and say what was loaded.

    Returns the problems that did not stop the rest. Raises ToolError, after the same words, for one
    that did. `on_loaded` is told of each that the token has then.
    """
    return _Loading(token, credentials, replace, on_loaded).run()


class _Wanted(NamedTuple):
    """An account to load, and whether in the place of one of the same name."""

    credential: Credential
    replace: bool


class _Loading:
    """One token being loaded."""

    def __init__(
        self,
        token: TokenClient,
        credentials: list[Credential],
        replace: bool,
        on_loaded: Callable[[Credential], None],
    ) -> None:
        self._on_loaded = on_loaded
        self._token = token
        self._credentials = credentials
        self._replace = replace
        self._loaded = self._present = self._left_out = 0
        self._problems: list[ToolError] = []

    def run(self) -> list[ToolError]:
        """As `load`."""
        # Before: a PIN that is set first never lets the key lie open.
        advise_a_pin(self._token, say)
        try:
            wanted = self._wanted()
            if len(wanted) > 1 and self._token.takes_batches:
                self._load_at_once(wanted)
            else:
                self._load_one_by_one(wanted)
        finally:
            parts = [f"loaded {self._loaded} of {count_of_accounts(len(self._credentials))}"]
            if self._present:
                parts.append(f"{self._present} there already")
            if self._left_out:
                parts.append(f"{self._left_out} left out")
            say(", ".join(parts))
        return self._problems

    def _wanted(self) -> list[_Wanted]:
        """Those that are to be loaded; what becomes of the others is said."""
        present = {key_of(account) for account in self._token.accounts()}
        wanted: dict[tuple[str, str], _Wanted] = {}
        for credential in self._credentials:
            key = key_of(credential)
            if key in wanted:
                self._meet_again(wanted[key].credential, credential)
            elif key not in present:
                wanted[key] = _Wanted(credential, False)
            elif self._is_other(credential):
                wanted[key] = _Wanted(credential, True)
        return list(wanted.values())

    def _meet_again(self, first: Credential, credential: Credential) -> None:
        if credential == first:
            say(f"{label(credential)} was given twice")
        else:
            what = f"{label(credential)} was given twice, with different keys or kinds of code"
            self._leave_out(UsageProblem(what))

    def _is_other(self, credential: Credential) -> bool:
        """Whether the token's account of this name is another one, and is to be replaced."""
        try:
            compare(self._token, credential)
        except Disagreement:
            if self._replace:
                return True
            what = f"{label(credential)} is on the token with another key; see --replace"
            self._leave_out(Disagreement(what))
            return False
        self._on_loaded(credential)
        self._present += 1
        say(f"{label(credential)} is on the token already")
        return False

    # --- all with one question ---------------------------------------------------------------

    def _load_at_once(self, wanted: list[_Wanted]) -> None:
        self._token.begin_batch("add", len(wanted))
        put = []
        for number, (credential, replace) in enumerate(wanted, 1):
            say(f"{number} of {len(wanted)}: {label(credential)}, hash {hash_of(credential)}")
            try:
                self._token.put_account(credential, replace)
            except TokenError as error:
                if error.code not in ENTRY_CODES:
                    raise
                self._leave_out(of_account(error, credential))
            else:
                put.append(credential)
        if put and self._is_agreed_to(len(put)):
            for credential in put:
                self._prove(credential)

    def _is_agreed_to(self, count: int) -> bool:
        try:
            self._token.end_batch(count)
        except TokenError as error:
            if error.code != "refused":
                raise
            what = f"{count_of_accounts(count)}: refused on the token, nothing was changed"
            self._leave_out(Refused(what), count)
            return False
        return True

    def _prove(self, credential: Credential) -> None:
        try:
            self._tell_of(credential)
        except Disagreement as problem:  # the others are still to be compared
            self._leave_out(problem)

    # --- earlier firmware, or only one -------------------------------------------------------

    def _load_one_by_one(self, wanted: list[_Wanted]) -> None:
        for number, (credential, replace) in enumerate(wanted, 1):
            if len(wanted) > 1:
                say(f"{number} of {len(wanted)}: {label(credential)}")
            try:
                self._token.add(credential, replace)
            except TokenError as error:
                if error.code != "refused":
                    raise
                self._leave_out(Refused(f"{label(credential)} was refused on the token"))
            else:
                self._tell_of(credential)

    # --- what became of one ------------------------------------------------------------------

    def _tell_of(self, credential: Credential) -> None:
        """Compare a code, and say so. Raises Disagreement."""
        compare(self._token, credential)
        self._on_loaded(credential)
        self._loaded += 1
        say(added(credential))
        tell_of_counter(credential)

    def _leave_out(self, problem: ToolError, count: int = 1) -> None:
        self._problems.append(problem)
        self._left_out += count
        say(f"left out: {problem.message}")


def hash_of(account: Account | Credential) -> str:
    """What the display shows behind a name that might be another's."""
    return name_hash(account.issuer, account.name)


def added(credential: Credential) -> str:
    """What an account is that the token has now, and was proved to have."""
    kind = kind_of(credential)
    return f"added {label(credential)} ({kind}); token and computer compute the same code"


def of_account(error: TokenError, credential: Credential) -> TokenError:
    """The same error, with the account that it is about."""
    return TokenError(error.code, f"{label(credential)}: {error.message}", error.data)


def kind_of(credential: Credential) -> str:
    """What codes an account makes: only its service can say whether that was meant."""
    if credential.is_steam:
        return "Steam"
    moving = f"{credential.period_s} s" if credential.kind == "totp" else "counter"
    return f"{credential.algorithm}, {credential.digits} digits, {moving}"


def tell_of_counter(credential: Credential) -> None:
    """Warn that the backup of an HOTP account falls behind."""
    if credential.kind == "hotp":
        say(f"note: {label(credential)} " + HOTP_NOTE.format(counter=credential.counter))


def count_of_accounts(count: int) -> str:
    """The number and the noun that fits it."""
    return "1 account" if count == 1 else f"{count} accounts"
