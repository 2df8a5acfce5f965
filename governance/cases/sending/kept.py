"""Which pages of cases a phone keeps from logging in on: the two general forms, and those of what its owner has at hand."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.cases.engine.due import RETURN_VISIT
from governance.cases.engine.flow import Step
from governance.cases.engine.services import steps_for
from governance.cases.models import Case

AHEAD = timedelta(days=7)
EACH = 6  # of a sort: what somebody walks to in a day


def cases_kept(user: User) -> list[str]:
    general = [(Action.CASE_LOG, "cases:case-log"), (Action.VISIT_LOG, "cases:visit-log"), (Action.CASE_LOG, "cases:draft-list")]
    pages = [reverse(name) for action, name in general if user.may(action)]
    return pages + _at_hand(user) if user.may(Action.CASE_HANDLE) else pages


def _at_hand(user: User) -> list[str]:
    visits = RETURN_VISIT.open(timezone.now() + AHEAD).filter(case__assignee=user).order_by("due_on", "pk")
    mine = Case.objects.visible_to(user).open().filter(assignee=user).order_by("case_due_at", "pk")
    pages = [reverse("cases:return-visit", args=[pk]) for pk in visits.values_list("pk", flat=True)[:EACH]]
    disputes = mine.filter(kind=Case.Kind.DISPUTE).values_list("pk", flat=True)[:EACH]
    pages += [reverse("cases:sitting-add", args=[pk]) for pk in disputes]
    errands = mine.filter(kind=Case.Kind.ERRAND).select_related("category", "township", "village", "unit")[:EACH]
    ready = [case for case in errands if any(step.step == Step.FINISH for step in steps_for(case, user))]
    return pages + [reverse("cases:case-step", args=[case.pk, Step.FINISH]) for case in ready]
