"""Which pages of volunteers a phone keeps from logging in on."""

from __future__ import annotations

from django.urls import reverse

from governance.accounts.duties import Action
from governance.accounts.models import User
from volunteers.care.my_views import helped


def volunteers_kept(user: User) -> list[str]:
    pages = [reverse("volunteers:my-care")] if user.may(Action.SERVICE_RUN) and helped(user).exists() else []
    return pages + ([reverse("volunteers:order-log")] if user.may(Action.SERVICE_LOG) else [])
