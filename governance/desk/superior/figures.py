"""Figures of villages that a superior's form may ask for: counted from the records, by village (missions M34, M39)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.cases.models import Case
from governance.desk.ledgers import books
from governance.desk.superior.people import BOOKS as PEOPLE
from governance.frame.exports import Book, timed
from governance.periods import Period, today
from governance.sheets.writer import Value
from inspections.indicators.registry import INDICATORS, measures
from inspections.scorecards.scoring import Kind as ItemKind
from villages.models import Household, Resident, Unit
from villages.units.lineage import villages_before
from volunteers.care.tiers import years_before
from volunteers.models import CareCategory, CareRecord, Volunteer


@dataclass(frozen=True)
class Asked:
    """Who asks, about what: `villages` stand today and are those of which the user may export."""

    user: User
    period: Period
    township: Unit
    villages: Sequence[Unit]

    @property
    def day(self) -> Any:
        """The day as of which people are counted."""
        last = self.period.end
        return min(today(), last)


Counted = Mapping[int, int]


@dataclass(frozen=True)
class Figure:
    """`counted` gives the figure of each village by id, a missing one is 0; `percent` the same as a share that is not summed up.
    `words`: what forms call it, parted by blanks."""

    key: str
    group: str
    label: str
    words: str
    counted: Callable[[Asked], Counted] | None = None
    percent: Callable[[Asked, Sequence[Unit]], Value] | None = None

    def by_village(self, asked: Asked) -> dict[int, Value]:
        """The figure of each village by id."""
        if self.percent is not None:
            return {one.pk: self.percent(asked, [one]) for one in asked.villages}
        found = self.counted(asked) if self.counted else {}
        return {one.pk: found.get(one.pk, 0) for one in asked.villages}

    def of_all(self, asked: Asked, villages: Sequence[Unit], values: Mapping[int, Value]) -> Value:
        """The figure of some villages together; `values`: of each."""
        if self.percent is not None:
            return self.percent(asked, villages)
        return sum(value for one in villages if isinstance(value := values[one.pk], int))


def _by(rows: QuerySet[Any], village: str, asked: Asked) -> Counted:
    """Rows by village; what belongs to a village that was merged counts for the one that stands."""
    heirs = {former: pk for pk, formers in villages_before(today()).items() for former in formers}
    found: dict[int, int] = {}
    for pk, number in rows.order_by().values_list(village).annotate(Count("pk", distinct=True)):
        found[heirs.get(pk, pk)] = found.get(heirs.get(pk, pk), 0) + number
    return found


def _people(condition: Callable[[Asked], Q], asked: Asked) -> Counted:
    rows = Resident.objects.visible_to(asked.user, Action.EXPORT).present().filter(condition(asked))
    return _by(rows, "household__village", asked)


def _homes(asked: Asked) -> Counted:
    return _by(Household.objects.visible_to(asked.user, Action.EXPORT).filter(ended_on=None), "village", asked)


def _aged(least: int, below: int = 0) -> Callable[[Asked], Q]:
    """Of so many years and more, and fewer than `below`."""

    def condition(asked: Asked) -> Q:
        found = Q(birth_date__lte=years_before(asked.day, least))
        return found & Q(birth_date__gt=years_before(asked.day, below)) if below else found

    return condition


def _sex(sex: str) -> Callable[[Asked], Q]:
    return lambda asked: Q(sex=sex)


def _person(key: str, label: str, words: str, condition: Callable[[Asked], Q]) -> Figure:
    return Figure(f"people.{key}", "户和人口", label, words, partial(_people, condition))


PEOPLE_FIGURES = (
    Figure("homes", "户和人口", "户数", "户数 总户数 户籍户数 农户数 户数合计", _homes),
    _person("all", "人口", "人口 总人口 人口数 人口总数 户籍人口 常住人口 总人数 人数", lambda asked: Q()),
    _person("men", "男性人数", "男性人数 人口男 人口数男 总人口男 其中男 其中男性 男性 男", _sex(Resident.Sex.MALE)),
    _person("women", "女性人数", "女性人数 人口女 人口数女 总人口女 其中女 其中女性 女性 女", _sex(Resident.Sex.FEMALE)),
    _person("children", "不满 18 岁人数", "未成年人 未成年人数 18岁以下 18岁以下人数 儿童 0-17岁", _aged(0, 18)),
    _person("grown", "18—59 岁人数", "18—59岁 18-59岁 18至59岁 劳动年龄人口", _aged(18, 60)),
    _person("old60", "60 岁以上人数", "60岁以上 60岁以上人数 60岁及以上 60周岁以上 60岁以上老人 老年人 老年人口", _aged(60)),
    _person("old65", "65 岁以上人数", "65岁以上 65岁以上人数 65岁及以上 65周岁以上 65岁以上老人", _aged(65)),
    _person("old80", "80 岁以上人数", "80岁以上 80岁以上人数 80岁及以上 80周岁以上 80岁以上老人 高龄老人", _aged(80)),
)


def _finished(kind: str, asked: Asked) -> Counted:
    return _by(timed(Case, "finished_at")(asked.user, asked.period).filter(kind=kind), "village", asked)


def _open(kind: str, asked: Asked) -> Counted:
    return _by(Case.objects.visible_to(asked.user, Action.EXPORT).open().filter(kind=kind), "village", asked)


def _case_figures() -> Iterator[Figure]:
    said = {"event": ("事件", "事件"), "dispute": ("矛盾纠纷", "纠纷 矛盾纠纷"), "errand": ("便民代办", "代办 便民代办")}
    for kind, (label, words) in said.items():
        done = " ".join(f"{word}{end}" for word in words.split() for end in ("办结数", "化解数", "办结", "化解", "化解件数", "办结件数"))
        left = " ".join(f"{word}{end}" for word in words.split() for end in ("在办数", "未化解数", "未办结数", "未化解", "未办结"))
        yield Figure(f"done.{kind}", "事项", f"{label}办结（期内）", done, partial(_finished, kind))
        yield Figure(f"open.{kind}", "事项", f"{label}在办（现在）", left, partial(_open, kind))


BOOK_WORDS = {
    "events": "事件数 事件件数 上报事件",
    "disputes": "矛盾纠纷 纠纷数 矛盾纠纷数 矛盾纠纷件数 排查数 排查件数 排查矛盾纠纷 受理数 受理件数",
    "errands": "代办数 便民代办 代办件数 便民代办件数 代办事项数",
    "visits": "走访次数 走访 走访数 巡查次数 入户次数 走访人次",
    "service-hours": "服务人次 志愿服务人次 志愿服务次数",
}


def _rows(book: Book, asked: Asked) -> Counted:
    return _by(book.rows(asked.user, asked.period), book.village, asked)


def _book_figures() -> Iterator[Figure]:
    for name, book in books().items():
        title = book.ledger.title
        yield Figure(f"rows.{name}", "台账条数（期内）", f"{title}条数", BOOK_WORDS.get(name, title), partial(_rows, book))


def _care(category: CareCategory, asked: Asked) -> Counted:
    rows = CareRecord.objects.by_duty(asked.user, Action.EXPORT).filter(category=category, left_on=None)
    return _by(rows, "village", asked)


def _care_figures(township: Unit) -> Iterator[Figure]:
    for category in CareCategory.objects.filter(township=township, is_active=True).order_by("position", "pk"):
        words = " ".join(f"{category.name}{end}" for end in ("", "人数", "数", "人员"))
        yield Figure(f"care.{category.code}", "特殊困难群体", f"{category.name}人数", words, partial(_care, category))


def _volunteers(asked: Asked) -> Counted:
    rows = Volunteer.objects.visible_to(asked.user, Action.EXPORT).filter(state=Volunteer.State.ACTIVE)
    return _by(rows, "village", asked)


def _measure(code: str, part: str, asked: Asked) -> Counted:
    found = measures(asked.villages, asked.period, timezone.now(), [code])
    return {pk: getattr(facts[code], part) for pk, facts in found.items()}


def _percent(code: str, asked: Asked, villages: Sequence[Unit]) -> Value:
    facts = [fact for found in measures(villages, asked.period, timezone.now(), [code]).values() for fact in found.values()]
    whole = type(facts[0])(sum(fact.good for fact in facts), sum(fact.of for fact in facts)) if facts else None
    answer = whole.answer_for(ItemKind.BAND) if whole and whole.of >= INDICATORS[code].minimum else None
    return f"{answer.value.normalize():f}%" if answer else None


def _indicator_figures() -> Iterator[Figure]:
    for code, indicator in INDICATORS.items():
        name = indicator.name
        yield Figure(f"good.{code}", "实测指标（期内）", f"{name}：达标数", f"{name}数", partial(_measure, code, "good"))
        yield Figure(f"of.{code}", "实测指标（期内）", f"{name}：应有数", f"{name}应有数", partial(_measure, code, "of"))
        yield Figure(f"rate.{code}", "实测指标（期内）", f"{name}：达标率", f"{name}率", percent=partial(_percent, code))


def figures_of(township: Unit) -> dict[str, Figure]:
    """All figures by key."""
    active = Figure("volunteers", "志愿服务", "志愿者人数", "志愿者 志愿者数 志愿者人数 注册志愿者 志愿者总数", _volunteers)
    every = (*PEOPLE_FIGURES, *_care_figures(township), *_case_figures(), active, *_book_figures(), *_indicator_figures())
    return {figure.key: figure for figure in every}


def record_books() -> dict[str, Book]:
    """Every ledger whose records may be one row each: residents and households before those of the rooms."""
    return {**PEOPLE, **books()}
