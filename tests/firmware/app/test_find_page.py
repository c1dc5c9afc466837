"""Every one of 255 accounts is found by a finger, in few presses, whatever the names are."""

import functools
import os
import random
import statistics
from pathlib import Path

import pytest

from open_vault import opened
from picototp.app.find_page import BACK, CAPACITY, LINES, MOST_PRESSES, FindPage, shared_out
from picototp.app.menu_page import FEW
from picototp.app.sequence import by_name, key
from picototp.screens.values import CodeScreen, MenuScreen
from picototp.vault.account import Account
from picototp.vault.vault import MAX_ACCOUNTS
from tests.firmware.app.interface_rig import Hands
from workbench import MemoryStorage

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "find"
MOST, MEDIAN = 12, 6

SERVICES = [
    "Adobe",
    "Amazon",
    "Apple",
    "Atlassian",
    "Bitbucket",
    "Bitwarden",
    "Box",
    "Cisco",
    "Cloudflare",
    "Coinbase",
    "DigitalOcean",
    "Discord",
    "Docker",
    "Dropbox",
    "eBay",
    "Epic",
    "Facebook",
    "Fastmail",
    "Figma",
    "Gandi",
    "GitHub",
    "GitLab",
    "Google",
    "Heroku",
    "Hetzner",
    "HubSpot",
    "IFTTT",
    "Instagram",
    "JetBrains",
    "Kraken",
    "LastPass",
    "LinkedIn",
    "Linode",
    "Mailchimp",
    "Microsoft",
    "Mozilla",
    "Namecheap",
    "Netlify",
    "Nextcloud",
    "Nintendo",
    "Notion",
    "npm",
    "Okta",
    "OVH",
    "PayPal",
    "Proton",
    "PyPI",
    "Reddit",
    "Salesforce",
    "Shopify",
    "Slack",
    "Snapchat",
    "Steam",
    "Stripe",
    "Synology",
    "Tailscale",
    "TeamViewer",
    "Telegram",
    "Twitch",
    "Twilio",
    "Uber",
    "Ubisoft",
    "Vercel",
    "Wise",
    "WordPress",
    "Xero",
    "Yahoo",
    "Zoho",
    "Zoom",
    "Österreich",
    "Élysée",
    "Яндекс",
    "中国",
]


def realistic():
    """Names as people have them: some services often, most once or twice."""
    found = {(service, "maria@example.com") for service in SERVICES}
    drawn = random.Random(19)
    while len(found) < MAX_ACCOUNTS:
        service = SERVICES[min(int(drawn.expovariate(0.05)), len(SERVICES) - 1)]
        found.add((service, f"{drawn.choice(('maria', 'work', 'admin', 'test'))}{len(found)}"))
    names = sorted(found)
    drawn.shuffle(names)
    return names


NAMES = {
    "realistic": realistic(),
    "one letter": [("", f"a{number:03}") for number in range(MAX_ACCOUNTS)],
    "one issuer": [("Example", f"user-{number}") for number in range(MAX_ACCOUNTS)],
    "all but the end": [("E" * 60, "n" * 40 + f"{number:03}") for number in range(MAX_ACCOUNTS)],
    "one each": [("", chr(0x410 + number)) for number in range(32)],
    "six": [("", name) for name in "abcdef"],
}


@functools.cache
def files_of(names):
    """Of a vault with these accounts, which took a second to be added one by one."""
    storage = MemoryStorage()
    vault = opened(storage)
    for issuer, name in names:
        vault.add(Account(issuer, name, b"k" * 20))
    return storage.files


def token(names):
    storage = MemoryStorage()
    storage.files.update(files_of(tuple(names)))
    return Hands([], storage)


class Listener:
    """In place of the interface: what was found."""

    def __init__(self):
        self.found = None

    def show(self, now_ms, index):
        self.found = index


