"""Lists of claims, by where each stands, and of appeals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.text import Truncator

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.columns import Col, Tag, day_of, signed
from governance.frame.filters import PeriodFilter, WordsFilter
from governance.frame.lists import Listing, Tab, To
from moral_bank.claims.exports import subject_of
from moral_bank.claims.services import claims_waiting_for
from moral_bank.models import Appeal, Claim
from villages.filters import InVillages, of_household

HOME = "account__household__"
State = Claim.State
TONES = {State.POSTED: "good", State.REJECTED: "late", State.WITHDRAWN: ""}
APPEAL_TONES = {Appeal.State.OPEN: "waiting", Appeal.State.UPHELD: "good", Appeal.State.DISMISSED: ""}
STATE_TABS = ("", "all", "declared")


class ClaimFilter(InVillages):
    place = f"{HOME}village"
    month = PeriodFilter("发生月份", "occurred_on")
    state = django_filters.ChoiceFilter(label="状态", choices=State.choices, empty_label="全部状态")
    q = WordsFilter("户主、拼音、户号或事项", *of_household(HOME), "deed__name__contains")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.data.get("tab", "") not in STATE_TABS:
            del self.filters["state"]


class AppealFilter(InVillages):
    place = f"{HOME}village"
    state = django_filters.ChoiceFilter(label="状态", choices=Appeal.State.choices, empty_label="全部状态")
    q = WordsFilter("户主、拼音、户号或申诉的人", *of_household(HOME), "name__contains")


def state_tag(claim: Claim) -> Tag:
    return Tag(claim.get_state_display(), TONES.get(State(claim.state), "waiting"))


def appeal_tag(appeal: Appeal) -> Tag:
    return Tag(appeal.get_state_display(), APPEAL_TONES[Appeal.State(appeal.state)])


def _home(claim: Claim) -> str:
    return reverse("villages:household-detail", args=[claim.account.household_id])


def _place(claim: Claim) -> str:
    household = claim.account.household
    return str(household.village) if household.unit_id == household.village_id else f"{household.village} {household.unit}"


def _deed(claim: Claim) -> str:
    return f"{claim.deed.name} ×{claim.quantity}" if claim.deed.by_quantity else claim.deed.name


def _deed_link(claim: Claim) -> str:
    return reverse("moral_bank:claim-detail", args=[claim.pk])


def _alike(claim: Any) -> list[Tag]:
    return [Tag("当天有同一事项，请核对是否记重", "near")] if claim.alike else []


def _appeal(claim: Claim) -> str:
    appeal = getattr(claim, "appeal", None)
    if appeal is None:
        return ""
    return f"{'' if appeal.state == Appeal.State.UPHELD else '申诉'}{appeal.get_state_display()}"


def _appeal_link(claim: Claim) -> str:
    appeal = getattr(claim, "appeal", None)
    return reverse("moral_bank:appeal-detail", args=[appeal.pk]) if appeal else ""


def _reason(claim: Claim) -> str:
    return f"{claim.decided_by.name}：{claim.reason}" if claim.reason and claim.decided_by else claim.reason


def _waiting(rows: QuerySet[Claim], user: User) -> QuerySet[Claim]:
    return rows.filter(pk__in=claims_waiting_for(user).order_by().values("pk"))


def _in(state: str) -> Callable[[Any, User], Any]:
    return lambda rows, user: rows.filter(state=state)


LATEST = ("-pk",)
TO_LOG = To("选一户记一笔", "villages:household-list", needs=(Action.CLAIM_DECLARE,))
SETTLED = ("declared", "returned", "verified", "approved", "posted", "all")

CLAIMS = Listing(
    "申报",
    [
        Col("户主", "account.household.head_name"),
        Col("住处", _place),
        Col("事项", _deed, href=_deed_link, hint="note", tags=_alike),
        signed("评分", "score"),
        Col("发生日期", "occurred_on"),
        Col("申报人", lambda claim: claim.applicant or claim.declared_by.name,
            hint=lambda claim: f"（{claim.declared_by.name}代录）" if claim.applicant else ""),
        Col("状态", _appeal, href=_appeal_link, tags=lambda claim: [state_tag(claim)], hint=_reason, tabs=SETTLED),
        Col("", cell="moral_bank/claims/_verify.html", whole=True, tabs=("waiting",)),
    ],
    ClaimFilter,
    href=_home,
    actions=(
        To("多户一起记", "moral_bank:claim-batch", needs=(Action.CLAIM_DECLARE,), first=False),
        To("导入积分台账", "moral_bank:claim-import", needs=(Action.CLAIM_DECLARE,), first=False),
        To("申诉", "moral_bank:appeal-list", first=False),
    ),
    exports=(To("导出台账", "moral_bank:claim-export", needs=(Action.EXPORT,)),),
    tabs=(
        Tab("waiting", "待我核实", _waiting, ("pk",), "没有等您核实的申报。"),
        Tab("declared", "我申报的", lambda rows, user: rows.filter(declared_by=user), LATEST, "您还没有申报过。", (TO_LOG,)),
        Tab("returned", "退回我的", lambda rows, user: rows.filter(declared_by=user, state=State.REJECTED), LATEST, "没有退回给您的申报。"),
        Tab("verified", "待评议", _in(State.VERIFIED), LATEST, "没有等待评议的申报。",
            (To("核实通过的申报会到这里，由村评议小组评议。", ""),)),
        Tab("approved", "待公示入账", _in(State.APPROVED), LATEST, "没有等待公示入账的申报。",
            (To("评议通过的申报随当月公示，锁定后入账。", ""),)),
        Tab("posted", "已入账", _in(State.POSTED), LATEST, "还没有入账的申报。", (To("当月评分锁定时，公示过的申报一起入账。", ""),)),
        Tab("all", "全部", lambda rows, user: rows, LATEST, "还没有申报。", (TO_LOG,)),
    ),
    none_found="没有符合的申报。",
)  # fmt: skip

APPEALS = Listing(
    "申诉",
    [
        Col("户主", "account.household.head_name", hint="account.household.village", whole=True),
        Col("申诉事项", subject_of),
        Col("申诉的人", "name"),
        Col("理由", lambda appeal: Truncator(appeal.text).chars(60), whole=True),
        Col("时间", day_of("received_at")),
        Col("状态", tags=lambda appeal: [appeal_tag(appeal)]),
    ],
    AppealFilter,
    href="moral_bank:appeal-detail",
    parent=To("申报", "moral_bank:claim-list"),
    unit="件",
    exports=(To("导出台账", "moral_bank:appeal-export", needs=(Action.EXPORT,)),),
    empty="没有申诉。退回的申报、扣分和一票否决的记录可以申诉一次。",
    steps=(To("看申报", "moral_bank:claim-list"),),
    none_found="没有符合的申诉。",
)
