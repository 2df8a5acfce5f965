"""A volunteer's order out of what a meeting agreed (`Room.makes`): for a household, whose name and phone the register knows."""

from __future__ import annotations

from collections.abc import Sequence

from governance.accounts.duties import Action
from governance.accounts.models import User
from villages.making import Made, Maker, Matter
from villages.models import Resident, Unit
from volunteers.models import Project
from volunteers.orders.asking import Ask, order_ask
from volunteers.orders.errors import OrderError
from volunteers.orders.models import Source


def _choices(user: User, unit: Unit) -> Sequence[tuple[str, str]]:
    return [(str(project.pk), project.name) for project in _projects(user, unit)]


def _projects(user: User, unit: Unit) -> Sequence[Project]:
    rows = Project.objects.visible_to(user, Action.SERVICE_LOG).filter(is_active=True, is_emergency=False)
    return [row for row in rows.select_related("township") if unit.path.startswith(row.township.path)]


def _make(matter: Matter, choice: str, by: User) -> Made:
    project = next((one for one in _projects(by, matter.unit) if str(one.pk) == choice), None)
    if project is None:
        raise OrderError("请选服务项目。", "project", field="choice")
    home = matter.household
    if home is None:
        raise OrderError("请选哪一户要服务。", "need", field="household")
    head = Resident.objects.present().filter(household=home, name=home.head_name).first()
    ask = Ask(
        project=project, unit=home.unit, name=home.head_name, text=matter.text[:500], phone=head.phone if head else "",
        place=home.address or str(home.unit), source=Source.PERSON, household=home, resident=head,
    )  # fmt: skip
    order = order_ask(ask=ask, by=by)
    return Made("volunteers:order-detail", order.pk, order.number)


ORDER = Maker("服务项目", _choices, _make, household=True)
