"""Posts: appointment, end and vacancies (plan §三 一长四员; missions M02, M03)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import QuerySet
from simple_history.utils import bulk_update_with_history

from governance.accounts.duties import (
    SINGLE_DUTIES,
    TOWN_DUTIES,
    VILLAGE_DUTIES,
    YARD_DUTIES,
    Action,
    Duty,
    may_grant,
)
from governance.accounts.log import access_log
from governance.accounts.models import AccessLog, User
from governance.errors import DomainError
from governance.frame.saving import save_by
from governance.periods import today
from villages.models import Post, Resident, Unit
from villages.units.lineage import villages_of

YARD_TERM_YEARS = 3  # domain.md §3; the plan names no term

_Level = Unit.Level
_LEVELS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(TOWN_DUTIES, (_Level.COUNTY, _Level.TOWNSHIP)),
    **dict.fromkeys(VILLAGE_DUTIES, (_Level.VILLAGE,)),
    Duty.GROUP_HEAD: (_Level.GROUP,),
    **dict.fromkeys(YARD_DUTIES, (_Level.SETTLEMENT,)),
    Duty.CHILD_DIRECTOR: (_Level.VILLAGE,),
    Duty.CHILD_SUPERVISOR: (_Level.TOWNSHIP,),
    Duty.VOLUNTEER: (_Level.VILLAGE,),
}


class PostError(DomainError):
    """An appointment that is refused: `grant`, `unit`, `holder`, `held`, `date`, `state`."""


@dataclass(frozen=True)
class Vacancy:
    """A duty of 一长四员 that nobody holds at the settlement `unit` of `village`."""

    unit: Unit
    village: Unit
    duty: Duty


def post_appoint(
    *,
    kind: str,
    unit: Unit,
    user: User | None = None,
    resident: Resident | None = None,
    elected_on: date | None = None,
    appointed_on: date,
    term_end: date | None = None,
    by: User,
) -> Post:
    """聘任: `user`, `resident` or both (one person) hold `kind` at `unit`; 一长四员 for three years if no end is given.

    A holder of a single post whose term is over is ended with it; a holder in office refuses the appointment (`held`).
    """
    if not may_grant(_actions_at(by, unit), kind):
        raise PostError("您不能在这个单位聘任这个职务。", "grant")
    if term_end is None and kind in YARD_DUTIES:
        term_end = _years_later(appointed_on, YARD_TERM_YEARS) - timedelta(days=1)
    with transaction.atomic():
        unit = Unit.objects.select_for_update().get(pk=unit.pk)
        _check_unit(unit, kind, appointed_on)
        _check_holder(unit, user, resident)
        if kind in SINGLE_DUTIES:
            _clear_place(unit, kind, appointed_on, by)
        post = Post(
            kind=kind,
            unit=unit,
            user=user,
            resident=resident,
            elected_on=elected_on,
            appointed_on=appointed_on,
            term_end=term_end,
        )
        save_by(post, by, PostError)
        _log(f"聘任 {post} @{unit}", by)
    return post


def post_end(*, post: Post, on: date, reason: str, by: User) -> Post:
    """卸任: from `on` the post gives no more rights. The reason is kept."""
    if not reason.strip():
        raise PostError("卸任须写明原因。", "state")
    with transaction.atomic():
        post = Post.objects.select_for_update(of=("self",)).select_related("unit", "resident", "user").get(pk=post.pk)
        if not may_grant(_actions_at(by, post.unit), post.kind):
            raise PostError("您不能办理这个职务的卸任。", "grant")
        if post.ended_on is not None:
            raise PostError(f"已于 {post.ended_on} 卸任。", "state")
        post.ended_on, post.end_reason = on, reason.strip()
        save_by(post, by, PostError, ["ended_on", "end_reason"])
        _log(f"卸任 {post} @{post.unit}", by)
    return post


def post_phone_set(*, post: Post, phone: str, by: User) -> Post:
    """The post's public phone, shown on the duty roster; "" for none."""
    if not by.may(Action.SHIFT_EDIT, post.unit.path):
        raise PostError("这个岗位的电话不归您维护。", "scope")
    if phone and not re.fullmatch(r"[\d-]{3,20}", phone):
        raise PostError("电话只能是数字和横线。", "phone")
    post.phone = phone or None
    save_by(post, by, PostError, ["phone"])
    return post


def posts_close(posts: QuerySet[Post], *, on: date, reason: str, by: User) -> int:
    """End those of `posts` that are in office, as a consequence of something else (merger, death); returns how many."""
    ended = list(posts.select_for_update(of=("self",)).filter(ended_on=None).order_by("pk"))
    for post in ended:
        post.ended_on, post.end_reason = max(on, post.appointed_on), reason
    bulk_update_with_history(ended, Post, ["ended_on", "end_reason"], batch_size=1000, default_user=by)
    return len(ended)


def vacancies(user: User, on: date | None = None) -> list[Vacancy]:
    """一长四员 without a current holder in every settlement that `user` sees, by village and settlement."""
    day = on or today()
    yards = list(Unit.objects.visible_to(user, Action.POST_VIEW).on(day).filter(level=_Level.SETTLEMENT))
    held = set(
        Post.objects.visible_to(user)
        .current(day)
        .filter(kind__in=YARD_DUTIES, unit__level=_Level.SETTLEMENT)
        .values_list("unit_id", "kind")
    )
    villages = villages_of(yards)
    return [
        Vacancy(yard, villages[yard.pk], duty) for yard in yards for duty in YARD_DUTIES if (yard.pk, duty) not in held
    ]


def _actions_at(user: User, unit: Unit) -> frozenset[Action]:
    """What `user` may do at `unit`; a guard's duty knows no place."""
    if user.guard:
        return user.actions()
    return frozenset().union(*(grant.actions for grant in user.grants if unit.path.startswith(grant.path)))


def _check_unit(unit: Unit, kind: str, appointed_on: date) -> None:
    if unit.level not in _LEVELS[kind]:
        raise PostError(f"{Duty(kind).label}不设在{unit.get_level_display()}。", "unit")
    if not unit.stands_on(appointed_on):
        raise PostError(f"{unit} 在 {appointed_on} 尚未设立或已经撤销。", "unit")


def _check_holder(unit: Unit, user: User | None, resident: Resident | None) -> None:
    if user is None and resident is None:
        raise PostError("请选任职的人：居民或账号。", "holder")
    if user is not None and (user.guard or not user.is_active):
        raise PostError("这个账号是三员账号或已停用，不能任职。", "holder")
    if resident is not None:
        township = resident.household.village.parent
        if resident.status != Resident.Status.PRESENT or township is None or not unit.path.startswith(township.path):
            raise PostError("任职的居民须在本乡镇在册。", "holder")


def _clear_place(unit: Unit, kind: str, appointed_on: date, by: User) -> None:
    """End the last holder if the term is over, else refuse and name the holder."""
    for post in Post.objects.filter(unit=unit, kind=kind, ended_on=None).select_related("resident", "user"):
        if post.term_end is None or post.term_end >= appointed_on:
            until = f"，任期至 {post.term_end}" if post.term_end else ""
            raise PostError(
                f"{unit}的{post.get_kind_display()}现由{post.holder_name}担任{until}，请先办理卸任。", "held"
            )
        post.ended_on, post.end_reason = post.term_end + timedelta(days=1), "任期届满"
        save_by(post, by, PostError, ["ended_on", "end_reason"])


def _years_later(day: date, years: int) -> date:
    """The same day `years` later; 29 February becomes 1 March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def _log(detail: str, by: User) -> None:
    access_log(AccessLog.Kind.GRANT, user=by, detail=detail)
