"""Every link within the documentation leads somewhere, and every page is found."""

import os
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.docs.pages import ROOT, all_pages, is_relative, parsed, read, slug_of

PAGES = all_pages()
every_page = pytest.mark.parametrize("path", PAGES, ids=str)


def exists(path: Path) -> bool:
    """Whether a file is there by exactly this name, also where the file system ignores case."""
    return path.exists() and (path == ROOT or path.name in os.listdir(path.parent))


def broken(path: Path, links: list[str]) -> list[str]:
    """Those of a page's relative links that lead nowhere."""
    found = []
    for link in filter(is_relative, links):
        file, _, anchor = unquote(link).partition("#")
        target = (ROOT / path).parent / file if file else ROOT / path
        target = Path(os.path.normpath(target))
        inside = target == ROOT or ROOT in target.parents
        if (
            not inside
            or not exists(target)
            or (anchor and anchor not in read(target.relative_to(ROOT)).anchors)
        ):
            found.append(link)
    return found


@every_page
def test_links_lead_somewhere(path):
    assert broken(path, read(path).links) == []


def test_a_broken_link_is_found():
    links = parsed(
        "[a](README.md) [b](readme.md) [c](docs/none.md) [d](README.md#no-such) [e](../other)\n\n"
        "![f](docs/none.png) [g](#nowhere) [h](README.md#use-it) [i](mailto:a@example.com)"
    ).links
    assert broken(Path("README.md"), links) == [
        *("readme.md", "docs/none.md", "README.md#no-such", "../other"),
        *("docs/none.png", "#nowhere"),
    ]


def test_anchors_are_those_of_github():
    assert slug_of("How `status` does it: a, b (c)") == "how-status-does-it-a-b-c"
    assert parsed("# A\n## A\n## A b_c-d\n").anchors == {"a", "a-1", "a-b_c-d"}


def test_the_pages_are_there():
    names = {str(path) for path in PAGES}
    assert {"README.md", "SECURITY.md", "CHANGELOG.md", "CONTRIBUTING.md"} <= names
    assert {"firmware/README.md", "hardware/README.md"} <= names
    assert sum(name.startswith("docs/") for name in names) >= 8


def test_the_readme_leads_to_every_page():
    linked = {link.partition("#")[0] for link in read(Path("README.md")).links}
    mine = {str(path) for path in PAGES if path.parent in (Path("docs"), Path("."))}
    assert mine - linked == {"README.md"}


@pytest.mark.parametrize(
    "path", [path for path in PAGES if path.parent == Path("docs")], ids=lambda path: path.name
)
def test_each_page_in_docs_begins_with_its_contents(path):
    page = read(path)
    sections = [slug_of(text) for level, text in page.headings if level == 2]
    contents = [link for link in page.links if link.startswith("#")][: len(sections)]
    assert [level for level, _ in page.headings].count(1) == 1
    assert contents == [f"#{section}" for section in sections]
    assert len(sections) >= 2
