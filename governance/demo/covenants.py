"""Covenants of every village: a version in force, the next one under way, in one village with a marked clause; rules of the township."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from governance.accounts.models import User
from governance.councils.covenants.marking import marks_of
from governance.councils.models import Clause, Covenant, CovenantVersion, Decision
from governance.demo.loading import morning
from governance.periods import today
from villages.models import Unit

TITLE = "居民公约"
FIRST = (
    "爱国爱党，遵纪守法，不信谣不传谣。",
    "门前三包，每天打扫，垃圾倒进收集点。",
    "孝敬老人，爱护儿童，邻里互相帮助。",
    "红白事从简，席数不超过三十桌。",
    "不赌博，不吸毒，发现了及时报告。",
)
SECOND = (
    *FIRST[:2],
    "厕所污水进管网，不直排沟渠。",
    FIRST[2],
    "红白事从简，席数不超过二十桌，提前向红白理事会登记。",
    FIRST[4],
)
MARKED = (*SECOND, "两次不参加义务劳动的，取消各项补贴。")
NOTES = ("初次订立。", "增加污水治理，红白事席数减到二十桌。")
RULES = (
    ("定期走访制度", "visits", ("包联干部每月走访包联的聚居点。", "走访发现的问题当天登记，能办的当场办。")),
    ("限时办结和首问负责制度", "cases", ("谁先接到谁负责到底，不能办的说清楚找谁。", "各类事项按系统里的时限办结，超时的说明原因。")),
)


def clauses_hung(*, adopted: bool, marked: bool) -> list[list[str]]:
    """The lines of a notice of the first version, or of the next one; `marked` is the one that the township has to look at."""
    text = FIRST if adopted else MARKED if marked else SECOND
    return [[f"第{number}条", clause] for number, clause in enumerate(text, 1)]


def draft_covenants(decisions: Iterable[Decision]) -> list[CovenantVersion]:
    """Of each village the covenant, and its first draft, which the decision is about."""
    given = list(decisions)
    covenants = [_covenant(one.village, Covenant.Kind.COVENANT, TITLE, one.begun_by, one.begun_at) for one in given]
    Covenant.objects.bulk_create(covenants)
    pairs = zip(covenants, given, strict=True)
    rows = [_version(covenant, 1, NOTES[0], one.begun_by, one.begun_at, decision=one) for covenant, one in pairs]
    return _written(rows, [FIRST] * len(rows))


def force_covenants(versions: Iterable[CovenantVersion]) -> None:
    """Each holds from the day of its decision's adoption on."""
    given = list(versions)
    for version in given:
        assert version.decision is not None and version.decision.adopted_at is not None
        version.valid_from, version.set_by = today(version.decision.adopted_at), version.decision.adopted_by
    CovenantVersion.objects.bulk_update(given, ["valid_from", "set_by"])


def change_covenants(versions: Iterable[CovenantVersion], decisions: Iterable[Decision]) -> None:
    """The next version of each, under way; in the first village with a clause that the township has to look at."""
    by_village = {version.covenant.unit: version.covenant for version in versions}
    rows = [_version(by_village[one.village], 2, NOTES[1], one.begun_by, one.begun_at, decision=one) for one in decisions]
    _written(rows, [MARKED, *[SECOND] * (len(rows) - 1)])


def load_rules(township: Unit, clerk: User, now: datetime) -> None:
    """制度 of the township, in force since the beginning of the year."""
    begun = morning(date(today(now).year, 1, 4))
    covenants = [_covenant(township, Covenant.Kind.RULE, title, clerk, begun, topic=topic) for title, topic, _ in RULES]
    Covenant.objects.bulk_create(covenants)
    versions = _written([_version(one, 1, "初次订立。", clerk, begun) for one in covenants], [text for _, _, text in RULES])
    CovenantVersion.objects.filter(pk__in=[one.pk for one in versions]).update(valid_from=today(begun), set_by=clerk)


def _covenant(unit: Unit, kind: str, title: str, by: User, at: datetime, **fields: Any) -> Covenant:
    return Covenant(unit=unit, kind=kind, title=title, made_by=by, made_at=at, **fields)


def _version(covenant: Covenant, number: int, note: str, by: User, at: datetime, **fields: Any) -> CovenantVersion:
    return CovenantVersion(covenant=covenant, number=number, note=note, made_by=by, made_at=at, **fields)


def _written(rows: list[CovenantVersion], texts: Iterable[Iterable[str]]) -> list[CovenantVersion]:
    made = CovenantVersion.objects.bulk_create(rows)
    Clause.objects.bulk_create(
        Clause(version=version, number=number, text=text, marks=" ".join(marks_of(text)))
        for version, clauses in zip(made, texts, strict=True)
        for number, text in enumerate(clauses, 1)
    )
    return made
