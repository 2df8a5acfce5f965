"""Decisions of every village: one done, one stuck at its Party members, one that waits for the township, an old one."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from governance.accounts.models import User
from governance.councils.bodies.membership import base_of, entitled_count, members_of
from governance.councils.decisions.gates import What
from governance.councils.decisions.kind_models import area_of
from governance.councils.decisions.recording import tells_result
from governance.councils.decisions.services import NUMBER_LETTERS
from governance.councils.decisions.setting_up import decision_kinds_set_up
from governance.councils.models import Body, Decision, DecisionKind, Gate, GatePaper, GateRecord, Meeting
from governance.demo.covenants import (
    NOTES,
    TITLE,
    change_covenants,
    clauses_hung,
    draft_covenants,
    force_covenants,
    load_rules,
)
from governance.demo.loading import morning
from governance.demo.sources import TOWNSHIP
from governance.disclosure.models import Notice
from governance.periods import today
from villages.models import Post, Unit
from villages.numbers.services import numbers_take

CHANNEL = "村（居）务监督委员会"
COVENANT = "guiyue"
RESULT = "已按决议办完，村（居）务监督委员会验收合格。"
TWINS = {"delegates": ("res_del", "residents"), "assembly": ("residents",)}
DONE, STUCK, WAITING, OLD = "硬化通组道路 1.2 公里", "安装太阳能路灯 40 盏", "维修提灌站和渠道", "新建垃圾收集点 3 个"


@dataclass(frozen=True)
class Held:
    """An attempt: the step, the body where there are several, days after the beginning, people entitled, present, agreeing; `short` of
    what the step asks for."""

    position: int
    after: int
    counts: tuple[int, int, int] | None = None
    body: str = ""
    short: bool = False


@dataclass(frozen=True)
class Plot:
    """`begun`: days ago. `adopted`, `finished`: days after that."""

    code: str
    title: str
    purpose: str
    begun: int
    held: tuple[Held, ...]
    adopted: int = 0
    finished: int = 0
    money: int | None = None


PLOTS = (
    Plot(
        "siyi", DONE, "雨天出行不便，群众多次反映。", 95,
        (
            Held(1, 1, (5, 5, 5)), Held(2, 3, (7, 7, 7)), Held(3, 8, (42, 27, 27), short=True), Held(3, 12, (42, 31, 30)),
            Held(4, 18, (36, 30, 28), "delegates"), Held(5, 19), Held(6, 75),
        ),
        adopted=24, finished=81, money=18_600_000,
    ),
    Plot(
        "siyi", STUCK, "夜间出行不安全。", 20,
        (Held(1, 1, (5, 4, 4)), Held(2, 3, (7, 6, 6)), Held(3, 9, (42, 27, 26), short=True)), money=9_200_000,
    ),
    Plot(
        "yishi", WAITING, "灌溉用水不足，每户投劳两天。", 40,
        (Held(1, 1, (7, 7, 7)), Held(2, 2), Held(3, 14, (36, 27, 25), "delegates")),
    ),
    Plot(
        COVENANT, f"订立《{TITLE}》（第1版）", NOTES[0], 200,
        (Held(1, 1, (7, 7, 7)), Held(2, 2), Held(3, 11), Held(4, 25, (380, 214, 190), "assembly"), Held(5, 27), Held(6, 28)),
        adopted=26, finished=34,
    ),
    Plot(COVENANT, f"修订《{TITLE}》（第2版）", NOTES[1], 6, (Held(1, 1, (7, 6, 6)), Held(2, 2))),
)  # fmt: skip


@dataclass
class Draft:
    decision: Decision
    plot: Plot
    by: User
    confirmer: User
    clerk: User
    registered: dict[str, int]
    notices: dict[int, Notice] = field(default_factory=dict)


def load_decisions(units: dict[str, Unit], users: dict[str, User], now: datetime) -> None:
    """In sets: a handful of statements for all villages."""
    township = units[TOWNSHIP]
    decision_kinds_set_up(township=township, by=users["zhenban"])
    kinds = {kind.code: kind for kind in DecisionKind.objects.filter(township=township)}
    gates: dict[str, list[Gate]] = {
        code: list(Gate.objects.filter(kind=kind).order_by("position", "pk")) for code, kind in kinds.items()
    }
    clerk = users["zhenban"]
    drafts = _begin(township, _people(units, clerk), kinds, clerk, now)
    covenants = draft_covenants(draft.decision for draft in drafts if draft.plot.code == COVENANT and draft.plot.adopted)
    _hang(drafts, gates)
    for stage, mark in (("decide", "adopted"), ("finish", "finished")):
        _record([(draft, held) for draft in drafts for held in draft.plot.held], stage, gates)
        _mark([draft for draft in drafts if getattr(draft.plot, mark)], mark)
    force_covenants(covenants)
    change_covenants(covenants, [draft.decision for draft in drafts if draft.plot.code == COVENANT and not draft.plot.adopted])
    load_rules(township, users["zhenban"], now)


def _people(units: dict[str, Unit], clerk: User) -> dict[Unit, tuple[User, User]]:
    """Who writes down and who confirms, by village: a cadre of it where one has an account."""
    posts = Post.objects.filter(unit__in=units.values(), ended_on=None).exclude(user=None).select_related("unit", "user")
    cadres = {post.unit: post.user for post in posts.filter(kind="cadre")}
    secretaries = posts.filter(kind="secretary").order_by("unit__path")
    return {post.unit: (post.user, cadres.get(post.unit) or clerk) for post in secretaries if post.user}


def _registered(villages: Iterable[Unit], day: date) -> dict[int, dict[str, int]]:
    """Village's key → kind of body → how many should come."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for body in Body.objects.filter(unit__in=list(villages)).select_related("unit"):
        base = base_of(body)
        voters = base == Meeting.Base.VOTERS
        found[body.unit_id][body.kind] = entitled_count(body, base, day) if voters else len(members_of(body, day))
    return found


