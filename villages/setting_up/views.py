"""开通进度: what a township needs, what is there, what is missing."""

from __future__ import annotations

from itertools import groupby

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.frame.act import press
from governance.reading import key_asked, text_sent
from villages.setting_up.services import default_load, progress_of, townships_of


@duty_required(Action.UNIT_EDIT)
def setting_up(request: UserRequest) -> HttpResponse:
    towns = list(townships_of(request.user))
    chosen = key_asked(request, "township")
    town = next((one for one in towns if one.pk == chosen), towns[0] if towns else None)
    progress = progress_of(request.user, town) if town else None
    steps = [(step, list(needs)) for step, needs in groupby(progress.needs, lambda need: need.step)] if progress else []
    return render(request, "villages/setting_up/progress.html", {"towns": towns, "progress": progress, "steps": steps})


@require_POST
@duty_required(Action.UNIT_EDIT)
def setting_up_load(request: UserRequest, pk: int) -> HttpResponse:
    """采用默认, of one line or of all that wait."""
    town = get_object_or_404(townships_of(request.user), pk=pk)
    words = "已采用自带的内容，新增 {} 项；已有的没有动，以后都可以改。"
    press(request, default_load, words.format, township=town, key=text_sent(request, "key"), by=request.user)
    return redirect(reverse("villages:setting-up", query={"township": town.pk}))
