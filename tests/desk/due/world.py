"""Three townships full of things that wait, at random: 甲 with two villages, 乙 with one (nobody leads there), 丙 with people alone."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TypeVar

from governance.accounts.duties import Duty, Guard
from governance.accounts.models import User
from governance.cases.categories.setting_up import cases_set_up
from governance.cases.models import Office, OfficeMember
from inspections.cards.setting_up import checklists_set_up
from tests.builders import (
    make_account,
    make_cast,
    make_household,
    make_resident,
    make_rule_set,
    make_township,
    make_village,
    settlement_of,
)
from tests.cases.house import moment
from villages.models import Household, Post, Resident, Unit

NOW = moment("2026-03-20 10:00")
TODAY = date(2026, 3, 20)
_T = TypeVar("_T")


class DueWorld:
    """`casts` by village; `users` are those of all duties in the first, of the weightiest in the others, `strangers` those of 丙."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.townships = [make_township(code) for code in ("511923102", "511923103", "511923104")]
        first, second, third = self.townships
        self.villages = [
            make_village(first, "八一村委会", "511923102201"),
            make_village(first, "马鞍村委会", "511923102202"),
            make_village(second, "九龙村委会", "511923103201"),
        ]
        self.casts = [make_cast(village.parent, village) for village in self.villages if village.parent]
        self.casts[2]["leader"].posts.update(ended_on=date(2026, 2, 1))
        self.far = make_village(third, "远山村委会", "511923104201")
        strangers = make_cast(third, self.far)
        whole, *others = self.casts
        self.users = [user for duty, user in whole.items() if duty not in Guard.values]
        self.users += [cast[duty] for cast in others for duty in ("staff", "leader", "supervisor", "secretary", "cadre", "yard_head")]
        self.strangers = [strangers[duty] for duty in ("staff", "leader", "supervisor", "cadre", "yard_head")]
        self.homes: list[Household] = []
        self.residents: list[Resident] = []
        for village in self.villages:
            self._settle(village)
        self._kin()
        for township in self.townships:
            cases_set_up(township=township)
            make_rule_set(township)
        checklists_set_up(township=first)
        self.accounts = [make_account(home) for home in self.homes]
        self._offices()

    def _settle(self, village: Unit) -> None:
        """Five households in the settlement, two in the group around it, where no yard head reaches; one has left."""
        yard = settlement_of(village)
        for unit in [yard] * 5 + [yard.parent] * 2:
            home = make_household(village, f"王{len(self.homes)}", unit=unit)
            self.homes.append(home)
            self.residents.append(make_resident(home, home.head_name, birth_date=date(1940, 5, 1)))
        Household.objects.filter(pk=self.homes[-1].pk).update(ended_on=date(2026, 1, 5))

    def _kin(self) -> None:
        for duty, resident in (("yard_head", 0), ("supervisor", 7), ("sanitation", 1), ("cadre", 2)):
            Post.objects.filter(user=self.casts[0][duty]).update(resident=self.residents[resident])

    def _offices(self) -> None:
        """A clerk or a cadre sits in some offices, nobody in others."""
        for township, cast in ((self.townships[0], self.casts[0]), (self.townships[1], self.casts[2])):
            for number, office in enumerate(Office.objects.filter(township=township).order_by("pk")):
                seat = [cast["staff"], cast["cadre"], None][number % 3]
                if seat is not None:
                    OfficeMember.objects.create(office=office, user=seat)

    def one(self, things: Sequence[_T]) -> _T:
        return self.random.choice(things)

    def often(self, share: float = 0.5) -> bool:
        return self.random.random() < share

    def moment(self, days: int = 8) -> datetime:
        """Some minute of the days around NOW, never NOW itself."""
        return NOW + timedelta(minutes=self.random.choice([-1, 1]) * self.random.randint(1, days * 24 * 60))

    def day(self, days: int = 5) -> date:
        """Some day around TODAY; TODAY itself, too."""
        return TODAY + timedelta(days=self.random.randint(-days, days))

    def before(self, days: int = 12) -> datetime:
        return NOW - timedelta(minutes=self.random.randint(1, days * 24 * 60))

    def number_of(self, village: Unit) -> int:
        return [one.pk for one in self.villages].index(village.pk)

    def somebody(self, village: Unit, *duties: str) -> User:
        """Of the village's cast."""
        cast = self.casts[self.number_of(village)]
        return cast[self.one(duties or [duty.value for duty in Duty])]

    def town_of(self, village: Unit) -> Unit:
        return next(one for one in self.townships if one.pk == village.parent_id)

    def home_of(self, village: Unit) -> int:
        """Where a household of the village stands in `homes`."""
        return self.number_of(village) * 7 + self.random.randrange(7)
