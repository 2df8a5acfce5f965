"""The first page: what this person's duties make due."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.utils import timezone

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import TOWN_OFFICES, Action
from governance.accounts.models import User
from governance.councils.kept import yard_page
from governance.desk.glance import SHOWN, STARS, claims_of, glance_of, notices_running, office_of
from governance.desk.todo import todo_parts
from governance.frame.early import EarlyPage, in_two
from moral_bank.claims.rows import recent_households
from villages.setting_up.services import unfinished_of


@login_required
def home(request: UserRequest) -> EarlyPage:
    user = request.user
    return in_two(request, "desk/home.html", "desk/_home.html", lambda: _context(user) if not user.guard else {})


def _context(user: User) -> dict[str, Any]:
    """Only the parts that the user's actions and duties call for."""
    actions = user.actions()
    context: dict[str, Any] = {"actions": actions, "may_log": Action.CASE_LOG in actions, "yard": yard_page(user)}
    if actions:
        context["todo"], context["cut"] = todo_parts(user, timezone.now())
    if Action.CLAIM_DECLARE in actions:
        context |= {"may_declare": True, "recent": recent_households(user)}
    if Action.CLAIM_VERIFY in actions and user.duties() - set(TOWN_OFFICES):
        context["mine"] = claims_of(user)
    if Action.CLOSING_RUN in actions:
        context["office"] = office_of(user)
    if Action.UNIT_EDIT in actions:
        context["setting_up"] = unfinished_of(user)
    if Action.NOTICE_VIEW in actions:
        notices = notices_running(user)
        context |= {"notices": notices[:SHOWN], "notice_count": notices.count()}
    if user.duties() & set(TOWN_OFFICES):
        quarter, glances = glance_of(user)
        context |= {"quarter": quarter, "glances": glances, "star_heads": STARS}
    return context
