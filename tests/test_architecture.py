"""Imports run one way (design §1): ground ← accounts ← frame ← villages ← disclosure ← moral_bank ←
{cases, councils} ← volunteers ← inspections ← desk ← demo ← roof."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
from django.utils.module_loading import import_string

from governance.frame.due import Limit
from governance.rooms import named, rooms

ROOT = Path(__file__).resolve().parent.parent
LINE = [
    (
        "governance.periods",
        "governance.workdays",
        "governance.pictures",
        "governance.picture_worker",
        "governance.children",
        "governance.progress",
        "governance.qr",
        "governance.errors",
        "governance.reading",
        "governance.privacy",
        "governance.crypto",
        "governance.sealed",
        "governance.collecting",
        "governance.engines",
        "governance.backups",
        "governance.batches",
        "governance.caching",
        "governance.celery",
        "governance.file_broker",
        "governance.generics",
        "governance.earnest",
        "governance.logs",
        "governance.guarding",
        "governance.guards",
        "governance.rooms",
        "governance.static_files",
        "governance.api",
        "governance.api_schema",
        "governance.sheets",
        "governance.documents",
    ),
    ("governance.accounts",),
    ("governance.frame",),
    ("villages",),
    ("governance.disclosure",),
    ("moral_bank",),
    ("governance.cases", "governance.councils"),
    ("volunteers",),
    ("inspections",),
    ("governance.desk",),
    ("governance.demo",),
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
    return [path for top in sorted({room.split(".")[0] for room in ROOMS}) for path in sorted((ROOT / top).rglob("*.py"))]


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_it_imports_only_downwards(path: Path) -> None:
    own = room_of(module_name(path))
    if own is None:
        assert module_name(path) == "governance", "every module stands in a room of the line"
        return
    for imported in imports(path):
        room = room_of(imported)
        if room is not None and room != own:
            assert ROOMS[room] <= ROOMS[own], f"{own} must not import {imported}"


def test_it_keeps_cases_and_councils_apart() -> None:
    for own, other in (("cases", "councils"), ("councils", "cases")):
        for path in (ROOT / "governance" / own).rglob("*.py"):
            assert not [name for name in imports(path) if name.startswith(f"governance.{other}")], path


def test_it_keeps_the_pure_rooms_pure() -> None:
    names = ("periods.py", "privacy.py", "workdays.py", "cases/engine/flow.py", "cases/engine/clocks.py", "councils/decisions/gates.py")
    decoding = ("pictures.py", "picture_worker.py", "children.py")
    pure = [*(ROOT / "governance" / name for name in names + decoding), ROOT / "moral_bank/closings/ratings.py"]
    pure += [ROOT / "inspections/scorecards" / name for name in ("scoring.py", "checks.py")]
    for path in [*pure, *(ROOT / "governance/sheets").glob("*.py"), *(ROOT / "governance/documents").glob("*.py")]:
        assert not [name for name in imports(path) if name.split(".")[0] == "django"], path


def views() -> list[Path]:
    return [path for path in sources() if path.stem == "views" or path.stem.endswith("_views") or "desk" in path.parts]


@pytest.mark.parametrize("path", views(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_view_renders_its_own_rooms_templates(path: Path) -> None:
    room = module_name(path).removeprefix("governance.").split(".")[0]
    texts = [node.value for node in ast.walk(tree_of(path)) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    folders = {folder.name for folder in (ROOT / "templates").iterdir() if folder.is_dir()} - {room}
    assert {text for text in texts if re.fullmatch(r"\w+/[\w/]+(\.html)?(#[\w-]*)?", text) and text.split("/")[0] in folders} == set()


@pytest.mark.parametrize("path", views(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_view_module_imports_anothers_helpers(path: Path) -> None:
    if path.stem not in ("urls", "public_urls"):
        own = {name for name in imports(path) if room_of(name)}
        assert {name for name in own for part in name.split(".") if part == "views" or part.endswith("_views")} == set()


def test_the_desk_only_gathers() -> None:
    assert sum(len(path.read_text(encoding="utf-8").splitlines()) for path in (ROOT / "governance/desk").rglob("*.py")) < 3000


def test_no_file_is_too_long() -> None:
    files = [path for path in sources() if "migrations" not in path.parts]
    assert {str(path): n for path in files if (n := len(path.read_text(encoding="utf-8").splitlines())) > 400} == {}


def test_what_a_room_names_is_there() -> None:
    for part in ("due", "needs", "ledgers", "claim_day", "guards"):
        assert list(named(part))
    for room in rooms():
        for _, dotted, _ in room.api:
            assert import_string(dotted)
        for _, dotted in room.senders.values():
            assert import_string(dotted)


def test_nothing_below_the_desk_names_its_addresses() -> None:
    below = [room for room in ROOMS if 0 < ROOMS[room] < ROOMS["governance.desk"]]
    files = [path for room in below for path in (ROOT / room.replace(".", "/")).rglob("*.py")]
    files += [path for room in below for path in (ROOT / "templates" / room.split(".")[-1]).rglob("*.html")]
    assert [str(path) for path in files if re.search(r"\bdesk:[a-z]", path.read_text(encoding="utf-8"))] == []


MAKES_UNITS = re.compile(r"(?<![\w.])Unit\(|\bUnit\.objects\.(?:\w*create|bulk_create)\(\s*(?:Unit|\w+=)")


def test_units_are_made_in_one_place() -> None:
    files = [*sources(), *(ROOT / "tests").rglob("*.py"), *(ROOT / "scripts").rglob("*.py")]
    found = {path for path in files if "migrations" not in path.parts and MAKES_UNITS.search(path.read_text(encoding="utf-8"))}
    own = {ROOT / "villages/models.py", ROOT / "villages/units/loading.py", Path(__file__)}  # class Unit(…), the draft, this rule
    assert found - own == set()


CLOCK = re.compile(r"\b(now|today|day|at|since)\b")
OWN_CLOCKS = {
    "governance/accounts/consent.py": "a request ends by itself, and waits for nobody after that",
    "governance/accounts/consent_models.py": "the same",
    "governance/accounts/export_models.py": "how long a file is kept",
    "governance/accounts/exporting.py": "how long a file is kept",
    "governance/demo": "what never happened waits for nobody",
    "governance/disclosure/activities/public_views.py": "the day of the activity itself: what is still to come",
    "governance/disclosure/activities/services.py": "the same: nobody records what has not been yet",
    "governance/disclosure/activities/views.py": "the same",
    "governance/disclosure/models.py": "whether a notice is shown on a day",
    "moral_bank/market/services.py": "a hold ends by itself, and waits for nobody after that",
    "volunteers/care/climbing.py": "how long it has been late",
    "volunteers/care/proposing.py": "when somebody is proposed again",
    "volunteers/care/services.py": "makes the limit anew",
    "volunteers/care/turns.py": "keeps each day that is over as a row",
    "volunteers/orders/climbing.py": "an offer ends by itself, and waits for nobody after that",
    "volunteers/orders/offering.py": "an offer ends by itself, and waits for nobody after that",
}
"""What compares a limit's field with the clock beside the registry of due things, and why it is no second saying of what is late."""


