"""People found by their ID number, whole or by its last four characters; every look is logged."""

from __future__ import annotations

import re

from django.contrib import messages
from django.http import HttpRequest

from governance.accounts.duties import Action
from governance.accounts.log import access_log
from governance.accounts.models import AccessLog, User
from governance.frame.slowing import tried, tries
from governance.sheets.cells import REFUSE
from governance.sheets.persons import clean_id_number
from villages.models import Resident

MOST = 20
MISSES, WINDOW = 10, 24 * 3600
SLOW = "按身份证号没有找到的次数太多，今天不能再这样查，请按姓名或户号查找。"
_TAIL = re.compile(r"\d{3}[\dX]")


def residents_by_number(*, written: str, by: User, request: HttpRequest | None = None) -> list[Resident]:
    """At most 20 of those whom `by` sees; nobody where `written` is no such number. The last four characters are for those who may
    read the number anyway: beside the birth date, which all see, they say the rest of it. For the same reason the others may be wrong
    a few times a day only: birth date, sex and place leave some hundred numbers to be tried."""
    text = "".join(written.split()).upper()
    number = clean_id_number(text) if len(text) in (15, 18) else None
    guesses = f"id-number:{by.pk}" if number and not by.may(Action.RESIDENT_REVEAL) else ""
    if number is not None and number.level != REFUSE:
        if guesses and tries(guesses) >= MISSES:
            access_log(AccessLog.Kind.REVEAL, request=request, user=by, detail="按身份证号查找：没有找到的次数太多，没有再查")
            if isinstance(request, HttpRequest):
                messages.warning(request, SLOW)
            return []
        rows, sought = Resident.objects.visible_to(by).with_id_number(str(number.value)), "身份证号"
    elif _TAIL.fullmatch(text) and by.may(Action.RESIDENT_REVEAL):
        rows, sought = Resident.objects.visible_to(by, Action.RESIDENT_REVEAL).with_id_tail(text), "身份证号后四位"
    else:
        return []
    found = list(rows.order_by("pk")[:MOST])
    if guesses and not found:
        tried(guesses, WINDOW)
    keys = "、".join(str(resident.pk) for resident in found)
    access_log(AccessLog.Kind.REVEAL, request=request, user=by, detail=f"按{sought}查找：{f'居民 {keys}' if keys else '没有找到'}")
    return found
