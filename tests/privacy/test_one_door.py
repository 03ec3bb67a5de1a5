"""There is one door to what is kept: what imports what decides who could open another."""

import ast
import sys
from pathlib import Path

import pytest

COMPONENT = Path(__file__).parents[2] / "custom_components" / "indoor_voice"
PRIVACY = COMPONENT / "privacy"
LIBRARIES = {"nacl", "rfc8785"}
BEHIND_THE_DOOR = {
    "account", "asking", "book", "changes", "clips", "door", "keeping", "ledger", "records",
    "review", "sealing", "standing", "store_seal", "ageing",
}  # fmt: skip
HARMLESS = {
    "database": {"CorruptStoreError", "NewerStoreError", "StoreError", "StoreFullError",
                 "StoreReadOnlyError", "StoreUnavailableError"},
    "asking": {"limit_choices", "may_be_named"},
    "ledger": {"LISTENING", "Copy", "Kind", "Row", "SignedHead"},
    "sealing": {"Part"},
}  # fmt: skip
"""What others may know of what is behind it: errors, words, and what may be chosen."""


def imports_of(path: Path, *, at_run_time: bool = False) -> list[tuple[int, str, str]]:
    """Return level, module and name of all that is imported, or of what is when it runs."""
    tree = ast.parse(path.read_text())
    skipped = {
        id(node)
        for block in ast.walk(tree)
        if at_run_time and isinstance(block, ast.If) and "TYPE_CHECKING" in ast.unparse(block.test)
        for node in ast.walk(block)
    }
    found = []
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            found += [(0, alias.name, "") for alias in node.names]
        if isinstance(node, ast.ImportFrom):
            found += [(node.level, node.module or "", alias.name) for alias in node.names]
    return found


def files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


@pytest.mark.parametrize("path", files(PRIVACY), ids=lambda path: path.stem)
def test_what_keeps_knows_neither_home_assistant_nor_a_network(path: Path) -> None:
    for level, module, name in imports_of(path):
        if level:
            assert level == 1, f"{module}.{name} is outside"
            continue
        package = module.partition(".")[0]
        assert package in LIBRARIES or package in sys.stdlib_module_names, module
        assert package not in {"asyncio", "http", "socket", "ssl", "subprocess"}, module


@pytest.mark.parametrize(
    "path", [path for path in files(COMPONENT) if PRIVACY not in path.parents], ids=str
)
def test_nobody_else_touches_clips_and_keys(path: Path) -> None:
    for _, module, name in imports_of(path, at_run_time=True):
        package, _, part = module.rpartition(".")
        if package.rpartition(".")[2] != "privacy":
            continue
        if part in BEHIND_THE_DOOR | {"database"}:
            assert name in HARMLESS.get(part, set()), f"{path.name} imports {name} of {part}"
        if name == "Household":
            assert path.name == "keeper.py", f"{path.name} opens a household of its own"


def test_each_is_done_in_one_place_sealing_opening_and_deleting() -> None:
    """And of those who may, only one does each."""
    calls = {
        "seal(": {"keeping.py", "sealing.py"},
        ".insert(": {"keeping.py"},
        "_clips.key(": {"door.py"},
        "_clips.part(": {"door.py"},
        "_clips.delete": {"door.py"},
    }
    for call, allowed in calls.items():
        users = {path.name for path in files(COMPONENT) if call in path.read_text()}
        assert users <= allowed, (call, users)
    source = (PRIVACY / "door.py").read_text()
    assert source.count("_clips.part(") == 1, "only one function opens"
    importers = {
        path.name
        for path in files(COMPONENT)
        for level, module, _ in imports_of(path, at_run_time=True)
        if level and module.rpartition(".")[2] in {"door", "keeping"}
    }
    assert importers <= {"household.py", "keeping.py"}, "nobody else reaches the door"


def test_what_is_kept_imports_in_no_circle() -> None:
    arrows = {
        path.stem: {
            module for level, module, _ in imports_of(path, at_run_time=True) if level and module
        }
        | {
            name
            for level, module, name in imports_of(path, at_run_time=True)
            if level and not module
        }
        for path in files(PRIVACY)
    }

    def visit(module: str, above: tuple[str, ...]) -> None:
        assert module not in above, " → ".join((*above, module))
        for other in arrows.get(module, ()):
            visit(other, (*above, module))

    for module in arrows:
        visit(module, ())
