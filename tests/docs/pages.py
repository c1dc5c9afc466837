"""The pages of the documentation, taken apart: headings, links, commands."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("docs", "firmware", "hardware", "host_tools", "tests")
_NOT_OURS = {"node_modules"}


def all_pages() -> list[Path]:
    """Every Markdown file of the project, as paths from its root."""
    found = {*ROOT.glob("*.md")}
    for folder in FOLDERS:
        found |= set((ROOT / folder).rglob("*.md"))
    ours = (path.relative_to(ROOT) for path in found)
    return sorted(path for path in ours if not _NOT_OURS & set(path.parts))


@dataclass
class Page:
    """One page: `headings` as (level, text), `links`, `blocks` of code, `spans` of it in lines."""

    headings: list[tuple[int, str]]
    links: list[str]
    blocks: list[str]
    spans: list[str]

    @property
    def anchors(self) -> set[str]:
        """The anchors of its headings, as GitHub makes them."""
        anchors: set[str] = set()
        for _, text in self.headings:
            slug = slug_of(text)
            number = 0
            while (anchor := f"{slug}-{number}" if number else slug) in anchors:
                number += 1
            anchors.add(anchor)
        return anchors


def slug_of(heading: str) -> str:
    """GitHub's anchor for a heading: lower case, punctuation dropped, spaces as dashes."""
    kept = [
        char
        for char in heading.strip().lower()
        if char in " -_" or unicodedata.category(char)[0] in "LN"
    ]
    return "".join(kept).replace(" ", "-")


def parsed(text: str) -> Page:
    """A page from its Markdown."""
    page = Page([], [], [], [])
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    for before, token in zip([None, *tokens], tokens, strict=False):
        if token.type in ("fence", "code_block"):
            page.blocks.append(token.content)
        elif token.type == "inline":
            _read_line(token, page)
            if before is not None and before.type == "heading_open":
                page.headings.append((int(before.tag[1]), _plain(token)))
    return page


def read(path: Path) -> Page:
    """A page of `all_pages`."""
    return parsed((ROOT / path).read_text(encoding="utf-8"))


def _read_line(line: Token, page: Page) -> None:
    for token in line.children or []:
        if token.type == "link_open":
            page.links.append(str(token.attrs["href"]))
        elif token.type == "image":
            page.links.append(str(token.attrs["src"]))
        elif token.type == "code_inline":
            page.spans.append(token.content)


def _plain(line: Token) -> str:
    return "".join(
        token.content for token in line.children or [] if token.type in ("text", "code_inline")
    )


def is_relative(link: str) -> bool:
    """Whether a link stays within the project."""
    return not re.match(r"[a-z][a-z0-9+.-]*:", link)


def lines_of(blocks: list[str]) -> Iterator[str]:
    """The lines of code blocks, without those that are empty."""
    for block in blocks:
        yield from (line for line in block.splitlines() if line.strip())


def rows(markdown: str, header: str) -> list[list[str]]:
    """The cells of a table's rows, by its first header."""
    table = markdown.split(f"| {header} |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in table]


def read_rows(path: str, header: str) -> list[list[str]]:
    """The same, of a page."""
    return rows((ROOT / path).read_text(encoding="utf-8"), header)
