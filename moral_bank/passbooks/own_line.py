"""Which line of a closing's list a household may see that has its passbook at hand."""

from __future__ import annotations

import hmac

from governance.disclosure.models import Notice
from governance.privacy import mask_name
from moral_bank.closings.notice import public_number, results_of
from moral_bank.models import Account, Passbook, Rating
from moral_bank.passbooks.services import passbook_code
from villages.households.numbers import number_key


def own_line(notice: Notice, house: str, code: str) -> int | None:
    """The number of the household's line, whose passbook in force has this code; None for whatever does not fit."""
    books = Passbook.objects.filter(
        revoked_at=None,
        account__household__number_key=number_key(house.strip()),
        account__household__placements__village=notice.unit_id,
    )
    for book in books.select_related("account__household").distinct():
        if hmac.compare_digest(passbook_code(book), code):
            return _line_of(notice, book.account)
    return None


def _line_of(notice: Notice, account: Account) -> int | None:
    """By what the list says of the household and of its rating; None where two lines say the same."""
    rating = Rating.objects.filter(closing__notice=notice, account=account).select_related("closing").first()
    if rating is None:
        return None
    closing, home = rating.closing, account.household
    said = [public_number(home.number), mask_name(home.head_name) or "*"]
    result = results_of(closing.kind, rating.score, rating.rank, rating.stars, rating.honoured)
    lines = [
        number for number, row in enumerate(notice.rows, start=1) if row[1:3] == said and row[4 : 4 + len(result)] == result
    ]
    return lines[0] if len(lines) == 1 else None
