"""What the page of a list shows: its versions, what may be done next and by whom."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.disclosure.affairs.models import Affair, AffairTurn
from governance.disclosure.affairs.timing import Rule

State = Affair.State


@dataclass(frozen=True)
class Button:
    """`taps`: pressed at once; `rest`: among the seldom ones."""

    label: str
    link: str
    taps: bool = False
    first: bool = False
    rest: bool = False


def buttons_of(turn: AffairTurn, versions: list[Affair], user: User) -> tuple[list[Button], str]:
    """What `user` may do next, and why they may not where they might think so. `versions`: latest first."""
    writes = user.may(Action.AFFAIR_EDIT, turn.village.path)
    last = versions[0] if versions else None
    if turn.cancelled_at is not None:
        return [], ""
    if last is not None and last.state in Affair.WRITTEN:
        return _of_draft(last, user, writes)
    if not writes:
        return [], ""
    return _of_shown(turn, last, user), ""


def _of_draft(affair: Affair, user: User, writes: bool) -> tuple[list[Button], str]:
    found, refusal = [], ""
    if affair.state == State.DRAFT and writes:
        found = [
            Button("送审", _to("submit", affair), taps=True, first=True),
            Button("修改", _to("edit", affair)),
            Button("删去草稿", _to("drop", affair), taps=True, rest=True),
        ]
    if affair.state == State.REVIEW:
        if user.may(Action.AFFAIR_REVIEW, affair.turn.village.path):
            own = user.pk in (affair.drafted_by_id, affair.edited_by_id)
            refusal = "这份稿子是您写的，请由监督委员会的另一名成员审核。" if own else ""
            found += [] if own else [Button("审核", _to("review", affair), first=True)]
        found += [Button("取回修改", _to("take-back", affair), taps=True)] if writes else []
    if affair.state == State.REVIEWED and writes:
        found = [
            Button("发布", _to("publish", affair), taps=True, first=True),
            Button("取回修改", _to("take-back", affair), taps=True),
        ]
    return found, refusal


def _of_shown(turn: AffairTurn, last: Affair | None, user: User) -> list[Button]:
    draft = reverse("disclosure:affair-draft", args=[turn.pk])
    if last is None or last.state == State.WITHDRAWN:
        found = [Button("拟稿" if last is None else "重新拟稿", draft, first=True)]
        if turn.kind.rule == Rule.AT_ONCE and last is None and user.may(Action.AFFAIR_CATALOGUE, turn.village.path):
            found.append(Button("取消这一项", reverse("disclosure:affair-cancel", args=[turn.pk]), rest=True))
        return found
    return [Button("更正", draft, rest=True), Button("撤回", _to("withdraw", last), rest=True)]


def _to(step: str, affair: Affair) -> str:
    return reverse(f"disclosure:affair-{step}", args=[affair.pk])
