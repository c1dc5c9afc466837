"""Checks as values: a name, what it does, a function, and the result that the function gives."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Generic, Protocol, TypeVar

from host_tools.errors import ToolError


class Outcome(Enum):
    """What came of a check."""

    OK = "ok"
    WRONG = "wrong"
    NOT_DONE = "not done"


@dataclass(frozen=True)
class Result:
    """`words` say what was found, or why nothing was looked at; `problem` what is wrong and which
    wire or step mends it."""

    outcome: Outcome
    words: str
    problem: ToolError | None = None


def ok(words: str) -> Result:
    """It is as it should be."""
    return Result(Outcome.OK, words)


def wrong(words: str) -> Result:
    """It is not: what is wrong, and what to do."""
    return wrong_as(ToolError(words))


def wrong_as(problem: ToolError) -> Result:
    """It is not, and the problem has an exit status of its own."""
    return Result(Outcome.WRONG, problem.message, problem)


def not_done(why: str) -> Result:
    """It could not be looked at."""
    return Result(Outcome.NOT_DONE, why)


class Hands(Protocol):
    """Somebody at the board, who does what is asked and says what there is to see."""

    def asked_to(self, what: str) -> None:
        """Ask them to do something, which the check then watches."""

    def sees(self, what: str) -> bool:
        """Whether they see that."""


Subject = TypeVar("Subject", contravariant=True)


@dataclass(frozen=True)
class Check(Generic[Subject]):
    """`does` completes the sentence "this check ...". `function` may raise ToolError: that is its
    problem then."""

    name: str
    does: str
    function: Callable[[Subject], Result]


@dataclass(frozen=True)
class Examined:
    """A check that was made."""

    name: str
    does: str
    result: Result

    def as_json(self) -> dict[str, str]:
        """For --json."""
        outcome, words = self.result.outcome.value, self.result.words
        return {"check": self.name, "does": self.does, "outcome": outcome, "words": words}


def examine(checks: Sequence[Check[Subject]], subject: Subject) -> Iterator[Examined]:
    """Each check, one after the other."""
    for check in checks:
        try:
            result = check.function(subject)
        except ToolError as problem:
            result = wrong_as(problem)
        yield Examined(check.name, check.does, result)


def first_problem(examined: Sequence[Examined]) -> ToolError | None:
    """What is wrong first, if anything is."""
    problems = (one.result.problem for one in examined)
    return next((problem for problem in problems if problem is not None), None)
