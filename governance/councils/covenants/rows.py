"""What the page of a covenant shows: the version in force, the draft with what it waits for, all versions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.councils.covenants.forms import codes_of
from governance.councils.covenants.models import Clause, Covenant, CovenantVersion
from governance.councils.covenants.services import may_draft
from governance.frame.columns import Tag
from governance.periods import today
from moral_bank.rules.models import Deed, RuleSet
from villages.models import Unit

State = CovenantVersion.State
TONES = {State.DRAFT: "", State.RUNNING: "waiting", State.COMING: "info", State.IN_FORCE: "good", State.PAST: ""}


@dataclass(frozen=True)
class VersionRow:
    version: CovenantVersion
    state: State

    @property
    def tag(self) -> Tag:
        return Tag(self.state.label, TONES[self.state])


@dataclass(frozen=True)
class ClauseRow:
    """`deeds`: what of the rule set in force rests on it."""

    clause: Clause
    deeds: Sequence[Deed]


def versions_of(covenant: Covenant, day: date) -> list[VersionRow]:
    """All versions, newest first, each with how it stands on `day`."""
    rows = list(covenant.versions.select_related("decision", "made_by", "set_by").order_by("-number"))
    held = [row for row in rows if row.valid_from is not None and row.valid_from <= day]
    current = max(held, key=lambda row: (row.valid_from, row.number), default=None)
    return [VersionRow(row, _state(row, current, day)) for row in rows]


def _state(row: CovenantVersion, current: CovenantVersion | None, day: date) -> State:
    if row.valid_from is None:
        return State.RUNNING if row.is_running else State.DRAFT
    if row.valid_from > day:
        return State.COMING
    return State.IN_FORCE if row == current else State.PAST


class Page:
    """A covenant as `user` sees it today."""

    def __init__(self, covenant: Covenant, user: User) -> None:
        self.covenant, self.user = covenant, user
        self.may_draft = may_draft(user, covenant.unit)
        self.versions = versions_of(covenant, today())
        self.current = next((row.version for row in self.versions if row.state == State.IN_FORCE), None)
        self.draft = next((row.version for row in self.versions if row.version.valid_from is None), None)

    @cached_property
    def clauses(self) -> list[ClauseRow]:
        return self._rows(self.current) if self.current else []

    @cached_property
    def drafted(self) -> list[ClauseRow]:
        return self._rows(self.draft) if self.draft else []

    @property
    def waiting(self) -> list[Clause]:
        """Marked clauses of the draft that the township has not answered for."""
        return [row.clause for row in self.drafted if row.clause.is_open]

    @property
    def may_begin(self) -> bool:
        return bool(self.draft and not self.covenant.is_rule and not self.draft.is_running and self.may_draft)

    @property
    def may_set(self) -> bool:
        return bool(self.draft and self.covenant.is_rule and self.may_draft and not self.waiting)

    @property
    def may_record(self) -> bool:
        """A first version that somebody else wrote down, and that no decision has in hand."""
        draft = self.draft
        fresh = draft is not None and draft.number == 1 and not draft.is_running and not self.waiting
        others = fresh and (self.covenant.is_rule or draft.made_by_id != self.user.pk)  # type: ignore[union-attr]
        return bool(others and self.user.may(Action.DECISION_CHECK, self.covenant.unit.path))

    @property
    def may_mark(self) -> bool:
        return self.draft is not None and self.user.may(Action.DECISION_CHECK, self.covenant.unit.path)

    @property
    def may_answer(self) -> bool:
        marked = any(row.clause.marks for row in self.drafted)
        own = self.draft is not None and self.draft.made_by_id == self.user.pk and not self.covenant.is_rule
        return marked and not own and self.user.may(Action.DECISION_CHECK, self.covenant.unit.path)

    @property
    def before(self) -> CovenantVersion | None:
        """The last version that was set: the draft is compared with it."""
        return next((row.version for row in self.versions if row.version.valid_from is not None), None)

    @cached_property
    def _deeds(self) -> dict[str, Deed]:
        township = _township_of(self.covenant)
        rule_set = RuleSet.objects.in_force(township.pk, today()) if township else None
        return {deed.code: deed for deed in rule_set.deeds.all()} if rule_set else {}

    def _rows(self, version: CovenantVersion) -> list[ClauseRow]:
        clauses = version.clauses.select_related("answered_by").order_by("number")
        return [
            ClauseRow(clause, [self._deeds[code] for code in codes_of(clause.deeds) if code in self._deeds] if clause.deeds else [])
            for clause in clauses
        ]

    @property
    def deeds(self) -> list[Deed]:
        """What a clause may be cited by."""
        return list(self._deeds.values())


def _township_of(covenant: Covenant) -> Unit | None:
    unit: Unit | None = covenant.unit
    while unit is not None and unit.level != Unit.Level.TOWNSHIP:
        unit = unit.parent
    return unit
