"""SMS through a gateway of the township's choice: NOTIFY_SMS_URL takes signed JSON and reports back to `/hooks/sms/`.

Chinese gateways send only words that were agreed on before: a message names one of TEMPLATES with its parameters, and
NOTIFY_SMS_TEMPLATES (name=code) gives the gateway's code for it. Without a code the whole text goes out.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings

from governance.errors import DomainError

if TYPE_CHECKING:
    from governance.accounts.inbox_models import Outbox

# The first is for words that no template has.
TEMPLATES = {
    "": "{text}",
    "on_call": "应急点单{number}：{project}，{place}。您正在值守，请马上到乡治“我的单”接单联系，或给村里打电话。",
    "offer": "志愿服务{number}：{project}，{place}，{time}。请到乡治“我的单”答复接或不接，或给村里打电话。",
}
SIGNATURE = "X-Xiangzhi-Signature"


class SmsError(DomainError):
    """A receipt that is refused: `signature`, `unknown`."""


@dataclass(frozen=True)
class Template:
    """What may leave the portal: the name of a template and what it is filled with; no resident's name among it."""

    name: str
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return TEMPLATES[self.name].format(**self.params)


def body_of(row: Outbox) -> bytes:
    """What the gateway gets, as JSON."""
    code = settings.NOTIFY_SMS_TEMPLATES.get(row.template, "") if row.template else ""
    words: dict[str, object] = {"template": code, "params": row.params} if code else {"text": row.text}
    return json.dumps({"id": row.pk, "phone": row.to, "sign": settings.NOTIFY_SMS_SIGN, **words}, ensure_ascii=False).encode()


def signature_of(body: bytes, secret: str) -> str:
    """HMAC-SHA256 of the body in hex: ours on what we send, the gateway's on its receipts."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def receipt_take(*, body: bytes, signature: str, at: datetime) -> None:
    """The gateway says whether a phone got a message: `{"receipt": "…", "delivered": true, "reason": ""}`. Raises SmsError."""
    from governance.accounts.inbox_models import Outbox  # here, because models are loaded after this module

    secret = settings.NOTIFY_SMS_SECRET
    if not secret or not hmac.compare_digest(signature_of(body, secret).encode(), signature.encode()):
        raise SmsError("签名不对。", "signature")
    try:
        said = json.loads(body)
        receipt, delivered, reason = str(said["receipt"]), bool(said["delivered"]), str(said.get("reason", ""))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SmsError("看不懂这条回执。", "unknown") from error
    rows = Outbox.objects.filter(channel="sms", receipt=receipt, state=Outbox.State.SENT) if receipt else Outbox.objects.none()
    if delivered:
        found = rows.update(delivered_at=at)
    else:
        found = rows.update(state=Outbox.State.FAILED, sent_at=None, error=f"未送达：{reason}"[:200])
    if not found:
        raise SmsError("没有这条短信。", "unknown")
