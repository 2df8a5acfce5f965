"""Covenants and rules: drafted, decided, answered for, put in force (plan §三.2 一约七会, §四.三; mission M18)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.councils.covenants.errors import CovenantError
from governance.councils.covenants.marking import TOWN, clauses_of, marks_of
from governance.councils.covenants.models import Clause, Covenant, CovenantVersion
from governance.councils.decisions.gates import What
from governance.councils.decisions.kind_models import DecisionKind
from governance.councils.decisions.models import Decision
from governance.councils.decisions.services import decision_begin, village_of
from governance.disclosure.masked import texts_check
from governance.frame.saving import save_by
from governance.periods import today
from villages.models import Unit

LEVELS = {
    Covenant.Kind.COVENANT: (Unit.Level.VILLAGE,),
    Covenant.Kind.YARD: (Unit.Level.SETTLEMENT,),
    Covenant.Kind.RULE: (Unit.Level.TOWNSHIP, Unit.Level.VILLAGE),
}
STILL = "草案已由镇审查通过，或已在院内公示，条款不能再改；要改，先撤回这件决策。"
UNCHANGED = "与现行版本一字不差，没有要改的。"


def may_draft(user: User, unit: Unit) -> bool:
    """A village's own are the village's; what holds in a township is the staff's."""
    return user.may(Action.DECISION_KIND if unit.level == Unit.Level.TOWNSHIP else Action.DECISION_RUN, unit.path)


def covenant_add(
    *, unit: Unit, kind: str, title: str, text: str, note: str, by: User, topic: str = "", at: datetime | None = None
) -> CovenantVersion:
    """A new covenant with its first draft; `text`: one clause a line."""
    now = at or timezone.now()
    _check_right(unit, by)
    if unit.level not in LEVELS[Covenant.Kind(kind)]:
        raise CovenantError(f"{Covenant.Kind(kind).label}不在{unit.get_level_display()}一级定。", "kind", field="unit")
    if not title.strip():
        raise CovenantError("请写名称。", "words", field="title")
    with transaction.atomic():
        covenant = Covenant(unit=unit, kind=kind, title=title.strip(), topic=topic, made_by=by, made_at=now)
        save_by(covenant, by, CovenantError)
        return _write(covenant, text, note, by, now)


def version_draft(*, covenant: Covenant, text: str, note: str, by: User, at: datetime | None = None) -> CovenantVersion:
    """The draft of the next version, or the draft that stands there changed, by whom it says. What the township said of a clause stays
    with its words."""
    with transaction.atomic():
        row = _take(covenant, by)
        return _write(row, text, note, by, at or timezone.now())


def version_begin(*, version: CovenantVersion, by: User, at: datetime | None = None) -> Decision:
    """Hand the draft to the decision that alone can put it in force: its kind is the township's for this place."""
    now = at or timezone.now()
    with transaction.atomic():
        covenant = _take(version.covenant, by)
        draft = CovenantVersion.objects.select_related("decision").get(pk=version.pk)
        if covenant.is_rule or draft.valid_from is not None or draft.is_running:
            raise CovenantError("这一版不是等着办理的草稿。", "state")
        place = DecisionKind.Place.YARD if covenant.kind == Covenant.Kind.YARD else DecisionKind.Place.VILLAGE
        kinds = DecisionKind.objects.in_force(today(now)).filter(effect=DecisionKind.Effect.COVENANT, place=place)
        kind = kinds.filter(township=village_of(covenant.unit).parent_id).order_by("pk").first()
        if kind is None:
            raise CovenantError("镇里还没有启用订立规约的程序。", "kind")
        verb = "订立" if draft.number == 1 else "修订"
        decision = decision_begin(
            kind=kind, unit=covenant.unit, title=f"{verb}《{covenant.title}》（第{draft.number}版）", purpose=draft.note,
            proposed_on=today(now), by=by, at=now,
        )  # fmt: skip
        draft.decision = decision
        draft.save(update_fields=["decision"])
    return decision


