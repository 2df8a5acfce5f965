"""How the office takes what a resident says in writing: who says it, its number, by when it is answered, how it is looked up."""

from __future__ import annotations

import hmac
import re
from datetime import date, datetime
from typing import Any

from governance.disclosure.errors import DisclosureError
from governance.disclosure.said import TEXT_LENGTH, Said
from governance.periods import today
from governance.workdays import Limit, LimitUnit, due
from villages.calendar.services import work_calendar
from villages.models import Unit
from villages.numbers.services import numbers_take

PHONE = re.compile(r"1\d{10}|0\d{2,3}-?\d{7,8}")
ANSWER_LIMIT = Limit(3, LimitUnit.WORKDAYS)
TAIL = 4


def said_checked(*, name: str, phone: str, text: str, what: str) -> dict[str, str]:
    """Who says what, tidied; `what` names it (异议, 质询) where it is refused."""
    if not name.strip() or not text.strip():
        raise DisclosureError(f"请写明姓名和{what}内容。", "text")
    if len(text.strip()) > TEXT_LENGTH:
        raise DisclosureError(f"{what}内容请在 {TEXT_LENGTH} 字以内。", "text")
    if not PHONE.fullmatch(phone.strip()):
        raise DisclosureError("联系电话请写 11 位手机号，或带区号的座机号。", "phone")
    return {"name": name.strip(), "phone": phone.strip(), "text": text.strip()}


def said_promised(*, unit: Unit, letters: str, at: datetime) -> dict[str, Any]:
    """The next number of the township's series and the day by which it is answered; within a transaction."""
    township = unit.parent if unit.level == Unit.Level.VILLAGE and unit.parent else unit
    answer_by: date = today(due(work_calendar(township.pk), at, ANSWER_LIMIT))
    return {"number": numbers_take(township, f"{letters}{today(at).year}-")[0], "answer_by": answer_by}


def said_found(rows: Any, *, number: str, tail: str) -> Any:
    """The one of `rows` with this number whose sender's phone ends in `tail`; None for whatever does not fit."""
    found: Said | None = None
    for said in rows.filter(number=number.strip().upper()):
        if hmac.compare_digest(said.phone[-TAIL:], tail.strip()):
            found = said
    return found


def answer_checked(answer: str, what: str) -> str:
    """The answer's words, tidied."""
    if not answer.strip():
        raise DisclosureError(f"答复{what}须写明理由。", "text", field="answer")
    if len(answer.strip()) > TEXT_LENGTH:
        raise DisclosureError(f"答复请在 {TEXT_LENGTH} 字以内。", "text", field="answer")
    return answer.strip()
