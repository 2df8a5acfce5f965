"""The deeds from which a cadre chooses, as big buttons under headings."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, QuerySet

from governance.accounts.models import User
from moral_bank.claims.forms import DeedForm, day_of
from moral_bank.models import Claim
from moral_bank.rules.models import Deed, Head, RuleSet

FREQUENT = 6
BUTTONS_UP_TO = 12


@dataclass(frozen=True)
class DeedChoice:
    """One deed's button. `values` are the figures of a judged deed with few of them; `score`
    and `quantity` are what was sent before."""

    deed: Deed
    chosen: bool
    values: list[int]
    score: int | None
    quantity: int | None

    @property
    def score_name(self) -> str:
        return f"score-{self.deed.pk}"

    @property
    def quantity_name(self) -> str:
        return f"quantity-{self.deed.pk}"


def deed_groups(user: User, deeds: QuerySet[Deed], form: DeedForm) -> list[tuple[str, list[DeedChoice]]]:
    """Choices under headings: what this user declares most, then the five heads; each deed once."""
    by_id = {deed.pk: _choice(deed, form) for deed in deeds}
    mine = Claim.objects.visible_to(user).filter(declared_by=user, deed__in=list(by_id)).order_by()
    often = mine.values_list("deed").annotate(times=Count("id")).order_by("-times", "deed")[:FREQUENT]
    groups = {"常用": [by_id.pop(pk) for pk, _ in often], **{label: [] for label in Head.labels}}
    for choice in by_id.values():
        groups[Head(choice.deed.head).label].append(choice)
    return [(label, choices) for label, choices in groups.items() if choices]


def _choice(deed: Deed, form: DeedForm) -> DeedChoice:
    values = [value for value in range(deed.score, (deed.score_high or deed.score) + 1) if value]
    few = deed.is_judged and len(values) <= BUTTONS_UP_TO
    return DeedChoice(
        deed=deed,
        chosen=str(form["deed"].value()) == str(deed.pk),
        values=values if few else [],
        score=form.score_sent(deed),
        quantity=form.quantity_sent(deed),
    )


def deeds_on(user: User, township: int | None, day: str) -> QuerySet[Deed]:
    """The deeds of the rules in force on `day` (ISO text; today, if it is none) in a township."""
    rule_set = RuleSet.objects.in_force(township or 0, day_of(day))
    return Deed.objects.visible_to(user).filter(rule_set=rule_set).order_by("code")
