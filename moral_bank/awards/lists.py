"""Lists of nominations, honours and private reminders: what they ask, what they show of a row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import django_filters
from django.db.models import QuerySet

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action
from governance.frame.columns import Col, Tag, read
from governance.frame.filters import PartFilter, PeriodFilter, WordsFilter
from governance.frame.lists import Listing, To
from governance.periods import Kind, Period, today
from moral_bank.awards.honours import half_of, period_label
from moral_bank.awards.models import Honour, Nomination
from moral_bank.models import Rating
from villages.filters import InVillages, of_household
from villages.numbers.services import IN_ORDER
from villages.units.lineage import villages_before

HOME = "account__household__"
PERIODS_BACK = 6
TONES = {"nominated": "waiting", "recommended": "waiting", "noticed": "waiting", "confirmed": "good", "refused": ""}
NOMINATE = To("提名一户", "moral_bank:award-create", needs=(Action.AWARD_NOMINATE,))


def halves_shown() -> list[Period]:
    """The running half-year and those before it, latest first."""
    return Period.of(Kind.HALF, today()).back(PERIODS_BACK)


def years_shown() -> list[tuple[str, str]]:
    return [(str(year), f"{year}年") for year in range(today().year, today().year - PERIODS_BACK, -1)]


def words_filter() -> WordsFilter:
    return WordsFilter("户主姓名、拼音或户号", *of_household(HOME))


class NominationFilter(InVillages):
    half = PeriodFilter("半年", "half", periods=halves_shown, empty_label="全部半年")
    village = django_filters.ChoiceFilter(label="村（社区）", empty_label="全部村（社区）", method="of_village")
    state = django_filters.ChoiceFilter(label="状态", choices=Nomination.State.choices, empty_label="全部状态")
    q = words_filter()

    def of_village(self, rows: QuerySet[Nomination], name: str, village: str) -> QuerySet[Nomination]:
        """Of the village, or of one that it took over."""
        return rows.filter(village__in=[village, *villages_before(today()).get(int(village), ())])


class HonourFilter(InVillages):
    place = f"{HOME}village"
    period = django_filters.ChoiceFilter(label="年度", lookup_expr="startswith", choices=years_shown, empty_label="全部年度")
    kind = django_filters.ChoiceFilter(label="荣誉", choices=Honour.Kind.choices, empty_label="全部荣誉")
    state = PartFilter(
        "状态",
        {
            "": ("有效", lambda rows: rows.filter(revoked_on=None)),
            "revoked": ("已撤销", lambda rows: rows.exclude(revoked_on=None)),
        },
    )
    q = words_filter()


class ReminderFilter(InVillages):
    """Ratings without a star of one quarter: the one that is chosen, else the latest that has any."""

    place = f"{HOME}village"
    period = django_filters.ChoiceFilter(label="季度", empty_label=None, method="of_quarter")
    told = PartFilter(
        "状态",
        {
            "": ("全部", lambda rows: rows),
            "0": ("待提醒", lambda rows: rows.filter(reminder=None)),
            "1": ("已提醒", lambda rows: rows.exclude(reminder=None)),
        },
    )
    q = words_filter()

    def __init__(self, data: Any, rows: QuerySet[Rating], *, request: UserRequest) -> None:
        super().__init__(data, rows, request=request)
        starts = rows.order_by("-closing__start").values_list("closing__start", flat=True).distinct()
        self.quarters = [Period(Kind.QUARTER, start) for start in starts[:PERIODS_BACK]]
        if self.quarters:
            self.filters["period"].extra["choices"] = [(str(quarter), quarter.label) for quarter in self.quarters]
        else:
            del self.filters["period"]

    @property
    def quarter(self) -> Period | None:
        """None where no household lacks stars."""
        chosen = self.value("period")
        return Period.parse(chosen) if chosen else next(iter(self.quarters), None)

    def filter_queryset(self, rows: QuerySet[Rating]) -> QuerySet[Rating]:
        matches = super().filter_queryset(rows)
        return matches.in_period(self.quarter) if self.quarter else matches.none()  # type: ignore[no-any-return]

    def of_quarter(self, rows: QuerySet[Rating], name: str, quarter: str) -> QuerySet[Rating]:
        return rows


def _address(row: Any) -> str:
    return f"{row.village} {row.account.household.unit}"


def _vote(row: Nomination) -> str:
    return f"到会 {row.present}，同意 {row.votes_yes}" if row.judged_on else ""


def of_reminder(path: str) -> Callable[[Rating], Any]:
    """What the household's reminder says, None where there is none yet."""
    return lambda rating: read(getattr(rating, "reminder", None), path)


