"""What villages disclose as lists and ledgers, in the usual headings (domain.md §12 村务公开)."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.utils import timezone

from governance.accounts.duties import Action
from governance.disclosure.affairs.due import AFFAIR, ANSWERED, QUESTION, shown_due
from governance.disclosure.affairs.models import Affair, AffairKind, AffairQuestion, AffairTurn
from governance.frame.columns import Col, Tag, Tagged
from governance.frame.exports import Ledger
from governance.frame.filters import PageFilter, PartFilter, PeriodFilter, WordsFilter
from governance.frame.lists import Listing, To
from governance.periods import today
from governance.privacy import mask_phone
from villages.filters import InVillages

State = Affair.State
VERSIONS = Prefetch("affairs", Affair.objects.order_by("-version").defer("rows", "columns").select_related("reviewed_by"))
TONES = {
    State.DRAFT: "waiting", State.REVIEW: "info", State.REVIEWED: "info", State.PUBLISHED: "good", State.ARCHIVED: "good",
    State.CORRECTED: "", State.WITHDRAWN: "late",
}  # fmt: skip


def newest(turn: AffairTurn) -> Affair | None:
    """The last version of rows that were read with VERSIONS."""
    return next(iter(turn.affairs.all()), None)


def standing(turn: AffairTurn) -> Affair | None:
    return next((affair for affair in turn.affairs.all() if affair.state in Affair.STANDING), None)


def state_words(turn: AffairTurn) -> str:
    last = newest(turn)
    if turn.cancelled_at is not None:
        return "已取消"
    return last.get_state_display() if last else "未拟稿"


def _tags(turn: AffairTurn) -> list[Tagged | None]:
    last = newest(turn)
    shown = standing(turn)
    tone = TONES[State(last.state)] if last and turn.cancelled_at is None else "waiting"
    also = Tag("公开中", "good") if shown and last and shown.pk != last.pk else None
    return [Tag(state_words(turn), tone), also]


def _due(turn: AffairTurn) -> list[Tagged | None]:
    waits = turn.cancelled_at is None and standing(turn) is None
    return [shown_due(turn, timezone.now()) if waits else None]


def _in_state(*states: str) -> Any:
    found = Affair.objects.filter(turn=OuterRef("pk"), state__in=states)
    return lambda rows: rows.filter(Exists(found))


class TurnFilter(InVillages):
    section = django_filters.ChoiceFilter(label="类别", field_name="kind__section", choices=AffairKind.Section, empty_label="全部")
    state = PartFilter(
        "状态",
        {
            "": ("全部", lambda rows: rows),
            "waiting": ("还没公开", lambda rows: rows.filter(pk__in=AffairTurn.objects.waiting(today()).order_by().values("pk"))),
            "late": ("逾期没公开", lambda rows: AFFAIR.late_among(rows, timezone.now())),
            "draft": ("草稿", _in_state(State.DRAFT)),
            "review": ("待审核", _in_state(State.REVIEW)),
            "reviewed": ("待发布", _in_state(State.REVIEWED)),
            "published": ("公开中", _in_state(State.PUBLISHED)),
            "archived": ("往期", _in_state(State.ARCHIVED)),
            "withdrawn": ("有撤回的", _in_state(State.WITHDRAWN)),
        },
    )
    month = PeriodFilter("最迟公开", "due_on")
    q = WordsFilter("事项或事由里的字", "kind__name__contains", "event__contains")


TURNS = Listing(
    "事务公开",
    [
        Col("公开事项", "kind.name", whole=True, strong=True, hint="of"),
        Col("村（社区）", "village"),
        Col("类别", "kind.get_section_display"),
        Col("最迟公开", "due_on", sort="due_on", tags=_due),
        Col("首次公开", "met_on", sort="met_on"),
        Col("状态", tags=_tags),
    ],
    TurnFilter,
    order=("-due_on", "village__path", "kind__position", "pk"),
    href="disclosure:affair-turn",
    hint="党务、村务、财务：到期自动列出要公开的事项，拟稿后由村（居）务监督委员会审核，再发布。",
    unit="项",
    actions=(
        To("及时公开一件事", "disclosure:affair-open", needs=(Action.AFFAIR_EDIT,)),
        To("质询", "disclosure:affair-question-list", first=False),
        To("公开目录", "disclosure:affair-kinds", first=False),
    ),
    exports=(To("导出事务公开台账", "disclosure:affair-export", needs=(Action.EXPORT,)),),
    empty="还没有到期要公开的事项。",
    steps=(To("镇里先定公开目录", "disclosure:affair-kinds"),),
    none_found="没有符合的事项。",
)


def _reviewer(turn: AffairTurn) -> str:
    affair = standing(turn) or newest(turn)
    return affair.reviewed_by.name if affair and affair.reviewed_by else ""


def _remark(turn: AffairTurn) -> str:
    last = newest(turn)
    return turn.cancel_reason or (last.withdrawn_reason if last and last.state == State.WITHDRAWN else "")


def _official(at: str = "") -> list[Col]:
    """The usual headings, in their order; `at` leads from the row to the item."""
    return [
        Col("公开事项", f"{at}name", width=22),
        Col("公开依据", f"{at}basis", width=30),
        Col("公开时限", f"{at}deadline", width=26),
        Col("公开主体", f"{at}body", width=16),
        Col("公开渠道", f"{at}channel", width=24),
        Col("公开层级", f"{at}level", width=12),
    ]


LEDGER = Ledger.of(
    "事务公开台账",
    [
        *_official("kind."),
        Col("村（社区）", "village.name", width=16),
        Col("类别", "kind.get_section_display", width=8),
        Col("期间或事由", "of", width=24),
        Col("最迟公开", "due_on"),
        Col("首次公开", "met_on"),
        Col("审核人", _reviewer, width=10),
        Col("状态", state_words, width=14),
        Col("备注", _remark, width=24),
    ],
    related=("kind", "village"),
    prefetch=(VERSIONS,),
    order=("village__path", "due_on", "pk"),
    numbered=True,
    state="状态",
)


class QuestionFilter(InVillages):
    place = "affair__turn__village"
    state = PartFilter(
        "状态",
        {
            "": ("全部", lambda rows: rows),
            "open": ("待答复", lambda rows: rows.filter(answered_at=None)),
            "late": ("逾期未答复", lambda rows: QUESTION.late_among(rows, timezone.now())),
            "done": ("已答复", lambda rows: rows.exclude(answered_at=None)),
        },
    )
    q = WordsFilter("受理编号或内容里的字", "number__contains", "text__contains")


def _question_tags(question: AffairQuestion) -> list[Tagged | None]:
    if question.answered_at is not None:
        return [Tag("已答复", "good")]
    return [Tag("待答复", "waiting"), ANSWERED.due(question, timezone.now())]


QUESTIONS = Listing(
    "质询",
    [
        Col("受理编号", "number", strong=True),
        Col("公开内容", "affair.title", whole=True),
        Col("村（社区）", "affair.turn.village"),
        Col("想问什么", "text", whole=True),
        Col("提出时间", "received_at"),
        Col("最迟答复", "answer_by", sort="answer_by"),
        Col("状态", tags=_question_tags),
    ],
    QuestionFilter,
    href="disclosure:affair-question",
    parent=To("事务公开", "disclosure:affair-list"),
    exports=(To("导出质询台账", "disclosure:affair-question-export", needs=(Action.EXPORT,)),),
    empty="还没有人提出质询。",
    none_found="没有符合的质询。",
)
QUESTION_LEDGER = Ledger.of(
    "质询台账",
    [
        Col("村（社区）", "affair.turn.village.name", width=16),
        Col("公开内容", "affair.title", width=32),
        Col("受理编号", "number", width=16),
        Col("提出人", "name", width=10),
        Col("联系电话（脱敏）", lambda question: mask_phone(question.phone), width=16),
        Col("质询内容", "text", width=40),
        Col("提出时间", "received_at", width=18),
        Col("最迟答复", "answer_by"),
        Col("代录人", "received_by.name", width=10),
        Col("状态", "state_words", width=10),
        Col("答复", "answer", width=40),
        Col("答复人", "answered_by.name", width=10),
        Col("答复时间", "answered_at", width=18),
    ],
    related=("affair__turn__village", "received_by", "answered_by"),
    defer=("affair__rows", "affair__columns"),
    numbered=True,
    state="状态",
)


class KindFilter(PageFilter):
    section = django_filters.ChoiceFilter(label="类别", choices=AffairKind.Section, empty_label="全部")
    state = PartFilter(
        "状态",
        {
            "": ("启用的", lambda rows: rows.filter(is_active=True)),
            "off": ("停用的", lambda rows: rows.filter(is_active=False)),
            "all": ("全部", lambda rows: rows),
        },
    )


KINDS = Listing(
    "公开目录",
    [
        Col("公开事项", "name", whole=True, strong=True, tags=lambda kind: [None if kind.is_active else Tag("停用")], width=22),
        Col("类别", "get_section_display", width=8),
        Col("公开依据", "basis", whole=True, width=30),
        Col("公开时限", "deadline", width=26),
        Col("公开主体", "body", width=16),
        Col("公开渠道", "channel", width=24),
        Col("公开层级", "level", width=12),
    ],
    KindFilter,
    order=("township__path", "position", "pk"),
    hint="村里要公开什么、多久公开一次。由镇工作人员在管理后台维护。",
    parent=To("事务公开", "disclosure:affair-list"),
    unit="项",
    exports=(To("导出公开目录", "disclosure:affair-kinds-export", needs=(Action.EXPORT,)),),
    empty="镇里还没有定公开目录。",
    steps=(
        To("在管理后台补齐自带的目录", "admin:disclosure_affairkind_changelist", needs=(Action.AFFAIR_CATALOGUE,)),
        To("请镇工作人员在管理后台补齐自带的目录。", ""),
    ),
    none_found="没有符合的事项。",
)
CATALOGUE = Ledger.of(
    "事务公开目录",
    [*_official(), Col("类别", "get_section_display", width=8), Col("状态", lambda kind: "启用" if kind.is_active else "停用")],
    order=KINDS.order,
    numbered=True,
    state="状态",
)


def turns_of(rows: QuerySet[AffairTurn]) -> QuerySet[AffairTurn]:
    """With what the list reads of each row."""
    return rows.select_related("kind", "village").prefetch_related(VERSIONS)
