"""Every form of the house and every POST of its API, sent twice with one key: one record, one answer (docs/decisions/0019-once.md).

The forms are read from the matrix's pages and filled in without knowing them; what cannot be guessed stands in `once_forms.py`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import lxml.html  # type: ignore[import-untyped]
import pytest
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.test import Client
from django.test.signals import template_rendered
from django.urls import resolve
from drf_spectacular.generators import SchemaGenerator

from governance.accounts.models import UsedKey
from governance.frame.again import PASSWORD
from governance.frame.api_base import HEADER
from governance.frame.once import FIELD, TOKEN, UNGUARDED
from governance.periods import today
from tests.answers import ClientAnswer, page_of
from tests.dumping import tables_holding
from tests.forms import PostForm, filled, post_forms
from tests.frame.once_forms import API_VALUES, API_WAITING, EVERYONE, UNSEEN, VALUES, WAITING, FullHouse, nothing
from tests.matrix import PUBLIC, patterns
from tests.test_matrix import PAGES
from tests.worlds import module_world

pytestmark = pytest.mark.django_db
WITHOUT_FORMS = ("_changelist", "_change", "_delete", "history", "export", "print")
UNCOUNTED = ("django_session", "accounts_usedkey")
FOLDER = settings.BASE_DIR / "templates"
UNTAKEN = "is not taken"
TYPED = ".//textarea|.//select|.//input[not(@type) or (@type!='hidden' and @type!='submit')]"
UNASKED = (  # passwords, and how they are given anew; only picks
    "accounts:guard-ask", "accounts:password", "accounts:second-app", "accounts:second-print", "villages:setting-up",
)  # fmt: skip
NUMBERS = re.compile(r"154\d{8}")
# A post's and an office's number is nobody's own: it is published.
PUBLISHED = {"villages_post", "villages_historicalpost", "cases_office", "cases_historicaloffice"}
house = module_world(FullHouse)


@dataclass(frozen=True)
class Sender:
    """A logged-in user's browser, or a stranger's."""

    client: Client
    name: str

    @classmethod
    def of(cls, house: FullHouse, role: str) -> Sender:
        client = Client(raise_request_exception=True)
        if role:
            client.force_login(house.cast[role], backend="django.contrib.auth.backends.ModelBackend")
        return cls(client, role)


@pytest.fixture
def quiet() -> Iterator[None]:
    """Refusals are looked for here by the hundred."""
    logging.disable(logging.ERROR)
    yield
    logging.disable(logging.NOTSET)


def counts() -> tuple[int, ...]:
    """The rows of each table but those of sessions and of the keys themselves."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE name = 'counting'")
        if not cursor.fetchone()[0]:  # planning takes far longer than counting
            cursor.execute(f"PREPARE counting AS {counting()}")
        cursor.execute("EXECUTE counting")
        found: tuple[int, ...] = cursor.fetchone()
    return found


@cache
def counting() -> str:
    tables = sorted(set(connection.introspection.django_table_names(include_views=False)) - set(UNCOUNTED))
    return "SELECT " + ", ".join(f'(SELECT count(*) FROM "{table}")' for table in tables)