def version_set(*, version: CovenantVersion, valid_from: date, by: User, at: datetime | None = None) -> CovenantVersion:
    """施行 of a 制度 from a day on, which may be past only down to the day of its draft."""
    with transaction.atomic():
        covenant = _take(version.covenant, by)
        draft = CovenantVersion.objects.get(pk=version.pk)
        if not covenant.is_rule:
            raise CovenantError("公约按程序通过以后才施行。", "state")
        if draft.valid_from is not None:
            raise CovenantError(f"第{draft.number}版已登记施行。", "state")
        if valid_from < today(draft.made_at):
            raise CovenantError("施行日期不能早于起草那天；原来就在执行的请补登。", "date", field="valid_from")
        if words := draft.waits_for:
            raise CovenantError(words, "marks")
        draft.valid_from, draft.set_by = valid_from, by
        draft.save(update_fields=["valid_from", "set_by"])
    return draft


def version_record(
    *, version: CovenantVersion, valid_from: date, history_note: str, by: User, at: datetime | None = None
) -> CovenantVersion:
    """补登 a first version that was in force before it was written down here: since when, and by whom and how it was adopted. The
    township says so; for a covenant somebody else than who wrote it down."""
    with transaction.atomic():
        row = CovenantVersion.objects.select_for_update(of=("self",)).select_related("covenant__unit__parent__parent", "decision")
        draft: CovenantVersion = row.get(pk=version.pk)
        unit = draft.covenant.unit
        if not by.may(Action.DECISION_CHECK, unit.path):
            raise CovenantError("这份规约不归您补登。", "scope")
        if draft.number != 1 or draft.valid_from is not None or draft.is_running:
            raise CovenantError("只有还没有办理的第一版可以补登。", "state")
        if draft.made_by_id == by.pk and not draft.covenant.is_rule:
            raise CovenantError("公约由录入人以外的人补登。", "same")
        if valid_from >= today(draft.made_at):
            raise CovenantError("补登的是录入之前就施行的；以后施行的请按程序办理。", "date", field="valid_from")
        if not history_note.strip():
            raise CovenantError("请写明是哪天、由什么会议通过的。", "words", field="history_note")
        texts_check(unit, [history_note])
        if words := draft.waits_for:
            raise CovenantError(words, "marks")
        draft.valid_from, draft.history_note, draft.set_by, draft.decision = valid_from, history_note.strip(), by, None
        draft.save(update_fields=["valid_from", "history_note", "set_by", "decision"])
    return draft


def clauses_answer(*, version: CovenantVersion, answers: Mapping[int, str], by: User, at: datetime | None = None) -> int:
    """镇审查: why marked clauses may stand, by their numbers; returns how many were answered. An answer may be said better until the
    version is in force."""
    with transaction.atomic():
        row = CovenantVersion.objects.select_for_update(of=("self",)).select_related("covenant__unit").get(pk=version.pk)
        if not by.may(Action.DECISION_CHECK, row.covenant.unit.path):
            raise CovenantError("这份规约不归您审查。", "scope")
        if row.made_by_id == by.pk and not row.covenant.is_rule:
            raise CovenantError("公约由起草人以外的人审查。", "same")
        if row.valid_from is not None:
            raise CovenantError("这一版已经施行。", "state")
        marked = {clause.number: clause for clause in row.clauses.exclude(marks="")}
        said = {number: words.strip() for number, words in answers.items() if words.strip()}
        if not said or not said.keys() <= marked.keys():
            raise CovenantError("请至少写一条审查意见。", "words")
        for number, words in said.items():
            clause = marked[number]
            clause.answer, clause.answered_by, clause.answered_at = words, by, at or timezone.now()
            save_by(clause, by, CovenantError, ["answer", "answered_by", "answered_at"])
    return len(said)


