"""A case out of what a meeting agreed (`Room.makes`)."""

from __future__ import annotations

from collections.abc import Sequence

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.cases.engine.flow import Kind
from governance.cases.engine.models import TEXT_LENGTH
from governance.cases.engine.services import Report, case_log
from governance.cases.errors import CaseError
from governance.cases.models import Case, Category
from villages.making import Made, Maker, Matter
from villages.models import Unit


def _maker(kind: Kind) -> Maker:
    def choices(user: User, unit: Unit) -> Sequence[tuple[str, str]]:
        return [(str(category.pk), category.name) for category in _categories(user, kind, unit)]

    def make(matter: Matter, choice: str, by: User) -> Made:
        category = next((one for one in _categories(by, kind, matter.unit) if str(one.pk) == choice), None)
        if category is None:
            raise CaseError("请选类别。", "category", field="choice")
        return _logged(matter, category, Case.Source.RESIDENT, by)

    return Maker("类别", choices, make)


def fault_make(matter: Matter, code: str, by: User) -> Made | None:
    """An event of what somebody found broken (`Room.mends`)."""
    category = next((one for one in _categories(by, Kind.EVENT, matter.unit) if one.code == code), None)
    return _logged(matter, category, Case.Source.PATROL, by) if category else None


def _logged(matter: Matter, category: Category, source: str, by: User) -> Made:
    text = matter.text[:TEXT_LENGTH]
    report = Report(category=category, unit=matter.unit, text=text, source=source, household=matter.household)
    case = case_log(report=report, by=by)
    return Made("cases:case-detail", case.pk, case.number)


def _categories(user: User, kind: Kind, unit: Unit) -> Sequence[Category]:
    """The categories of a kind of the unit's township."""
    rows = Category.objects.visible_to(user, Action.CASE_LOG).filter(is_active=True, kind=kind.value)
    return [row for row in rows.select_related("township") if unit.path.startswith(row.township.path)]


EVENT, DISPUTE = _maker(Kind.EVENT), _maker(Kind.DISPUTE)
