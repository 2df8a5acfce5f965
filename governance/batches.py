"""Migrations in batches: Django renders every related model again after each single operation, which takes minutes for a whole
room, and once after one of these."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class _Batch(Operation):
    """Operations whose state is rendered when they all stand in it."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = operations

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        state.__dict__.pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(app_label, state)


class CreateModels(_Batch):
    """Several `CreateModel`, in any order: a foreign key may point to a later one. Constraints and indexes are options."""

    serialization_expand_args = ["models"]

    def __init__(self, models: Sequence[CreateModel]) -> None:
        super().__init__(models)

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for model in self.operations:
            model.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for model in reversed(self.operations):
            model.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return f"Create {len(self.operations)} models"


class ChangeModels(_Batch):
    """Several operations on tables that stand: fields that no other table points to, constraints, indexes, SQL."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        before = from_state
        for operation in self.operations:
            after = _following(app_label, before, operation)
            operation.database_forwards(app_label, schema_editor, before, after)
            before = after

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        states = [to_state]
        for operation in self.operations:
            states.append(_following(app_label, states[-1], operation))
        for operation, before, after in reversed(list(zip(self.operations, states[:-1], states[1:], strict=True))):
            operation.database_backwards(app_label, schema_editor, after, before)

    def describe(self) -> str:
        return f"Make {len(self.operations)} changes"


def _following(app_label: str, state: ProjectState, operation: Operation) -> ProjectState:
    """The state after `operation`, with its own model alone rendered anew: keys of other models lead to the former class."""
    following = ProjectState({key: model.clone() for key, model in state.models.items()}, state.real_apps)
    operation.state_forwards(app_label, following)
    following.apps = state.apps.clone()
    changed = getattr(operation, "model_name_lower", None)
    if changed is not None:
        following.apps.unregister_model(app_label, changed)
        following.apps.render_multiple([following.models[app_label, changed]])
    return following
