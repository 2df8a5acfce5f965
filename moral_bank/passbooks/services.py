"""积分存折: a printed page with a QR key that opens balance and entries of one household without log-in (mission M26).

The key is derived from the passbook's nonce with the portal's secret and is stored nowhere: the database alone opens no
page, and the same paper can be printed again. What is stored is its keyed hash, by which a scan finds the row.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.crypto import keyed_hash
from governance.errors import DomainError
from governance.frame.saving import save_by
from moral_bank.claims.services import account_of
from moral_bank.models import Account, Passbook
from villages.models import Household

_TOKEN_BYTES = 18
_CODE_DIGITS = 8
_TOKEN = re.compile(r"[A-Za-z0-9_-]{24}")


class PassbookError(DomainError):
    """A step with a passbook or its proxies that is refused: `scope`, `ended`, `exists`, `state`, `reason`, `invalid`."""


def passbook_issue(*, household: Household, by: User, at: datetime | None = None) -> Passbook:
    """A new passbook; one is in force per household, so the old one has to be revoked first."""
    now = at or timezone.now()
    if not by.may(Action.PASSBOOK_ISSUE, household.unit.path):
        raise PassbookError("这一户不在您可以发放存折的范围内。", "scope")
    if household.ended_on is not None:
        raise PassbookError("这一户已销户，不能发放存折。", "ended")
    with transaction.atomic():
        account = Account.objects.select_for_update().get(pk=account_of(household).pk)
        if account.passbooks.filter(revoked_at=None).exists():
            raise PassbookError("这一户的存折还有效，要换新的请先作废。", "exists")
        passbook = Passbook(account=account, nonce=secrets.token_hex(16), issued_by=by, issued_at=now)
        passbook.token_hash = _stored(passbook_token(passbook))
        save_by(passbook, by, PassbookError)
    return passbook


def passbook_revoke(*, passbook: Passbook, reason: str, by: User, at: datetime | None = None) -> Passbook:
    """From now on the QR of the paper opens nothing; in words for what reason (lost, seen by others, moved away)."""
    if not reason.strip():
        raise PassbookError("作废须写明原因。", "reason")
    with transaction.atomic():
        rows = Passbook.objects.select_for_update(of=("self",)).select_related("account__household__unit")
        passbook = rows.get(pk=passbook.pk)
        if not by.may(Action.PASSBOOK_ISSUE, passbook.account.household.unit.path):
            raise PassbookError("这一户不在您可以作废存折的范围内。", "scope")
        if passbook.revoked_at is not None:
            raise PassbookError("这本存折已经作废。", "state")
        passbook.revoked_by, passbook.revoked_at, passbook.reason = by, at or timezone.now(), reason.strip()[:100]
        passbook.save(update_fields=["revoked_by", "revoked_at", "reason"])
    return passbook


def passbook_token(passbook: Passbook) -> str:
    """The key of the QR: 24 letters safe in an address, the same each time."""
    return base64.urlsafe_b64encode(_digest("passbook", passbook)[:_TOKEN_BYTES]).decode()


def passbook_code(passbook: Passbook) -> str:
    """The eight digits below the QR, by which the household finds its own line of a list; stored nowhere, like the key."""
    return f"{int.from_bytes(_digest('passbook-code', passbook)[:_TOKEN_BYTES]) % 10**_CODE_DIGITS:0{_CODE_DIGITS}d}"


def passbook_find(token: str) -> Passbook | None:
    """The passbook in force that `token` opens; None alike for what is wrong, unknown and revoked."""
    if not _TOKEN.fullmatch(token):
        return None
    rows = Passbook.objects.filter(token_hash=_stored(token), revoked_at=None)
    return rows.select_related("account__household__village").first()


def _digest(purpose: str, passbook: Passbook) -> bytes:
    text = f"{purpose}:{passbook.account_id}:{passbook.nonce}"
    return hmac.new(bytes.fromhex(settings.HASH_KEY), text.encode(), hashlib.sha256).digest()


def _stored(token: str) -> str:
    return keyed_hash(f"passbook-token:{token}")
