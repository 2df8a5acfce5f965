"""The button “这件事让我重复填了”, and what it counted, for the township's office."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.desk.repeats.models import RepeatCount
from governance.desk.repeats.names import form_name
from governance.desk.repeats.services import repeat_add
from governance.errors import DomainError
from governance.frame.columns import Col
from governance.frame.lists import Listing, list_page
from governance.reading import text_sent

REPEATS = Listing(
    "重复填报的反映",
    [
        Col("哪张表", lambda row: form_name(row.form) or "已停用的表"),
        Col("月份", lambda row: f"{row.month:%Y年%-m月}"),
        Col("反映次数", "count", sort="count", strong=True),
    ],
    order=("-month", "-count", "pk"),
    hint="每张表下面都有“这件事让我重复填了”的按钮。只按表计数，不记是谁按的；次数多的表，看看哪些栏目系统里已经有了。",
    unit="行",
    empty="还没有人反映重复填报。",
)


@require_POST
@login_required
def repeat(request: UserRequest) -> HttpResponse:
    """Takes the button's place on the page, so that nothing typed is lost."""
    try:
        repeat_add(form=text_sent(request, "form"), by=request.user)
    except DomainError as error:
        return render(request, "desk/repeats/told.html", {"words": error.message})
    return render(request, "desk/repeats/told.html", {"words": "已告诉镇里，谢谢。只按表计数，不记是谁。"})


@duty_required(Action.REPEAT_VIEW)
def repeat_list(request: UserRequest) -> HttpResponse:
    return list_page(request, REPEATS, RepeatCount.objects.visible_to(request.user))
