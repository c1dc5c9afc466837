"""The page of the accounts with accounts in a list, which takes no time to make."""

from types import SimpleNamespace

from picototp.app.code_page import ClockView, CodePage
from picototp.clock.states import OK
from picototp.vault.account import Account
from picototp.vault.errors import VaultError
from picototp.vault.settings_file import FIXED
from tests.firmware.app.interface_rig import FakeRecord

BEGIN_S = 1_795_442_700  # a period of 60 s begins


class FakeVault:
    """Accounts in a list. It counts what is read."""

    too_new = damaged = destroyed = False

    def __init__(self, *accounts):
        self.accounts = accounts
        self.keys = self
        self.generation = 0
        self.read = []  # the positions of accounts that were read whole
        self.given = None  # the last of them
        self.all_names_read = 0
        self.asked = []  # for the shortest period
        self.periods = {}
        self.error = None

    def __len__(self):
        return len(self.accounts)

    def account(self, index):
        if self.error is not None:
            raise self.error
        self.read.append(index)
        one = self.accounts[index]
        self.given = Account(**vars(one))
        return self.given

    def names(self, index):
        one = self.accounts[index]
        return one.issuer, one.name, one.issuer_ascii, one.name_ascii

    def each_names(self, visit):
        self.all_names_read += 1
        for index in range(len(self.accounts)):
            visit(self.names(index))

    def advance_counter(self, index):
        self.generation += 1
        self.accounts[index].counter += 1
        return self.accounts[index].counter - 1

    def shortest_period_s(self, first, count):
        self.asked.append((self.generation, first, count))
        found = self.periods.get(first)
        if isinstance(found, VaultError):
            raise found
        return found


class Chosen:
    """The settings."""

    def __init__(self, order=FIXED, recent=(255,)):
        self.order = order
        self.recent = bytes(recent).ljust(16, b"\xff")
        self.noted = []

    def note(self, index):
        self.noted.append(index)
        place = bytes((index,))
        self.recent = (place + self.recent.replace(place, b"") + b"\xff")[:16]


def named(*names):
    return [Account("", name, b"k" * 20) for name in names]


def made(*accounts, **chosen):
    vault, settings = FakeVault(*accounts), Chosen(**chosen)
    page = CodePage(vault, settings)
    page.begin(0)
    return SimpleNamespace(page=page, vault=vault, settings=settings)


def clock_view(into_us=0, state=OK):
    """So long after a period began, an hour after the clock was set."""
    unix_us = BEGIN_S * 1_000_000 + into_us if state == OK else None
    return ClockView(state, unix_us, 300, FakeRecord(BEGIN_S - 3600, 0.02))


def screen(page, now_ms=0, into_us=0, state=OK, shift_px=0):
    return page.screen(now_ms, clock_view(into_us, state), shift_px)
