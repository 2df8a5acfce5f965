"""The photos of a form that was sent without scripts: kept before anything is made of it, so that no refusal loses them."""

from __future__ import annotations

from django.contrib import messages
from django.forms import BaseForm

from governance.accounts.decorators import UserRequest
from governance.cases.sending.photos import photos_take


def photos_keep(request: UserRequest, form: BaseForm) -> int:
    """How many are kept under the form's own key, to be tied to what it makes; the form is refused where one is not."""
    form.is_valid()
    files, key = request.FILES.getlist("photos"), form.cleaned_data.get("client_key") if form.is_bound else None
    if not files or key is None:
        return 0
    taken = photos_take(files=files, owner_key=key, by=request.user)
    if taken.refused:
        form.add_error(None, " ".join([*taken.refused, "填写的内容都还在：可以换一张再发送，也可以直接发送。"]))
    return len(taken.photos)


def photos_say(request: UserRequest, kept: int) -> None:
    """On a form that is shown again: its photos need not be chosen again."""
    if kept:
        messages.info(request, f"已存下 {kept} 张照片，不用再选。")
