"""Checks as values, the names of wires, and the report of an acceptance."""

import types

import pytest

from hardware import netlist
from host_tools.client.answers import SelfTest
from host_tools.client.status_words import LEFT_FIRMWARE
from host_tools.doctor.acceptance import report
from host_tools.doctor.checks import (
    Check,
    Examined,
    Outcome,
    examine,
    first_problem,
    not_done,
    ok,
    wrong,
    wrong_as,
)
from host_tools.doctor.token_checks import slots, storage
from host_tools.doctor.wires import pad_of
from host_tools.errors import Disagreement, ToolError


def fails(subject):
    raise ToolError(f"{subject} broke")


def test_an_error_in_a_check_is_its_problem_and_the_next_one_is_made():
    checks = (Check("one", "breaks", fails), Check("two", "is fine", lambda subject: ok("fine")))
    examined = list(examine(checks, "it"))
    assert [one.result.outcome for one in examined] == [Outcome.WRONG, Outcome.OK]
    assert first_problem(examined).message == "it broke"
    assert examined[0].as_json() == {
        "check": "one",
        "does": "breaks",
        "outcome": "wrong",
        "words": "it broke",
    }


def test_the_first_problem_keeps_its_exit_code():
    checks = (
        Check("left out", "", lambda subject: not_done("why")),
        Check("differs", "", lambda subject: wrong_as(Disagreement("differs"))),
        Check("later", "", lambda subject: wrong("later")),
    )
    assert first_problem(list(examine(checks, None))).exit_code == 6
    assert first_problem([]) is None


def test_pads_are_those_of_the_drawings():
    named = {name: pad for pad, name in enumerate(netlist.PICO_PADS, 1)}
    assert [pad_of(gp) for gp in range(23)] == [named[f"GP{gp}"] for gp in range(23)]


def test_the_report_leaves_out_where_and_whose_the_token_is():
    examined = [
        Examined("port", "", ok("/dev/ttyACM0 opens, USB number e6614103e7452d2f")),
        Examined("time servers", "", ok("time.example.org")),
        Examined("wires", "", ok("SDA | SCL")),
        Examined("button", "", wrong("stuck")),
    ]
    page = report(examined, "1.2.3")
    assert "1 of 4 checks are wrong" in page
    assert "| wires | ok | SDA / SCL |" in page and "| button | WRONG | stuck |" in page
    for private in ("ttyACM0", "e6614103e7452d2f", "example.org"):
        assert private not in page


def with_slots(slot, left_firmware=None):
    """A token whose `status` tells this."""
    status = types.SimpleNamespace(slot=slot, left_firmware=left_firmware)
    return types.SimpleNamespace(status=status)


def test_the_slot_that_runs_and_what_became_of_the_other():
    assert slots(with_slots("b")).words == "runs from B"
    for why, words in LEFT_FIRMWARE.items():
        assert slots(with_slots("a", why)).problem.message == words
    assert slots(with_slots(None)).outcome is Outcome.NOT_DONE


@pytest.mark.parametrize(
    ("copies", "words"),
    [(("missing", "missing"), "nothing was kept yet"), (("active", "sound"), "active and sound")],
)
def test_the_copies_of_the_accounts(copies, words):
    token = types.SimpleNamespace(
        status=lambda: types.SimpleNamespace(vault="ok", accounts=0, locked=False, pin_wait_s=0),
        self_test=lambda: SelfTest(True, copies, True),
    )
    found = storage(types.SimpleNamespace(token=token))
    assert found.problem is None and words in found.words