def pages(house: FullHouse) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Addresses with the roles to try: the first that a page opens to reads it."""
    yield from ((url, (role,)) for url, role in house.more_pages())
    for name, route in patterns():
        page = PAGES.get(name)
        if page is not None and page.method == "get" and not name.startswith("api:") and not name.endswith(WITHOUT_FORMS):
            yield house.address(name, route, page), ("",) if page.needs == PUBLIC else (EVERYONE, "staff", "system")


def all_forms(house: FullHouse, share: int = 1) -> tuple[list[tuple[PostForm, str]], set[str]]:
    """Each form with who may send it, by its name and the names of its fields without numbers; and the pages on which somebody
    types without the button “这件事让我重复填了”."""
    senders = {role: Sender.of(house, role) for role in (EVERYONE, "staff", "system", "supervisor", "yard_head", "")}
    found: dict[tuple[str, frozenset[str]], tuple[PostForm, str]] = {}
    silent: set[str] = set()
    for url, roles in list(pages(house))[::share]:
        for role in roles:
            answer: ClientAnswer = senders[role].client.get(url)
            if answer.status_code != 404:
                break
        if answer.status_code == 200 and 'method="post"' in (page := page_of(answer).decode()):
            if role and is_silent(page, url):
                silent.add(resolve(urlsplit(url).path).view_name)
            for form in post_forms(page, url):
                found.setdefault((form.name, frozenset(re.sub(r"\d+", "", name) for name in form.fields)), (form, role))
    return [(form, role) for form, role in found.values() if form.address not in (*UNGUARDED, "admin:logout")], silent


def is_silent(text: str, url: str) -> bool:
    """Whether somebody types on a page of the desk and finds no button to say that it is asked again."""
    name = resolve(urlsplit(url).path).view_name
    typed = (form.xpath(TYPED) for form in lxml.html.fromstring(text).forms if form.method.lower() == "post")
    return not name.startswith("admin:") and name not in UNASKED and any(typed) and f'{{"form": "{name}"}}' not in text


def send(sender: Sender, form: PostForm, values: dict[str, Any]) -> ClientAnswer:
    for value in values.values():
        if isinstance(value, UploadedFile):
            value.seek(0)
    answer: ClientAnswer = sender.client.post(form.action, values)
    return answer


def fault(sender: Sender, form: PostForm, house: FullHouse) -> str:
    """What is wrong after sending a form twice: first with what must be filled in, else with all that can be."""
    if FIELD not in form.fields:
        return "has no key"
    for whole in (False, True):
        with transaction.atomic():
            values = {**filled(form, whole), **VALUES.get(form.name, nothing)(house)}
            wrong = _lost(sender, form, values) or _twice(sender, form, values)
            transaction.set_rollback(True)
        if not wrong.startswith(UNTAKEN):
            break
    return wrong


def _lost(sender: Sender, form: PostForm, values: dict[str, Any]) -> str:
    """Whether the page that asks for the password, since the session has ended, keeps all that was typed (decision 28)."""
    if not sender.name:
        return ""
    texts = {name: value for name, value in values.items() if not isinstance(value, UploadedFile)}
    answer: ClientAnswer = Client().post(form.action, {**texts, TOKEN: "x"})
    kept = next((one.fields for one in post_forms(answer.content.decode(), form.action) if PASSWORD in one.fields), {})
    lost = {name for name, value in texts.items() if value not in ("", [], None) and name not in kept}
    return f"loses {lost} to an ended session" if lost else ""


def _twice(sender: Sender, form: PostForm, values: dict[str, Any]) -> str:
    first = send(sender, form, values)
    if not UsedKey.objects.exists():
        return f"{UNTAKEN}: {first.status_code}"
    if bare := _bare(values):
        return bare
    rows, second = counts(), send(sender, form, values)
    if (first.status_code, first.headers.get("Location")) != (second.status_code, second.headers.get("Location")):
        return f"is answered otherwise: {second.status_code}"
    if counts() != rows:
        return "is made twice"
    third = send(sender, form, {**values, FIELD: uuid4().hex})  # as a second tab sends it: whatever the database refuses is a message
    return f"falls over its like: {third.status_code}" if third.status_code >= 500 else ""


def _bare(values: dict[str, Any]) -> str:
    """Where a telephone number that was sent stands in clear in the database (decision 33)."""
    sent = [one for value in values.values() for one in (value if isinstance(value, list) else [value])]
    numbers = {number for one in sent if isinstance(one, str) for number in NUMBERS.findall(one)}
    tables = tables_holding(*numbers) - PUBLISHED if numbers else set()
    return f"leaves a number in clear in {tables}" if tables else ""


def api_posts(house: FullHouse) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(name, address, JSON) of every POST that the API's schema tells of, filled in by it."""
    schema: dict[str, Any] = SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]
    for path, operations in schema["paths"].items():
        if "post" not in operations:
            continue
        name = resolve(path.replace("{id}", "1")).view_name
        page = PAGES[name]
        shown = getattr(house, page.shows) if page.shows else None
        body = operations["post"].get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
        fields = schema["components"]["schemas"][body["$ref"].split("/")[-1]] if "$ref" in body else {}
        values = {field: _json(house, field, fields["properties"][field], schema) for field in fields.get("required", [])}
        yield name, path.replace("{id}", str(shown.pk if shown else "")), values


