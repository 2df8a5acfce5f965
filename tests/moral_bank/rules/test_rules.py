"""Versions of the rules: a copy is a draft, an adopted version is whole, starts in time and never changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from threading import Barrier

import pytest
from django.db import IntegrityError, transaction

from moral_bank.models import Claim
from moral_bank.rules.models import Deed, RuleSet
from moral_bank.rules.services import (
    Meeting,
    RuleError,
    deed_remove,
    deed_save,
    draft_edit,
    rule_set_adopt,
    rule_set_copy,
)
from tests.moral_bank.closings.house import ClosingHouse, noon
from tests.moral_bank.closings.test_closings import Racer

MEETING = Meeting(on=date(2026, 3, 20), body="镇党委会议", note="审议通过积分细则。")
pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> ClosingHouse:
    return ClosingHouse(households=1)


def draft_of(house: ClosingHouse, valid_from: date = date(2026, 5, 1)) -> RuleSet:
    return rule_set_copy(rule_set=house.rule_set, valid_from=valid_from, by=house.cast["staff"])


def adopt(house: ClosingHouse, draft: RuleSet, meeting: Meeting = MEETING) -> RuleSet:
    return rule_set_adopt(rule_set=draft, meeting=meeting, by=house.cast["staff"], at=noon(2026, 4, 20))


def lines(rule_set: RuleSet) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    heads = rule_set.heads.order_by("head").values_list("head", "base", "maximum")
    deeds = rule_set.deeds.order_by("code").values_list("code", "name", "score", "score_high", "points", "is_veto")
    return list(heads), list(deeds)


def test_it_copies_heads_and_deeds_into_a_new_draft(house: ClosingHouse) -> None:
    draft = draft_of(house)
    assert (draft.state, draft.version, draft.valid_from) == ("draft", 2, date(2026, 5, 1))
    assert lines(draft) == lines(house.rule_set)
    assert draft_of(house).version == 3
    assert Deed.history.filter(rule_set=draft).count() == draft.deeds.count()


def test_it_adopts_and_counts_from_its_first_day(house: ClosingHouse) -> None:
    draft = draft_of(house)
    adopted = rule_set_adopt(rule_set=draft, meeting=MEETING, by=house.cast["staff"], at=noon(2026, 4, 20))
    assert (adopted.state, adopted.adopted_by, adopted.adopted_at) == (
        "adopted",
        house.cast["staff"],
        noon(2026, 4, 20),
    )
    in_force = [RuleSet.objects.in_force(house.township.pk, date(2026, month, 1)) for month in (4, 5)]
    assert in_force == [house.rule_set, draft]


def test_it_never_changes_once_adopted(house: ClosingHouse) -> None:
    with pytest.raises(RuleError, match="已施行"):
        rule_set_adopt(rule_set=house.rule_set, meeting=MEETING, by=house.cast["staff"])
    changes: list[Callable[[], int]] = [
        lambda: RuleSet.objects.filter(pk=house.rule_set.pk).update(five_star=95),
        lambda: house.rule_set.deeds.filter(code="S1").update(score=9),
        lambda: house.rule_set.heads.update(base=1),
    ]
    for change in changes:
        with pytest.raises(IntegrityError, match="不能修改"), transaction.atomic():
            change()


def test_it_refuses_heads_that_do_not_make_a_hundred(house: ClosingHouse) -> None:
    draft = draft_of(house)
    draft.heads.filter(head="law").update(maximum=21)
    with pytest.raises(RuleError, match="须为 100，现为 101"):
        rule_set_adopt(rule_set=draft, meeting=MEETING, by=house.cast["staff"])
    draft.heads.filter(head="law").delete()
    with pytest.raises(RuleError, match="缺少遵纪守法"):
        rule_set_adopt(rule_set=draft, meeting=MEETING, by=house.cast["staff"])


def test_it_refuses_rules_without_deeds(house: ClosingHouse) -> None:
    draft = draft_of(house)
    draft.deeds.all().delete()
    with pytest.raises(RuleError, match="还没有积分事项"):
        rule_set_adopt(rule_set=draft, meeting=MEETING, by=house.cast["staff"])


@pytest.mark.parametrize(
    ("valid_from", "reason"),
    [
        (date(2026, 5, 2), "某月 1 日"),
        (date(2026, 3, 1), "2026年3月已经计算"),
        (date(2026, 2, 1), "2026年3月已经计算"),
    ],
)
def test_it_refuses_a_start_that_rewrites_the_past(house: ClosingHouse, valid_from: date, reason: str) -> None:
    house.compute("2026-03")
    with pytest.raises(RuleError, match=reason):
        rule_set_adopt(rule_set=draft_of(house, valid_from), meeting=MEETING, by=house.cast["staff"])


def test_it_refuses_two_versions_of_one_day(house: ClosingHouse) -> None:
    with pytest.raises(RuleError, match="同一施行日期"):
        rule_set_adopt(rule_set=draft_of(house, date(2026, 1, 1)), meeting=MEETING, by=house.cast["staff"])


@pytest.mark.parametrize("valid_from", [date(2016, 1, 1), date(2024, 12, 1)])
def test_it_refuses_a_start_long_ago(house: ClosingHouse, valid_from: date) -> None:
    with pytest.raises(RuleError, match="施行日期太早，请核对年份"):
        adopt(house, draft_of(house, valid_from))


def test_it_refuses_a_start_before_what_was_declared_or_posted(house: ClosingHouse) -> None:
    april, may = draft_of(house, date(2026, 4, 1)), draft_of(house)
    entry = house.enter("S1", date(2026, 4, 2))
    house.enter("S1", date(2026, 3, 2))
    with pytest.raises(RuleError, match="请改为下个月 1 日"):
        adopt(house, april)
    adopt(house, may)
    june, july = draft_of(house, date(2026, 6, 1)), draft_of(house, date(2026, 7, 1))
    said = {"account": house.accounts[0], "deed": entry.deed, "score": 5, "declared_by": house.cast["cadre"]}
    claim = Claim.objects.create(**said, occurred_on=date(2026, 6, 2), declared_at=noon(2026, 6, 2))
    with pytest.raises(RuleError, match="请改为下个月 1 日"):
        adopt(house, june)
    Claim.objects.filter(pk=claim.pk).update(state="withdrawn")
    adopt(house, june)
    adopt(house, july)


@pytest.mark.django_db(transaction=True)
def test_it_says_so_when_two_drafts_of_one_day_are_adopted_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    house, barrier, check = ClosingHouse(households=1), Barrier(2, timeout=180), RuleSet.full_clean

    def both_are_checked(rule_set: RuleSet) -> None:
        check(rule_set)
        barrier.wait()

    racers = [Racer(partial(adopt, house, draft_of(house))) for _ in range(2)]
    monkeypatch.setattr(RuleSet, "full_clean", both_are_checked)
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sorted(racer.outcome for racer in racers) == ["date", "done"]


@pytest.mark.parametrize("name", ["code", "name", "category", "audience", "note", "unit"])
@pytest.mark.parametrize("number", ["１５４００００ 0001", "154-0000—0001", "51192319900101123X"])
def test_it_publishes_no_numbers_however_written(house: ClosingHouse, name: str, number: str) -> None:
    draft = draft_of(house)
    draft.deeds.filter(code="S1").update(**{name: number})
    with pytest.raises(RuleError, match="有电话或证件号码，细则会在公示栏公布"):
        adopt(house, draft)


def test_it_publishes_no_numbers_in_the_name_or_the_record(house: ClosingHouse) -> None:
    draft = draft_of(house)
    for meeting in (replace(MEETING, body="王小明154 0000 0001"), replace(MEETING, note="１５４０００００００１")):
        with pytest.raises(RuleError, match="不能写电话或证件号码"):
            adopt(house, draft, meeting)
    RuleSet.objects.filter(pk=draft.pk).update(name="细则（电话154-0000-0001）")
    with pytest.raises(RuleError, match="细则名称里有电话或证件号码"):
        adopt(house, draft)


@pytest.mark.parametrize("duty", ["leader", "secretary", "yard_head", "audit"])
def test_it_lets_only_the_township_office_rule(house: ClosingHouse, duty: str) -> None:
    draft = draft_of(house)
    with pytest.raises(RuleError, match="不归您维护"):
        rule_set_adopt(rule_set=draft, meeting=MEETING, by=house.cast[duty])
    with pytest.raises(RuleError, match="不归您维护"):
        rule_set_copy(rule_set=draft, valid_from=date(2026, 6, 1), by=house.cast[duty])


def test_it_keeps_the_meeting_that_adopted_a_version(house: ClosingHouse) -> None:
    adopted = rule_set_adopt(rule_set=draft_of(house), meeting=MEETING, by=house.cast["staff"], at=noon(2026, 3, 20))
    kept = RuleSet.objects.get(pk=adopted.pk)
    assert (kept.meeting_on, kept.meeting_body, kept.meeting_note) == (MEETING.on, MEETING.body, MEETING.note)


@pytest.mark.parametrize(
    ("meeting", "reason"),
    [
        (replace(MEETING, on=date(2026, 4, 21)), "晚于今天"),
        (replace(MEETING, body=" "), "须写明通过的会议"),
        (replace(MEETING, note=""), "会议记录摘要"),
        (replace(MEETING, note="长" * 301), "会议记录摘要"),
    ],
)
def test_it_refuses_to_adopt_without_a_meeting_that_was(house: ClosingHouse, meeting: Meeting, reason: str) -> None:
    draft = draft_of(house)
    with pytest.raises(RuleError, match=reason):
        rule_set_adopt(rule_set=draft, meeting=meeting, by=house.cast["staff"], at=noon(2026, 4, 20))
    assert RuleSet.objects.get(pk=draft.pk).state == "draft"


def test_it_copies_caps_floor_and_every_word_of_a_deed(house: ClosingHouse) -> None:
    first = draft_of(house)
    staff = house.cast["staff"]
    draft_edit(rule_set=first, values={"cap_month": 30, "year_floor": 70, "notice_days": 7}, heads={}, by=staff)
    deed = first.deeds.get(code="S1")
    said = {"cap_year": 40, "category": "守信信息", "audience": "户", "note": "每年最多加40分", "source": "某地"}
    deed_save(rule_set=first, deed=deed, values=said, by=staff)
    second = rule_set_copy(rule_set=first, valid_from=date(2026, 6, 1), by=staff)
    assert (second.cap_month, second.year_floor, second.notice_days) == (30, 70, 7)
    assert {name: getattr(second.deeds.get(code="S1"), name) for name in said} == said


def test_it_edits_a_draft_line_by_line(house: ClosingHouse) -> None:
    draft, staff = draft_of(house), house.cast["staff"]
    draft_edit(rule_set=draft, values={"five_star": 95}, heads={"law": (10, 20), "service": (15, 20)}, by=staff)
    assert dict(draft.heads.values_list("head", "base"))["service"] == 15
    values = {"code": "N1", "head": "service", "name": "新事项", "score": 2, "score_high": 8, "points": 2}
    deed = deed_save(rule_set=draft, values=values, by=staff)
    assert (deed.is_judged, deed.points) == (True, 0), "a judged deed gives points by its score"
    assert Deed.history.filter(code="N1").latest().history_user == staff
    with pytest.raises(RuleError, match="编号已有"):
        deed_save(rule_set=draft, values={**values, "name": "又一项"}, by=staff)
    with pytest.raises(RuleError, match="依次降低"):
        draft_edit(rule_set=draft, values={"five_star": 70}, heads={}, by=staff)
    with pytest.raises(RuleError, match="基础分不能高于满分"):
        draft_edit(rule_set=draft, values={}, heads={"law": (30, 20)}, by=staff)
    deed_remove(deed=deed, by=staff)
    assert not draft.deeds.filter(code="N1").exists()


def test_it_edits_nothing_that_is_adopted_or_anothers(house: ClosingHouse) -> None:
    deed, draft = house.rule_set.deeds.get(code="S1"), draft_of(house)
    for rule_set, by, reason in (
        (house.rule_set, house.cast["staff"], "不能修改"),
        (draft, house.cast["secretary"], "不归您维护"),
    ):
        with pytest.raises(RuleError, match=reason):
            draft_edit(rule_set=rule_set, values={"five_star": 95}, heads={}, by=by)
        with pytest.raises(RuleError, match=reason):
            deed_save(rule_set=rule_set, values={}, by=by)
    with pytest.raises(RuleError, match="不能修改"):
        deed_remove(deed=deed, by=house.cast["staff"])
