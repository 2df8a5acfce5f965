"""`CreateModels`: tables that point at each other, made and unmade in one operation."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, migrations, models, transaction
from django.db.migrations.state import ProjectState

from governance.batches import CreateModels

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
