"""Numbers at rest, on both engines: sealed in every column and history, found by the whole or the last four, sealed by a migration."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from django.apps import apps
from django.core.exceptions import FieldError
from django.db import connection

from governance.accounts.models import Outbox, User
from governance.engines import rows_insert
from governance.guarding import take_down
from governance.sealed import CLEAR, Seal, SealedField, number_hash, seal, unseal
from tests.builders import make_household, make_resident, make_township, make_user, make_village
from tests.trial import run_in_trial_mode
from villages.models import Resident

HERE = "tests.governance.test_sealed"
PHONE = "15400000017"
# What is published with its office and is nobody's own.
PUBLIC = {"villages.post.phone", "villages.historicalpost.phone", "cases.office.phone", "cases.historicaloffice.phone"}
MIGRATIONS = [
    ("governance.accounts", "0012_seal_phones"),
    ("governance.accounts", "0013_widen_sealed"),
    ("governance.cases", "0018_seal_phones"),
    ("governance.disclosure", "0007_seal_phones"),
    ("inspections", "0018_seal_phones"),
    ("moral_bank", "0031_seal_phones"),
    ("villages", "0020_seal_phones"),
    ("volunteers", "0004_seal_phones"),
]


def stored(table: str, column: str = "phone") -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "{column}" FROM {table} ORDER BY 1')
        return [text for (text,) in cursor.fetchall()]


def asked() -> dict[str, object]:
    """What can be asked of a sealed column, however it was written."""
    household = make_household(make_village(make_township()))
    one = make_resident(household, "王小明", phone="")
    two = make_resident(household, "李大山", phone="0827-1234567")
    three = make_resident(household, "赵四", phone="")
    one.phone = PHONE
    one.save(update_fields=["phone"])
    Resident.objects.filter(pk=three.pk).update(phone=PHONE)
    Resident.objects.bulk_update([two], ["phone"])
    asked_of = Resident.objects.order_by("pk")
    return {
        "clear": [text for text in stored("villages_resident") + stored("villages_historicalresident") if len(text) <= CLEAR and text],
        "each its own": len(set(stored("villages_resident"))),
        "whole": [row.name for row in asked_of.filter(phone=PHONE)],
        "with blanks": [row.name for row in asked_of.filter(phone="０８２７１２３ ４５６７")],
        "other": asked_of.filter(phone="15400000018").count(),
        "end": [row.name for row in asked_of.filter(phone__digits="4567")],
        "by digits": [row.name for row in asked_of.filter(phone__digits=PHONE)],
        "a part": asked_of.filter(phone__digits="00017").count(),
        "none": asked_of.filter(phone="").count(),
        "some": asked_of.exclude(phone="").count(),
        "values": list(asked_of.values_list("phone", flat=True)),
        "history": sorted(Resident.history.values_list("phone", flat=True)),
    }


ASKED = {
    "clear": [],
    "each its own": 3,
    "whole": ["王小明", "赵四"],
    "with blanks": ["李大山"],
    "other": 0,
    "end": ["李大山"],
    "by digits": ["王小明", "赵四"],
    "a part": 0,
    "none": 0,
    "some": 3,
    "values": [PHONE, "0827-1234567", PHONE],
    "history": ["", "", "0827-1234567", PHONE],
}


def migrated() -> dict[str, object]:
    """Rows as they stood before, written in clear past the ORM, once the migrations' steps have gone over them, twice."""
    household = make_household(make_village(make_township()))
    make_resident(household, phone=PHONE).save()
    user = make_user("zhangsan", phone=PHONE)
    Outbox.objects.create(channel="sms", to=PHONE, text="x", key=f"sms:{PHONE}:offer:1", next_at=user.created_at)
    Outbox.objects.create(channel="sms", to=PHONE, text="x", key=f"sms:{user.pk}:offer:1", next_at=user.created_at)
    take_down(connection)
    tables = ("villages_resident", "villages_historicalresident", "accounts_user")
    columns = [*((table, "phone") for table in tables), ("accounts_outbox", "to")]
    with connection.cursor() as cursor:
        for table, column in columns:
            cursor.execute(f'UPDATE {table} SET "{column}" = %s', [PHONE])
    with connection.schema_editor() as editor:
        for room, name in MIGRATIONS:
            for step in import_module(f"{room}.migrations.{name}").Migration.operations * 2:
                if isinstance(step, Seal):
                    step.database_forwards(room.rpartition(".")[2], editor, None, SimpleNamespace(apps=apps))
    return {
        "clear": [text for place in columns for text in stored(*place) if len(text) <= CLEAR],
        "read": [person.phone for person in Resident.objects.all()] + [user.phone for user in User.objects.all()],
        "history": sorted(Resident.history.values_list("phone", flat=True)),
        "found": [Resident.objects.filter(phone=PHONE).count(), User.objects.filter(phone__digits="0017").count()],
    }


