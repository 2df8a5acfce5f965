"""Our modules import each other by names with a hash, so that a phone never mixes two versions; what phones fetch stands in Brotli, too."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage

from governance.static_files import HashedStaticFiles, PhoneCompressor, SheetFinder

RULES = "a { color: #14594a; text-decoration: none; }\n" * 50


def test_it_names_what_a_module_imports_with_its_hash(tmp_path: Path) -> None:
    source = FileSystemStorage(settings.BASE_DIR / "static")
    names = [*(f"offline/{name}" for name in source.listdir("offline")[1]), "vendor/idb/index.js"]
    target = HashedStaticFiles(location=tmp_path, base_url="/static/")
    for name in names:
        with source.open(name) as file:
            target.save(name, file)
    for _ in target.post_process({name: (source, name) for name in names}):
        pass
    imported = [
        (file.parent / name).resolve()
        for file in tmp_path.glob("offline/*.*.js")
        for name in re.findall(r'from "([./][^"]+)"', file.read_text())
    ]
    assert len(imported) >= 7
    for file in imported:
        assert file.exists() and re.search(r"\.[0-9a-f]{12}\.js$", file.name), file


def test_what_a_phone_fetches_stands_in_brotli_and_the_admin_in_gzip_alone(tmp_path: Path) -> None:
    compressor = PhoneCompressor(str(tmp_path), quiet=True)
    for name in ("theme.css", "offline/main.js", "vendor/bootstrap/bootstrap.min.css", "unfold/css/styles.css"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(RULES, encoding="utf-8")
        compressor.compress(str(path))
    found = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.br")}
    assert found == {"theme.css.br", "offline/main.js.br", "vendor/bootstrap/bootstrap.min.css.br"}
    assert (tmp_path / "unfold/css/styles.css.gz").exists()


def test_the_first_paint_waits_for_one_sheet(settings: Any, tmp_path: Path) -> None:
    settings.VAR = tmp_path
    finder = SheetFinder()
    sheet = Path(finder.find("base.css"))
    parts = [settings.BASE_DIR / "static" / name for name in ("vendor/bootstrap/bootstrap.min.css", "theme.css")]
    assert sheet.read_text(encoding="utf-8") == "\n".join(part.read_text(encoding="utf-8") for part in parts)
    assert [name for name, _storage in finder.list(None)] == ["base.css"] and finder.find("theme.css") == ""
    sheet.write_text("old", encoding="utf-8")
    assert sheet.read_text(encoding="utf-8") == Path(finder.find("base.css")).read_text(encoding="utf-8") == "old"
    os.utime(sheet, (1, 1))
    assert Path(finder.find("base.css")).read_text(encoding="utf-8") != "old"
    assert (settings.BASE_DIR / "templates/base.html").read_text(encoding="utf-8").count('rel="stylesheet"') == 1
