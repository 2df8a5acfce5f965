"""户月评 as phones send it: one household, one month, cases by item (plan §三.4; design §8)."""

from __future__ import annotations

from governance.accounts.models import User
from governance.cases.sending.senders import Answer, Reasons, payload_of, reasons_of
from inspections.checks.forms import CheckForm
from inspections.checks.services import household_check
from inspections.models import HouseholdCheck, Sheet
from inspections.scorecards.sheets_sent import sheet_take


def check_send(data: dict[str, str], user: User) -> tuple[Answer, Reasons]:
    """The answer says the plate and the points that stand now."""
    form = CheckForm(data, user=user)
    if not form.is_valid():
        return {}, reasons_of(form)
    cleaned = form.arguments()
    home, month = cleaned["household"], cleaned["month"]
    status = sheet_take(
        key=form.key,
        form=Sheet.Form.CHECK,
        target=home.pk,
        payload=payload_of(data),
        by=user,
        make=lambda: household_check(by=user, **cleaned),
    )
    check = HouseholdCheck.objects.get(household=home, month=month.start)
    plate = check.get_plate_display()
    return {
        "status": status,
        "link": f"/checks/{home.unit_id}/results/?month={month}",
        "number": f"{home.head_name}户 {plate}",
        "plate": plate,
        "score": check.score_words,
    }, {}
