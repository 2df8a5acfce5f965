"""A village with its cast, a project with a deed, volunteers with and without an account, and orders made in it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from governance.accounts.models import User
from tests.builders import make_household, make_resident, make_rule_set, make_user
from tests.cases.house import MORNING, CaseHouse
from villages.models import Resident, Unit
from volunteers.models import Project, Run, ServiceOrder, Volunteer
from volunteers.orders.services import Ask, offer_accept, order_ask, order_offer, run_finish

SERVED_NAME, SERVED_PHONE, SERVED_PLACE = "李淑珍", "15400007788", "柏树院东头第三家"


class ServiceHouse(CaseHouse):
    """甲 has an account and is a resident, 乙 is a resident without account, 丙 an outsider with an account."""

    def __init__(self) -> None:
        super().__init__()
        self.rules = make_rule_set(self.township)
        self.haircut = self.project("lifa", "理发", deed_code="S1")
        self.alarm = self.project("yingji", "十分钟应急服务", is_emergency=True, is_public=False)
        self.one = self.volunteer("甲", user=True, resident=True)
        self.two = self.volunteer("乙", resident=True)
        self.three = self.volunteer("丙", user=True)

    def project(self, code: str, name: str, **fields: Any) -> Project:
        return Project.objects.create(township=self.township, code=code, name=name, text=name, **fields)

    def volunteer(
        self, name: str, *, user: bool = False, resident: bool | Resident = False, village: Unit | None = None, **fields: Any
    ) -> Volunteer:
        village = village or self.village
        account = make_user(f"v-{name}", "volunteer", village) if user else None
        home = resident if isinstance(resident, Resident) else make_resident(make_household(village, name), name) if resident else None
        usual: dict[str, Any] = {"state": "active", "joined_on": date(2026, 1, 1), "phone": "15400000001", "name_pinyin": "x"}
        usual["adult_on"] = date(2000, 1, 1)
        if home is None:
            usual["id_hash"] = f"{name}{village.pk}"
        return Volunteer.objects.create(
            township=self.township, village=village, name=name, user=account, resident=home, **{**usual, **fields}
        )

    def ask(self, project: Project | None = None, *, by: str | None = "cadre", at: datetime = MORNING, **fields: Any) -> ServiceOrder:
        usual = {"unit": self.yard, "name": SERVED_NAME, "phone": SERVED_PHONE, "place": SERVED_PLACE, "text": "头发长了，想理一理"}
        ask = Ask(project=project or self.haircut, **{**usual, **fields})
        return order_ask(ask=ask, by=self.cast[by] if by is not None else None, at=at)

    def offer(self, order: ServiceOrder, *volunteers: Volunteer, at: datetime = MORNING) -> None:
        order_offer(order=order, volunteers=volunteers, by=self.cast["cadre"], at=at)

    def run(self, order: ServiceOrder, volunteer: Volunteer, at: datetime = MORNING) -> Run:
        """Asked and accepted, by the dispatcher where there is no account."""
        self.offer(order, volunteer, at=at)
        return offer_accept(order=order, volunteer=volunteer, by=self.account(volunteer), at=at)

    def done(self, *volunteers: Volunteer, at: datetime = MORNING, **fields: Any) -> ServiceOrder:
        """An order that `volunteers` have finished."""
        order = self.ask(people=len(volunteers), at=at, **fields)
        for run in [self.run(order, volunteer, at) for volunteer in volunteers]:
            run_finish(run=run, by=self.account(run.volunteer), at=at)
        order.refresh_from_db()
        return order

    def kin_of(self, volunteer: Volunteer) -> User:
        """A cadre of the village out of the volunteer's household, as their post says."""
        assert volunteer.resident is not None
        user = make_user(f"kin-{volunteer.name}", "cadre", self.village)
        user.posts.update(resident=make_resident(volunteer.resident.household, f"{volunteer.name}家人"))
        return user

    def account(self, volunteer: Volunteer) -> User:
        return volunteer.user or self.cast["cadre"]
