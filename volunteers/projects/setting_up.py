"""What a township's service library starts with: the plan's own services and the usual kinds (plan §三.2 志愿服务项目库)."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.errors import DomainError
from governance.frame.saving import add_missing
from villages.models import Unit
from volunteers.projects.models import Project

SOURCE = Path(settings.BASE_DIR) / "data/volunteers/projects.csv"


class ProjectError(DomainError):
    """A change of the library that is refused: `scope`."""


def projects_set_up(*, township: Unit, by: User | None = None) -> int:
    """Add what is missing of the list, leave what staff have changed; returns how many projects were added."""
    if by is not None and not by.may(Action.PROJECT_EDIT, township.path):
        raise ProjectError("您不能维护这个乡镇的服务项目。", "scope")
    return add_missing(_projects(township), township, by)


def _projects(township: Unit) -> Iterator[Project]:
    with SOURCE.open(encoding="utf-8", newline="") as file:
        for position, row in enumerate(csv.DictReader(file), 1):
            texts = {name: row[name] for name in ("code", "name", "text", "asker", "doer", "deed_code", "dangers")}
            yield Project(
                township=township,
                minimum=int(row["minimum"]),
                minutes=int(row["minutes"]),
                is_emergency=bool(row["emergency"]),
                is_public=bool(row["public"]),
                position=position,
                **texts,
            )
