"""Lists of the care ledger and of whom the register proposes (plan §三.2)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.columns import Col, Tag
from governance.frame.due import Due
from governance.frame.filters import WordsFilter
from governance.frame.lists import Listing, Tab, To
from governance.frame.pinyin import name_q
from governance.periods import today
from villages.filters import InVillages
from villages.households.lists import place_of
from villages.models import Resident
from volunteers.care.due import CARE_LATE, DUE
from volunteers.care.levels import Level, for_level, helper_name
from volunteers.care.models import Tier
from volunteers.care.proposing import proposed
from volunteers.models import CareCategory, CareRecord

TO_ENTER = To("纳入台账", "volunteers:care-proposals", needs=(Action.CARE_EDIT, Action.CARE_CHILD))
BY_DAY = ("due_on", "pk")
TO_ALL = To("看看全部在册", "?tab=all")


def _categories(request: Any) -> QuerySet[CareCategory]:
    return CareCategory.objects.filter(pk__in=CareRecord.objects.by_duty(request.user).order_by().values("category"))


def _helpers(request: Any) -> QuerySet[User]:
    """Of those whose helpers the user may see: level 2 is where the ledger is maintained."""
    records = CareRecord.objects.by_duty(request.user, Action.CARE_EDIT).current()
    return User.objects.filter(pk__in=records.exclude(helper=None).order_by().values("helper")).order_by("name", "pk")


class CareFilter(InVillages):
    category = django_filters.ModelChoiceFilter(label="类别", queryset=_categories, empty_label="全部类别")
    tier = django_filters.ChoiceFilter(label="等级", choices=Tier.choices, empty_label="全部等级")
    helper = django_filters.ModelChoiceFilter(label="结对帮扶人", queryset=_helpers, empty_label="全部", method="of_helper")
    q = WordsFilter("姓名或拼音", lambda words: name_q(words, name="resident__name", key="resident__name_pinyin"))

    def of_helper(self, rows: QuerySet[Any], name: str, value: User) -> QuerySet[Any]:
        maintained = CareRecord.objects.by_duty(self.request.user, Action.CARE_EDIT).order_by().values("pk")
        return rows.filter(helper=value, pk__in=maintained)


def due_of(record: CareRecord) -> Due | None:
    """How long until somebody has to be reached, or since."""
    return DUE.due(record, timezone.now())


def tags_of(record: CareRecord) -> list[Tag | None]:
    gone = record.left_on is None and record.resident.status != Resident.Status.PRESENT
    climbed = record.left_on is None and record.level != CareRecord.Level.HELPER
    return [
        Tag(f"已{record.resident.get_status_display()}，请办理退出", "late") if gone else None,
        Tag(f"已升级到{record.get_level_display()}", "late") if climbed else None,
    ]


TIER_TONES: dict[str, str] = {Tier.HIGH: "late", Tier.KEY: "near", Tier.NORMAL: ""}
CARE = Listing(
    "特殊困难群体",
    [
        Col("姓名", "resident.name", whole=True, tags=tags_of),
        Col("类别", "category"),
        Col("等级", tags=lambda record: [Tag(record.get_tier_display(), TIER_TONES[record.tier])]),
        Col("住处", place_of),
        Col("结对帮扶人", for_level(Level.CONTACT, helper_name)),
        Col("最近探访", "last_on", sort="last_on"),
        Col("应探访", "due_on", sort="due_on", tags=lambda record: [due_of(record)], tabs=("due", "late", "all", "judge")),
        Col("评定", "judged_on", sort="judged_on", tabs=("judge",)),
        Col("退出", "left_on", sort="left_on", hint="left_reason", tabs=("left",)),
    ],
    CareFilter,
    href="volunteers:care-detail",
    unit="人",
    actions=(
        TO_ENTER,
        To("专项探访", "volunteers:round-list", needs=(Action.CARE_EDIT,), first=False),
        To("风险户", "volunteers:risk-list", needs=(Action.CARE_VIEW,), first=False),
        To("导入原台账", "admin:volunteers_careimport_changelist", needs=(Action.CARE_IMPORT,), first=False),
    ),
    exports=(To("导出特殊群体台账", "volunteers:care-export", needs=(Action.EXPORT,)),),
    tabs=(
        Tab("due", "该探访", lambda rows, user: rows.present().filter(DUE.by(timezone.now())), BY_DAY, "今天没有该探访的人。", (TO_ALL,)),
        Tab("late", "已逾期", lambda rows, user: CARE_LATE.late_among(rows, timezone.now()), BY_DAY, "没有逾期未探访的人。", (TO_ALL,)),
        Tab("all", "全部在册", lambda rows, user: rows.current(), ("village__path", "pk")),
        Tab("judge", "该评定", lambda rows, user: rows.to_judge(today()), ("judged_on", "pk"), "没有该评定的人。", (TO_ALL,)),
        Tab("gone", "该退出", lambda rows, user: rows.gone(), ("village__path", "pk"), "没有该退出的人。", (TO_ALL,)),
        Tab("left", "已退出", lambda rows, user: rows.exclude(left_on=None), ("-left_on", "-pk")),
    ),
    empty="台账里还没有人。",
    steps=(TO_ENTER,),
    everything=To("看看全部在册", "?tab=all"),
)


CHILDREN = replace(CARE, title="儿童关爱", actions=(TO_ENTER,), exports=())


class ProposalFilter(InVillages):
    place = "household__village"
    q = WordsFilter("姓名或拼音", lambda words: name_q(words, name="name", key="name_pinyin"))


def _age(resident: Resident) -> str:
    assert resident.birth_date is not None
    day, born = today(), resident.birth_date
    return f"{day.year - born.year - ((day.month, day.day) < (born.month, born.day))} 岁"


def _entry(row: Any) -> str:
    return reverse("volunteers:care-create", query={"resident": row.pk, "category": row.category_id})


def _by_rule(label: str, rule: CareCategory.Rule) -> Tab:
    def narrow(rows: QuerySet[Any], user: User) -> QuerySet[Any]:
        return proposed(user, rule, today()).select_related("household__village", "household__unit")

    return Tab(rule.value, label, narrow, ("household__village__path", "pk"))


PROPOSALS = Listing(
    "从名册提出",
    [
        Col("姓名", "name", whole=True, hint=_age),
        Col("提为", "category_name"),
        Col("住处", lambda row: place_of(row.household)),
        Col("", lambda row: "不纳入", href=lambda row: reverse("volunteers:care-decline", args=[row.pk, row.category_id])),
        Col("", lambda row: "纳入", href=_entry, go=True),
    ],
    ProposalFilter,
    unit="人",
    tabs=(
        _by_rule("独居老人", CareCategory.Rule.OLD_ALONE),
        _by_rule("空巢老人", CareCategory.Rule.OLD_PAIR),
        _by_rule("留守儿童", CareCategory.Rule.CHILD_LEFT),
    ),
    hint="按名册的年龄和同住人提出，是否纳入由人决定。名册之外的困难，在“住户”里打开那一户纳入。",
    parent=To("特殊困难群体", "volunteers:care-list"),
    empty="名册里没有要提出的人。",
)
