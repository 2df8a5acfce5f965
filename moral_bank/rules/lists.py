"""Lists of rule sets, and of the deeds of one."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q

from governance.accounts.duties import Action
from governance.frame.columns import Col, Tag
from governance.frame.filters import PageFilter, PartFilter, WordsFilter
from governance.frame.lists import Listing, To
from moral_bank.rules.models import Deed, Head, RuleSet
from moral_bank.rules.rows import caps_words, score_words
from villages.models import Unit

CAPPED = Q(cap_month__isnull=False) | Q(cap_quarter__isnull=False) | Q(cap_year__isnull=False)


class RuleFilter(PageFilter):
    """By township, asked only of those who see several."""

    township = django_filters.ChoiceFilter(label="乡镇", empty_label="全部乡镇")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seen = RuleSet.objects.visible_to(self.request.user).order_by().values("township")
        towns = [(str(unit.pk), str(unit)) for unit in Unit.objects.filter(pk__in=seen).order_by("path")]
        if len(towns) > 1:
            self.filters["township"].extra["choices"] = towns
        else:
            del self.filters["township"]


class DeedFilter(PageFilter):
    head = django_filters.ChoiceFilter(label="类别", choices=Head.choices, empty_label="全部类别")
    kind = PartFilter(
        "分值",
        {
            "": ("全部分值", lambda rows: rows),
            "gain": ("加分", lambda rows: rows.filter(score__gt=0)),
            "loss": ("扣分", lambda rows: rows.filter(score__lt=0)),
            "judged": ("评定分值", lambda rows: rows.filter(score_high__isnull=False)),
            "veto": ("一票否决", lambda rows: rows.filter(is_veto=True)),
            "capped": ("有上限", lambda rows: rows.filter(CAPPED)),
        },
    )
    q = WordsFilter("事项、编号或原类别", "name__contains", "code__iexact", "category__contains")


def state_tag(rule_set: RuleSet, running: int | None) -> Tag:
    """`running`: the key of the version that counts today."""
    if rule_set.pk == running:
        return Tag("正在施行", "good")
    return Tag("草稿", "waiting") if rule_set.state == RuleSet.State.DRAFT else Tag("已施行")


def _meeting(rule_set: RuleSet) -> str:
    return f"{rule_set.meeting_on} {rule_set.meeting_body}" if rule_set.meeting_on else ""


def _about(deed: Deed) -> str:
    return " ".join(words for words in (deed.category, deed.audience, deed.note) if words)


def _points(deed: Deed) -> str:
    return f"积分 {deed.points}" if deed.points and deed.points != deed.score else ""


RULES = Listing(
    "积分细则",
    [
        Col("细则", str, whole=True),
        Col("乡镇", "township"),
        Col("施行日期", "valid_from", sort="valid_from"),
        Col("状态", tags=lambda rule_set: [state_tag(rule_set, rule_set.running)]),
        Col("事项", "deed_total", num=True),
        Col("通过的会议", _meeting),
    ],
    RuleFilter,
    order=("township__path", "-version"),
    href="moral_bank:rule-detail",
    unit="个版本",
    hint="施行的版本不能修改，要改请复制为新版本；已锁定的月份不受新版本影响。",
    empty="还没有积分细则。",
    steps=(To("新建第一版", "admin:moral_bank_ruleset_add", needs=(Action.RULE_EDIT,)), To("由镇工作人员新建。", "")),
)

DEEDS = Listing(
    "积分事项",
    [
        Col("编号", "code"),
        Col("事项", "name", hint=_about, tags=lambda deed: [Tag("一票否决", "late")] if deed.is_veto else [], whole=True),
        Col("评分", score_words, hint=_points, num=True, tone=lambda deed: "plus" if deed.score > 0 else "minus"),
        Col("上限", lambda deed: caps_words(deed) or "不限"),
        Col("核实人", "get_verifier_display"),
    ],
    DeedFilter,
    order=("place", "code"),
    parent=To("积分细则", "moral_bank:rule-list"),
    unit="项",
    empty="还没有积分事项。",
    none_found="没有符合的事项。",
)
