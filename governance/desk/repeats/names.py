"""What people call the forms, by the name of the page's address: those of the rooms' own pages (`Room.forms`), and the admin's, which are
called after what they add or change."""

from __future__ import annotations

from functools import cache

from django.contrib import admin

from governance.rooms import named


def form_name(view: str) -> str:
    """The name of the form at the address `view`; "" where nobody types."""
    return page_names().get(view) or staff_names().get(view, "")


@cache
def page_names() -> dict[str, str]:
    """Those of all rooms."""
    return {view: words for names in named("forms") for view, words in names.items()}


@cache
def staff_names() -> dict[str, str]:
    """The admin's two forms of each model."""
    verbs = {"add": "增加", "change": "修改"}
    models = [model._meta for model in admin.site._registry]
    return {f"admin:{its.app_label}_{its.model_name}_{verb}": f"{word}{its.verbose_name}" for its in models for verb, word in verbs.items()}
