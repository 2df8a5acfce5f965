"""The part of the matrix that belongs to inspections: its URLs, and one object of each kind in the house's village."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.cases.models import Photo
from governance.sheets.cells import LEVELS
from inspections.models import (
    Answer,
    CheckImport,
    ChecklistItem,
    Evidence,
    Finding,
    Front,
    FrontPatrol,
    HouseholdCheck,
    Order,
    Reply,
    Review,
    Round,
    Scorecard,
    Statement,
    Team,
    TeamMember,
)
from tests.inspections.house import make_card
from tests.matrix import Page, Staff, listed

_OWN = (("team_pk", "team"),)
_LINE = (("item_pk", "card_item"),)
_YARD = (("unit", "yard"),)

PAGES: dict[str, Page] = {
    "inspections:fact-list": Page(Action.ROUND_VIEW),
    "inspections:fact-list-export": Page(Action.EXPORT),
    "inspections:fact-detail": Page(Action.ROUND_VIEW, answers=(200, 302), arguments=(("code", "events_in_time"),)),
    "inspections:fact-export": Page(Action.EXPORT, answers=(200, 302), arguments=(("code", "events_in_time"),)),
    "inspections:check-list": Page(Action.CHECK_VIEW),
    "inspections:check-export": Page(Action.EXPORT),
    "inspections:check-walk": Page(Action.CHECK_SCORE, "yard", arguments=_YARD),
    "inspections:check-results": Page(Action.CHECK_VIEW, "yard", arguments=_YARD),
    "inspections:check-order": Page(Action.CHECK_SCORE, "yard", arguments=_YARD),
    "inspections:check-household": Page(Action.CHECK_SCORE, "household"),
    "inspections:check-reminders": Page(Action.CHECK_SCORE, "yard", arguments=_YARD),
    "inspections:check-plates": Page(Action.CHECK_SCORE, "yard", arguments=_YARD),
    "inspections:front-list": Page(Action.FRONT_VIEW),
    "inspections:front-export": Page(Action.EXPORT),
    "inspections:front-create": Page(Action.FRONT_EDIT),
    "inspections:front-import": Page(Action.FRONT_EDIT),
    "inspections:front-walk": Page(Action.FRONT_PATROL),
    "inspections:front-print": Page(Action.FRONT_EDIT, arguments=(("paper", "plate"),)),
    "inspections:front-detail": Page(Action.FRONT_VIEW, "front"),
    "inspections:front-sign": Page(Action.FRONT_EDIT, "front", "post", (302,)),
    "inspections:front-end": Page(Action.FRONT_EDIT, "front", "post", (302,)),
    "inspections:front-patrol": Page(Action.FRONT_PATROL, "front"),
    "inspections:front-fine": Page(Action.FRONT_PATROL, "front", "post", (302,)),
    "inspections:front-paper": Page(Action.FRONT_EDIT, "front", arguments=(("paper", "duty"),)),
    "inspections:patrol-recheck": Page(Action.FRONT_PATROL, "patrol"),
    "inspections:patrol-slip": Page(Action.FRONT_VIEW, "patrol"),
    "inspections:round-list": Page(Action.PLAN_VIEW),
    "inspections:round-create": Page(Action.ROUND_PLAN),
    "inspections:round-detail": Page(Action.PLAN_VIEW, "round"),
    "inspections:round-plan": Page(Action.ROUND_PLAN, "round"),
    "inspections:team-create": Page(Action.ROUND_PLAN, "round"),
    "inspections:team-change": Page(Action.ROUND_PLAN, "round", arguments=_OWN),
    "inspections:recusal-create": Page(Action.ROUND_PLAN, "round"),
    "inspections:round-decide": Page(Action.ROUND_DECIDE, "round"),
    "inspections:round-send-back": Page(Action.ROUND_DECIDE, "round"),
    "inspections:round-step": Page(Action.ROUND_DECIDE, "round", "post", (302,), arguments=(("step", "lock"),)),
    "inspections:round-paper": Page(Action.PLAN_VIEW, "round", arguments=(("paper", "plan"),)),
    "inspections:card-sheet": Page(Action.ROUND_VIEW, "card", answers=(200, 302)),
    "inspections:card-list": Page(Action.ROUND_VIEW),
    "inspections:card-list-export": Page(Action.EXPORT),
    "inspections:card-compare": Page(Action.PLAN_VIEW),
    "inspections:card-photo": Page(Action.PLAN_VIEW, "card_photo"),
    "inspections:card-detail": Page(Action.ROUND_VIEW, "card"),
    "inspections:card-print": Page(Action.ROUND_VIEW, "card", answers=(200, 302)),
    "inspections:card-score": Page(Action.ROUND_SCORE, "card"),
    "inspections:card-finish": Page(Action.ROUND_SCORE, "card", "post", (302,)),
    "inspections:card-self": Page(Action.SELF_SCORE, "card"),
    "inspections:card-line": Page(Action.ROUND_SCORE, "card", arguments=_LINE),
    "inspections:card-photo-add": Page(Action.ROUND_SCORE, "card", "post", (422,), arguments=_LINE),
    "inspections:card-finding": Page(Action.ROUND_SCORE, "card", "post", (422,), arguments=_LINE),
    "inspections:reply-create": Page(Action.SELF_SCORE, "card", arguments=_LINE),
    "inspections:reply-decide": Page(Action.ROUND_PLAN, "card", arguments=(("reply_pk", "reply"),)),
    "inspections:finding-list": Page(Action.ORDER_VIEW),
    "inspections:finding-create": Page(Action.ROUND_SCORE),
    "inspections:order-list": Page(Action.ORDER_VIEW),
    "inspections:order-export": Page(Action.EXPORT, arguments=(("kind", "oversight"),)),
    "inspections:order-create": Page(Action.ORDER_ISSUE, answers=(302,)),
    "inspections:order-photo": Page(Action.ORDER_VIEW, "order_photo"),
    "inspections:order-detail": Page(Action.ORDER_VIEW, "order"),
    "inspections:order-sign": Page(Action.ORDER_FIX, "order", "post", (302,)),
    "inspections:order-report": Page(Action.ORDER_FIX, "order", answers=(302,)),
    "inspections:order-extend": Page(Action.ORDER_FIX, "order", answers=(302,)),
    "inspections:order-extension": Page(Action.ORDER_ISSUE, "order", answers=(302,)),
    "inspections:order-check": Page(Action.ORDER_CHECK, "order", answers=(302,)),
    "inspections:blame-list": Page(Action.BLAME),
    "inspections:blame-create": Page(Action.BLAME),
    "inspections:blame-export": Page(Action.BLAME),
    "inspections:quarter-list": Page(Action.REVIEW_VIEW),
    "inspections:quarter-export": Page(Action.EXPORT, answers=(200, 302)),
    "inspections:quarter-print": Page(Action.EXPORT, answers=(200, 302)),
    "inspections:review-list": Page(Action.REVIEW_VIEW),
    "inspections:review-create": Page(Action.REVIEW_RUN),
    **{
        # a township's year is seen by all its villages, each with its own row, and by no other township
        f"inspections:review-{name}": Page(action, answers=(200, 404), arguments=(("pk", "review"),))
        for name, action in (("detail", Action.REVIEW_VIEW), ("export", Action.EXPORT), ("print", Action.EXPORT))
    },
    "inspections:review-weights": Page(Action.REVIEW_RUN, "review"),
    "inspections:review-ballots": Page(Action.REVIEW_ENTER, "review"),
    "inspections:review-compare": Page(Action.REVIEW_ENTER, "review"),
    "inspections:review-step": Page(Action.REVIEW_RUN, "review", "post", (302,), arguments=(("step", "compute"),)),
    "inspections:statement-detail": Page(Action.REVIEW_VIEW, "statement", answers=(200, 404)),
    "inspections:order-paper": Page(Action.ORDER_VIEW, "order", arguments=(("paper", "oversight"),)),
    "admin:inspections_checklist_set_up": Page(Action.CHECKLIST_EDIT, method="post", answers=(302,)),
    "admin:inspections_checklist_import": Page(Action.CHECKLIST_EDIT),
    "api:round-step": Page(Action.PLAN_VIEW, "round", "post", (400,)),
    "api:round-decide": Page(Action.ROUND_DECIDE, "round", "post", (400,)),
    "api:scorecard-answers": Page(Action.ROUND_VIEW, "card"),
    "api:scorecard-judge": Page(Action.ROUND_VIEW, "card", "post", (400,)),
    "api:scorecard-finish": Page(Action.ROUND_VIEW, "card", "post", (400,)),
    "api:scorecard-reply": Page(Action.ROUND_VIEW, "card", "post", (400,)),
    "api:order-sign": Page(Action.ORDER_FIX, "order", "post", (200, 400)),
    "api:order-report": Page(Action.ORDER_FIX, "order", "post", (400,)),
    "api:order-check": Page(Action.ORDER_CHECK, "order", "post", (400,)),
    "api:frontpatrol-recheck": Page(Action.FRONT_PATROL, "patrol", "post", (400,)),
    "api:reply-decide": Page(Action.ROUND_PLAN, "reply", "post", (400,)),
    **listed(
        ("round", Action.PLAN_VIEW, "round"),
        ("scorecard", Action.ROUND_VIEW, "card"),
        ("reply", Action.ROUND_VIEW, "reply"),
        ("order", Action.ORDER_VIEW, "order"),
        ("householdcheck", Action.CHECK_VIEW, "check"),
        ("frontpatrol", Action.FRONT_VIEW, "patrol"),
    ),
}
STAFF = {
    "inspections_checkimport": Staff(
        Action.CHECK_IMPORT,
        "check_import",
        add=True,
        history=False,
        buttons=tuple((name, Action.CHECK_IMPORT) for name in ("commit", "remap", "rejects", "discard")),
    ),
    "inspections_checklist": Staff(
        Action.CHECKLIST_VIEW,
        "checklist",
        add=True,
        export=True,
        buttons=(("adopt", Action.CHECKLIST_EDIT), ("copy", Action.CHECKLIST_EDIT), ("sheet", Action.EXPORT)),
    ),
    "inspections_checklistsection": Staff(Action.CHECKLIST_VIEW, "checklist_section", history=False),
    "inspections_order": Staff(
        Action.ORDER_VIEW,
        "order",
        history=False,
        buttons=(("recheck", Action.ORDER_CHECK), ("page", Action.ORDER_VIEW)),
    ),
    "inspections_finding": Staff(Action.ORDER_VIEW, "finding", history=False),
    "inspections_review": Staff(Action.REVIEW_VIEW, "review", buttons=(("page", Action.REVIEW_VIEW),)),
    "inspections_front": Staff(
        Action.FRONT_VIEW, "front", export=True, history=False, buttons=(("page", Action.FRONT_VIEW),)
    ),
}


def build(house: Any) -> None:
    """Objects of 督查 in 八一村, named as `Page.shows` names them; `house` is the matrix's House."""
    staff, now = house.cast["staff"], timezone.now()
    none = dict.fromkeys(LEVELS, 0)
    house.check_import = CheckImport.objects.create(township=house.township, uploaded_by=staff, filename="表.csv", counts=none)
    house.checklist = make_card(house.township, staff)
    house.checklist_section = house.checklist.sections.first()
    house.round = Round.objects.create(
        township=house.township, quarter=date(2026, 1, 1), name="一季度督查", checklist=house.checklist, seed="1",
        opens_on=date(2026, 4, 8), closes_on=date(2026, 4, 10), planned_by=staff, planned_at=now, state="scoring",
    )  # fmt: skip
    _add_front(house)
    house.check = HouseholdCheck.objects.create(
        household=house.household, township=house.township, month=date(2026, 3, 1), checklist=house.checklist, score=100,
        plate="fair", by=staff, at=now,
    )  # fmt: skip
    house.team = Team.objects.create(round=house.round, name="第一组")
    TeamMember.objects.create(team=house.team, user=house.cast["supervisor"], is_head=True)
    house.card = Scorecard.objects.create(round=house.round, village=house.village, team=house.team)
    house.card_item = item = ChecklistItem.objects.filter(section__checklist=house.checklist)[0]
    house.reply = Reply.objects.create(card=house.card, item=item, text="x", asked_by=house.cast["secretary"], asked_at=now)
    house.order = Order.objects.create(
        township=house.township, village=house.village, kind="oversight", number="1", card=house.card, issued_by=staff,
        issued_at=now, found_on=date(2026, 4, 9), requirement="x", sign_due_on=date(2026, 4, 14), fix_due_on=date(2026, 4, 22),
    )  # fmt: skip
    house.finding = Finding.objects.create(
        village=house.village, text="x", found_by=staff, found_at=now, card=house.card, order=house.order
    )
    house.review = Review.objects.create(township=house.township, year=2025)
    house.statement = Statement.objects.create(review=house.review, village=house.village)
    house.order_photo = Evidence.objects.create(photo=_photo(staff), order=house.order)
    answer = Answer.objects.create(card=house.card, item=item, by=house.cast["supervisor"], at=now)
    house.card_photo = Evidence.objects.create(photo=_photo(staff), answer=answer).photo


def _photo(by: User) -> Photo:
    return Photo.objects.create(
        key=uuid4(), owner_key=uuid4(), by=by, size=1, sha256="0" * 64, state="ready", kept=True, at=timezone.now(),
        file=ContentFile(b"x", "seen.jpg"),
    )  # fmt: skip


def _add_front(house: Any) -> None:
    """The household's front, reminded by the clerk."""
    staff, now = house.cast["staff"], timezone.now()
    house.front = Front.objects.create(
        kind="household", village=house.village, unit=house.yard, household=house.household, name=house.household.head_name,
        person=house.household.head_name, place="1号", plate_number="八一-001", by=staff, at=now,
    )  # fmt: skip
    house.patrol = FrontPatrol.objects.create(
        front=house.front, checklist=house.checklist, score=100, state="reminded", due_on=timezone.localdate(), by=staff, at=now
    )
