"""There is one door to recordings; the imports show that no module opens another one."""

import ast
import sys
from pathlib import Path

import pytest

COMPONENT = Path(__file__).parents[2] / "custom_components" / "indoor_voice"
PRIVACY = COMPONENT / "privacy"
LIBRARIES = {"nacl", "rfc8785"}
BEHIND_THE_DOOR = {
    "ageing", "consent.preconditions", "door", "journal", "keeping", "review", "state",
    "store.consent_book", "store.database", "store.ledger", "store.ledger_rows", "store.records",
    "store.recordings", "store.sealing", "store.store_seal", "transactions",
}  # fmt: skip
HARMLESS = {
    "consent.preconditions": {"limit_choices", "may_be_named"},
    "store.database": {"CorruptStoreError", "NewerStoreError", "StoreError", "StoreFullError",
                       "StoreReadOnlyError", "StoreUnavailableError"},
    "store.ledger_rows": {"LISTENING", "Copy", "Row", "RowKind", "SignedHead"},
    "store.sealing": {"Part"},
}  # fmt: skip
"""The internals that other modules may use: errors, types and choices."""


def imports_of(path: Path, *, at_run_time: bool = False) -> list[tuple[str, str]]:
    """Return module and name of all that is imported, or of what is when it runs.

    A module of the component is named by its place there: `.privacy.store.ledger`.
    """
    package = path.relative_to(COMPONENT).parent.parts
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
            found += [(alias.name, "") for alias in node.names]
        if isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if node.level:
                above = package[: len(package) - node.level + 1]
                module = ".".join(("", *above, *filter(None, [node.module])))
            found += [(module, alias.name) for alias in node.names]
    return found


def modules_of(path: Path, *, at_run_time: bool = False) -> set[str]:
    """Return the component's own modules that are imported, whole or in part."""
    found = imports_of(path, at_run_time=at_run_time)
    return {
        name
        for module, part in found
        for name in (module, f"{module}.{part}" if module else "")
        if name.startswith(".") and is_module(name)
    }


def is_module(name: str) -> bool:
    return COMPONENT.joinpath(*name.split(".")).with_suffix(".py").exists()


def name_of(path: Path) -> str:
    return ".".join(("", *path.relative_to(COMPONENT).with_suffix("").parts))


def files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


@pytest.mark.parametrize("path", files(PRIVACY), ids=lambda path: path.stem)
def test_what_keeps_knows_neither_home_assistant_nor_a_network(path: Path) -> None:
    for module, name in imports_of(path):
        if module.startswith("."):
            assert module.startswith(".privacy"), f"{module}.{name} is outside"
            continue
        package = module.partition(".")[0]
        assert package in LIBRARIES or package in sys.stdlib_module_names, module
        assert package not in {"asyncio", "http", "socket", "ssl", "subprocess"}, module


@pytest.mark.parametrize(
    "path", [path for path in files(COMPONENT) if PRIVACY not in path.parents], ids=str
)
def test_nobody_else_touches_recordings_and_keys(path: Path) -> None:
    for module, name in imports_of(path, at_run_time=True):
        if not module.startswith(".privacy"):
            continue
        part = module.removeprefix(".privacy.")
        assert is_module(module), f"{path.name} takes {name} out of a folder"
        if part in BEHIND_THE_DOOR:
            assert name in HARMLESS.get(part, set()), f"{path.name} imports {name} of {part}"
        if name == "Household":
            assert path.name == "store.py", f"{path.name} opens a household of its own"


def test_what_is_behind_the_door_is_there() -> None:
    for part in BEHIND_THE_DOOR | set(HARMLESS):
        assert is_module(f".privacy.{part}"), part


def test_each_is_done_in_one_place_sealing_opening_and_deleting() -> None:
    """Of the modules that may, exactly one does each."""
    calls = {
        "seal(": {"keeping.py", "sealing.py"},
        ".insert(": {"keeping.py"},
        "_recordings.key(": {"door.py"},
        "_recordings.part(": {"door.py"},
        "_recordings.delete": {"door.py"},
    }
    for call, allowed in calls.items():
        users = {path.name for path in files(COMPONENT) if call in path.read_text()}
        assert users <= allowed, (call, users)
    source = (PRIVACY / "door.py").read_text()
    assert source.count("_recordings.part(") == 1, "only one function opens"
    importers = {
        path.name
        for path in files(COMPONENT)
        if modules_of(path, at_run_time=True) & {".privacy.door", ".privacy.keeping"}
    }
    assert importers <= {"household.py", "keeping.py"}, "no other module uses the door"


def test_the_component_imports_in_no_circle() -> None:
    """Imports for types included. The layers are contracts in `pyproject.toml`."""
    arrows = {name_of(path): modules_of(path) for path in files(COMPONENT)}
    done: set[str] = set()

    def visit(module: str, above: tuple[str, ...]) -> None:
        assert module not in above, " → ".join((*above, module))
        if module not in done:
            for other in arrows[module]:
                visit(other, (*above, module))
            done.add(module)

    for module in arrows:
        visit(module, ())
