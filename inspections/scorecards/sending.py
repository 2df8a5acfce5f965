"""A section of the score form as phones send it: card, section and the lines that were changed (plan §四(三); design §8)."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.cases.sending.senders import Answer, Reasons, payload_of
from inspections.models import Answer as AnswerRow
from inspections.models import Sheet
from inspections.scorecards.answers import lines_left
from inspections.scorecards.forms import ScoreSheet
from inspections.scorecards.rows import cards_seen
from inspections.scorecards.sheets_sent import sheet_take


def score_send(data: dict[str, str], user: User) -> tuple[Answer, Reasons]:
    """The answer says how many lines of the card are left, and when (seconds since 1970).

    Raises InspectionError with every line that cannot be taken.
    """
    key = data.get("card", "")
    card = cards_seen(user, Action.ROUND_SCORE).filter(pk=int(key)).first() if key.isdecimal() else None
    if card is None:
        return {}, {"card": ["没有这张评分表，请刷新页面。"]}
    sheet = ScoreSheet(card, AnswerRow.Side.SITE, data)
    status = sheet_take(
        key=UUID(data["client_key"]),
        form=Sheet.Form.SCORE,
        target=card.pk,
        payload=payload_of(data),
        by=user,
        make=lambda: sheet.save(user),
    )
    left, now = len(lines_left(card)), int(timezone.now().timestamp())
    return {"status": status, "link": f"/cards/{card.pk}/score/", "number": str(card), "left": left, "at": now}, {}
