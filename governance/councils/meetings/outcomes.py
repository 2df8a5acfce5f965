"""What comes of an item, each once: a case, an order (by `Room.makes`), a notice, deeds of all who came. Nothing is typed twice.

A decision and a covenant's draft are begun by `decisions/from_items.py` and `covenants/from_items.py`, by `once` as well."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.councils.errors import CouncilError
from governance.councils.meetings.services import taken
from governance.councils.models import Attendance, Item, Meeting, Outcome
from governance.disclosure.models import Notice
from governance.disclosure.notices import notice_publish
from governance.frame.saving import save_by
from governance.rooms import merged, rooms
from moral_bank.claims.bringing import claims_bring
from moral_bank.claims.services import ClaimError, Declaration
from moral_bank.models import Claim
from moral_bank.rules.models import Deed
from villages.making import Made, Maker, Matter
from villages.models import Household, Resident

NOTICE, DEEDS, DECISION, COVENANT = "notice", "deeds", "decision", "covenant"
COLUMNS = ["事项", "议定意见"]


@dataclass(frozen=True)
class Way:
    """One way to go on from an item, as a room offers it."""

    name: str
    label: str
    action: Action
    maker: Maker


def ways_for(user: User, meeting: Meeting) -> list[Way]:
    """What `user` may make of the items of a meeting."""
    return [way for way in _ways().values() if user.may(way.action, meeting.unit.path)]


def _ways() -> dict[str, Way]:
    made = merged("makes", rooms())
    return {name: Way(name, label, Action(action), import_string(dotted)) for name, (label, action, dotted) in made.items()}


def item_make(
    *, item: Item, way: Way, choice: str, text: str, by: User, household: Household | None = None, at: datetime | None = None
) -> Outcome:
    """A case or an order of the item, by the room that has it."""

    def make(meeting: Meeting) -> Made:
        if not text.strip():
            raise CouncilError("请写明什么事。", "words", field="text")
        return way.maker.make(Matter(text.strip(), meeting.unit, meeting.on, household), choice, by)

    return once(item.meeting, item, way.name, make, by, at)


def item_publish(
    *, item: Item, title: str, text: str, opens_on: date, closes_on: date, channel: str, by: User, at: datetime | None = None
) -> Outcome:
    """A notice of what was agreed; it names nobody who was there."""

    def make(meeting: Meeting) -> Made:
        if named := _named(meeting, f"{title}{text}"):
            raise CouncilError(f"公示里不能写“{named}”这样的姓名，请改成“某户”或脱敏。", "words", field="text")
        notice = notice_publish(
            unit=meeting.village, kind=Notice.Kind.OTHER, title=title.strip(), reason=f"{meeting.body.name}{meeting.on}议定",
            columns=COLUMNS, rows=[[title.strip(), text.strip()]], opens_on=opens_on, closes_on=closes_on, channel=channel.strip(),
            by=by,
        )  # fmt: skip
        return Made("public:notice", notice.pk, f"{notice.title}（{opens_on} 至 {closes_on}）")

    return once(item.meeting, item, NOTICE, make, by, at)


def meeting_reward(*, meeting: Meeting, deed: Deed, by: User, at: datetime | None = None) -> Outcome:
    """The deed for every household that came, as verified claims: the meeting was confirmed by somebody else than its recorder."""

    def make(held: Meeting) -> Made:
        if held.state not in Meeting.KEPT:
            raise CouncilError("会议确认以后才能给到会的户记积分。", "state")
        if not by.may(Action.CLAIM_DECLARE, held.unit.path):
            raise CouncilError("这里的积分不归您申报。", "scope")
        declarations = [_declaration(held, home, deed) for home in homes_present(held)]
        if not declarations:
            raise CouncilError("这次会议没有逐户登记到会，不能一起记积分。", "figures")
        found = claims_bring(declarations=declarations, by=by, at=at, source=Claim.Source.MEETING)
        refused = [one for one in found if isinstance(one, ClaimError)]
        if len(refused) == len(found):
            raise CouncilError(refused[0].message, "words")
        words = f"，{len(refused)} 户没有记上：{refused[0].message}" if refused else ""
        return Made("", 0, f"{deed.name}：已给 {len(found) - len(refused)} 户记上{words}"[:120])

    return once(meeting, None, DEEDS, make, by, at)


def homes_present(meeting: Meeting) -> list[Household]:
    """The households that came, or whose member did; each once."""
    came = Attendance.objects.filter(meeting=meeting, status=Attendance.Status.PRESENT)
    homes = Household.objects.filter(ended_on=None, village=meeting.village_id).select_related("village", "unit")
    own = homes.filter(pk__in=came.exclude(household=None).values("household"))
    seats = homes.filter(residents__in=came.exclude(seat=None).values("seat__resident"))
    posts = homes.filter(residents__in=came.exclude(post__resident=None).values("post__resident"))
    return sorted({home.pk: home for rows in (own, seats, posts) for home in rows}.values(), key=lambda home: home.pk)


def row_key(meeting: Meeting, home: Household) -> UUID:
    """One claim of a household for a meeting, however often it is brought."""
    return uuid5(NAMESPACE_URL, f"xiangzhi:meeting:{meeting.pk}:{home.pk}")


def _declaration(meeting: Meeting, home: Household, deed: Deed) -> Declaration:
    return Declaration(home, deed, meeting.on, note=f"{meeting.on} {meeting.body.name}到会", row_key=row_key(meeting, home))


def _named(meeting: Meeting, text: str) -> str:
    """A name in the text of somebody who was entitled to come, "" where there is none."""
    rows = meeting.attendances.all()
    names = {*rows.values_list("household__head_name", flat=True), *rows.values_list("seat__resident__name", flat=True)}
    names |= set(Resident.objects.filter(household__in=rows.values("household")).values_list("name", flat=True))
    return next((name for name in sorted(filter(None, names)) if len(name) > 1 and name in text), "")


def once(
    meeting: Meeting, item: Item | None, kind: str, make: Callable[[Meeting], Made], by: User, at: datetime | None
) -> Outcome:
    """Under the meeting's lock: what was made before is not made again."""
    with transaction.atomic():
        held = taken(meeting, by, *Meeting.WRITTEN)
        if Outcome.objects.filter(meeting=held, item=item, kind=kind).exists():
            raise CouncilError("这一样已经办过，没有重复办。", "once")
        made = make(held)
        outcome = Outcome(
            meeting=held, item=item, kind=kind, page=made.page, row=made.row or None, label=made.label[:120], made_by=by,
            made_at=at or timezone.now(),
        )  # fmt: skip
        save_by(outcome, by, CouncilError)
    return outcome
