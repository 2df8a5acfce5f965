import json
import re
from pathlib import Path

import vendor

MANIFEST = json.loads(vendor.MANIFEST.read_text(encoding="utf-8"))


def test_it_finds_every_vendored_file_as_it_was_copied() -> None:
    assert {entry["file"]: entry["sha256"] for entry in MANIFEST} == {
        path.relative_to(vendor.VENDOR).as_posix(): vendor.sha256(path)
        for path in vendor.VENDOR.rglob("*")
        if path.is_file() and path != vendor.MANIFEST
    }


def test_it_vendors_the_pinned_versions() -> None:
    pinned = json.loads((vendor.ROOT / "package.json").read_text(encoding="utf-8"))["dependencies"]
    locked = json.loads((vendor.ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for entry in MANIFEST:
        assert entry["version"] == locked[f"node_modules/{entry['package']}"]["version"]
        assert entry["version"] == pinned.get(entry["package"], entry["version"])


def test_it_names_a_licence_text_for_every_package() -> None:
    texts = {entry["package"] for entry in MANIFEST if Path(entry["file"]).stem == "LICENSE"}
    assert texts == {entry["package"] for entry in MANIFEST}


def test_it_loads_nothing_from_another_server() -> None:
    foreign = re.compile(r"""<(?:script|link|img|iframe)\b[^>]*(?:src|href)=["'](?:https?:)?//|@import|url\(["']?https?:""")
    ours = [
        path
        for folder in ("templates", "static")
        for path in (vendor.ROOT / folder).rglob("*")
        if path.suffix in (".html", ".css", ".js") and vendor.VENDOR not in path.parents
    ]
    assert [str(path) for path in ours if foreign.search(path.read_text(encoding="utf-8"))] == []
