"""What is read of a vault, how far, and what that leaves open."""

import pytest

from picototp.vault.errors import VaultError
from tests.firmware.vault.vault_cases import account, changed, opened, refusal
from tests.firmware.vault.vault_flash_model import FlashModel

PERIODS = [60, 5, 15, 30, 20]
KINDS = ["totp", "hotp", "totp", "totp", "hotp"]


def vault_of(accounts):
    vault = opened(FlashModel())
    for each in accounts:
        vault.add(each)
    return vault


def five():
    """n0 to n4, of several periods and kinds, and of several lengths."""
    return vault_of(
        account(number, period_s=period, kind=kind, secret=b"s" * (number + 1))
        for number, (period, kind) in enumerate(zip(PERIODS, KINDS, strict=True))
    )


def is_tidy(vault):
    """Whether no file is open and nothing of an account is in the shared buffer."""
    return vault._storage.open_files == 0 and not any(vault._scratch)


@pytest.mark.parametrize("first", range(7))
def test_summaries_are_visited_from_a_position_on(first):
    vault = five()
    seen = []
    vault.each_summary(first, lambda summary: seen.append(summary) or True)
    assert seen == [vault.summary(index) for index in range(first, 5)]
    assert is_tidy(vault) or not seen


@pytest.mark.parametrize("stop", range(6))
def test_a_visit_ends_where_the_visitor_says(stop):
    vault = five()
    labels, names = [], []
    vault.each_summary(0, lambda summary: labels.append(summary[:2]) or len(labels) <= stop)
    vault.each_names(lambda shown: names.append(shown) or len(names) <= stop)
    expected = [vault.names(index) for index in range(min(stop + 1, 5))]
    assert names == expected and labels == [each[:2] for each in expected]
    assert is_tidy(vault)


def test_a_visitor_that_fails_leaves_nothing():
    vault = five()

    def fail(_):
        raise VaultError("failed", "on purpose")

    for visit in (lambda: vault.each_summary(0, fail), lambda: vault.each_names(fail)):
        assert refusal(visit) == "failed"
        assert is_tidy(vault)


@pytest.mark.parametrize(
    "read",
    [
        lambda vault: vault.account(3),
        lambda vault: vault.summary(3),
        lambda vault: vault.label(3),
        lambda vault: vault.names(3),
        lambda vault: vault.find("A", "n3"),
        lambda vault: vault.find_with_like("A", "n3"),
        lambda vault: vault.shortest_period_s(),
        lambda vault: vault.named("A", "n3"),
    ],
)
def test_nothing_stays_in_the_shared_buffer(read):
    vault = five()
    vault._scratch[:] = b"x" * len(vault._scratch)
    read(vault)
    assert is_tidy(vault)


@pytest.mark.parametrize(
    "read",
    [
        lambda vault: vault.account(0),
        lambda vault: vault.names(0),
        lambda vault: vault.each_summary(0, None),
        lambda vault: vault.each_names(None),
        lambda vault: vault.find("A", "n0"),
        lambda vault: vault.find("A", "x" * 65),
        lambda vault: vault.find_with_like("A", "n0"),
        lambda vault: vault.named("A", "n0"),
        lambda vault: vault.shortest_period_s(),
    ],
)
def test_a_locked_vault_says_so_and_not_that_it_is_empty(read):
    vault = five()
    changed(vault, b"2580")
    vault.lock()
    assert refusal(read, vault) == "locked"


def test_an_account_is_named_or_not_found():
    vault = five()
    assert [vault.named("A", f"n{number}") for number in range(5)] == [*range(5)]
    assert refusal(vault.named, "A", "n5") == refusal(vault.named, "A", "x" * 65) == "not-found"


@pytest.mark.parametrize("index", range(5))
def test_no_account_is_read_behind_the_one_that_was_looked_for(index):
    vault = five()
    reads = []
    read_record = vault._active.read_record
    vault._active.read_record = lambda *where: reads.append(1) or read_record(*where)
    assert vault.find("A", f"n{index}") == index
    assert len(reads) == index + 1
    del reads[:]
    vault.shortest_period_s(0, index)
    assert len(reads) == index + 1
    del reads[:]
    assert vault.account(index).name == f"n{index}"
    assert len(reads) == 1


def test_the_shortest_period_is_that_of_a_part_of_the_list():
    vault = five()
    for first in range(6):
        for count in range(7):
            part = [*zip(PERIODS, KINDS, strict=True)][first : first + count]
            periods = [period for period, kind in part if kind == "totp"]
            assert vault.shortest_period_s(first, count) == min(periods, default=None)
        rest = [*zip(PERIODS, KINDS, strict=True)][first:]
        periods = [period for period, kind in rest if kind == "totp"]
        assert vault.shortest_period_s(first) == min(periods, default=None)


def test_a_list_of_one_account_has_its_period():
    assert vault_of([account(0, period_s=7)]).shortest_period_s() == 7


def test_nothing_is_read_from_the_end_on():
    vault = five()
    vault._storage.files.clear()
    vault.each_summary(5, None)
    assert vault.shortest_period_s(5) is None
    assert refusal(vault.each_summary, 4, None) == "storage"


NAMES = [("", "bob"), ("", "bib"), ("", "b\u043eb"), ("a", "b: c"), ("\u00e9", "\u00e9"), ("", "x")]
LIKE = {
    ("", "bob"): (0, [2, 3]),
    ("", "b\u043eb"): (2, [0, 1, 3]),
    ("a", "b: c"): (3, [0, 1, 2, 4, 5]),
    ("\u00e9", "\u00e8"): (-1, [3, 4]),
    ("", "y"): (-1, [3]),
    ("", "x" * 64): (-1, [3]),
}


@pytest.mark.parametrize(("label", "expected"), LIKE.items())
def test_one_pass_finds_an_account_and_those_that_may_look_like_it(label, expected):
    vault = vault_of(account(0, issuer=issuer, name=name) for issuer, name in NAMES)
    assert vault.find_with_like(*label) == expected


def test_a_label_that_fits_no_account_is_not_found():
    vault = vault_of([account(0)])
    for label in (("A", "x" * 65), ("x" * 65, "n0"), ("\u00e9" * 33, "n0")):
        assert vault.find_with_like(*label)[0] == vault.find(*label) == -1
    fits = ("x" * 64, "y" * 64)
    vault.rename(0, *fits)
    assert vault.find_with_like(*fits)[0] == vault.find(*fits) == 0


def test_long_reading_lets_the_storage_breathe_every_32_accounts():
    vault = vault_of(account(number) for number in range(70))
    seen, breaths = [], []
    vault._storage.breathe = lambda saves: breaths.append((len(seen), saves))
    vault.each_names(lambda names: seen.append(names) or True)
    assert breaths == [(0, False), (32, False), (64, False)]
    del seen[:], breaths[:]
    vault.each_summary(20, lambda summary: seen.append(summary) or True)
    assert breaths == [(0, False), (12, False), (44, False)]
