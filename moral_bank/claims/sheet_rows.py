"""A row of a past 积分台账 against the register: which household, which deed, whether the score is right, what is there already."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from django.db.models import Q

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.imports.payload import NEW, NONE, SAME, PreviewRow
from governance.sheets.cells import CLEAN, LOOK, REFUSE
from governance.sheets.rows import RowResult
from moral_bank.claims.services import DROPPED, NAME_LENGTH, NOTE_LENGTH, Declaration, Rules, month_of
from moral_bank.models import Claim, Entry
from moral_bank.rules.models import Deed
from villages.models import Household, Post, Resident, Unit

SPACE = UUID("6f2f1f5e-58c1-4c0e-9a53-0d5b7a6f1c11")
_MARKS = re.compile(r"[\s，。、；：,.;:（）()“”\"'《》+\-]")

Key = tuple[Any, Any]


class Register:
    """What the rows are compared with, read in a fixed number of statements. Every row goes through `judge` once, in
    the order of the file."""

    def __init__(self, rows: Sequence[RowResult], villages: Sequence[Unit], by: User, on: date) -> None:
        self.by = by
        good = [row.values for row in rows if row.verdict != REFUSE]
        heads, numbers = {values["head"] for values in good}, {values["number"] for values in good if values["number"]}
        found = Household.objects.visible_to(by, Action.CLAIM_DECLARE).filter(ended_on=None, village__in=villages)
        homes = list(
            found.filter(Q(head_name__in=heads) | Q(number__in=numbers)).select_related("village", "unit", "account")
        )
        self.by_number: dict[Key, Household] = {(home.village.code, home.number): home for home in homes}
        self.by_head: dict[Key, list[Household]] = {}
        for home in homes:
            self.by_head.setdefault((home.village.code, home.head_name), []).append(home)
        days = {values["occurred_on"] for values in good if isinstance(values["occurred_on"], date)}
        self.rules = Rules.on(homes, {month_of(day) for day in days})
        self.deeds: dict[int, list[Deed]] = {}
        sets = [rule_set for rule_sets in self.rules.rule_sets.values() for rule_set in rule_sets]
        for deed in Deed.objects.filter(rule_set__in=sets).order_by("code"):
            self.deeds.setdefault(deed.rule_set_id, []).append(deed)
        self.family: dict[int, set[str]] = {}
        for household, name in Resident.objects.filter(household__in=homes).values_list("household", "name"):
            self.family.setdefault(household, set()).add(name)
        self.cadres = _holders(villages, on)
        self._read_claimed(homes, days)
        self.seen: dict[UUID | None, int] = {}

    def _read_claimed(self, homes: Sequence[Household], days: set[date]) -> None:
        """Keys in use with their claims' states, and (household, deed, day) of claims that stand and of entries that were not reversed."""
        about = {"account__household__in": homes, "occurred_on__in": days}
        claims = Claim.objects.filter(**about).order_by()
        self.states: dict[UUID | None, str] = dict(claims.values_list("row_key", "state"))
        columns = ("account__household", "deed", "occurred_on")
        self.claimed = set(claims.exclude(state__in=DROPPED).values_list(*columns))
        self.claimed |= set(Entry.objects.filter(**about, reversed_by=None).order_by().values_list(*columns))

    def judge(self, item: PreviewRow) -> Declaration | None:
        """What a row says as a declaration, with the outcome and the register's issues set on it; None where refused."""
        row = item.row
        item.outcome = NONE
        if row.verdict == REFUSE:
            return None
        household = self._household(row)
        deed = self._deed(row, household) if household else None
        if household is None or deed is None:
            return None
        figures = _figures(row, deed)
        if figures is None:
            return None
        declaration = self._said(row, household, deed, *figures)
        return None if self._is_repeated(item, declaration) else declaration

    def _household(self, row: RowResult) -> Household | None:
        values: dict[str, Any] = row.values
        village, number, head = values["village_code"], values["number"], values["head"]
        if number and (home := self.by_number.get((village, number))):
            if home.head_name == head:
                return home
            row.flag("head", REFUSE, f"户号 {number} 的户主是“{home.head_name}”，不是“{head}”")
            return None
        homes = self.by_head.get((village, head), [])
        if len(homes) == 1:
            if number:
                row.flag("number", LOOK, f"名册里没有户号“{number}”，按户主姓名找到 {homes[0].number}")
            return homes[0]
        fault = f"有 {len(homes)} 户户主叫“{head}”，请填户号" if homes else f"您可以申报的户里没有户主“{head}”"
        row.flag("head", REFUSE, fault)
        return None

    def _deed(self, row: RowResult, household: Household) -> Deed | None:
        """By its code, by its name, or by the only name that the words hold, which is to be looked at."""
        values: dict[str, Any] = row.values
        day = values["occurred_on"]
        if self.rules.is_locked(household, day):
            row.flag("occurred_on", REFUSE, f"{day:%Y年%-m月}评分已锁定，不能再申报这个月的事")
            return None
        rule_set = self.rules.in_force(household, day)
        if rule_set is None:
            row.flag("occurred_on", REFUSE, "发生当日没有施行的积分细则")
            return None
        deeds = self.deeds.get(rule_set.pk, [])
        exact, alike = _named(deeds, str(values["deed"]))
        code = str(values["code"] or "").lower()
        if coded := next((deed for deed in deeds if deed.code.lower() == code), None):
            return _agreed(row, coded, exact or alike)
        if exact:
            return exact[0]
        if len(alike) != 1:
            fault = f"“{values['deed']}”对应 {len(alike)} 个事项，请写编号或全名" if alike else f"细则里没有“{values['deed']}”"
            row.flag("deed", REFUSE, fault)
            return None
        row.flag("deed", LOOK, f"按“{alike[0].code} {alike[0].name}”记")
        return alike[0]

    def _said(self, row: RowResult, household: Household, deed: Deed, score: int, quantity: int) -> Declaration:
        values: dict[str, Any] = row.values
        applicant = str(values["applicant"] or "")[:NAME_LENGTH]
        source = self._source(applicant, household)
        words = [values["deed"] if _bare(values["deed"]) != _bare(deed.name) else "", values["opinion"] or ""]
        own = source == Claim.Source.CADRE
        text = f"{household.pk}|{deed.pk}|{values['occurred_on']}|{score}|{quantity}|{values['deed']}|{applicant}"
        return Declaration(
            household=household,
            deed=deed,
            occurred_on=values["occurred_on"],
            row_key=self._key(text),
            score=score if deed.is_judged else None,
            quantity=quantity,
            note="；".join(filter(None, words))[:NOTE_LENGTH],
            source=source,
            applicant="" if own else applicant,
            consent="" if own else Claim.Consent.SIGNED,
        )

    def _key(self, text: str) -> UUID:
        """The row's own key; a further one where what came in under it was withdrawn."""
        key = uuid5(SPACE, text)
        while self.states.get(key) == Claim.State.WITHDRAWN:
            text += "|again"
            key = uuid5(SPACE, text)
        return key

    def _source(self, applicant: str, household: Household) -> str:
        """A cadre of the village, somebody of the household, else a neighbour; the sheet stands for their signature."""
        if not applicant or applicant == self.by.name or applicant in self.cadres.get(household.village.code, set()):
            return Claim.Source.CADRE
        own = applicant == household.head_name or applicant in self.family.get(household.pk, set())
        return Claim.Source.HOUSEHOLD if own else Claim.Source.NEIGHBOUR

    def _is_repeated(self, item: PreviewRow, declaration: Declaration) -> bool:
        """Whether the row says what another row said; sets whether it is there already, and what is alike."""
        row = item.row
        if declaration.row_key in self.seen:
            row.flag("deed", REFUSE, f"和第 {self.seen[declaration.row_key]} 行相同")
            return True
        self.seen[declaration.row_key] = row.row_number
        item.outcome = SAME if declaration.row_key in self.states else NEW
        about = (declaration.household.pk, declaration.deed.pk, declaration.occurred_on)
        if item.outcome == NEW and about in self.claimed:
            row.flag("deed", LOOK, "这一户当天已有同一事项的申报或入账，请核对是否重复")
        self.claimed.add(about)
        return False