def limit_fields() -> set[str]:
    """The last part of every field that a room's `due.py` names as a limit."""
    modules = [import_module(module_name(path)) for path in sources() if path.name == "due.py" and path.parent.name != "frame"]
    return {one.field.split("__")[-1] for module in modules for one in vars(module).values() if isinstance(one, Limit)}


def compared_with_the_clock(path: Path, fields: set[str]) -> Iterator[str]:
    look_up = re.compile(rf"(\w+__)?({'|'.join(sorted(fields))})__(date__)?[lg]te?")
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.keyword) and look_up.fullmatch(node.arg or "") and CLOCK.search(ast.unparse(node.value)):
            yield ast.unparse(node)
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Lt | ast.LtE | ast.Gt | ast.GtE):
            sides = [node.left, *node.comparators]
            limits = [side for side in sides if isinstance(side, ast.Attribute) and side.attr in fields]
            if limits and any(CLOCK.search(ast.unparse(side)) for side in sides if side not in limits):
                yield ast.unparse(node)


def test_only_the_registry_compares_a_limit_with_the_clock() -> None:
    """See docs/decisions/0026-due-things.md: whoever asks what is late asks a `DueKind` or its `Limit`."""
    fields, found = limit_fields(), dict[str, list[str]]()
    for path in sources():
        if path.name != "due.py" and "migrations" not in path.parts and (words := list(compared_with_the_clock(path, fields))):
            name = str(path.relative_to(ROOT))
            found["governance/demo" if name.startswith("governance/demo/") else name] = words
    assert {name: words for name, words in found.items() if name not in OWN_CLOCKS} == {}
    assert OWN_CLOCKS.keys() <= found.keys(), "an exception that is no longer needed"


READS_ONE = re.compile(r"request\.(?:GET|POST)(?:\.get\(|\.getlist\(|\[)")


def test_addresses_and_buttons_are_read_in_one_place() -> None:
    own = {ROOT / "governance/frame/once.py", ROOT / "governance/frame/again.py"}  # they take every form's own fields
    assert {path for path in sources() if READS_ONE.search(path.read_text(encoding="utf-8"))} - own == set()
