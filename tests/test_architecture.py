"""Imports run one way (design §1): ground ← accounts ← villages ← disclosure ← moral_bank ← cases ← inspections ← desk ← roof."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LINE = [
    (
        "governance.periods",
        "governance.workdays",
        "governance.pictures",
        "governance.errors",
        "governance.privacy",
        "governance.engines",
        "governance.batches",
        "governance.celery",
        "governance.file_broker",
        "governance.generics",
        "governance.api",
        "governance.api_base",
        "governance.sheets",
        "governance.documents",
    ),
    ("governance.accounts",),
    ("villages",),
    ("governance.disclosure",),
    ("moral_bank",),
    ("governance.cases",),
    ("inspections",),
    ("governance.desk",),
    ("governance.menu", "governance.api_urls", "governance.urls", "governance.settings", "governance.wsgi"),
]
ROOMS = {room: floor for floor, rooms in enumerate(LINE) for room in rooms}


def room_of(module: str) -> str | None:
    """The room that a dotted module name lies in; None for what is not ours."""
    found = [room for room in ROOMS if module == room or module.startswith(room + ".")]
    return max(found, key=len) if found else None


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports(path: Path) -> set[str]:
    """Dotted names that a file imports, wherever in the file; `from a import b` gives `a.b` and `a`."""
    names: set[str] = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def sources() -> list[Path]:
    return [path for top in ("governance", "villages", "moral_bank", "inspections") for path in sorted((ROOT / top).rglob("*.py"))]


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def type_only(path: Path) -> set[str]:
    """The modules that a file imports for type checking alone."""
    blocks = [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)]
    return {n.module for block in blocks for n in ast.walk(block) if isinstance(n, ast.ImportFrom) and n.module}


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_it_imports_only_downwards(path: Path) -> None:
    own = room_of(module_name(path))
    if own is None:
        assert module_name(path) == "governance", "every module stands in a room of the line"
        return
    for imported in imports(path):
        room = room_of(imported)
        if room is not None and room != own and not any(f"{imported}.".startswith(f"{module}.") for module in type_only(path)):
            assert ROOMS[room] <= ROOMS[own], f"{own} must not import {imported}"


def test_it_keeps_the_pure_rooms_pure() -> None:
    names = ("periods.py", "privacy.py", "workdays.py", "pictures.py", "cases/flow.py")
    pure = [*(ROOT / "governance" / name for name in names), ROOT / "moral_bank/ratings.py"]
    pure += [ROOT / "inspections" / name for name in ("scoring.py", "card_checks.py")]
    for path in [*pure, *(ROOT / "governance/sheets").glob("*.py"), *(ROOT / "governance/documents").glob("*.py")]:
        assert not [name for name in imports(path) if name.split(".")[0] == "django"], path
