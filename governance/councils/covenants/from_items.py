"""A covenant's draft out of what a meeting agreed: of a new one, or of the next version of one that the place has; once for an item."""

from __future__ import annotations

from datetime import datetime

from governance.accounts.models import User
from governance.councils.covenants.forms import text_of
from governance.councils.covenants.models import Covenant, CovenantVersion
from governance.councils.covenants.services import covenant_add, may_draft, version_draft
from governance.councils.meetings.models import Item, Meeting, Outcome
from governance.councils.meetings.outcomes import COVENANT, once
from villages.making import Made
from villages.models import Unit

PAGE = "councils:covenant-detail"
NOTE = 300
TEXT_KINDS = (Covenant.Kind.COVENANT, Covenant.Kind.YARD)


def covenants_of(meeting: Meeting, user: User) -> list[Covenant]:
    """The covenants of the meeting's place and of its village which `user` may draft."""
    rows = Covenant.objects.visible_to(user).filter(unit__in=[meeting.unit_id, meeting.village_id], kind__in=TEXT_KINDS)
    return [row for row in rows.select_related("unit").order_by("-unit__path", "pk") if may_draft(user, row.unit)]


def new_kind(meeting: Meeting) -> Covenant.Kind:
    """What a covenant of the meeting's place is: a yard's, or the village's."""
    return Covenant.Kind.YARD if meeting.unit.level == Unit.Level.SETTLEMENT else Covenant.Kind.COVENANT


def new_title(meeting: Meeting) -> str:
    kind = new_kind(meeting)
    return f"{meeting.unit.name}院坝公约" if kind == Covenant.Kind.YARD else f"{meeting.village.name}居民公约"


def filled_in(item: Item, covenant: Covenant | None) -> dict[str, str]:
    """Below the words that stand what was agreed; behind the reasons of a draft that stands the meeting as one more."""
    last = CovenantVersion.objects.filter(covenant=covenant).order_by("-number").first()
    before = last.note if last is not None and last.valid_from is None else ""
    note = f"{item.meeting.on} {item.meeting.body.name}议定：{item.title}"
    return {
        "title": new_title(item.meeting),
        "text": "\n".join(filter(None, [text_of(last), item.outcome or item.title])),
        "note": "；".join(filter(None, [before, note]))[:NOTE],
    }


def item_draft(
    *, item: Item, covenant: Covenant | None, text: str, note: str, by: User, title: str = "", at: datetime | None = None
) -> Outcome:
    """The draft of `covenant`, or of a new one of the meeting's place under `title`."""

    def make(meeting: Meeting) -> Made:
        if covenant is not None:
            version = version_draft(covenant=covenant, text=text, note=note, by=by, at=at)
        else:
            unit = meeting.unit if new_kind(meeting) == Covenant.Kind.YARD else meeting.village
            version = covenant_add(unit=unit, kind=new_kind(meeting), title=title, text=text, note=note, by=by, at=at)
        return Made(PAGE, version.covenant_id, f"《{version.covenant.title}》第{version.number}版草稿")

    return once(item.meeting, item, COVENANT, make, by, at)
