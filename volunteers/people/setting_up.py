"""The usual hours of the stars of volunteers, off until staff turn them on (民函〔2012〕340号)."""

from __future__ import annotations

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.saving import add_missing
from villages.models import Unit
from volunteers.models import StarRule
from volunteers.people.errors import VolunteerError
from volunteers.people.stars import USUAL_HOURS


def stars_set_up(*, township: Unit, by: User | None = None) -> int:
    """Add the stars that are missing; returns how many."""
    if by is not None and not by.may(Action.PROJECT_EDIT, township.path):
        raise VolunteerError("您不能维护这个乡镇的星级标准。", "scope")
    rules = [StarRule(township=township, stars=stars, hours=hours) for stars, hours in enumerate(USUAL_HOURS, 1)]
    return add_missing(rules, township, by, key="stars")