NOMINATIONS = Listing(
    "最美家庭",
    [
        Col("户主", "account.household.head_name", hint="account.household.number", whole=True),
        Col("期间", lambda row: half_of(row.half).label),
        Col("住处", _address),
        Col("提名方式", "get_source_display"),
        Col("提名人", "nominator"),
        Col("评议结果", _vote),
        Col("状态", tags=lambda row: [Tag(row.get_state_display(), TONES[row.state])]),
    ],
    NominationFilter,
    href="moral_bank:award-detail",
    order=("-half", "village__path", "pk"),
    unit="户",
    actions=(
        To("提名", "moral_bank:award-create", needs=(Action.AWARD_NOMINATE,)),
        To("按积分提名", "moral_bank:award-candidates", needs=(Action.AWARD_NOMINATE,), first=False),
        To("各村进度和公示", "moral_bank:award-board", needs=(Action.NOTICE_PUBLISH,), first=False),
        To("红榜", "moral_bank:honour-list", first=False),
    ),
    exports=(To("导出登记", "moral_bank:award-export", needs=(Action.EXPORT,)),),
    empty="还没有提名最美家庭。",
    steps=(NOMINATE, To("请村干部或院户长提名。", "")),
    none_found="没有符合的提名。",
)

HONOURS = Listing(
    "红榜",
    [
        Col("户主", "account.household.head_name", tags=lambda row: [Tag("已撤销", "late")] if row.revoked_on else [], whole=True),
        Col("期间", period_label),
        Col("荣誉", "get_kind_display"),
        Col("住处", lambda row: f"{row.account.household.village} {row.account.household.unit}"),
        Col("证书编号", "number"),
        Col("授予日期", "granted_on", sort="granted_on"),
    ],
    HonourFilter,
    href="moral_bank:honour-detail",
    order=("-granted_on", "village__path", *IN_ORDER),
    unit="户",
    actions=(To("最美家庭提名", "moral_bank:award-list", first=False),),
    exports=(
        To("打印红榜", "moral_bank:honour-sheet"),
        To("打印证书", "moral_bank:honour-print", ("certificate",), needs=(Action.AWARD_CONFIRM,)),
        To("打印最美家庭牌", "moral_bank:honour-print", ("plate",), needs=(Action.AWARD_CONFIRM,)),
        To("导出红榜", "moral_bank:honour-export", needs=(Action.EXPORT,)),
    ),
    empty="红榜还是空的：年结锁定后有年度优秀户，镇审定后有最美家庭。",
    none_found="没有符合的荣誉。",
)

REMINDERS = Listing(
    "整改提醒",
    [
        Col("户主", "account.household.head_name", hint="account.household.number", whole=True),
        Col("住处", lambda rating: f"{rating.closing.village} {rating.account.household.unit}"),
        Col("得分", "score", num=True),
        Col("原因", lambda rating: "一票否决" if rating.vetoed else "不到二星"),
        Col(
            "提醒",
            of_reminder("told_on"),
            hint=of_reminder("told_by.name"),
            tags=lambda rating: [] if hasattr(rating, "reminder") else [Tag("待提醒", "waiting")],
        ),
        Col("约定怎么改", of_reminder("note")),
    ],
    ReminderFilter,
    href="moral_bank:reminder-detail",
    order=("closing__village__path", "account__household__number_key", "pk"),
    hint="季度锁定后不评星的户，当面、私下提醒。不张贴、不公开，不与任何待遇挂钩。",
    unit="户",
    exports=(
        To("打印提醒单", "moral_bank:reminder-print"),
        To("导出登记", "moral_bank:reminder-export", needs=(Action.EXPORT,)),
    ),
    empty="没有要提醒的户。",
    steps=(To("季度评星锁定后，不评星的户会出现在这里。", ""),),
    none_found="没有符合的户。",
)
