"""What an errand adds to the flow: its client, and the hand-over without which it is not filed (plan §三.4 一条龙代办)."""

from __future__ import annotations

import re
from datetime import datetime

from governance.cases.errors import CaseError
from governance.cases.models import Case, Errand

_PHONE = re.compile(r"\+?\d[\d -]{5,18}\d")


def check_client(client: str, phone: str) -> None:
    """Raises CaseError unless there is somebody to hand the result to and a phone to look the state up with."""
    if not client.strip():
        raise CaseError("请写委托人姓名。", "need")
    if not _PHONE.fullmatch(phone.strip()):
        raise CaseError("请写委托人的联系电话，查询进度要用后四位。", "need")


def errand_open(*, case: Case, client: str, phone: str, account: str) -> Errand:
    return Errand.objects.create(
        case=case,
        service=case.category.service,
        client=client.strip(),
        phone=re.sub(r"[ -]", "", phone),
        account=account.strip(),
    )


def check_handed(case: Case) -> None:
    if case.errand.handed_at is None:
        raise CaseError("还没有交件，不能归档。请先登记交给了谁。", "need")


def hand_over(case: Case, recipient: str, now: datetime) -> None:
    case.errand.handed_to, case.errand.handed_at = recipient[:60], now
    case.errand.save(update_fields=["handed_to", "handed_at"])


def begin_anew(case: Case) -> None:
    """A reopened errand is handed over and judged once more."""
    if case.kind != Case.Kind.ERRAND:
        return
    errand = case.errand
    errand.handed_to, errand.handed_at, errand.satisfaction, errand.comment = "", None, "", ""
    errand.save(update_fields=["handed_to", "handed_at", "satisfaction", "comment"])
