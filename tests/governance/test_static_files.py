"""Our modules import each other by names with a hash, so that a phone never mixes two versions; what phones fetch stands in Brotli, too."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from playwright.sync_api import Browser

from governance.static_files import SHEET_OF, HashedStaticFiles, PhoneCompressor, SheetFinder, slim

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
    rooms = "".join(path.read_text(encoding="utf-8") for path in (settings.BASE_DIR / "static").glob("*.css"))
    assert sheet.read_text(encoding="utf-8") == slim("\n".join(part.read_text(encoding="utf-8") for part in parts), rooms)
    assert [name for name, _storage in finder.list(None)] == ["base.css"] and finder.find("theme.css") == ""
    sheet.write_text("old", encoding="utf-8")
    assert sheet.read_text(encoding="utf-8") == Path(finder.find("base.css")).read_text(encoding="utf-8") == "old"
    os.utime(sheet, (1, 1))
    assert Path(finder.find("base.css")).read_text(encoding="utf-8") != "old"
    assert (settings.BASE_DIR / "templates/base.html").read_text(encoding="utf-8").count('rel="stylesheet"') == 1


def test_the_sheet_without_its_padding_says_the_same_to_the_browser(browser: Browser) -> None:
    """Rule for rule, but for variables that nobody reads."""
    static = settings.BASE_DIR / "static"
    whole = "\n".join((static / name).read_text(encoding="utf-8") for name in SHEET_OF)
    rooms = "".join(path.read_text(encoding="utf-8") for path in static.glob("*.css"))
    thin = slim(whole, rooms)
    read = set(re.findall(r"var\((--bs-[\w-]+)", thin + rooms))
    dropped = re.compile(r"(--bs-[\w-]+):[^;{}]*; ")
    rules = [" ".join(rules_of(browser, sheet).split()) for sheet in (whole, thin)]
    said = [dropped.sub(lambda found: found[0] if found[1] in read else "", text) for text in rules]
    assert said[0] == said[1] and said[0].count("{") > 300 and len(thin) < 0.9 * len(whole)


def rules_of(browser: Browser, sheet: str) -> str:
    """What the browser has understood."""
    page = browser.new_page()
    page.set_content("<style></style>")
    page.evaluate("sheet => { document.querySelector('style').textContent = sheet }", sheet)
    rules: str = page.evaluate("() => [...document.styleSheets[0].cssRules].map(rule => rule.cssText).join('\\n')")
    page.close()
    return rules
