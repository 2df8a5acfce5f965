"""The list of decisions: what it asks, what it shows of a row (plan §三.1)."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action
from governance.councils.decisions.kind_models import DecisionKind, Gate
from governance.councils.decisions.models import Decision, GateRecord
from governance.councils.decisions.words import UNCHECKED
from governance.frame.columns import Col, Tag
from governance.frame.filters import PartFilter, WordsFilter
from governance.frame.lists import Listing, To
from governance.periods import today
from villages.filters import InVillages

TONES = {
    Decision.State.RUNNING: "waiting",
    Decision.State.ADOPTED: "info",
    Decision.State.FINISHED: "good",
    Decision.State.WITHDRAWN: "",
    Decision.State.HISTORY: "",
}
READY = "各步都已办好"


class DecisionFilter(InVillages):
    kind = django_filters.ChoiceFilter(label="程序", field_name="kind__code", empty_label="全部程序")
    stuck = django_filters.ChoiceFilter(label="卡在哪一步", field_name="stuck_at", empty_label="不限")
    state = PartFilter(
        "状态",
        {
            "": ("在办的", lambda rows: rows.running()),
            "adopted": ("已通过", lambda rows: rows.exclude(adopted_at=None).filter(finished_at=None)),
            "finished": ("已办结", lambda rows: rows.exclude(finished_at=None)),
            "withdrawn": ("已撤回", lambda rows: rows.exclude(withdrawn_at=None)),
            "history": ("历史", lambda rows: rows.filter(is_history=True)),
            "all": ("全部", lambda rows: rows),
        },
    )
    q = WordsFilter("编号、事项或事由里的字", "number__icontains", "title__contains", "purpose__contains")

    def __init__(self, data: Any, rows: QuerySet[Any], *, request: UserRequest) -> None:
        super().__init__(data, rows, request=request)
        kinds = DecisionKind.objects.visible_to(request.user)
        self.filters["kind"].extra["choices"] = list(dict(kinds.order_by("code", "version").values_list("code", "name")).items())
        names = Gate.objects.filter(kind__in=kinds.order_by().values("pk")).order_by("name").values_list("name", flat=True).distinct()
        self.filters["stuck"].extra["choices"] = [(name, name) for name in names]


def shown_rows(rows: Any) -> Any:
    """Decisions with what a list says of them: where they are stuck, whether a rule that counts is 待核."""
    unchecked = Gate.objects.unchecked()
    followed = GateRecord.objects.filter(decision=OuterRef("pk"), gate__in=unchecked.values("pk"))
    offered = unchecked.filter(kind=OuterRef("kind"))
    is_open = Q(finished_at=None, withdrawn_at=None, is_history=False)
    either = ExpressionWrapper(Q(Exists(followed)) | (is_open & Q(Exists(offered))), BooleanField())
    return rows.with_missing(today()).annotate(is_unchecked=either)


def where_words(decision: Any) -> str:
    """Where an open decision is stuck, with the figure."""
    return (decision.stuck_words or READY) if decision.is_open else ""


def _tags(decision: Any) -> list[Tag | None]:
    state = decision.state
    return [Tag(state.label, TONES[state]), Tag(UNCHECKED, "near") if decision.is_unchecked else None]


BEGIN = To("登记决策事项", "councils:decision-begin", needs=(Action.DECISION_RUN,))

DECISIONS = Listing(
    "决策事项",
    [
        Col("提议事项", "title", hint="number", whole=True, strong=True),
        Col("村（社区）", "village", sort="village__path"),
        Col("程序", "kind.name"),
        Col("提议时间", "proposed_on", sort="proposed_on"),
        Col("卡在哪一步", where_words, whole=True),
        Col("状态", tags=_tags),
    ],
    DecisionFilter,
    order=("-proposed_on", "-pk"),
    href="councils:decision-detail",
    unit="件",
    actions=(
        BEGIN,
        To("推选一长四员", "councils:election-list", needs=(Action.DECISION_RUN,), first=False),
        To("导入旧台账", "admin:councils_decisionimport_add", needs=(Action.DECISION_KIND,), first=False),
    ),
    exports=(To("导出决策台账", "councils:decision-export", needs=(Action.EXPORT,)),),
    empty="这里还没有决策事项。",
    steps=(BEGIN, To("由村（社区）登记。", "")),
    none_found="没有符合的决策事项。",
    everything=To("看看全部", "?state=all"),
)