def _named(deeds: Sequence[Deed], text: str) -> tuple[list[Deed], list[Deed]]:
    """The deeds whose code or name the text is, and those whose name holds it or is held by it."""
    words, code = _bare(text), text.strip().lower()
    exact = [deed for deed in deeds if deed.code.lower() == code] or [deed for deed in deeds if _bare(deed.name) == words]
    return exact, [deed for deed in deeds if _bare(deed.name) in words or words in _bare(deed.name)]


def _agreed(row: RowResult, coded: Deed, named: Sequence[Deed]) -> Deed | None:
    """The deed of the code, unless the words name another: a sheet's 编号 may be no more than a running number."""
    if named and coded not in named:
        row.flag("deed", REFUSE, f"编号 {coded.code} 是“{coded.name}”，事项写的是“{named[0].name}”，请核对")
        return None
    if not named:
        row.flag("deed", LOOK, f"按编号记作“{coded.code} {coded.name}”，请核对")
    return coded


def _figures(row: RowResult, deed: Deed) -> tuple[int, int] | None:
    """Score and quantity as the deed allows them, or None with what is wrong."""
    score = int(str(row.values["score"])) if row.values["score"] is not None else None
    quantity = int(str(row.values["quantity"] or 1))
    if deed.is_judged:
        if score is None or not deed.score <= score <= (deed.score_high or 0) or not score:
            row.flag("score", REFUSE, f"“{deed.name}”的分值须在 {deed.score} 到 {deed.score_high} 之间")
            return None
        return score, 1
    if not deed.by_quantity:
        quantity = 1
    elif not row.values["quantity"] and score and score % deed.score == 0 and score // deed.score > 0:
        quantity = score // deed.score
    wanted = deed.score * quantity
    if score is None:
        row.flag("score", CLEAN, f"按细则记 {wanted:+d}")
    elif score != wanted:
        row.flag("score", REFUSE, f"“{deed.name}”按细则是 {wanted:+d}，表上写 {score:+d}")
        return None
    return wanted, quantity


def _bare(text: object) -> str:
    """A deed's words without marks and blanks."""
    return _MARKS.sub("", str(text or ""))


def _holders(villages: Sequence[Unit], on: date) -> dict[str, set[str]]:
    """Village code → names of those who hold a post in it."""
    found: dict[str, set[str]] = {village.code: set() for village in villages}
    within = Q(pk=None)
    for village in villages:
        within |= Q(unit__path__startswith=village.path)
    for post in Post.objects.current(on).filter(within).select_related("unit", "user", "resident"):
        found[post.unit.code[:12]].add(post.holder_name)
    return found
