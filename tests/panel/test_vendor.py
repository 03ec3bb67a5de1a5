"""Vendored libraries are unchanged, and the panel's modules refer to existing files and texts."""

import hashlib
import json
import re
from pathlib import Path

PANEL = Path(__file__).parents[2] / "custom_components" / "indoor_voice" / "panel"
VENDOR = PANEL / "vendor"


def test_every_vendored_file_is_unchanged_and_has_a_licence() -> None:
    packages = json.loads((VENDOR / "vendor.json").read_text(encoding="utf-8"))
    files = {name: file for package in packages.values() for name, file in package["files"].items()}
    there = {
        str(path.relative_to(VENDOR))
        for path in VENDOR.rglob("*")
        # Type declarations are our own.
        if path.is_file() and not path.name.endswith(".d.ts")
    }
    assert there == files.keys() | {"vendor.json"}
    for name, file in files.items():
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == file["sha256"], name
    for package in packages.values():
        assert package["version"]
        assert package["license"] in {"BSD-3-Clause", "ISC", "MIT"}
        assert package["integrity"].startswith("sha512-")
        assert any(name.endswith(".LICENSE") for name in package["files"])


def test_modules_import_only_existing_files() -> None:
    for module in PANEL.rglob("*.js"):
        imported = re.findall(
            r"""(?:\bfrom\s*|\bimport\s*|\bimportScripts\()["']([^"']+)["']""",
            module.read_text("utf-8"),
        )
        for path in imported:
            assert path.startswith("."), (module.name, path)
            assert (module.parent / path).is_file(), (module.name, path)


def test_every_text_that_is_used_exists() -> None:
    words = json.loads((PANEL / "translations" / "en.json").read_text(encoding="utf-8"))
    for module in PANEL.glob("*.js"):
        for path in re.findall(r'(?<![\w.])t\("([\w.-]+)"', module.read_text("utf-8")):
            found = words
            for part in path.split("."):
                found = found[part]
            assert found, path