class Visitor:
    """Goes through all pages as a finger does: takes every line, and comes back."""

    def __init__(self, vault):
        self._listener = Listener()
        self._page = FindPage(self._listener, vault, 0)
        self.ways = {}  # the lines to take for each account, page by page

    def lines(self, way=()):
        """Each line, before it is taken: how deep it lies, the page as it is drawn, its number."""
        lines = self._page._lines
        for number, (first, end, _) in enumerate(lines):
            yield len(way), self._page.screen(0), number
            self._page.step(number)
            self._page.hold(0)
            if end - first == 1:
                self.ways[self._listener.found] = (*way, number)
                self._page.step(-number)
            else:
                yield from self.lines((*way, number))
        screen = self._page.screen(0)
        assert (screen.selected, screen.items[-1]) == (0, BACK)
        yield len(way), screen, len(lines)
        if way:
            self._page.step(-1)
            self._page.hold(0)


def ways(vault):
    """The lines to take for each account, in their order, page by page."""
    visitor = Visitor(vault)
    for _ in visitor.lines():
        pass
    assert sorted(visitor.ways) == [*range(len(vault))]
    return [visitor.ways[account] for account in range(len(vault))]


class Finger:
    """On the button of a token, its presses counted."""

    def __init__(self, hands):
        self.hands = hands
        self.presses = 0

    def click(self, count=1):
        for _ in range(count):
            self.hands.press(80, 60)
        self.presses += count

    def hold(self):
        self.hands.press(850, 60)
        self.presses += 1

    def keep_down_until(self, number):
        """Hold, and let go when the line of that number has come by."""
        self.hands.down()
        self.hands.wait(850)
        while self.hands.screen().selected != number:
            self.hands.wait(20)
        self.hands.up()
        self.hands.wait(60)
        self.presses += 1


def find(hands, lines, keeps_down):
    """From the code screen, through the menu; the number of presses."""
    finger = Finger(hands)
    finger.hold()
    assert hands.screen().items[hands.screen().selected] == "Find"
    lines = [0, *lines]  # of the menu, the first
    while lines:
        finger.click(lines.pop(0))
        if keeps_down and lines and lines[0]:
            finger.keep_down_until(lines.pop(0))
        else:
            finger.hold()
    hands.wait(300)
    return finger.presses


@pytest.mark.parametrize("keeps_down", [False, True])
def test_every_account_is_found_with_a_real_finger(keeps_down):
    hands = token(NAMES["realistic"])
    to = ways(hands.vault)
    presses = []
    for wanted in range(0, MAX_ACCOUNTS, 1 if keeps_down else 9):
        if not hands.interface.lit:
            hands.wake()
        presses.append(find(hands, to[wanted], keeps_down))
        screen = hands.screen()
        assert isinstance(screen, CodeScreen)
        assert screen.position == wanted + 1
        assert screen.code
    assert max(presses) <= MOST
    if keeps_down:
        assert statistics.median(presses) <= MEDIAN


@pytest.mark.parametrize("kind", sorted(NAMES))
def test_every_account_is_near_whatever_the_names(kind):
    found = ways(token(NAMES[kind]).vault)
    assert all(max(lines) < LINES for lines in found)
    # The menu, and "Find" in it, come first.
    assert max(2 + sum(lines) + len(lines) for lines in found) <= MOST


@pytest.mark.parametrize("kind", sorted(NAMES))
def test_each_line_of_a_page_says_something_else(kind):
    for _, screen, _ in Visitor(token(NAMES[kind]).vault).lines():
        assert screen.items[-1] == BACK
        if kind != "all but the end":  # the keys are not as long as that
            assert len(set(screen.items)) == len(screen.items)


@pytest.mark.parametrize("kind", ["one each", "realistic", "six"])
def test_the_pages_are_those_that_were_read(kind):
    """How names are cut, and where a page is, is a matter of taste, so somebody has to look. Where
    other pages are meant, PICOTOTP_UPDATE_GOLDEN=1 writes them anew: read the difference."""
    vault = token(NAMES[kind]).vault
    golden = GOLDEN / f"{kind.replace(' ', '_')}.txt"
    drawn = "".join(drawn_lines(vault))
    if os.environ.get("PICOTOTP_UPDATE_GOLDEN"):
        golden.write_text(drawn, encoding="utf-8")
    assert drawn == golden.read_text(encoding="utf-8")


