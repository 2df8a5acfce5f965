"""`CreateModels`: tables that point at each other, made and unmade in one operation; `ChangeModels`: many changes in one."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, migrations, models, transaction
from django.db.migrations.state import ProjectState

from governance.batches import ChangeModels, CreateModels

CHILD = migrations.CreateModel(
    "Child", [("id", models.AutoField(primary_key=True)), ("mother", models.ForeignKey("ground.Mother", models.CASCADE))]
)
MOTHER = migrations.CreateModel(
    "Mother",
    [("id", models.AutoField(primary_key=True)), ("age", models.IntegerField())],
    {"constraints": [models.CheckConstraint(condition=models.Q(age__gte=0), name="mother_age")]},
)
TABLES = {"ground_child", "ground_mother"}


def tables() -> set[str]:
    return TABLES & set(connection.introspection.table_names())


@pytest.mark.django_db(transaction=True)
def test_it_makes_tables_that_point_forward_and_unmakes_them() -> None:
    operation, before, after = CreateModels([CHILD, MOTHER]), ProjectState(), ProjectState()
    operation.state_forwards("ground", after)
    with connection.schema_editor() as editor:
        operation.database_forwards("ground", editor, before, after)
    assert tables() == TABLES
    with pytest.raises(IntegrityError, match="mother_age"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO ground_mother (age) VALUES (-1)")
    with pytest.raises(IntegrityError, match="fk"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO ground_child (mother_id) VALUES (7)")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with connection.schema_editor() as editor:
        operation.database_backwards("ground", editor, after, before)
    assert tables() == set()


def test_it_renders_a_state_once_however_many_models_it_adds() -> None:
    state = ProjectState()
    assert state.apps
    CreateModels([CHILD, MOTHER]).state_forwards("ground", state)
    assert "apps" not in vars(state), "nothing is rendered before all are there"
    assert {model.__name__ for model in state.apps.get_models()} == {"Child", "Mother"}


CHANGES = ChangeModels(
    [
        migrations.AddField("mother", "name", models.CharField(max_length=5, default="?")),
        migrations.AddField("child", "aunt", models.ForeignKey("ground.Mother", models.CASCADE, related_name="+", null=True)),
        migrations.RunSQL("UPDATE ground_mother SET name = '!'", migrations.RunSQL.noop),
        migrations.AlterField("mother", "name", models.CharField(max_length=9)),
        migrations.AddConstraint("child", models.UniqueConstraint(fields=["mother", "aunt"], name="child_aunt_once")),
    ]
)


def columns(table: str) -> set[str]:
    with connection.cursor() as cursor:
        return {column.name for column in connection.introspection.get_table_description(cursor, table)}


@pytest.mark.django_db(transaction=True)
def test_it_changes_tables_step_by_step_and_changes_them_back() -> None:
    tables_made, before, after = CreateModels([CHILD, MOTHER]), ProjectState(), ProjectState()
    tables_made.state_forwards("ground", before)
    tables_made.state_forwards("ground", after)
    CHANGES.state_forwards("ground", after)
    with connection.schema_editor() as editor:
        tables_made.database_forwards("ground", editor, ProjectState(), before)
    with connection.schema_editor() as editor, connection.cursor() as cursor:
        cursor.execute("INSERT INTO ground_mother (age) VALUES (40)")
        CHANGES.database_forwards("ground", editor, before, after)
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM ground_mother")
        assert cursor.fetchall() == [("!",)]
        assert "child_aunt_once" in connection.introspection.get_constraints(cursor, "ground_child")
    with connection.schema_editor() as editor:
        CHANGES.database_backwards("ground", editor, after, before)
    assert columns("ground_mother") == {"id", "age"}
    assert columns("ground_child") == {"id", "mother_id"}
    with connection.schema_editor() as editor:
        tables_made.database_backwards("ground", editor, before, ProjectState())


def test_it_renders_a_state_once_however_much_it_changes() -> None:
    state = ProjectState()
    CreateModels([CHILD, MOTHER]).state_forwards("ground", state)
    assert state.apps
    CHANGES.state_forwards("ground", state)
    assert "apps" not in vars(state), "nothing is rendered before all is changed"
    child = state.apps.get_model("ground", "child")
    assert child._meta.get_field("aunt").related_model is state.apps.get_model("ground", "mother")
