"""评议小组 of each village, and the sittings of its last months, loaded through the services.

What was judged in months that the demo then locks is posted by them, last month's is on the board, this month's waits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from random import Random

from governance.accounts.models import User
from governance.demo.deeds import months_until
from governance.demo.households import Home
from governance.demo.loading import create, morning
from governance.demo.people import REFERENCE
from governance.demo.posts import BAYI, secretary_login
from governance.periods import Period, today
from moral_bank.models import Account, Claim, PanelMember, Vote
from moral_bank.panel.services import Verdict, kin_reason, sitting_record
from moral_bank.rules.models import Deed, RuleSet
from villages.models import Resident, Unit

SEATED = date(2026, 1, 5)
SEATS, MONTHS, CLAIMS, WAITING = 6, 3, 4, 3
ABSTAIN_CHANCE, RECUSED_CHANCE, REFUSED_CHANCE = 0.1, 0.1, 0.12
REFUSALS = ("与其他户重复申报，这一次不算。", "参加时间不够，按细则不计分。", "邻居反映与事实不符。")
RECUSAL = "与申报户是亲戚"


def load_panel(rng: Random, units: dict[str, Unit], homes: list[Home], users: dict[str, User], now: datetime) -> None:
    """A panel in every village, its sittings of the last months, and some claims that wait for the next one."""
    if today(now) <= SEATED:
        return
    accounts = {account.household_id: account for account in Account.objects.select_related("household")}
    deeds = list(Deed.objects.filter(rule_set__state=RuleSet.State.ADOPTED, score__gt=0, score_high=None).order_by("code"))
    by_village: dict[str, list[Home]] = {}
    for home in homes:
        by_village.setdefault(home.village.code, []).append(home)
    for code, its in by_village.items():
        table = Table(rng, its, accounts, deeds, users, now)
        for month in months_until(today(now))[-MONTHS - 1 :]:
            table.sit(month)
        if code == BAYI:
            table.leave_waiting()


class Table:
    """One village's panel at work."""

    def __init__(
        self,
        rng: Random,
        homes: Sequence[Home],
        accounts: dict[int, Account],
        deeds: Sequence[Deed],
        users: dict[str, User],
        now: datetime,
    ) -> None:
        self.rng, self.homes, self.accounts, self.deeds, self.now = rng, homes, accounts, deeds, now
        self.village = homes[0].village
        self.secretary = users[secretary_login(self.village)]
        self.declarer = users["bayi-ganbu"] if self.village.code == BAYI else users["zhenban"]
        self.members = self._seat()

    def _seat(self) -> list[PanelMember]:
        """One grown-up of each of some households."""
        picked = self.rng.sample(list(self.homes), min(SEATS, len(self.homes)))
        residents = [person for home in picked for person in home.residents if _may_sit(person)]
        first = {resident.household_id: resident for resident in reversed(residents)}
        return PanelMember.objects.bulk_create(
            PanelMember(village=self.village, resident=resident, appointed_on=SEATED, appointed_by=self.secretary)
            for resident in first.values()
        )

    def sit(self, month: Period) -> None:
        """A sitting near the end of the month, or yesterday; none where the panel is too small or it is too early."""
        held_on = min(month.end - timedelta(days=3), today(self.now) - timedelta(days=1))
        if held_on <= max(month.start, SEATED) or len(self.members) < 5:
            return
        claims = self._claims(CLAIMS, month.start, held_on)
        sitting_record(
            village=self.village,
            held_on=held_on,
            members=self.members,
            verdicts=[self._verdict(claim) for claim in claims],
            by=self.secretary,
            at=morning(held_on),
        )

    def leave_waiting(self) -> None:
        """Claims of these days, one of them of a member's own household; one was taken back."""
        start = today(self.now) - timedelta(days=3)
        own = self.accounts[self.members[0].resident.household_id]
        self._claims(WAITING - 1, start, today(self.now))
        self._claims(1, start, today(self.now), own)
        taken_back = self._claim(start, today(self.now), None)
        taken_back.state = Claim.State.WITHDRAWN
        create([taken_back])

    def _claims(self, number: int, first: date, last: date, account: Account | None = None) -> list[Claim]:
        return create(self._claim(first, last, account) for _ in range(number))

    def _claim(self, first: date, last: date, account: Account | None) -> Claim:
        deed, home = self.rng.choice(self.deeds), self.rng.choice(self.homes)
        account = account or self.accounts[home.household.pk]
        day = first + timedelta(days=self.rng.randint(0, max(0, (last - first).days - 1)))
        claim = Claim(
            account=account,
            township_id=account.township_id,
            deed=deed,
            occurred_on=day,
            score=deed.score,
            state=Claim.State.VERIFIED,
            declared_by=self.declarer,
            declared_at=morning(day),
            decided_by=self.secretary,
            decided_at=min(morning(day) + timedelta(hours=5), self.now),
        )
        claim._history_date = claim.decided_at  # type: ignore[attr-defined]
        return claim

    def _verdict(self, claim: Claim) -> Verdict:
        refused = self.rng.random() < REFUSED_CHANCE
        votes = dict(self._votes(claim, Vote.Choice.NO if refused else Vote.Choice.YES))
        reason = self.rng.choice(REFUSALS) if refused else ""
        return Verdict(claim, not refused, votes, reason=reason)

    def _votes(self, claim: Claim, usual: str) -> Iterator[tuple[int, tuple[str, str]]]:
        """All alike; now and then one abstains or keeps away."""
        free = [member for member in self.members if not kin_reason(member, claim)]
        odd = self.rng.choice(free)
        draw = self.rng.random()
        for member in free:
            choice, reason = usual, ""
            if member == odd and draw < ABSTAIN_CHANCE:
                choice = Vote.Choice.ABSTAIN
            elif member == odd and draw < ABSTAIN_CHANCE + RECUSED_CHANCE:
                choice, reason = Vote.Choice.RECUSED, RECUSAL
            yield member.pk, (choice, reason)


def _may_sit(person: Resident) -> bool:
    """Present and of age."""
    born = person.birth_date
    return person.status == Resident.Status.PRESENT and born is not None and 25 <= REFERENCE.year - born.year <= 75