def _begin(
    township: Unit, people: dict[Unit, tuple[User, User]], kinds: dict[str, DecisionKind], clerk: User, now: datetime
) -> list[Draft]:
    plots = [(village, plot) for village in people for plot in PLOTS]
    numbers = numbers_take(township, f"{NUMBER_LETTERS}{today(now).year}-", count=len(plots) + len(people))
    drafts, registered = [], _registered(people, today(now))
    for (village, plot), number in zip(plots, numbers, strict=False):
        by, confirmer = people[village]
        begun = today(now) - timedelta(days=plot.begun)
        row = Decision(
            township=township, village=village, unit=village, kind=kinds[plot.code], number=number, title=plot.title,
            purpose=plot.purpose, money_fen=plot.money, begun_by=by, begun_at=morning(begun), proposed_on=begun,
        )  # fmt: skip
        drafts.append(Draft(row, plot, by, confirmer, clerk, registered.get(village.pk, {})))
    old = [
        Decision(
            township=township, village=village, unit=village, kind=kinds["siyi"], number=number, title=OLD, purpose="旧台账没有写事由",
            begun_by=confirmer, begun_at=now, proposed_on=date(2024, 5, 16), is_history=True, history_outcome="已通过并实施",
        )
        for (village, (_, confirmer)), number in zip(people.items(), numbers[len(plots) :], strict=True)
    ]  # fmt: skip
    Decision.objects.bulk_create([*(draft.decision for draft in drafts), *old])
    return drafts


def _rules(gates: list[Gate], held: Held, day: date, village: Unit) -> Gate:
    """The rule of the step that is law on the day, of the body that is named, as communities call theirs."""
    bodies = (held.body, *TWINS.get(held.body, ()))
    areas = (Gate.Area.ANY, area_of(village))
    return next(
        gate
        for gate in gates
        if gate.position == held.position and gate.rule.is_law_on(day) and gate.area in areas and (not held.body or gate.body in bodies)
    )


def _day(draft: Draft, held: Held) -> date:
    return draft.decision.proposed_on + timedelta(days=held.after)


def _hang(drafts: list[Draft], gates: dict[str, list[Gate]]) -> None:
    """All notices at once."""
    places: list[tuple[Draft, Held, Notice]] = []
    marked = next((draft for draft in drafts if draft.plot.code == COVENANT and not draft.plot.adopted), None)
    for draft in drafts:
        for held in draft.plot.held:
            day = _day(draft, held)
            gate = _rules(gates[draft.plot.code], held, day, draft.decision.village)
            if gate.what in (What.NOTICE, What.PUBLICATION):
                places.append((draft, held, _notice(draft, gate, day, marked=draft is marked)))
    made = Notice.objects.bulk_create([notice for _, _, notice in places])
    for (draft, held, _), notice in zip(places, made, strict=True):
        draft.notices[held.position] = notice


