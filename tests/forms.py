"""Post forms read from pages and filled in without knowing them: what a person with the page before them could send."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import lxml.html  # type: ignore[import-untyped]
from django.urls import ResolverMatch, resolve

from governance.periods import today

Values = dict[str, list[Any]]
NUMBER = "15400990009"  # what is typed as a telephone number, wherever one may be


@dataclass
class PostForm:
    """A form with the button that sends it: `name` tells it from all others of the house, `fields` are its controls by name."""

    action: str
    button: tuple[str, str]
    fields: dict[str, list[Any]]

    @property
    def name(self) -> str:
        """The address by name, the words in it that are no numbers, and the button."""
        words = [value for value in map(str, self._match.kwargs.values()) if not value.isdecimal()]
        return " ".join(filter(None, (self.address, *words, *self.button)))

    @property
    def address(self) -> str:
        return self._match.view_name

    @property
    def _match(self) -> ResolverMatch:
        return resolve(urlsplit(self.action).path)


def post_forms(page: str, url: str) -> Iterator[PostForm]:
    """One for each button of each post form of a page."""
    for form in lxml.html.fromstring(page).forms:
        if form.method.lower() != "post":
            continue
        controls = [one for one in form.xpath(".//input|.//select|.//textarea") if one.name and not one.get("disabled")]
        fields: dict[str, list[Any]] = {}
        for one in controls:
            if one.get("type") not in ("submit", "button", "image", "reset"):
                fields.setdefault(one.name, []).append(one)
        buttons = form.xpath(".//button[not(@type) or @type='submit']|.//input[@type='submit']") or [None]
        for button in buttons:
            if button is not None and button.get("disabled") is not None:
                continue
            pair = ("", "") if button is None else (button.get("name") or "", button.get("value") or "" if button.get("name") else "")
            action = urljoin(url, (button is not None and button.get("formaction")) or form.action or url)
            yield PostForm(action, pair, fields)


def filled(form: PostForm, whole: bool) -> Values:
    """What the form sends: what stands in it, and something fitting where it must be filled in, or, `whole`, wherever it can; a
    telephone number in any case."""
    values = {name: found for name, controls in form.fields.items() if (found := list(_values(controls, whole)))}
    if form.button[0]:
        values[form.button[0]] = [form.button[1]]
    return values


def _values(controls: list[Any], whole: bool) -> Iterator[Any]:
    first = controls[0]
    kind = first.get("type", "text") if first.tag == "input" else first.tag
    wanted = whole or any(one.get("required") is not None for one in controls)
    if kind in ("radio", "checkbox"):
        chosen = [one for one in controls if one.get("checked") is not None]
        if not chosen and (wanted or kind == "radio"):
            chosen = controls[:1]
        yield from (one.get("value", "on") for one in chosen)
    elif kind == "select":
        options = first.xpath(".//option[not(@disabled)]")
        chosen = [one for one in options if one.get("selected") is not None and one.get("value")]
        offered = [one for one in options if one.get("value")]
        if not chosen and wanted:
            chosen = offered[:1]
        yield from (one.get("value") for one in chosen) if chosen else iter([""])
    elif kind == "file":
        return
    else:
        for one in controls:
            typed = kind != "hidden" and (wanted or _is_phone(one))
            yield (one.value or "").strip() or (_word(one) if typed else "")


def _is_phone(control: Any) -> bool:
    return "tel" in (control.get("type"), control.get("inputmode")) or "phone" in control.name


def _word(control: Any) -> str:
    kind = control.get("type", "text")
    if kind == "number":
        return control.get("min") or "1"
    if kind == "date" or "vDateField" in (control.get("class") or "") or "DateField" in (control.get("class") or ""):
        return today().isoformat()
    if kind == "time":
        return "08:30"
    if kind == "month":
        return f"{today():%Y-%m}"
    if _is_phone(control):
        return NUMBER
    return "测试"
