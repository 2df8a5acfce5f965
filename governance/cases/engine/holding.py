"""Who has a case, who may act on it, and whom to tell (首问负责, 快速处置; plan §四.3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from governance.accounts.duties import MATRIX, Action, Duty
from governance.accounts.models import User
from governance.cases.engine.flow import Who
from governance.cases.errors import CaseError
from governance.cases.models import Case, Category, Office
from governance.periods import today
from villages.models import Post, Unit

HANDLERS = [duty for duty in Duty if Action.CASE_HANDLE in MATRIX[duty]]


@dataclass(frozen=True)
class Holder:
    """One person, one post (`duty` at `unit`), one office, or nobody."""

    user: User | None = None
    duty: str = ""
    unit: Unit | None = None
    office: Office | None = None

    def put_on(self, case: Case) -> None:
        case.assignee, case.holder_duty, case.holder_unit, case.office = self.user, self.duty, self.unit, self.office


def holder_of(case: Case) -> Holder:
    return Holder(case.assignee, case.holder_duty, case.holder_unit, case.office)


def first_holder(*, category: Category, unit: Unit, by: User, mine: bool, on: date) -> Holder:
    """Whom a new case goes to: its writer, if wanted, or the category names nobody, or the writer holds the named post;
    else the named post nearest above the place, else the village's cadres, else nobody."""
    if mine or not category.goes_to:
        return Holder(user=by)
    for duty in (category.goes_to, Duty.CADRE):
        post = _nearest_post(duty, unit, on)
        if post is not None:
            held = any(grant.duty == duty and grant.unit_id == post.unit_id for grant in by.grants)
            return Holder(user=by) if held else Holder(duty=duty, unit=post.unit)
    return Holder()


def _nearest_post(duty: str, unit: Unit, on: date) -> Post | None:
    """The post of `duty` at `unit` or nearest above it that somebody with an account holds."""
    codes = unit.path.strip("/").split("/")
    posts = Post.objects.current(on).filter(kind=duty, unit__code__in=codes, user__isnull=False, user__is_active=True)
    return posts.select_related("unit").order_by("-unit__path").first()


def roles_of(case: Case, user: User) -> frozenset[Who]:
    """What `user` is to the case, which is visible to them."""
    path, roles = case.unit.path, set()
    if is_holder(case, user) and user.may(Action.CASE_HANDLE, path):
        roles.add(Who.HOLDER)
    if user.may(Action.CASE_ASSIGN, path):
        roles.add(Who.DISPATCHER)
        if user.may(Action.CASE_HANDLE, path):
            roles.add(Who.TAKER)
    if user.may(Action.CASE_APPROVE, path):
        roles.add(Who.APPROVER)
    if case.first_receiver_id == user.pk and user.may(Action.CASE_LOG, path):
        roles.add(Who.LOGGER)
    return frozenset(roles)


def is_holder(case: Case, user: User) -> bool:
    """Whether the case sits with `user` in person, with a post of theirs, or with an office of theirs."""
    if case.assignee_id is not None:
        return case.assignee_id == user.pk
    if case.office_id is not None:
        return user.offices.filter(office=case.office_id).exists()
    return any(grant.duty == case.holder_duty and grant.unit_id == case.holder_unit_id for grant in user.grants)


def people_of(holder: Holder, on: date | None = None) -> list[User]:
    """The accounts behind a holder: one person, those in the post today, the office's members."""
    if holder.user is not None:
        return [holder.user]
    if holder.office is not None:
        return list(User.objects.filter(offices__office=holder.office, is_active=True).order_by("pk"))
    return people_in(holder.unit, [holder.duty], on) if holder.unit is not None else []


def people_in(unit: Unit, duties: Iterable[str], on: date | None = None) -> list[User]:
    """The accounts that hold one of these duties at the unit today."""
    posts = Post.objects.current(on or today()).filter(kind__in=list(duties), unit=unit)
    return list(User.objects.filter(posts__in=posts, is_active=True).distinct().order_by("pk"))


def town_people(case: Case, duty: Duty, on: date) -> list[User]:
    """Who holds a town's duty where the case is; the clerks where nobody leads."""
    found = people_of(Holder(duty=duty, unit=case.township), on)
    return found or people_of(Holder(duty=Duty.STAFF, unit=case.township), on)


def candidates(case: Case, on: date) -> list[User]:
    """Accounts that may be given the case: those whose duty to handle cases reaches its place."""
    codes = case.unit.path.strip("/").split("/")
    posts = Post.objects.current(on).filter(unit__code__in=codes, user__is_active=True)
    users = User.objects.filter(posts__in=posts.filter(kind__in=HANDLERS)).distinct()
    return list(users.order_by("name", "pk"))


def posts_for(case: Case, on: date) -> list[Post]:
    """The posts to which the case may be given, nearest first, one for each duty and unit."""
    codes = case.unit.path.strip("/").split("/")
    posts = Post.objects.current(on).filter(unit__code__in=codes, kind__in=HANDLERS, user__is_active=True)
    found = {(post.kind, post.unit_id): post for post in posts.select_related("unit").order_by("unit__path", "pk")}
    return sorted(found.values(), key=lambda post: post.unit.path, reverse=True)


def check_target(case: Case, target: Holder, on: date) -> None:
    """Raises CaseError where the case cannot be given to `target`."""
    if target.user is not None and target.user not in candidates(case, on):
        raise CaseError("这个人没有在事项所在地办理事项的职务，请另选。", "holder")
    if target.unit is not None and not case.unit.path.startswith(target.unit.path):
        raise CaseError("这个岗位不管事项所在的地方，请另选。", "holder")
    if target.office is not None and target.office.township_id != case.township_id:
        raise CaseError("这个办公室不属于本乡镇，请另选。", "holder")
    if not people_of(target, on):
        raise CaseError("这个岗位或办公室现在没有人，请另选。", "holder")
