"""A village whose nominations of 2026-H1 can be taken to any state; shared by the tests of awards and honours."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from governance.disclosure.models import Notice
from governance.periods import Period
from moral_bank.awards.services import Vote, nomination_add, nomination_confirm, nomination_judge, nominations_publish
from moral_bank.models import Account, Claim, Honour, Nomination
from tests.moral_bank.closings.house import noon
from tests.moral_bank.panel.house import PanelHouse

HALF = Period.parse("2026-H1")
NOW = noon(2026, 7, 6)
AFTER = NOW + timedelta(days=3)


class AwardHouse(PanelHouse):
    """Three households; the cadre nominates, the secretary records the vote, staff decides. A panel only where asked for."""

    def __init__(self, households: int = 3, members: int = 0, **rules: Any) -> None:
        super().__init__(households, members, **rules)

    def nominate(self, account: Account | None = None, by: str = "cadre", **more: Any) -> Nomination:
        said = {"source": "neighbour", "nominator": "李四", "story": "照顾独居老人三年", "half": HALF, "at": NOW, **more}
        return nomination_add(household=(account or self.accounts[0]).household, by=self.cast[by], **said)

    def late(self, account: Account, **more: Any) -> Nomination:
        """A nomination past the service, whose village has its notice already."""
        said = {"source": "neighbour", "nominator": "李四", "story": "好", "half": HALF.start, "nominated_at": NOW, **more}
        return Nomination.objects.create(account=account, village=self.village, nominated_by=self.cast["cadre"], **said)

    def vetoed(self, account: Account) -> Claim:
        """A veto of June that the panel has let pass and no month has posted; asks for `members`."""
        claim = self.claim("V1", account, date(2026, 6, 1))
        self.sit(self.verdict(claim), held_on=date(2026, 6, 20), at=noon(2026, 6, 20))
        return claim

    def judge(self, nomination: Nomination, yes: int = 8, no: int = 1, at: datetime = NOW, **more: Any) -> Nomination:
        vote = Vote(held_on=more.pop("held_on", date(2026, 7, 6)), present=more.pop("present", 9), yes=yes, no=no, **more)
        return nomination_judge(nomination=nomination, vote=vote, by=self.cast["secretary"], at=at)

    def publish(self, text: str | None = None, village: Any = None) -> Any:
        """The village's notice of the half-year; with `text` a closing's, as the house before it does."""
        if text is not None:
            return super().publish(text, village)
        return nominations_publish(village=self.village, half=HALF, by=self.cast["staff"], at=NOW)

    def noticed(self, *accounts: Account) -> tuple[list[Nomination], Notice]:
        rows = [self.judge(self.nominate(account)) for account in accounts or self.accounts[:1]]
        notice = self.publish()
        return list(Nomination.objects.filter(pk__in=[row.pk for row in rows]).order_by("notice_row")), notice

    def confirm(self, nomination: Nomination, by: str = "staff", at: datetime = AFTER) -> Honour:
        return nomination_confirm(nomination=nomination, by=self.cast[by], at=at)

    def family(self, account: Account | None = None) -> Honour:
        """A confirmed 最美家庭."""
        return self.confirm(self.noticed(account or self.accounts[0])[0][0])
