"""What waits of activities: the planned day has come, and nobody has written down how it was."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.urls import reverse

from governance.accounts.duties import Action
from governance.disclosure.activities.models import Activity
from governance.frame.due import Day, DueKind, Todo, asked, evening, past

COMES = Day("planned_on")
RECORDED = Day("planned_on", within=timedelta(days=3))


def _line(activity: Activity, now: datetime) -> Todo:
    link = reverse("disclosure:activity-detail", args=[activity.pk])
    words = f"{activity.village}　{activity.get_kind_display()}，{activity.place}"
    return Todo(evening(activity.planned_on), f"活动待记录：{activity.title}", words, link, RECORDED.due(activity, now))


KINDS = [
    DueKind(
        "activity",
        "活动待记录",
        open=lambda now: Activity.objects.coming().filter(COMES.by(now)),
        held=asked(Action.ACTIVITY_EDIT),
        line=_line,
        order=("planned_on", "pk"),
        related=("village",),
        late=past(RECORDED),
        words="{} 个活动到期没记录",
        page=lambda activity: reverse("disclosure:activity-detail", args=[activity.pk]),
    ),
]