def clauses_mark(*, version: CovenantVersion, numbers: Collection[int], by: User) -> int:
    """镇审查: which clauses of a draft must be changed though no pattern finds them; returns how many are marked so. Whoever takes the mark
    away, or says why the clause may stand, has thought better of it."""
    with transaction.atomic():
        row = CovenantVersion.objects.select_for_update(of=("self",)).select_related("covenant__unit").get(pk=version.pk)
        if not by.may(Action.DECISION_CHECK, row.covenant.unit.path):
            raise CovenantError("这份规约不归您审查。", "scope")
        if row.valid_from is not None:
            raise CovenantError("这一版已经施行。", "state")
        for clause in row.clauses.all():
            marks = [code for code in clause.marks.split() if code != TOWN] + [TOWN] * (clause.number in numbers)
            if marks != clause.marks.split():
                clause.marks, clause.answer, clause.answered_by, clause.answered_at = " ".join(marks), "", None, None
                save_by(clause, by, CovenantError, ["marks", "answer", "answered_by", "answered_at"])
    return len(numbers)


def clauses_cite(*, version: CovenantVersion, deeds: Mapping[int, str], by: User) -> None:
    """Which deeds of the moral bank rest on a clause: numbers of clauses → codes; on this version alone."""
    with transaction.atomic():
        _take(version.covenant, by)
        for clause in version.clauses.all():
            clause.deeds = deeds.get(clause.number, "").strip()
            save_by(clause, by, CovenantError, ["deeds"])


def _write(covenant: Covenant, text: str, note: str, by: User, now: datetime) -> CovenantVersion:
    texts = _clauses(covenant, text)
    if not note.strip():
        raise CovenantError("请写明改了什么、为什么。", "words", field="note")
    last = covenant.versions.order_by("-number").first()
    draft = last if last is not None and last.valid_from is None else None
    kept = {clause.text: clause for clause in Clause.objects.filter(version=last)}
    if draft is None:
        if last is not None and texts == list(last.clauses.order_by("number").values_list("text", flat=True)):
            raise CovenantError(UNCHANGED, "words", field="text")
        draft = CovenantVersion(covenant=covenant, number=last.number + 1 if last else 1, made_by=by, made_at=now)
        kept = {words: Clause(deeds=clause.deeds) for words, clause in kept.items()}
    elif _is_still(draft):
        raise CovenantError(STILL, "state", field="text")
    draft.note, draft.made_by, draft.made_at = note.strip(), by, now
    save_by(draft, by, CovenantError)
    Clause.objects.filter(version=draft).delete()
    Clause.objects.bulk_create([_clause(draft, number, words, kept.get(words)) for number, words in enumerate(texts, 1)])
    return draft


def _is_still(draft: CovenantVersion) -> bool:
    """Whether the draft's decision has the township's consent, or hangs where its kind asks for none (guard `clause_kept`)."""
    decision = draft.decision
    if decision is None or decision.withdrawn_at is not None:
        return False
    last = {record.position: record for record in decision.records.select_related("gate", "notice").order_by("attempt")}
    consents = [record for record in last.values() if record.gate.what == What.PREVIEW]
    if decision.kind.gates.filter(what=What.PREVIEW).exists():
        return any(record.is_passed for record in consents)
    return any(record.notice and record.notice.withdrawn_at is None for record in last.values() if record.gate.what == What.NOTICE)


def _clause(draft: CovenantVersion, number: int, words: str, before: Clause | None) -> Clause:
    marks = " ".join([*marks_of(words), *([TOWN] if before and TOWN in before.marks.split() else [])])
    told = {name: getattr(before, name) for name in ("answer", "answered_by_id", "answered_at", "deeds")} if before else {}
    return Clause(version=draft, number=number, text=words, marks=marks, **told)


def _clauses(covenant: Covenant, text: str) -> list[str]:
    try:
        words = clauses_of(text)
    except ValueError as error:
        raise CovenantError(str(error), "words", field="text") from error
    texts_check(covenant.unit, [covenant.title, *words])
    return words


def _check_right(unit: Unit, by: User) -> None:
    if not may_draft(by, unit):
        raise CovenantError(f"{unit}的规约不归您起草。", "scope")


def _take(covenant: Covenant, by: User) -> Covenant:
    row: Covenant = Covenant.objects.select_for_update(of=("self",)).select_related("unit__parent__parent").get(pk=covenant.pk)
    _check_right(row.unit, by)
    return row
