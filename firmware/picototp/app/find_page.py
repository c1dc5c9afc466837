"""The page that finds one of many accounts. Loaded when it is opened.

Up to five lines, each an account or a range of them by name ("A - D"), and one that leads back. A
click goes on to the next line, a hold takes it. Whoever keeps the button down after that sees the
lines of what has opened run by, and takes one by letting go.

How the accounts are shared out: a line that is reached by few clicks has more of them. With b
presses left, line i (from 0) costs i + 1 and may lead to at most CAPACITY[b - i - 1] accounts, so
that of 255 none is further than ten. Within that, ranges end where the names begin to differ as
early as possible: with a letter, if they can.
"""

from picototp.app import messages
from picototp.app.sequence import by_name, key, label
from picototp.screens.values import MenuScreen
from picototp.vault.errors import VaultError

LINES = 5
BACK = "Back"
# How many accounts a page can tell apart with so many presses: the sum of the five before.
CAPACITY = (1, 1, 2, 4, 8, 16, 31, 61, 120, 236, 464)
MOST_PRESSES = len(CAPACITY) - 1
RUN_AFTER_MS = 700  # kept down for so long after a page has opened, its lines begin to run
RUN_EVERY_MS = 450
_TITLE = "Find"
_NO_ROOM = ("No memory", ("Unplug the token and", "plug it in again."), "click = back")
_LONG_PREFIX = 4  # characters that all names of a page begin with: shown once, in the title


def _needed(count: int) -> int:
    """With how many presses a page tells so many accounts apart."""
    presses = 1
    while CAPACITY[presses] < count:
        presses += 1
    return presses


def shared_out(first: int, end: int, presses: int, shared) -> tuple:
    """(first, end, presses) of each line of the page for the places from `first` to `end`, which
    must be no more than CAPACITY[presses]. `shared` see sequence.by_name()."""
    count = end - first
    presses = min(presses, _needed(count) + 1)
    if count <= min(LINES, presses):
        return tuple([(place, place + 1, 0) for place in range(first, end)])
    most = [CAPACITY[presses - number - 1] for number in range(min(LINES, presses))]
    in_all = room = sum(most)
    lines = []
    for number, capacity in enumerate(most):
        room -= capacity
        left, others = end - first, len(most) - number - 1
        low, high = max(1, left - room), min(capacity, left - others)
        size = _best_end(first, low, high, count * capacity // in_all, shared) if others else left
        lines.append((first, first + size, presses - number - 1))
        first += size
    return tuple(lines)


def _best_end(first: int, low: int, high: int, wanted: int, shared) -> int:
    """How many places from `first` on, from `low` to `high`: about as many as wanted, such that
    the names differ early there."""
    wanted = max(low, min(wanted, high))
    best, best_cost = wanted, 1 << 20
    for size in range(max(low, wanted * 3 // 5), min(high, wanted * 3 // 2 + 1) + 1):
        cost = (shared[first + size] << 10) + abs(size - wanted)
        if cost < best_cost:
            best, best_cost = size, cost
    return best


def opened(interface, vault, now_ms: int):
    """The page, or None after the Interface was told why there is none."""
    try:
        return FindPage(interface, vault, now_ms)
    except VaultError as error:
        interface.notice(messages.no_code(error.message, "click = back"), now_ms)
    except MemoryError:
        interface.notice(_NO_ROOM, now_ms)
    return None


class FindPage:
    """The page that is open, and those that led there. Once an account is found, it tells the
    `interface` to show it. Making one raises VaultError and MemoryError."""

    def __init__(self, interface, vault, now_ms: int):
        self._interface = interface
        self._vault = vault
        self._order, self._shared = by_name(vault)
        self._pages = [(0, len(self._order), MOST_PRESSES)]
        self._open(now_ms)

    def _open(self, now_ms: int) -> None:
        self._selected = 0
        self._opened_ms = now_ms
        self._runs = True  # the button is still down since the hold that opened the page
        self._ran = False
        first, end, presses = self._pages[-1]
        self._lines = shared_out(first, end, presses, self._shared)
        common = 0
        if end - first > 1:
            common = _characters(self._key_at(first), min(self._shared[first + 1 : end]))
        self._common = common if common >= _LONG_PREFIX else 0
        begin = self._label_at(first)[: self._common]
        self._title = f"{_TITLE}: {begin}" if begin else _TITLE
        self._items = tuple([self._line(*line[:2]) for line in self._lines]) + (BACK,)

    # --- what its lines say ------------------------------------------------------------------

    def _names_at(self, place: int) -> tuple:
        return self._vault.names(self._order[place])

    def _label_at(self, place: int) -> str:
        return label(self._names_at(place))

    def _key_at(self, place: int) -> bytes:
        return key(self._names_at(place))

    def _line(self, first: int, end: int) -> str:
        if end - first == 1:
            return self._cut(self._label_at(first), 1 << 10)
        begin = self._beginning(first, self._shared[first])
        after = self._shared[end] if end < len(self._order) else 0
        last = self._beginning(end - 1, after)
        where = last if begin.lower() == last.lower() else f"{begin} - {last}"
        return f"{where} ({end - first})"

    def _beginning(self, place: int, shared: int) -> str:
        """As much of a label as tells it from a neighbour with which it has so many bytes of the
        key in common."""
        return self._cut(self._label_at(place), _characters(self._key_at(place), shared) + 1)

    def _cut(self, text: str, end: int) -> str:
        if not self._common:
            return text[:end]
        return "…" + text[self._common : max(end, self._common + 1)]

    # --- gestures ----------------------------------------------------------------------------

    def step(self, step: int) -> None:
        """Go on by so many lines."""
        self._selected = (self._selected + step) % len(self._items)

    def hold(self, now_ms: int) -> None:
        """Take the line."""
        try:
            self._take(now_ms)
        except VaultError as error:
            self._interface.show(now_ms, None)
            self._interface.notice(messages.no_code(error.message, "click = back"), now_ms)

    def _take(self, now_ms: int) -> None:
        if self._selected == len(self._lines):
            self._pages.pop()
            if not self._pages:
                self._interface.open_menu()
                return
        else:
            line = self._lines[self._selected]
            if line[1] - line[0] == 1:
                self._interface.show(now_ms, self._order[line[0]])
                return
            self._pages.append(line)
        self._open(now_ms)

    def run(self, is_down: bool, now_ms: int) -> bool:
        """To be called in every turn: whether the next line was reached by keeping the button down,
        or one was taken by letting go."""
        if is_down:
            if not self._runs or now_ms - self._opened_ms < RUN_AFTER_MS:
                return False
            self._opened_ms = now_ms - RUN_AFTER_MS + RUN_EVERY_MS
            self._selected = (self._selected + 1) % len(self._lines)
            self._ran = True
            return True
        ran = self._ran
        self._runs = self._ran = False
        if ran:
            self.hold(now_ms)
            self._runs = False
        return ran

    def screen(self, shift_px: int) -> MenuScreen:
        """The screen value to show."""
        return MenuScreen(self._title, self._items, self._selected, shift_px)


def _characters(key: bytes, count: int) -> int:
    """How many whole characters are in the first bytes of a key."""
    whole = 0
    for at in range(min(count, len(key))):
        whole += key[at] & 0xC0 != 0x80
    if whole and count < len(key) and key[count] & 0xC0 == 0x80:
        whole -= 1  # the last one goes on
    return whole
