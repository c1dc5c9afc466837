"""What an import would do, entry by entry, before anything is done."""

import fnmatch
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from host_tools.client.account_names import compare, key_of, label, same_key
from host_tools.client.answers import Account
from host_tools.client.token_client import TokenClient
from host_tools.credentials.credential import Credential
from host_tools.credentials.importers.entry import Entry
from host_tools.errors import Disagreement

ADD, REPLACE, PRESENT, REFUSED = "will be added", "will be replaced", "on the token", "left out"
# Each comparison is a request: as many as take some seconds.
_MOST_COMPARISONS = 1500


@dataclass(frozen=True)
class Step:
    """One entry, what would become of it, and why."""

    entry: Entry
    action: str
    reason: str = ""

    @property
    def credential(self) -> Credential:
        """The account. Do not ask for it if the entry is refused."""
        assert self.entry.credential is not None
        return self.entry.credential


def selected(entries: Iterable[Entry], only: Sequence[str], but: Sequence[str]) -> list[Entry]:
    """The entries whose title fits one of `only`, if there are any, and none of `but`.

    A pattern has * and ? as in a shell; without them, a part of the title is enough. Case does not
    matter.
    """
    return [
        one
        for one in entries
        if (not only or any(_fits(one, pattern) for pattern in only))
        and not any(_fits(one, pattern) for pattern in but)
    ]


def _fits(entry: Entry, pattern: str) -> bool:
    pattern = pattern.casefold()
    if not any(wild in pattern for wild in "*?["):
        pattern = f"*{pattern}*"
    titles = {entry.title, label(entry.credential) if entry.credential else entry.title}
    return any(fnmatch.fnmatchcase(title.casefold(), pattern) for title in titles)


def without_token(entries: Iterable[Entry]) -> list[Step]:
    """What the file alone says: entries that cannot be read, and those that are in it twice."""
    steps: list[Step] = []
    names: dict[tuple[str, str], Credential] = {}
    keys: dict[Credential, Credential] = {}
    for one in entries:
        credential = one.credential
        if credential is None:
            steps.append(Step(one, REFUSED, one.problem))
            continue
        alike = replace(credential, issuer="", name="", counter=0)
        if alike in keys:
            steps.append(Step(one, PRESENT, f"the same key as {label(keys[alike])} in this import"))
        elif key_of(credential) in names:
            reason = (
                "another account of this import has the same name: load this one alone, under "
                "another name"
            )
            steps.append(Step(one, REFUSED, reason))
        else:
            names[key_of(credential)] = keys[alike] = credential
            steps.append(Step(one, ADD))
    return steps


def with_token(steps: list[Step], token: TokenClient, replacing: bool) -> list[Step]:
    """The steps with what the token holds already, found by name and by key."""
    accounts = token.accounts()
    names = {key_of(account) for account in accounts}
    new = sum(step.action == ADD and key_of(step.credential) not in names for step in steps)
    thorough = new * len(accounts) <= _MOST_COMPARISONS
    return [
        _met(step, token, accounts, replacing, thorough) if step.action == ADD else step
        for step in steps
    ]


def _met(
    step: Step, token: TokenClient, accounts: list[Account], replacing: bool, thorough: bool
) -> Step:
    credential = step.credential
    if key_of(credential) in {key_of(account) for account in accounts}:
        try:
            compare(token, credential)
        except Disagreement:
            if replacing:
                return Step(step.entry, REPLACE, "the token has this name with another key")
            return Step(step.entry, REFUSED, "on the token with another key; see --replace")
        return Step(step.entry, PRESENT, "on the token already")
    for account in accounts:
        if not thorough and account.issuer != credential.issuer and account.name != credential.name:
            continue
        if same_key(token, account, credential):
            return Step(step.entry, PRESENT, f"on the token already, as {label(account)}")
    return step


def to_load(steps: Iterable[Step]) -> list[Credential]:
    """The accounts that the plan would put onto the token."""
    return [step.credential for step in steps if step.action in (ADD, REPLACE)]


def ranges(text: str, most: int) -> set[int]:
    """The numbers in a text such as "1-4, 7"; ValueError if one is no number from 1 to `most`."""
    found: set[int] = set()
    for part in text.replace(",", " ").split():
        low, dash, high = part.partition("-")
        found |= set(range(int(low), min(int(high if dash else low), most + 1) + 1))
    if not found or min(found) < 1 or max(found) > most:
        raise ValueError("no such entry")
    return found
