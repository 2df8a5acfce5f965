"""Exports, imports and messages that were given up: for whoever asked, and for the staff of the townships where they hold posts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.job_models import KEPT, Job
from governance.accounts.jobs import job_again
from governance.accounts.models import ExportJob, ImportJob, Outbox, User
from governance.accounts.outbox import AGAIN, outbox_again
from governance.frame.failed import FailedKind, Line
from governance.periods import today
from villages.models import Post
from villages.scope import reach_of


def _colleagues(user: User) -> QuerySet[Any]:
    """The accounts that hold a post where `user` sees to what the background gave up."""
    posts = Post.objects.visible_to(user, Action.CLOSING_RUN).current(today())
    return posts.exclude(user=None).order_by().values("user")


def _jobs(model: type[Job]) -> Callable[[User], QuerySet[Any]]:
    def rows(user: User) -> QuerySet[Any]:
        found = model._default_manager.filter(Q(user=user) | Q(user__in=_colleagues(user)), state="failed")
        renewable = ExpressionWrapper(model.renewable(), BooleanField())
        return found.annotate(renewable_now=renewable).select_related("user").defer("file").order_by("-moved_at", "pk")

    return rows


def _job_line(job: Any, user: User) -> Line:
    own = job.user_id == user.pk
    name = job.name if own else f"{job.name}（{job.user.name}申请）"
    instead = "" if job.renewable_now else "文件没有保留，请重新上传。"
    return Line(name, job.error, job.moved_at, job.attempts, job.link if own else "", instead)


def _messages(user: User) -> QuerySet[Any]:
    """Of the last days: whom they are for sees them in the portal, staff see to it that they go out."""
    reach = reach_of(user, Action.CLOSING_RUN)
    within = Q(user__in=_colleagues(user))
    for path in sorted(reach.paths) if reach else ():
        within |= Q(place__startswith=path)
    found = Outbox.objects.filter(within, state=Outbox.State.FAILED, next_at__gt=timezone.now() - KEPT)
    return found.select_related("user").order_by("-next_at", "pk")


def _message_line(row: Outbox, user: User) -> Line:
    to = row.user.name if row.user else "没有账号的人"
    late = row.next_at <= timezone.now() - AGAIN
    name = f"{row.get_channel_display()}给{to}：{row.text}"
    return Line(name, row.reason, row.next_at, row.attempts, "", "已过一天，不再补发，请直接联系。" if late else "")


FAILED = [
    FailedKind("export", "导出", _jobs(ExportJob), _job_line, lambda job, user: job_again(job=job)),
    FailedKind("import", "导入", _jobs(ImportJob), _job_line, lambda job, user: job_again(job=job)),
    FailedKind("message", "短信和推送", _messages, _message_line, lambda row, user: outbox_again(row=row)),
]