MIGRATED = {"clear": [], "read": [PHONE, PHONE], "history": [PHONE, PHONE], "found": [1, 1]}

on_both = pytest.mark.parametrize(("function", "expected"), [(asked, ASKED), (migrated, MIGRATED)])


@on_both
def test_it_is_so_on_postgresql(transactional_db: None, function: Callable[[], Any], expected: object) -> None:
    assert function() == expected


@on_both
def test_it_is_so_in_trial_mode(tmp_path: Path, function: Callable[[], Any], expected: object) -> None:
    assert run_in_trial_mode(f"{HERE}:{function.__name__}", tmp_path) == expected


@pytest.mark.django_db
def test_keys_of_the_outbox_name_no_number() -> None:
    user = make_user("zhangsan")
    for whose in (PHONE, str(user.pk)):
        Outbox.objects.create(channel="sms", to=PHONE, text="x", key=f"sms:{whose}:offer:1", next_at=user.created_at)
    import_module("governance.accounts.migrations.0012_seal_phones").rename(apps, None)
    assert set(Outbox.objects.values_list("key", flat=True)) == {f"sms:{number_hash(PHONE)}:offer:1", f"sms:{user.pk}:offer:1"}


def test_every_column_of_a_number_is_sealed() -> None:
    fields = [(model, field) for model in apps.get_models(include_auto_created=True) for field in model._meta.concrete_fields]
    named = {f"{model._meta.label_lower}.{field.name}": field for model, field in fields if "phone" in field.name}
    assert len(named) > 12
    assert {name for name, field in named.items() if not isinstance(field, SealedField)} == PUBLIC


BORN = {("disclosure", "affairquestion", "phone")}  # sealed since there is such a column


def test_every_sealed_column_has_its_migration() -> None:
    sealed = {
        (model._meta.app_label, model._meta.model_name, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, SealedField)
    }
    steps = {
        (room.rpartition(".")[2], step.model_name, step.name)
        for room, name in MIGRATIONS
        for step in import_module(f"{room}.migrations.{name}").Migration.operations
        if isinstance(step, Seal)
    }
    assert sealed - BORN == steps


@pytest.mark.parametrize("question", ["contains", "startswith", "in", "gt", "iexact"])
def test_it_refuses_what_cannot_be_asked(question: str) -> None:
    with pytest.raises(FieldError):
        Resident.objects.filter(**{f"phone__{question}": PHONE})


def test_it_notices_a_changed_character() -> None:
    text = seal(PHONE)
    assert unseal(text) == PHONE and seal(PHONE) != text
    with pytest.raises(InvalidTag):
        unseal(text[:-4] + ("AAA=" if text[-4:] != "AAA=" else "BBB="))


@pytest.mark.django_db
def test_what_is_read_by_copy_is_the_same(django_assert_num_queries: Any) -> None:
    rows_insert("accounts_user", ("username", "password", "name", "phone", "guard", "must_change_password", "is_active", "created_at"),
                [("lisi", "", "李四", seal(PHONE), "", False, True, "2026-01-01 00:00+08")])
    with django_assert_num_queries(1):
        assert User.objects.get(phone=PHONE).phone == PHONE
