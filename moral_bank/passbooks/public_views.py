"""积分存折 as a resident sees it who scans the paper: balance and entries, no names, no log-in (mission M26)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from governance.accounts.log import client_ip
from governance.frame.public import public_page
from governance.frame.slowing import tried
from governance.periods import Kind, Period
from governance.reading import month_asked
from moral_bank.models import Account, Closing, Passbook, Rating, Redemption
from moral_bank.passbooks.expiry import expiring_of
from moral_bank.passbooks.services import passbook_code, passbook_find
from moral_bank.passbooks.statements import months_of, statement_of

WINDOW = 600
MISSES = 20
QUARTERS_SHOWN = 8


@never_cache
@public_page
def passbook(request: HttpRequest, token: str) -> HttpResponse:
    """A wrong key, an unknown and a revoked one get the same answer, and who keeps trying is told to wait."""
    found = passbook_find(token)
    if found is None:
        missed = tried(f"passbook:{client_ip(request)}", WINDOW)
        answer = render(request, "moral_bank/passbooks/public.html", {"slow": missed > MISSES}, status=429 if missed > MISSES else 404)
        if missed > MISSES:
            answer["Retry-After"] = str(WINDOW)
        return answer
    return render(request, "moral_bank/passbooks/public.html", _shown(found, month_asked(request)))


def _shown(passbook: Passbook, month: Period) -> dict[str, object]:
    """Everything on the page, in a fixed number of queries; nothing of it names a person or a place to live."""
    account: Account = passbook.account
    ratings = Rating.objects.filter(
        account=account, closing__kind=Kind.QUARTER, closing__state=Closing.State.LOCKED
    ).select_related("closing")
    held = Redemption.objects.filter(account=account, state=Redemption.State.HELD).select_related("item", "shop")
    return {
        "account": account,
        "code": passbook_code(passbook),
        "statement": statement_of(account, month),
        "months": months_of(account),
        "expiring": expiring_of(account),
        "ratings": ratings.order_by("-closing__start")[:QUARTERS_SHOWN],
        "held": held.order_by("expires_at"),
    }
