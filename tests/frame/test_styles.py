"""Styles: one name a thing. What a page asks for stands in our own files or in the parts of Bootstrap that we take."""

from __future__ import annotations

import re

from django.conf import settings

HOOKS = {"idnumber", "tabbed"}  # asked for by scripts, not by styles
ADMIN = ("admin/", "unfold/", "accounts/_log_export.html")  # the admin has unfold's styles
LEVEL = 4.5  # WCAG 2, AA


def _classes_in_styles() -> set[str]:
    files = [*(settings.BASE_DIR / "static").glob("*.css"), *(settings.BASE_DIR / "static/vendor/bootstrap").glob("*.css")]
    return {name for file in files for name in re.findall(r"\.([a-zA-Z][\w-]*)", file.read_text())}


def test_it_has_a_rule_for_every_class_of_a_page() -> None:
    known, folder = _classes_in_styles() | HOOKS, settings.BASE_DIR / "templates"
    unknown = set()
    for file in folder.rglob("*.html"):
        if (name := file.relative_to(folder).as_posix()).startswith(ADMIN):
            continue
        for value in re.findall(r'class="((?:\{[%{].*?[%}]\}|[^"])*)"', file.read_text()):
            unknown |= {(name, word) for word in re.sub(r"\{[%{].*?[%}]\}", " ", value).split() if word not in known}
    assert unknown == set()


def _brightness(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_it_can_be_read_in_every_meaning() -> None:
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", (settings.BASE_DIR / "static/theme.css").read_text()))
    pairs = [(name, f"{name}-pale") for name in ("late", "near", "good", "info", "waiting")]
    for front, back in [*pairs, ("muted", "page"), ("accent", "page"), ("accent", "accent-pale")]:
        light, dark = sorted((_brightness(colours[front]), _brightness(colours[back])), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= LEVEL, (front, back)


def test_it_keeps_one_file_a_room() -> None:
    rooms = {path.parent.name for path in settings.BASE_DIR.glob("*/room.py")} | {
        path.parent.name for path in settings.BASE_DIR.glob("governance/*/room.py")
    }
    assert {path.stem for path in (settings.BASE_DIR / "static").glob("*.css")} <= rooms | {"theme", "print", "admin"}
