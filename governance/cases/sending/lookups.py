"""The photos of a form that was sent without scripts: taken with it, and what is wrong with one said on the next page."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages

from governance.accounts.decorators import UserRequest
from governance.cases.sending.photos import photo_take
from governance.frame.act import press


def photos_take(request: UserRequest, key: UUID) -> None:
    for file in request.FILES.getlist("photos"):
        done = press(request, photo_take, file=file, owner_key=key, by=request.user)
        if done and done.result.state == done.result.State.BROKEN:
            messages.warning(request, f"{file.name}：照片无法读取，请换一张。")
