"""Posts: appointment, end and vacancies (plan §三 一长四员; missions M02, M03)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
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
from governance.frame.saving import insert_by, save_by
from governance.periods import today, years_later
from villages.models import Consent, Post, Resident, Unit
from villages.units.lineage import villages_of

YARD_TERM_YEARS = 3  # domain.md §3; the plan names no term

_Level = Unit.Level
LEVELS: dict[str, tuple[str, ...]] = {
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
        term_end = years_later(appointed_on, YARD_TERM_YEARS) - timedelta(days=1)
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


def post_account_join(*, post: Post, user: User, by: User) -> Post:
    """The one who holds the post as a resident logs in by `user` from now on; both must bear one name."""
    with transaction.atomic():
        post = Post.objects.select_for_update(of=("self",)).select_related("unit", "resident").get(pk=post.pk)
        if not may_grant(_actions_at(by, post.unit), post.kind):
            raise PostError("您不能在这个单位聘任这个职务。", "grant")
        if post.user_id is not None or post.resident is None or post.resident.name != user.name:
            raise PostError(f"{post.unit}的{post.get_kind_display()}不是{user.name}，请先办理卸任。", "held")
        _check_holder(post.unit, user, None)
        post.user = user
        save_by(post, by, PostError, ["user"])
        _log(f"{post} @{post.unit} 配账号 {user.username}", by)
    return post


def post_public_set(*, post: Post, phone: str, consented_on: date | None = None, by: User) -> Post:
    """The post's public phone, "" for none, and the day on which one of 一长四员 agreed in writing to be named with it."""
    if not by.may(Action.SHIFT_EDIT, post.unit.path):
        raise PostError("这个岗位的电话不归您维护。", "scope")
    if phone and not re.fullmatch(r"[\d-]{3,20}", phone):
        raise PostError("电话只能是数字和横线。", "phone")
    if consented_on and consented_on > today():
        raise PostError("书面同意的日期不能晚于今天。", "date")
    post.phone, post.consented_on = phone or None, consented_on
    with transaction.atomic():
        save_by(post, by, PostError, ["phone", "consented_on"])
        if consented_on and post.resident_id and not _agreed(post.resident_id):
            Consent.objects.create(
                resident_id=post.resident_id, purpose=Consent.Purpose.PUBLIC_NAME, given_on=consented_on, how=Consent.How.SIGNED, by=by
            )
    return post


def _agreed(resident: int) -> bool:
    return Consent.objects.filter(resident=resident, purpose=Consent.Purpose.PUBLIC_NAME, withdrawn_on=None).exists()


def posts_close(posts: QuerySet[Post], *, on: date, reason: str, by: User) -> int:
    """End those of `posts` that are in office, as a consequence of something else (merger, death); returns how many."""
    ended = list(posts.select_for_update(of=("self",)).filter(ended_on=None).order_by("pk"))
    for post in ended:
        post.ended_on, post.end_reason = max(on, post.appointed_on), reason
    bulk_update_with_history(ended, Post, ["ended_on", "end_reason"], batch_size=1000, default_user=by)
    return len(ended)


@dataclass(frozen=True)
class Holder:
    """Who holds a post at `village`: a resident of the register, an account, or both for one person."""

    village: Unit
    resident: Resident | None = None
    user: User | None = None


def volunteer_posts_open(*, holders: Sequence[Holder], on: date, by: User) -> list[Post]:
    """Make volunteers of all of them or none, those who are already left alone. This one duty is opened and ended by whoever
    keeps the register of volunteers, and no other. Expects the residents' households, villages and townships to be read."""
    for holder in holders:
        _check_volunteers(holder.village, by)
        _check_unit(holder.village, Duty.VOLUNTEER, on)
        _check_holder(holder.village, holder.user, holder.resident)
    held = Post.objects.filter(kind=Duty.VOLUNTEER, unit__in={holder.village.pk for holder in holders}, ended_on=None)
    taken = {(post.unit_id, person) for post in held.select_related("resident", "user") for person in (post.resident, post.user) if person}
    drafts = [
        Post(kind=Duty.VOLUNTEER, unit=one.village, resident=one.resident, user=one.user, appointed_on=on)
        for one in holders
        if not taken & {(one.village.pk, one.resident), (one.village.pk, one.user)}
    ]
    if drafts:
        drafts = insert_by(drafts, by, PostError)
        _log(f"聘任志愿者 {len(drafts)} 人", by)
    return drafts


def volunteer_posts_end(*, holder: Holder, on: date, reason: str, by: User) -> int:
    """The volunteer's post at the village ends; returns how many did."""
    _check_volunteers(holder.village, by)
    person = Q(pk=None)
    if holder.resident is not None:
        person |= Q(resident=holder.resident)
    if holder.user is not None:
        person |= Q(user=holder.user)
    posts = Post.objects.filter(person, kind=Duty.VOLUNTEER, unit=holder.village)
    ended = posts_close(posts, on=on, reason=reason[:60], by=by)
    if ended:
        _log(f"卸任志愿者 @{holder.village}", by)
    return ended


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


def _check_volunteers(village: Unit, by: User) -> None:
    if not by.may(Action.VOLUNTEER_EDIT, village.path):
        raise PostError("这个村（社区）的志愿者不归您维护。", "grant")


def _check_unit(unit: Unit, kind: str, appointed_on: date) -> None:
    if unit.level not in LEVELS[kind]:
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


def _log(detail: str, by: User) -> None:
    access_log(AccessLog.Kind.GRANT, user=by, detail=detail)