def _notice(draft: Draft, gate: Gate, day: date, *, marked: bool) -> Notice:
    plot, last = draft.plot, day + timedelta(days=gate.notice_days - 1)
    reason = RESULT if tells_result(draft.decision.kind, gate) else plot.purpose
    columns, rows = ["项目", "内容"], [["提议事项", plot.title]]
    if plot.code == COVENANT:
        columns, rows = ["第几条", "内容"], clauses_hung(adopted=bool(plot.adopted), marked=marked)
    return Notice(
        unit=draft.decision.village, kind=Notice.Kind.OTHER, title=f"{gate.name}：{plot.title}", reason=reason, opens_on=day,
        closes_on=last, columns=columns, rows=rows, channel=CHANNEL, published_by=draft.by,
    )  # fmt: skip


def _record(told: list[tuple[Draft, Held]], stage: str, gates: dict[str, list[Gate]]) -> None:
    """All attempts of a stage, and the papers that they name."""
    rows, papers = [], []
    attempts: dict[tuple[int, int], int] = {}
    for draft, held in told:
        day = _day(draft, held)
        gate = _rules(gates[draft.plot.code], held, day, draft.decision.village)
        if gate.stage != stage:
            continue
        key = (draft.decision.pk, held.position)
        attempts[key] = attempts.get(key, 0) + 1
        rows.append(_attempt(draft, held, gate, day, attempts[key]))
        papers.append(gate.paper_names)
    made = GateRecord.objects.bulk_create(rows)
    GatePaper.objects.bulk_create(
        GatePaper(record=record, position=number, name=name, number=f"{record.held_on.year}年第 {record.attempt} 号")
        for record, names in zip(made, papers, strict=True)
        for number, name in enumerate(names, 1)
    )


def _attempt(draft: Draft, held: Held, gate: Gate, day: date, attempt: int) -> GateRecord:
    notice = draft.notices.get(held.position)
    fields: dict[str, Any] = {"notice": notice, "notice_from": notice.opens_on, "notice_to": notice.closes_on} if notice else {}
    if held.counts:
        entitled, present, yes = _of_register(held, draft.registered.get(gate.body))
        fields |= {"entitled": entitled, "present": present, "yes": yes, "no": present - yes, "abstain": 0}
    if gate.confirm:
        fields |= {"confirmed_by": draft.confirmer, "confirmed_at": morning(day + timedelta(days=1))}
    ended = notice.closes_on if notice and gate.what == What.NOTICE else day
    return GateRecord(
        decision=draft.decision, gate=gate, position=held.position, attempt=attempt, held_on=day, ended_on=ended,
        called_on=day - timedelta(days=12), text=_text(draft, held, gate),
        recorded_by=draft.clerk if gate.what == What.PREVIEW else draft.by,
        recorded_at=morning(day), **fields,
    )  # fmt: skip


def _of_register(held: Held, registered: int | None) -> tuple[int, int, int]:
    """The same shares of those whom the village's register says should come; what fell short still does."""
    assert held.counts is not None
    if not registered:
        return held.counts
    entitled, present, yes = held.counts
    came = (math.floor if held.short else math.ceil)(registered * present / entitled)
    return registered, came, min(came, math.ceil(came * yes / present))


def _text(draft: Draft, held: Held, gate: Gate) -> str:
    if held.counts:
        return "按议题讨论。"
    if gate.what == What.PREVIEW:
        return "同意。"
    return RESULT if tells_result(draft.decision.kind, gate) else ""


def _mark(drafts: list[Draft], mark: str) -> None:
    """Adopted or done; the database looks at every gate."""
    for draft in drafts:
        day = draft.decision.proposed_on + timedelta(days=getattr(draft.plot, mark))
        setattr(draft.decision, f"{mark}_at", morning(day))
        setattr(draft.decision, f"{mark}_by", draft.by)
    Decision.objects.bulk_update([draft.decision for draft in drafts], [f"{mark}_at", f"{mark}_by"])

