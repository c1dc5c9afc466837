"""Loading several accounts into a token, and saying of each what became of it."""

from collections.abc import Callable

from host_tools.client import pin_words
from host_tools.client.account_names import compare, key_of, label
from host_tools.client.token_client import TokenClient
from host_tools.client.wire_errors import TokenError
from host_tools.commands.terminal import say
from host_tools.credentials.credential import Credential
from host_tools.errors import Disagreement, Refused, ToolError

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
    """Load those that the token does not have yet, and say what was loaded.

    Returns the problems that did not stop the rest. Raises ToolError, after the same words, for one
    that did. `on_loaded` is told of each that the token has then.
    """
    return _Loading(token, credentials, replace, on_loaded).run()


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
        self._loaded = self._present = 0
        self._problems: list[ToolError] = []

    def run(self) -> list[ToolError]:
        """As `load`."""
        present = {key_of(account) for account in self._token.accounts()}
        remark = pin_words.remark(self._token.status())
        if remark is not None:
            say(remark)  # before: a PIN that is set first never lets the key lie open
        total = len(self._credentials)
        try:
            for number, credential in enumerate(self._credentials, 1):
                if total > 1:
                    say(f"{number} of {total}: {label(credential)}")
                if key_of(credential) in present:
                    self._meet(credential)
                else:
                    self._load(credential, False)
        finally:
            parts = [f"loaded {self._loaded} of {count_of_accounts(total)}"]
            if self._present:
                parts.append(f"{self._present} there already")
            if self._problems:
                parts.append(f"{len(self._problems)} left out")
            say(", ".join(parts))
        return self._problems

    def _meet(self, credential: Credential) -> None:
        """Deal with an account that is already on the token."""
        try:
            compare(self._token, credential)
        except Disagreement:
            if self._replace:
                self._load(credential, True)
            else:
                what = f"{label(credential)} is on the token with another key; see --replace"
                self._leave_out(Disagreement(what))
            return
        self._on_loaded(credential)
        self._present += 1
        say(f"{label(credential)} is on the token already")

    def _load(self, credential: Credential, replace: bool) -> None:
        try:
            self._token.add(credential, replace)
        except TokenError as error:
            if error.code != "refused":
                raise
            self._leave_out(Refused(f"{label(credential)} was refused on the token"))
            return
        compare(self._token, credential)
        self._on_loaded(credential)
        self._loaded += 1
        kind = kind_of(credential)
        say(f"added {label(credential)} ({kind}); token and host compute the same code")
        tell_of_counter(credential)

    def _leave_out(self, problem: ToolError) -> None:
        self._problems.append(problem)
        say(f"left out: {problem.message}")


def kind_of(credential: Credential) -> str:
    """What codes an account makes: only its service can say whether that was meant."""
    moving = f"{credential.period_s} s" if credential.kind == "totp" else "counter"
    return f"{credential.algorithm}, {credential.digits} digits, {moving}"


def tell_of_counter(credential: Credential) -> None:
    """Warn that the backup of an HOTP account falls behind."""
    if credential.kind == "hotp":
        say(f"note: {label(credential)} " + HOTP_NOTE.format(counter=credential.counter))


def count_of_accounts(count: int) -> str:
    """The number and the noun that fits it."""
    return "1 account" if count == 1 else f"{count} accounts"
