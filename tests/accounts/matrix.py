"""The accounts' part of the matrix."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.export_models import ExportJob
from governance.accounts.inbox_models import Message
from governance.accounts.models import AccessLog, GuardRequest, ImportJob, SavedFilter, StaleAccount
from tests.matrix import LOGGED_IN, MARK, PUBLIC, Page, Staff

PAGES: dict[str, Page] = {
    "accounts:login": Page(PUBLIC, answers=(200, 302)),
    "accounts:logout": Page(PUBLIC, method="post", answers=(302,)),
    "accounts:alive": Page(PUBLIC, answers=(204,)),
    "accounts:health": Page(PUBLIC),
    "accounts:metrics": Page(PUBLIC, answers=(404,)),
    "accounts:password": Page(LOGGED_IN),
    "accounts:password-code": Page(PUBLIC),
    "accounts:login-second": Page(PUBLIC, answers=(302,)),
    "accounts:second": Page(LOGGED_IN),
    "accounts:second-app": Page(LOGGED_IN),
    "accounts:second-key": Page(LOGGED_IN, answers=(302,)),
    "accounts:second-print": Page(LOGGED_IN),
    "accounts:second-remove": Page(LOGGED_IN, answers=(302,)),
    "accounts:rules": Page(Action.ACCOUNT_RULES),
    "accounts:guard-requests": Page(Action.GUARD_CONSENT),
    "accounts:guard-ask": Page(Action.GUARD_CONSENT),
    "accounts:guard-request": Page(Action.GUARD_CONSENT, "guard_request"),
    "accounts:inbox": Page(LOGGED_IN),
    "accounts:inbox-read": Page(LOGGED_IN, method="post", answers=(302,)),
    "accounts:message": Page(LOGGED_IN, "message", answers=(404, 302)),
    "accounts:sms-receipt": Page(PUBLIC, method="post", answers=(404,)),
    "admin:accounts_user_slips": Page(Action.ACCOUNT_MANAGE),
    "accounts:export-list": Page(LOGGED_IN),
    "accounts:export-detail": Page(LOGGED_IN, "export_job", answers=(404, 200)),
    "accounts:export-file": Page(LOGGED_IN, "export_job", answers=(404, 302)),
    "accounts:import-detail": Page(LOGGED_IN, "import_job", answers=(404, 200)),
    "accounts:filter-save": Page(LOGGED_IN, method="post", answers=(404,)),
    "accounts:filter-remove": Page(LOGGED_IN, "saved_filter", "post", answers=(404,)),
}
STAFF = {
    "accounts_user": Staff(Action.ACCOUNT_MANAGE, "user", add=True),
    "accounts_accesslog": Staff(Action.LOG_VIEW, "log", export=True),
    "accounts_staleaccount": Staff(Action.ACCOUNT_MANAGE, "stale", export=True),
}


def build(house: Any) -> None:
    """An account, a line of the log, a request of 三员, a message, a saved filter, an export and an import that wait."""
    house.stale = StaleAccount.objects.create(user=house.cast["overseer"], noticed_at=timezone.now())
    house.user, house.log = house.cast["cadre"], AccessLog.objects.create(kind="login", username=MARK)
    house.message = Message.objects.create(user=house.cast["staff"], text=MARK, link="/", key="x", created_at=timezone.now())
    house.saved_filter = SavedFilter.objects.create(user=house.cast["staff"], page="cases:case-list", label=MARK, query="kind=errand")
    now = timezone.now()
    house.guard_request = GuardRequest.objects.create(
        kind="disable", target=house.cast["audit"], reason=MARK, asked_by=house.cast["system"],
        asked_at=now, expires_at=now + timedelta(days=3),
    )  # fmt: skip
    house.export_job = ExportJob.objects.create(
        user=house.cast["staff"], title=MARK, address="/", digest="x", total=1, asked_at=now, moved_at=now
    )
    waits = {"step": "commit", "flow": "x", "sheet_id": house.village.pk, "back": "/", "digest": "x"}
    house.import_job = ImportJob.objects.create(
        user=house.cast["staff"], filename=MARK, total=1, asked_at=now, moved_at=now, **waits
    )
