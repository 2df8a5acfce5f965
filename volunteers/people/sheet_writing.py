"""The rows of an old 志愿服务台账 that are taken, written in sets: new volunteers with their posts, teams, members, hours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from governance.accounts.models import User
from governance.frame.pinyin import pinyin_key
from governance.frame.saving import insert_by
from governance.sheets.hours import row_key
from governance.sheets.rows import RowResult
from villages.models import Consent
from villages.posts.services import Holder, volunteer_posts_open
from volunteers.models import Hours, ServiceMember, ServiceTeam, Volunteer
from volunteers.people.errors import VolunteerError
from volunteers.people.sheet_rows import Register, Whose, adult_day

BATCH = 1000


class Writing:
    """The caller holds the transaction and the township's lock."""

    def __init__(self, register: Register, rows: Sequence[RowResult], by: User) -> None:
        self.register, self.rows, self.by, self.now = register, rows, by, timezone.now()

    def write(self) -> int:
        """Returns how many became volunteers."""
        new = self._new_volunteers()
        whose = [self._whose(row).volunteer or new[self._whose(row).key] for row in self.rows]
        self._join_teams(whose)
        hours = [self._hours(row, volunteer) for row, volunteer in zip(self.rows, whose, strict=True)]
        Hours.objects.bulk_create(hours, batch_size=BATCH)
        return len(new)

    def _whose(self, row: RowResult) -> Whose:
        return self.register.whose(row)

    def _new_volunteers(self) -> dict[str, Volunteer]:
        """Who is none yet, 在册 since their first day in the sheet."""
        first: dict[str, RowResult] = {}
        for row in self.rows:
            if self._whose(row).volunteer is None:
                person = self._whose(row).key
                first[person] = min(first.get(person, row), row, key=lambda one: str(one.values["served_on"]))
        drafts = [self._volunteer(row) for row in first.values()]
        made = insert_by(drafts, self.by, VolunteerError)
        self._keep_consents([self._whose(row) for row in first.values()])
        holders = [Holder(one.village, one.resident) for one in made if one.resident is not None]
        volunteer_posts_open(holders=holders, on=self.register.on, by=self.by)
        return dict(zip(first, made, strict=True))

    def _volunteer(self, row: RowResult) -> Volunteer:
        resident, number, day = self._whose(row).resident, self.register.number(row), row.values["served_on"]
        volunteer = Volunteer(
            township=self.register.township,
            village=self.register.villages[str(row.values["village_code"])],
            resident=resident,
            name=str(row.values["name"]),
            name_pinyin=pinyin_key(str(row.values["name"])),
            phone=(resident.phone if resident else "") or str(row.values["phone"] or ""),
            adult_on=adult_day(resident, number),
            state=Volunteer.State.ACTIVE,
            joined_on=day,
        )
        if resident is None:
            volunteer.set_id_number(number)
            volunteer.agreed_on, volunteer.agreed_how = self.register.agreed_on(self._whose(row)), Consent.How.SIGNED
        return volunteer

    def _keep_consents(self, people: Sequence[Whose]) -> None:
        """Residents who are volunteers by the sheet have agreed on paper."""
        new = {one.resident: self.register.agreed_on(one) for one in people if one.resident is not None and not self.register.consents(one)}
        signed = {"purpose": Consent.Purpose.VOLUNTEER, "how": Consent.How.SIGNED, "by": self.by}
        rows = [Consent(resident=person, given_on=day, **signed) for person, day in new.items() if day is not None]
        Consent.objects.bulk_create(rows, batch_size=BATCH)

    def _join_teams(self, whose: Sequence[Volunteer]) -> None:
        """The teams that the rows name, made where there is none, and their members from their first day."""
        named = {(str(row.values["village_code"]), str(row.values["team"])): row for row in self.rows if row.values["team"]}
        drafts = [
            ServiceTeam(village=self.register.villages[code], name=name, kind=ServiceTeam.Kind.OTHER)
            for code, name in named
            if (code, name) not in self.register.teams
        ]
        made = insert_by(drafts, self.by, VolunteerError)
        teams = {**self.register.teams, **{(team.village.code, team.name): team for team in made}}
        since: dict[tuple[int, int], Any] = {}
        for row, volunteer in zip(self.rows, whose, strict=True):
            if row.values["team"]:
                team = teams[str(row.values["village_code"]), str(row.values["team"])]
                day: Any = row.values["served_on"]
                since[team.pk, volunteer.pk] = min(since.get((team.pk, volunteer.pk), day), day)
        members = [ServiceMember(team_id=team, volunteer_id=volunteer, since=day) for (team, volunteer), day in since.items()]
        ServiceMember.objects.bulk_create(members, batch_size=BATCH, ignore_conflicts=True)

    def _hours(self, row: RowResult, volunteer: Volunteer) -> Hours:
        served: Any = row.values["served_on"]
        return Hours(
            volunteer=volunteer,
            village=self.register.villages[str(row.values["village_code"])],
            served_on=served,
            minutes=int(str(row.values["minutes"])),
            text=str(row.values["text"]),
            row_key=row_key(row, self._whose(row).key),
            by=self.by,
            at=self.now,
        )
