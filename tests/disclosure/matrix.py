"""The part of the matrix of notices and objections."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from governance.accounts.duties import Action
from governance.disclosure.models import Notice, Objection
from tests.matrix import MARK, PUBLIC, Page, Staff

PAGES: dict[str, Page] = {
    "public:notice": Page(PUBLIC, "notice"),
    "public:own-line": Page(PUBLIC, "notice"),
    "disclosure:notice-print": Page(Action.NOTICE_VIEW, "notice", answers=(200, 404)),  # not where one sees a settlement alone
    "public:objection": Page(PUBLIC, "notice", answers=(200, 302, 405)),
}
STAFF = {
    "disclosure_notice": Staff(
        Action.NOTICE_VIEW,
        "notice",
        add=True,
        export=True,
        history=False,
        buttons=(("withdraw", Action.NOTICE_PUBLISH),),
    ),
    "disclosure_objection": Staff(
        Action.NOTICE_VIEW, "objection", export=True, history=False, buttons=(("reply", Action.OBJECTION_ANSWER),)
    ),
}


def build(house: Any) -> None:
    """A notice that runs, with an objection."""
    today = timezone.localdate()
    house.notice = Notice.objects.create(
        unit=house.village,
        kind="rating",
        title="八一村2026年3月道德积分评分公示",
        opens_on=today,
        closes_on=today + timedelta(days=4),
    )
    house.objection = Objection.objects.create(
        notice=house.notice, number="YY2026-00001", name=MARK, phone="15400000002", text=MARK, answer_by=today
    )
