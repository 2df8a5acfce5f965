"""People found by their ID number, whole or by its last four characters; every look is logged."""

from __future__ import annotations

import re

from django.http import HttpRequest

from governance.accounts.duties import Action
from governance.accounts.log import access_log
from governance.accounts.models import AccessLog, User
from governance.sheets.cells import REFUSE
from governance.sheets.persons import clean_id_number
from villages.models import Resident

MOST = 20
_TAIL = re.compile(r"\d{3}[\dX]")


def residents_by_number(*, written: str, by: User, request: HttpRequest | None = None) -> list[Resident]:
    """At most 20 of those whom `by` sees; nobody where `written` is no such number. The last four characters are for those who may
    read the number anyway: beside the birth date, which all see, they say the rest of it."""
    text = "".join(written.split()).upper()
    number = clean_id_number(text) if len(text) in (15, 18) else None
    if number is not None and number.level != REFUSE:
        rows, sought = Resident.objects.visible_to(by).with_id_number(str(number.value)), "身份证号"
    elif _TAIL.fullmatch(text) and by.may(Action.RESIDENT_REVEAL):
        rows, sought = Resident.objects.visible_to(by, Action.RESIDENT_REVEAL).with_id_tail(text), "身份证号后四位"
    else:
        return []
    found = list(rows.order_by("pk")[:MOST])
    keys = "、".join(str(resident.pk) for resident in found)
    access_log(AccessLog.Kind.REVEAL, request=request, user=by, detail=f"按{sought}查找：{f'居民 {keys}' if keys else '没有找到'}")
    return found
