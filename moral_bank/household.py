"""What the moral bank adds to a household's page: balance, open claims, ledger, ratings."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action
from governance.frame.paging import PER_PAGE, page_of
from governance.frame.parts import Part
from governance.reading import key_asked
from moral_bank.claims.services import OPEN_STATES
from moral_bank.models import Account, Claim, Entry, Rating
from villages.models import Household

RATINGS_SHOWN = 24


def household_part(request: UserRequest, household: Household) -> Part:
    user = request.user
    account = Account.objects.visible_to(user).filter(household=household).first()
    entries = Entry.objects.visible_to(user).filter(account=account).order_by("-occurred_on", "-id")
    ledger = entries.select_related("posted_by", "reversed_by", "deed", "appeal")
    waiting = Claim.objects.visible_to(user).filter(account=account, state__in=OPEN_STATES)
    ratings = Rating.objects.visible_to(user).filter(account=account).select_related("closing")
    context = {
        "household": household,
        "account": account,
        "waiting": waiting.select_related("deed", "declared_by"),
        "page": page_of(request, ledger, _page_with(entries, key_asked(request, "entry"))),
        "ratings": ratings.order_by("-closing__start", "-closing__kind")[:RATINGS_SHOWN],
        "may_read": user.may(Action.ENTRY_VIEW, household.unit.path),
        "may_declare": household.ended_on is None and user.may(Action.CLAIM_DECLARE, household.unit.path),
    }
    return Part("moral_bank/household.html", context, request)


def _page_with(entries: QuerySet[Entry], wanted: int) -> int | None:
    """The ledger page on which the entry with id `wanted` stands; None where it is not among them."""
    entry = entries.filter(pk=wanted).first() if wanted else None
    if entry is None:
        return None
    later = Q(occurred_on__gt=entry.occurred_on) | Q(occurred_on=entry.occurred_on, id__gt=entry.pk)
    return entries.filter(later).count() // PER_PAGE + 1
