"""Compile every template of templates/, follow what it names (parents, included templates, static files), measure lines."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import django
from django.contrib.staticfiles import finders
from django.template import TemplateDoesNotExist, TemplateSyntaxError
from django.template.base import FilterExpression
from django.template.loader import get_template
from django.template.loader_tags import ExtendsNode, IncludeNode
from django.templatetags.static import StaticNode

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "templates"
LONGEST = 240


def literal(expression: object) -> str | None:
    """The text of a constant template expression; None for what is known only on rendering."""
    if isinstance(expression, FilterExpression) and isinstance(expression.var, str) and not expression.filters:
        return expression.var
    return None


def faults(name: str) -> Iterator[str]:
    """What is wrong with one template, in words."""
    for number, line in enumerate((FOLDER / name).read_text(encoding="utf-8").splitlines(), 1):
        if len(line) > LONGEST:
            yield f"line {number} has {len(line)} characters, more than {LONGEST}"
    try:
        nodes = get_template(name).template.nodelist  # type: ignore[attr-defined]
    except TemplateSyntaxError as error:
        yield str(error)
        return
    for node in nodes.get_nodes_by_type((ExtendsNode, IncludeNode)):
        other = literal(node.parent_name if isinstance(node, ExtendsNode) else node.template)
        if other and not _exists(other):
            yield f"no template {other}"
    for node in nodes.get_nodes_by_type(StaticNode):
        path = literal(node.path)
        if path and not finders.find(path):
            yield f"no static file {path}"


def _exists(name: str) -> bool:
    try:
        get_template(name)
    except TemplateDoesNotExist:
        return False
    except TemplateSyntaxError:
        return True
    return True


def main() -> int:
    """Print the faults of all templates; exit code 1 if there are any."""
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings")
    django.setup()
    names = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file())
    report = [f"templates/{name}: {fault}" for name in names for fault in faults(name)]
    for line in report:
        print(line)
    return 1 if report else 0


if __name__ == "__main__":
    sys.exit(main())
