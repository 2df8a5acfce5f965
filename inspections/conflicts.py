"""Who must not inspect a village: its own post holders, their kin of the register, and those recused (plan §四(三))."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Q, QuerySet

from governance.accounts.duties import Duty
from governance.accounts.models import User
from inspections.errors import InspectionError
from inspections.models import Recusal
from villages.models import Post, Resident, Unit


def conflict_reason(*, user: User, village: Unit, on: date) -> str:
    """Why `user` must keep away from `village`, "" where nothing stands against it. The trigger says the same.

    Kin are those of the same household of the register; kin in another household is known by a recusal (回避) only. The post of
    a volunteer binds nobody: a village gives it.
    """
    recusal = Recusal.objects.filter(user=user, village=village).first()
    if recusal is not None:
        return f"{user.name}已登记回避{village}（{recusal.reason}）"
    posts = Post.objects.current(on).filter(unit__path__startswith=village.path).exclude(kind=Duty.VOLUNTEER)
    found = posts.filter(Q(user=user) | Q(resident__household__in=home_ids(user)))
    held = min(found, key=lambda post: post.user_id != user.pk, default=None)
    if held is None:
        return ""
    if held.user_id == user.pk or held.resident_id in set(user.posts.values_list("resident_id", flat=True)):
        return f"{user.name}在{village}任{held.get_kind_display()}"
    return f"{user.name}的亲属{held.holder_name}在{village}任{held.get_kind_display()}"


def conflicts_refuse(*, users: Iterable[User], village: Unit, on: date) -> None:
    """Raises InspectionError (`kin`) naming the first of `users` who must not inspect `village`."""
    for user in users:
        reason = conflict_reason(user=user, village=village, on=on)
        if reason:
            raise InspectionError(f"{reason}，应当回避，不能督查这个村。", "kin")


def homes_of(user: User) -> set[int]:
    """Ids of the households in which the holder of `user`'s posts lives."""
    return set(home_ids(user))


def home_ids(user: User) -> QuerySet[Resident, int]:
    """The same within a statement."""
    return Resident.objects.filter(posts__user=user).order_by().values_list("household_id", flat=True)
