"""Everything that a host can ask for that writes accounts or key, and what comes of it.

A model of the token, a list of names, says which commands there can be and what they leave.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import Any, NamedTuple

from host_tools.benchmark import ACCOUNTS
from host_tools.benchmark.running_token import RunningToken
from host_tools.client.answers import Account

PINS = ("4711", "80351")
BATCH = 3
_MORE_PAGES = 1  # of a batch's question: so many names fit on one
_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
_NEW = {"issuer": "New", "secret": _SECRET, "algorithm": "SHA1", "digits": 6}


class Entry(NamedTuple):
    """An account, as far as it can be told from outside."""

    issuer: str
    name: str
    kind: str
    counter: int


@dataclass(frozen=True)
class State:
    """What a token holds: its accounts in their order, and its PIN."""

    accounts: tuple["Entry", ...]
    pin: str = ""

    @classmethod
    def of(cls, accounts: list[Account], pin: str) -> "State":
        """From a token's list."""
        return cls(tuple(Entry(o.issuer, o.name, o.kind, o.counter) for o in accounts), pin)


@dataclass(frozen=True)
class Command:
    """One request that writes: run it, and it leaves `after`. `seconds` is from yes to answer."""

    name: str
    after: State
    run: Callable[[RunningToken], float]


def _confirmed(op: str, **fields: Any) -> Callable[[RunningToken], float]:
    return lambda token: token.confirm(op, **fields)[1]


def commands(state: State, chance: Random) -> list[Command]:
    """All that can be asked of a token in this state, each about accounts of chance."""
    had = state.accounts
    found = [*_additions(state, chance), *_settings(state, chance), *_next_code(state, chance)]
    if had:
        found += _changes(state, chance)
    if len(had) >= BATCH:
        found.append(_batch_of_removals(state, chance))
    return found


def _additions(state: State, chance: Random) -> list[Command]:
    had = state.accounts
    names = [f"{chance.randrange(10**6):06}" for _ in range(BATCH)]
    found = []
    if len(had) < ACCOUNTS:
        one = {**_NEW, "name": names[0], "kind": "hotp"}
        after = replace(state, accounts=(*had, Entry("New", names[0], "hotp", 0)))
        found.append(Command("add", after, _confirmed("add", **one)))
    if len(had) + BATCH <= ACCOUNTS:
        after = replace(state, accounts=(*had, *(Entry("New", name, "totp", 0) for name in names)))

        def run(token: RunningToken) -> float:
            token.client.begin_batch("add", BATCH)
            for name in names:
                token.client.request("batch_entry", **_NEW, name=name, kind="totp")
            return token.confirm("batch_end", more_pages=_MORE_PAGES, count=BATCH)[1]

        found.append(Command("add several", after, run))
    return found


def _changes(state: State, chance: Random) -> list[Command]:
    had = list(state.accounts)
    index = chance.randrange(len(had))
    chosen = had[index]
    named = {"issuer": chosen.issuer, "name": chosen.name}
    new = f"renamed {chance.randrange(10**6)}"
    rest = had[:index] + had[index + 1 :]
    to = chance.randrange(len(had))

    def after(accounts: list[Entry]) -> State:
        return replace(state, accounts=tuple(accounts))

    found = [
        Command(
            "replace",
            after([*had[:index], chosen._replace(kind="totp", counter=0), *had[index + 1 :]]),
            _confirmed("add", **{**_NEW, **named}, kind="totp", replace=True),
        ),
        Command(
            "rename",
            after([*had[:index], chosen._replace(issuer="", name=new), *had[index + 1 :]]),
            _confirmed("rename", **named, new_issuer="", new_name=new),
        ),
        Command(
            "move",
            after([*rest[:to], chosen, *rest[to:]]),
            _confirmed("move", **named, to=to),
        ),
        Command("remove", after(rest), _confirmed("remove", **named)),
    ]
    return found


def _next_code(state: State, chance: Random) -> list[Command]:
    counters = [index for index, one in enumerate(state.accounts) if one.kind == "hotp"]
    if not counters:
        return []
    index = chance.choice(counters)
    accounts = list(state.accounts)
    chosen = accounts[index]
    accounts[index] = chosen._replace(counter=chosen.counter + 1)
    asked = _confirmed("code", issuer=chosen.issuer, name=chosen.name)
    return [Command("next code", replace(state, accounts=tuple(accounts)), asked)]


def _batch_of_removals(state: State, chance: Random) -> Command:
    gone = chance.sample(range(len(state.accounts)), BATCH)

    def run(token: RunningToken) -> float:
        token.client.begin_batch("remove", BATCH)
        for index in gone:
            one = state.accounts[index]
            token.client.request("batch_entry", issuer=one.issuer, name=one.name)
        return token.confirm("batch_end", more_pages=_MORE_PAGES, count=BATCH)[1]

    left = [one for index, one in enumerate(state.accounts) if index not in gone]
    return Command("remove several", replace(state, accounts=tuple(left)), run)


def _settings(state: State, chance: Random) -> list[Command]:
    pin = PINS[0] if state.pin != PINS[0] else PINS[1]
    found = [
        Command("set_pin", replace(state, pin=pin), _confirmed("set_pin", pin=pin)),
        Command("set_limit", state, _confirmed("set_limit", limit=chance.randint(5, 20))),
        Command("set_lock_after", state, _confirmed("set_lock_after", seconds=600)),
        Command("wipe", State(()), _confirmed("wipe")),
    ]
    if state.pin:
        found.append(Command("no pin", replace(state, pin=""), _confirmed("set_pin", pin=None)))
    return found