def drawn_lines(vault):
    """Each page, and under each line of it the page that it leads to."""
    for depth, screen, number in Visitor(vault).lines():
        indent = "  " * depth
        if number == 0:
            yield f"{indent}[{screen.title}]\n"
        yield f"{indent}{screen.items[number]}\n"


def test_the_first_page_goes_by_letters():
    page = FindPage(Listener(), token(NAMES["realistic"]).vault, 0)
    items = page.screen(0).items
    assert items[0].startswith("A - ")
    first_letters = [item.split(" (")[0].split(" - ")[0] for item in items[:-1]]
    assert all(len(letter) <= 2 for letter in first_letters)


def test_back_leads_to_the_page_before_and_out():
    hands = token(NAMES["realistic"])
    hands.wake()
    hands.hold()
    hands.hold()
    first = hands.screen().items
    hands.hold()
    assert hands.screen().items != first
    hands.double()  # back from the first line: the last one
    assert hands.screen().items[hands.screen().selected] == BACK
    hands.hold()
    assert hands.screen().items == first
    hands.double()
    hands.hold()
    assert isinstance(hands.screen(), MenuScreen)
    assert hands.screen().items[0] == "Find"


def test_few_accounts_need_no_help():
    hands = token(NAMES["six"][:FEW])
    hands.wake()
    hands.hold()
    assert "Find" not in hands.screen().items


def test_a_host_that_changes_the_accounts_ends_the_search():
    hands = token(NAMES["six"])
    hands.wake()
    hands.hold()
    hands.hold()
    hands.vault.remove(0)
    hands.interface.accounts_changed(hands.now_ms)
    assert isinstance(hands.screen(), CodeScreen)


def test_it_goes_dark_and_comes_back_with_the_code():
    hands = token(NAMES["six"])
    hands.wake()
    hands.hold()
    hands.hold()
    hands.wait(31_000)
    assert not hands.interface.lit
    assert isinstance(hands.wake(), CodeScreen)


def test_a_hold_that_ends_in_time_takes_nothing_more():
    hands = token(NAMES["realistic"])
    hands.wake()
    hands.hold()
    hands.press(1300)
    assert (hands.screen().title, hands.screen().selected) == ("Find", 0)


def test_what_a_page_can_tell_apart():
    for presses in range(1, MOST_PRESSES + 1):
        before = [CAPACITY[presses - number - 1] for number in range(min(LINES, presses))]
        assert CAPACITY[presses] == sum(before)
    assert CAPACITY[MOST_PRESSES] >= MAX_ACCOUNTS


@pytest.mark.parametrize("count", [1, 2, 4, LINES])
def test_accounts_that_fit_on_a_page_are_lines_of_it(count):
    lines = shared_out(3, 3 + count, LINES, bytes(20))
    assert lines == tuple((place, place + 1, 0) for place in range(3, 3 + count))


def _place(name):
    return key(("", name, "", ""))


@pytest.mark.parametrize(
    ("large", "small"),
    [("\u0400", "\u0450"), ("\u040f", "\u045f"), ("\u0410", "\u0430"), ("\u042f", "\u044f")]
    + [("\u0391", "\u03b1"), ("\u03a9", "\u03c9"), ("A", "a"), ("Z", "z"), ("\u00c9", "e")],
)
def test_large_and_small_letters_have_one_place(large, small):
    assert _place(large) == _place(small) != _place("-")


def test_letters_of_other_kinds_keep_places_of_their_own():
    others = [
        "\u0390",
        "\u03aa",
        "\u03ff",
        "\u0430",
        "\u044f",
        "\u0450",
        "\u045f",
        "\u0460",
        "\u03f0",
    ]
    assert len({_place(one) for one in others}) == len(others)


def test_the_order_is_that_of_a_telephone_book():
    names = ["zebra", "Ärger", "apple", "Elan", "élan vital", "Öl", "ohm", "яма", "Азбука"]
    vault = opened(MemoryStorage())
    for name in names:
        vault.add(Account("", name, b"k"))
    order, shared = by_name(vault)
    wanted = ["apple", "Ärger", "Elan", "élan vital", "ohm", "Öl", "zebra", "Азбука", "яма"]
    assert [names[index] for index in order] == wanted
    assert list(shared) == [0, 1, 0, 4, 0, 1, 0, 0, 0]
