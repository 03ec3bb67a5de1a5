"""What the documents say, for tests that compare it with the code."""

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
_LINK: Final = re.compile(r'\[[^\]]*\]\(([^)\s]+)\)|(?:src|href)="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Document:
    """A Markdown file of the repository."""

    path: Path

    @property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @property
    def prose(self) -> str:
        """The text without its blocks of code."""
        return _FENCE.sub("", self.text)

    @property
    def line(self) -> str:
        """The text as one line, so that a sentence is found wherever it was broken."""
        return " ".join(self.text.split())

    def section(self, heading: str) -> str:
        """Return what stands below a heading, up to the next one of its level or a higher one."""
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
        """Return the rows of a table below a heading, without its head."""
        tables: list[list[list[str]]] = [[]]
        for line in (*self.section(heading).splitlines(), ""):
            if (stripped := line.strip()).startswith("|"):
                cells = re.split(r"(?<!\\)\|", stripped.strip("|"))
                tables[-1].append([cell.strip() for cell in cells])
            elif tables[-1]:
                tables.append([])
        return tables[number][2:]

    def links(self) -> list[str]:
        """Return where its links lead."""
        return [first or second for first, second in _LINK.findall(self.prose)]

    def anchors(self) -> set[str]:
        """Return the names that GitHub gives its headings."""
        headings = re.findall(r"^#+ (.*)$", self.prose, re.MULTILINE)
        return {
            re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
            for heading in headings
        }

    def code(self) -> list[str]:
        """Return what is written as code in a line."""
        return re.findall(r"`([^`]+)`", self.prose)


def doc(name: str) -> Document:
    """Return a document in docs/, or by its path from the root."""
    path = ROOT / "docs" / name
    return Document(path if path.exists() else ROOT / name)


def named(cell: str) -> list[str]:
    """Return what a cell names, in italics or as code."""
    return [first or second for first, second in re.findall(r"\*([^*]+)\*|`([^`]+)`", cell)]


def needed_memory_bytes(role: str) -> int:
    """Return how much memory install.md says that a role needs."""
    said = {row[0]: row[3] for row in doc("install.md").table("What it runs on")}[role]
    return int(said.split()[0]) * 1_000_000
