"""A row of a past 积分台账 against the register: which household, which deed, whether the score is right, what is there already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from django.db.models import Q

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.crypto import keyed_hash
from governance.frame.imports.payload import NEW, NONE, SAME, PreviewRow
from governance.sheets.cells import CLEAN, LOOK, REFUSE
from governance.sheets.rows import RowResult
from moral_bank.claims.services import DROPPED, NAME_LENGTH, NOTE_LENGTH, Declaration, Rules, month_of
from moral_bank.claims.sheet_deeds import bare, deed_of, figures_of
from moral_bank.models import Claim, Entry
from moral_bank.rules.models import Deed
from villages.models import Household, Post, Resident, Unit

SPACE = UUID("6f2f1f5e-58c1-4c0e-9a53-0d5b7a6f1c11")

Key = tuple[Any, Any]


class Register:
    """What the rows are compared with, read in a fixed number of statements. Every row goes through `judge` once, in
    the order of the file."""

    def __init__(self, rows: Sequence[RowResult], villages: Sequence[Unit], by: User, on: date) -> None:
        self.by = by
        good = [row.values for row in rows if row.verdict != REFUSE]
        homes = self._read_homes(good, villages)
        days = {values["occurred_on"] for values in good if isinstance(values["occurred_on"], date)}
        self.rules = Rules.on(homes, {month_of(day) for day in days})
        self.deeds: dict[int, list[Deed]] = {}
        sets = [rule_set for rule_sets in self.rules.rule_sets.values() for rule_set in rule_sets]
        for deed in Deed.objects.filter(rule_set__in=sets).order_by("code"):
            self.deeds.setdefault(deed.rule_set_id, []).append(deed)
        self.cadres = _holders(villages, on)
        self._read_claimed(homes, days)
        self.seen: dict[UUID | None, int] = {}

    def _read_homes(self, good: Sequence[Mapping[str, Any]], villages: Sequence[Unit]) -> list[Household]:
        """The households that the rows may mean: by number, by a member's ID number, by the head's name."""
        heads = {head for values in good for head in _heads(values)}
        numbers = {str(values["number"]) for values in good if values["number"]}
        hashes = {keyed_hash(number): number for number in {str(values["id_number"] or "") for values in good} if number}
        found = Household.objects.visible_to(self.by, Action.CLAIM_DECLARE).filter(ended_on=None, village__in=villages)
        numbered = Resident.objects.present().filter(id_hash__in=hashes, household__village__in=villages)
        owners = dict(numbered.values_list("id_hash", "household"))
        named = Q(head_name__in=heads) | Q(number__in=numbers | {_plain(number) for number in numbers}) | Q(pk__in=owners.values())
        homes = list(found.filter(named).select_related("village", "unit", "account"))
        by_pk = {home.pk: home for home in homes}
        self.by_id: dict[Key, Household] = {
            (by_pk[pk].village.code, hashes[id_hash]): by_pk[pk] for id_hash, pk in owners.items() if pk in by_pk
        }
        self.by_number: dict[Key, list[Household]] = {}
        self.by_head: dict[Key, list[Household]] = {}
        for home in homes:
            for number in {home.number, _plain(home.number)}:
                self.by_number.setdefault((home.village.code, number), []).append(home)
            self.by_head.setdefault((home.village.code, home.head_name), []).append(home)
        self.family: dict[int, set[str]] = {}
        for household, name in Resident.objects.filter(household__in=homes).values_list("household", "name"):
            self.family.setdefault(household, set()).add(name)
        return homes

    def _read_claimed(self, homes: Sequence[Household], days: set[date]) -> None:
        """Keys in use with their claims' states, and (household, deed, day) of claims that stand and of entries that were not reversed."""
        about = {"account__household__in": homes, "occurred_on__in": days}
        claims = Claim.objects.filter(**about).order_by()
        self.states: dict[UUID | None, str] = dict(claims.values_list("row_key", "state"))
        columns = ("account__household", "deed", "occurred_on")
        self.claimed = set(claims.exclude(state__in=DROPPED).values_list(*columns))
        self.claimed |= set(Entry.objects.filter(**about, reversed_by=None).order_by().values_list(*columns))

    def judge(self, item: PreviewRow) -> list[Declaration] | None:
        """What a row says as declarations, one for each household that it names, without those that are there; with the
        outcome and the register's issues set on it. None where refused."""
        row = item.row
        item.outcome = NONE
        if row.verdict == REFUSE:
            return None
        households = self._households(row)
        deed = self._deed(row, households[0]) if households else None
        figures = figures_of(row, deed) if deed else None
        if deed is None or figures is None:
            return None
        declared = [self._said(row, household, deed, *figures) for household in households]
        return None if self._is_repeated(item, declared) else [one for one in declared if one.row_key not in self.states]

    def _households(self, row: RowResult) -> list[Household]:
        """The household of the row, or of each head that it names; none where one of them is not clear."""
        heads = _heads(row.values)
        found = [self._household(row, heads[0])] if len(heads) == 1 else [self._headed(row, head) for head in heads]
        households = [home for home in found if home is not None]
        return households if len(households) == len(heads) else []

    def _household(self, row: RowResult, head: str) -> Household | None:
        """By the household's number or a member's ID number, which must agree with each other and with the name."""
        village, number, id_number = row.values["village_code"], row.values["number"], row.values["id_number"]
        coded = self._numbered(village, str(number)) if number else None
        known = self.by_id.get((village, id_number)) if id_number else None
        home = known or coded
        if home is None:
            return self._headed(row, head)
        if coded and known and coded != known:
            fault = f"身份证号是{known.head_name}户（{known.number}）的，户号 {number} 是{coded.head_name}户的，请核对"
            row.flag("id_number", REFUSE, fault)
            return None
        if head == home.head_name:
            return home
        if head in self.family.get(home.pk, set()):
            row.flag("head", CLEAN, f"“{head}”是{home.head_name}户（{home.number}）的家人，记到这一户")
            return home
        what = f"户号 {number}" if home == coded else "这个身份证号"
        row.flag("head", REFUSE, f"{what} 的户主是“{home.head_name}”，不是“{head}”")
        return None

    def _numbered(self, village: Any, number: str) -> Household | None:
        """0012 is 12, where just one household answers."""
        homes = self.by_number.get((village, number)) or self.by_number.get((village, _plain(number)), [])
        exact = [home for home in homes if home.number == number]
        return exact[0] if exact else homes[0] if len(homes) == 1 else None

    def _headed(self, row: RowResult, head: str) -> Household | None:
        homes = self.by_head.get((row.values["village_code"], head), [])
        if len(homes) != 1:
            fault = f"有 {len(homes)} 户户主叫“{head}”，请填户号或户主身份证号" if homes else f"您可以申报的户里没有户主“{head}”"
            row.flag("head", REFUSE, fault)
            return None
        for key, what in (("number", f"户号“{row.before('number')}”"), ("id_number", "这个身份证号")):
            if row.values[key] and len(_heads(row.values)) == 1:
                row.flag(key, LOOK, f"名册里没有{what}，按户主姓名找到 {homes[0].number}")
        return homes[0]

    def _deed(self, row: RowResult, household: Household) -> Deed | None:
        values: dict[str, Any] = row.values
        day = values["occurred_on"]
        if self.rules.is_locked(household, day):
            row.flag("occurred_on", REFUSE, f"{day:%Y年%-m月}评分已锁定，不能再申报这个月的事")
            return None
        rule_set = self.rules.in_force(household, day)
        if rule_set is None:
            row.flag("occurred_on", REFUSE, "发生当日没有施行的积分细则")
            return None
        return deed_of(row, self.deeds.get(rule_set.pk, []))

    def _said(self, row: RowResult, household: Household, deed: Deed, score: int, quantity: int) -> Declaration:
        values: dict[str, Any] = row.values
        applicant = _shortened(row, "applicant", "申报人", str(values["applicant"] or ""), NAME_LENGTH)
        source = self._source(applicant, household)
        words = [values["deed"] if bare(values["deed"]) != bare(deed.name) else "", values["opinion"] or "", values["note"] or ""]
        own = source == Claim.Source.CADRE
        text = f"{household.pk}|{deed.pk}|{values['occurred_on']}|{score}|{quantity}|{values['deed']}|{applicant}"
        return Declaration(
            household=household,
            deed=deed,
            occurred_on=values["occurred_on"],
            row_key=self._key(text),
            score=score if deed.is_judged else None,
            quantity=quantity,
            note=_shortened(row, "note", "说明", "；".join(filter(None, words)), NOTE_LENGTH),
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

    def _is_repeated(self, item: PreviewRow, declared: Sequence[Declaration]) -> bool:
        """Whether the row says what another row said; sets whether it is there already, and what is alike."""
        row = item.row
        if before := next((self.seen[one.row_key] for one in declared if one.row_key in self.seen), 0):
            row.flag("deed", REFUSE, f"和第 {before} 行相同")
            return True
        self.seen |= {one.row_key: row.row_number for one in declared}
        item.outcome = SAME if all(one.row_key in self.states for one in declared) else NEW
        about = {(one.household.pk, one.deed.pk, one.occurred_on) for one in declared}
        if item.outcome == NEW and about & self.claimed:
            row.flag("deed", LOOK, "这一户当天已有同一事项的申报或入账，请核对是否重复")
        self.claimed |= about
        return False


def _heads(values: Mapping[str, Any]) -> list[str]:
    return str(values["head"] or "").split("、")


def _plain(number: str) -> str:
    """A household's number without noughts in front."""
    return number.lstrip("0") or number


def _shortened(row: RowResult, key: str, label: str, text: str, length: int) -> str:
    if len(text) > length:
        row.flag(key, LOOK, f"{label}超过 {length} 个字，只保留前 {length} 个字")
    return text[:length]


def _holders(villages: Sequence[Unit], on: date) -> dict[str, set[str]]:
    """Village code → names of those who hold a post in it."""
    found: dict[str, set[str]] = {village.code: set() for village in villages}
    within = Q(pk=None)
    for village in villages:
        within |= Q(unit__path__startswith=village.path)
    for post in Post.objects.current(on).filter(within).select_related("unit", "user", "resident"):
        found[post.unit.code[:12]].add(post.holder_name)
    return found
