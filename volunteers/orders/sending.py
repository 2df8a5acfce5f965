"""点单 as phones send it: once by its UUID, also where the same form comes by the page (docs/decisions/0019-once.md)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from governance.accounts.models import User
from governance.accounts.used_keys import key_taken
from governance.cases.sending.senders import Answer, Reasons, payload_of, reasons_of
from governance.cases.sending.services import digest
from volunteers.models import ServiceOrder
from volunteers.orders.forms import AskForm
from volunteers.orders.services import Ask, OrderError, order_ask

CREATED, SAME = "created", "same"


def order_send(
    *, key: UUID, payload: Mapping[str, str], ask: Ask, by: User, at: datetime | None = None
) -> tuple[ServiceOrder, str]:
    """The order that this form makes or made, and which of the two; the key with other content is refused."""
    said = digest({name: value for name, value in payload.items() if name != "saved_at"})
    with transaction.atomic():
        used = key_taken(user_id=by.pk, key=f"service {key}", digest=said)
        if used.status is None:
            order = order_ask(ask=ask, by=by, at=at)
            used.settle(201, str(order.pk))
            return order, CREATED
    order = ServiceOrder.objects.get(pk=used.text)
    if used.digest != said:
        raise OrderError(f"这张表之前已登记为 {order.number}，这次的内容不一样。要另外点单，请重新打开页面再填。", "key")
    return order, SAME


def order_take(data: dict[str, str], user: User) -> tuple[Answer, Reasons]:
    form = AskForm(data, user=user)
    if not form.is_valid():
        return {}, reasons_of(form)
    order, status = order_send(payload=payload_of(data), by=user, **form.arguments())
    return {"status": status, "link": f"/service-orders/{order.pk}/", "number": order.number}, {}
