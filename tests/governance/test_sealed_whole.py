"""Columns that are sealed whole: what they say in Python and in the database, and the migrations that seal what stood in clear."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from django.apps import apps
from django.core.exceptions import FieldError
from django.db import connection, models
from django.db.migrations.state import ModelState, ProjectState
from django.utils import timezone

from governance.accounts.models import ExportJob, SavedFilter
from governance.cases.models import Conflict
from governance.crypto import keyed_hash
from governance.sealed import CipherField, unseal
from tests.builders import make_user
from tests.trial import run_in_trial_mode

HERE = "tests.governance.test_sealed_whole"
PHONE = "15400000017"
WHOLE = {"cases.conflict.payload", "accounts.exportjob.address", "accounts.savedfilter.query"}
CASES = ["governance.cases.migrations.0019_widen_conflict", "governance.cases.migrations.0020_fill_conflict",
         "governance.cases.migrations.0021_tighten_conflict"]  # fmt: skip
ACCOUNTS = ["governance.accounts.migrations.0013_widen_sealed", "governance.accounts.migrations.0014_fill_sealed",
            "governance.accounts.migrations.0015_tighten_sealed"]  # fmt: skip


def stored(table: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} ORDER BY 1")
        return " ".join(bytes(one).hex() if isinstance(one, memoryview | bytes) else str(one) for row in cursor.fetchall() for one in row)


def migrated() -> list[object]:
    """What stood in clear in tables of the old shape, after the migrations' own steps: nothing in clear, all still readable."""
    text = {"digest": models.CharField(max_length=64)}
    state = _tables(
        ("cases", "conflict", {"payload": models.JSONField(), **text}), ("cases", "sent", text),
        ("accounts", "exportjob", {"address": models.TextField(), **text}), ("accounts", "usedkey", text),
        ("accounts", "savedfilter", {"query": models.CharField(max_length=500)}),
        ("accounts", "guardrequest", {"phone": models.CharField(max_length=20, blank=True)}),
    )  # fmt: skip
    old = state.apps
    old.get_model("cases", "conflict").objects.create(payload={"phone": PHONE}, digest="c")
    old.get_model("cases", "sent").objects.create(digest="s")
    old.get_model("accounts", "exportjob").objects.create(address=f"/x/?q={PHONE}", digest="e")
    old.get_model("accounts", "usedkey").objects.create(digest="u")
    old.get_model("accounts", "savedfilter").objects.bulk_create([_row(old, "savedfilter", query=f"q={PHONE}{n}") for n in range(600)])
    old.get_model("accounts", "guardrequest").objects.create(phone=PHONE)
    new = _run(_run(state, "cases", CASES), "accounts", ACCOUNTS).apps
    tables = [f"old_{name}" for name in ("conflict", "sent", "exportjob", "usedkey", "savedfilter", "guardrequest")]
    held = " ".join(stored(table) for table in tables)
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone FROM old_guardrequest")
        phone = unseal(cursor.fetchone()[0])
    return [
        [word for word in (PHONE, PHONE.encode().hex()) if word in held],
        new.get_model("cases", "conflict").objects.get().payload,
        new.get_model("accounts", "exportjob").objects.get().address,
        len({row.query for row in new.get_model("accounts", "savedfilter").objects.all()}),
        phone,
        [new.get_model(app, name).objects.get().digest for app, name in (("cases", "conflict"), ("cases", "sent"))],
        [new.get_model("accounts", name).objects.get().digest for name in ("exportjob", "usedkey")],
    ]


MIGRATED = [
    [], {"phone": PHONE}, f"/x/?q={PHONE}", 600, PHONE, [keyed_hash("c"), keyed_hash("s")], [keyed_hash("e"), keyed_hash("u")],
]  # fmt: skip


def _row(old: Any, name: str, **fields: Any) -> Any:
    return old.get_model("accounts", name)(**fields)


def _tables(*shapes: tuple[str, str, dict[str, Any]]) -> ProjectState:
    """Tables beside the house's own, named old_…, with the columns of `shapes`."""
    state = ProjectState()
    for app, name, fields in shapes:
        key = ("id", models.BigAutoField(primary_key=True))
        state.add_model(ModelState(app, name, [key, *fields.items()], options={"db_table": f"old_{name}"}))
    with connection.schema_editor() as editor:
        for app, name, _ in shapes:
            editor.create_model(state.apps.get_model(app, name))
    return state


def _run(state: ProjectState, app: str, names: list[str]) -> ProjectState:
    for name in names:
        with connection.schema_editor() as editor:
            for step in import_module(name).Migration.operations:
                after = state.clone()
                step.state_forwards(app, after)
                step.database_forwards(app, editor, state, after)
                state = after
    return state


@pytest.fixture
def no_old_tables(transactional_db: None) -> Any:
    yield
    with connection.cursor() as cursor:
        for name in ("conflict", "sent", "exportjob", "usedkey", "savedfilter", "guardrequest"):
            cursor.execute(f"DROP TABLE IF EXISTS old_{name}")


def test_what_stood_is_sealed_on_postgresql(no_old_tables: None) -> None:
    assert migrated() == MIGRATED


def test_what_stood_is_sealed_in_trial_mode(tmp_path: Path) -> None:
    assert run_in_trial_mode(f"{HERE}:migrated", tmp_path) == MIGRATED


def test_which_columns_are_sealed_whole() -> None:
    fields = [(model, field) for model in apps.get_models(include_auto_created=True) for field in model._meta.concrete_fields]
    assert {f"{model._meta.label_lower}.{field.name}" for model, field in fields if isinstance(field, CipherField)} == WHOLE


@pytest.mark.django_db
@pytest.mark.parametrize("write", [
    lambda row: row.save(),
    lambda row: SavedFilter.objects.bulk_create([row]),
    lambda row: (SavedFilter.objects.bulk_create([row]), SavedFilter.objects.update(query=f"q={PHONE}")),
    lambda row: (row.save(), SavedFilter.objects.bulk_update([row], ["query"])),
])  # fmt: skip
def test_it_is_sealed_however_it_is_written(write: Callable[[SavedFilter], object]) -> None:
    write(SavedFilter(user=make_user("zhangsan"), page="x", label="x", query=f"q={PHONE}"))
    assert SavedFilter.objects.get().query == f"q={PHONE}"
    held = stored("accounts_savedfilter")
    assert PHONE not in held and PHONE.encode().hex() not in held


@pytest.mark.django_db
def test_a_changed_byte_is_noticed() -> None:
    now = timezone.now()
    ExportJob.objects.create(user=make_user("zhangsan"), address="/x/", digest="x", total=1, asked_at=now, moved_at=now)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_exportjob SET address = set_byte(address, 30, (get_byte(address, 30) + 1) % 256)")
    with pytest.raises(InvalidTag):
        ExportJob.objects.get()


@pytest.mark.parametrize("question", ["exact", "contains", "phone", "in"])
def test_it_refuses_what_cannot_be_asked(question: str) -> None:
    with pytest.raises(FieldError):
        Conflict.objects.filter(**{f"payload__{question}": PHONE})
