"""When a log-in is not even tried: too many wrong passwords for one name, or too many names from one address."""

from __future__ import annotations

from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_cool_off
from axes.models import AccessAttempt
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from governance.accounts.log import client_ip


class LockoutHandler(AxesDatabaseHandler):
    """django-axes counts by name and address; who tries one password with many names is counted by the address over all names."""

    def is_locked(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> bool:
        return tries_many_names(request) or bool(super().is_locked(request, credentials))


def tries_many_names(request: HttpRequest) -> bool:
    """Whether NAMES_PER_ADDRESS names have failed from this address within the time of a lock."""
    since = timezone.now() - get_cool_off(request)
    failed = AccessAttempt.objects.filter(ip_address=client_ip(request), attempt_time__gte=since)
    return bool(failed.order_by().values("username").distinct().count() >= settings.NAMES_PER_ADDRESS)
