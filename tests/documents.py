"""Reads the documents, for tests that compare them with the code."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
DOCUMENTS: Final = sorted(
    path
    for path in (
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / ".github").glob("*.md"),
    )
)
_FENCE: Final = re.compile(r"^\s*```.*?^\s*```$", re.DOTALL | re.MULTILINE)
_LINK: Final = re.compile(r'\[[^\]]*\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Document:
    """A Markdown file of the repository."""

    path: Path

    @property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @property
    def prose(self) -> str:
        """The text without its code blocks."""
        return _FENCE.sub("", self.text)

    @property
    def line(self) -> str:
        """The text as one line, so that line breaks do not matter in a search."""
        return " ".join(self.text.split())

    def section(self, heading: str) -> str:
        """Return the text below a heading, up to the next one of the same or a higher level."""
        level, text = None, []
        for line in self.text.splitlines():
            if match := re.match(r"(#+) (.*)", line):
                if level is not None and len(match[1]) <= level:
                    break
                if match[2] == heading:
                    level = len(match[1])
                    continue
            if level is not None:
                text.append(line)
        assert level is not None, f"{self.path} has no heading {heading}"
        return "\n".join(text)

    def table(self, heading: str, number: int = 0) -> list[list[str]]:
        """Return the rows, without the head, of the table with this number below a heading."""
        tables: list[list[list[str]]] = [[]]
        for line in (*self.section(heading).splitlines(), ""):
            if (stripped := line.strip()).startswith("|"):
                cells = re.split(r"(?<!\\)\|", stripped.strip("|"))
                tables[-1].append([cell.strip() for cell in cells])
            elif tables[-1]:
                tables.append([])
        return tables[number][2:]

    def links(self) -> list[str]:
        """Return the targets of its links."""
        return [first or second for first, second in _LINK.findall(self.prose)]

    def anchors(self) -> set[str]:
        """Return the anchors that GitHub gives its headings."""
        headings = re.findall(r"^#+ (.*)$", self.prose, re.MULTILINE)
        return {
            re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
            for heading in headings
        }

    def code(self) -> list[str]:
        """Return its inline code."""
        return re.findall(r"`([^`]+)`", self.prose)


def doc(name: str) -> Document:
    """Return a document by its path in docs/ or from the repository's root."""
    path = ROOT / "docs" / name
    return Document(path if path.exists() else ROOT / name)


def named(cell: str) -> list[str]:
    """Return the parts of a cell that are in italics or code."""
    return [first or second for first, second in re.findall(r"\*([^*]+)\*|`([^`]+)`", cell)]


def needed_memory_bytes(role: str) -> int:
    """Return the memory that a role needs according to install.md."""
    said = {row[0]: row[3] for row in doc("install.md").table("What it runs on")}[role]
    return int(said.split()[0]) * 1_000_000
