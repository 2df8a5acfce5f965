"""会议到期未开: bodies that have to meet again, for those who write their meetings down; 换届: bodies whose members' term is over, or
nearly, for those who keep the members."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from governance.accounts.duties import TOWN_OFFICES, Action
from governance.accounts.models import User
from governance.councils.models import Body
from governance.frame.due import Day, Due, DueKind, Todo, asked, evening, past
from villages.scope import reach_of

MEET = Day("meet_by")
AHEAD = timedelta(days=7)
TERM = Day("term_until")
TERM_AHEAD = timedelta(days=30)


def meet_due(body: Body, now: datetime) -> Due | None:
    return MEET.due(body, now)


def _open(now: datetime) -> QuerySet[Body]:
    """Those whose day lies within the week to come, or is over."""
    return Body.objects.filter(MEET.by(now + AHEAD), ended_on=None)


def _held(rows: Any, user: User, now: datetime) -> QuerySet[Body]:
    """A village's own bodies for its officers, those of its settlements for the yard's; the office is not asked."""
    reach = reach_of(user, Action.MEETING_RECORD)
    found: QuerySet[Body] = rows.none()
    if reach and not user.duties() & set(TOWN_OFFICES):
        yards = Q(unit__in=sorted(reach.units))
        found = rows.filter(yards | (Q(village__in=sorted(reach.villages)) & ~Q(kind=Body.Kind.YARD)))
    return found


def _line(body: Body, now: datetime) -> Todo:
    assert body.meet_by is not None
    words = f"至少每 {body.every_months} 个月开一次" if body.every_months > 1 else "至少每月开一次"
    return Todo(evening(body.meet_by), f"该开会了：{body.name}", words, page_of(body), meet_due(body, now))


def _terms(now: datetime) -> QuerySet[Body]:
    """Those with a member whose term ends within the month to come, or is over."""
    return Body.objects.with_term().filter(TERM.by(now + TERM_AHEAD), ended_on=None)


def _term(body: Any, now: datetime) -> Todo:
    words = f"任期至 {body.term_until}，请推选新一届并登记，离任的办理离任"
    return Todo(evening(body.term_until), f"该换届了：{body.name}", words, page_of(body), TERM.due(body, now))


def page_of(body: Body) -> str:
    return reverse("councils:body-detail", args=[body.pk])


KINDS = [
    DueKind(
        "body-meet",
        "会议到期未开",
        open=_open,
        held=_held,
        line=_line,
        order=("meet_by", "pk"),
        late=past(MEET),
        words="{} 个组织到期没有开会",
        page=page_of,
    ),
    DueKind(
        "body-term",
        "组织到期换届",
        open=_terms,
        held=asked(Action.COUNCIL_EDIT),
        line=_term,
        order=("term_until", "pk"),
        late=past(TERM),
        words="{} 个组织任期已满没有换届",
        page=page_of,
    ),
]