def _json(house: FullHouse, name: str, field: dict[str, Any], schema: dict[str, Any]) -> Any:
    """Something that fits: the house's own object of this name, the first choice, today, a word."""
    if "allOf" in field:
        field = schema["components"]["schemas"][field["allOf"][0]["$ref"].split("/")[-1]]
    if "enum" in field:
        return field["enum"][0]
    if field["type"] == "integer":
        return getattr(getattr(house, name, None), "pk", 0)
    if field.get("format") == "uuid":
        return str(uuid4())
    word = today().isoformat() if field.get("format") == "date" else "测试"
    return {"boolean": True, "array": [], "object": {}}.get(field["type"], word)


def api_fault(sender: Sender, address: str, guessed: dict[str, Any], extra: Callable[[], dict[str, Any]]) -> str:
    def send(key: str, values: dict[str, Any]) -> ClientAnswer:
        answer: ClientAnswer = sender.client.post(address, values, "application/json", headers={HEADER: key})
        return answer

    with transaction.atomic():
        values = {**guessed, **extra()}
        first = send("x", values)
        wrong = f"{UNTAKEN}: {first.status_code} {first.content.decode()[:200]}"
        if first.status_code < 300 and not (wrong := _bare(values)):
            rows, second, other = counts(), send("x", values), send("x", {**values, "other": "1"})
            if (first.status_code, first.content) != (second.status_code, second.content):
                wrong = f"is answered otherwise: {second.status_code}"
            else:
                wrong = "" if counts() == rows and other.status_code == 422 else "is made twice"
        transaction.set_rollback(True)
    return wrong


def test_it_takes_each_request_to_the_api_once(house: FullHouse, quiet: None) -> None:
    senders = [Sender.of(house, role) for role in (EVERYONE, "staff", "supervisor", "yard_head")]
    faults = {}
    for name, address, values in api_posts(house):
        extra = partial(API_VALUES.get(name, nothing), house)
        found = [api_fault(sender, address, values, extra) for sender in senders]
        if "" not in found and name != "api:token":  # a secret is not kept
            faults[name] = found[0]
    assert {name: wrong for name, wrong in faults.items() if name not in API_WAITING} == {}
    assert set(API_WAITING) - set(faults) == set(), "taken by now"


def test_it_takes_each_form_of_the_house_once(house: FullHouse, quiet: None) -> None:
    with templates_rendered() as rendered:
        forms, silent = all_forms(house)
    senders = {role: Sender.of(house, role) for _, role in forms}
    faults = {form.name: wrong for form, role in forms if (wrong := fault(senders[role], form, house))}
    assert {name: wrong for name, wrong in faults.items() if name not in WAITING} == {}
    assert set(WAITING) - set(faults) == set(), "taken by now"
    assert set(templates_with_forms()) - rendered == set(UNSEEN), "no page of this walk shows them"
    assert silent == set(), "give them a name in the room's form_names.py"


@contextmanager
def templates_rendered() -> Iterator[set[str]]:
    names: set[str] = set()

    def note(template: Any, **_: Any) -> None:
        names.add(str(template.name))

    template_rendered.connect(note)
    yield names
    template_rendered.disconnect(note)


def templates_with_forms() -> Iterator[str]:
    """The house's own templates in which a post form stands."""
    for path in FOLDER.rglob("*.html"):
        if 'method="post"' in path.read_text(encoding="utf-8"):
            yield path.relative_to(FOLDER).as_posix()
