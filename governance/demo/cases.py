"""A village's month of cases, visits and shifts, all through the services, so that every rule holds in the demo too."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from governance.accounts.models import User
from governance.cases.categories.setting_up import cases_set_up
from governance.cases.disputes import services as disputes
from governance.cases.engine.flow import Step
from governance.cases.engine.services import Report, Words, case_log, case_step
from governance.cases.models import Case, Category, Office, OfficeMember
from governance.cases.shifts.services import shift_kinds_default, shifts_generate, shifts_publish
from governance.cases.visits.services import VisitReport, visit_log
from governance.demo.households import Home
from governance.demo.posts import BAYI, YARD
from governance.periods import SHANGHAI, Kind, Period, today
from villages.models import Post, Unit

# days ago, category, who logs, text, steps taken by the cadre the hour after
EVENTS: tuple[tuple[int, str, str, str, tuple[str, ...]], ...] = (
    (20, "dianli", "bayi-xinxi", "院口电线垂得很低，过车要碰到", ("accept", "handle", "finish", "file")),
    (15, "huanwei", "bayi-ganbu", "垃圾池满了三天没有清运", ("accept", "handle", "finish")),
    (9, "yinshui", "bayi-xinxi", "水管接头漏水，路面结冰打滑", ("accept", "coordinate")),
    (6, "jiaotong", "bayi-ganbu", "转弯处护栏松动", ("handle",)),
    (2, "wushui", "bayi-xinxi", "污水沟堵了，往院坝里漫", ()),
    (1, "guanwang", "bayi-ganbu", "井盖缺了一块，晚上看不见", ()),
)
NOTES = {"handle": "已到现场查看，联系人来修", "coordinate": "与供水站商定本周更换", "finish": "已经办好，群众认可"}
ERRANDS: tuple[tuple[int, str, str, tuple[str, ...]], ...] = (
    (8, "dianfei", "代缴本月电费", ("finish",)),
    (3, "dangzuzhi", "党员外出务工返乡，转回组织关系", ()),
    (1, "dianhua", "老人手机欠费，代交话费", ()),
)
VISITS = (
    (12, "call", "老两口身体还好，孩子过年回来"),
    (7, "patrol", "沿路巡查，河沟里有几袋垃圾，已请保洁员清走"),
    (4, "door", "上门帮老人看了社保卡，能正常用"),
    (1, "call", "家里柴火堆在灶边，提醒挪到院外"),
)


def load_offices(township: Unit, clerk: User) -> None:
    """The township's categories and offices; its clerk sits in every one."""
    cases_set_up(township=township)
    OfficeMember.objects.bulk_create([OfficeMember(office=office, user=clerk) for office in Office.objects.filter(township=township)])


def load_cases(units: dict[str, Unit], homes: list[Home], users: dict[str, User], now: datetime) -> None:
    """八一村's last weeks before `now`."""
    village, yard = units[BAYI], units[YARD]
    categories = {row.code: row for row in Category.objects.select_related("township", "office", "service")}
    yard_homes = [home for home in homes if home.settlement.code == YARD]
    for days, code, by, text, steps in EVENTS:
        at = _morning(now, days)
        case = case_log(report=Report(category=categories[code], unit=yard, text=text), by=users[by], at=at)
        _go(case, steps, users["bayi-ganbu"], at)
    for number, (days, code, text, steps) in enumerate(ERRANDS):
        head = yard_homes[number].household.head_name
        report = Report(category=categories[code], unit=yard, text=text, client=head, phone=f"1540000{number + 1:04d}")
        at = _morning(now, days)
        _go(case_log(report=report, by=users["bayi-ganbu"], at=at), steps, users["bayi-ganbu"], at)
    for number, (days, kind, seen) in enumerate(VISITS):
        report_ = VisitReport(kind=kind, unit=yard, household=yard_homes[number].household, seen=seen)
        visit_log(report=report_, by=users["bayi-ganbu"], at=_morning(now, days))
    _dispute(categories["linli"], yard, users, now)
    _roster(village, users["bayi-shuji"], now)


def _go(case: Case, steps: tuple[str, ...], by: User, at: datetime) -> None:
    for hours, step in enumerate(steps, 1):
        words = Words(note=NOTES.get(step, ""), result=NOTES.get(step, ""))
        case_step(case=case, step=step, by=by, words=words, at=at + timedelta(hours=hours))


def _dispute(category: Category, yard: Unit, users: dict[str, User], now: datetime) -> None:
    """One that was settled and waits for its return visits."""
    at, by = _morning(now, 10), users["bayi-ganbu"]
    report = Report(category=category, unit=yard, text="两家为院边排水沟起争执", mine=True, parties=("刘老三", "外村买主"))
    case = case_log(report=report, by=by, at=at)
    secretary = Post.objects.filter(user=users["bayi-shuji"]).order_by("pk")[0]
    disputes.mediator_set(case=case, post=secretary, by=by, at=at)
    disputes.sitting_add(
        case=case, held_at=at, place="八一村调解室", present="双方当事人", content="到现场量了沟，双方同意共同疏通",
        outcome="agreed", by=by, at=at,
    )  # fmt: skip
    disputes.agreement_make(
        case=case, signed_on=today(at), facts="排水沟由谁疏通", terms="两家共同出工疏通，以后轮流清淤", by=by, at=at
    )
    disputes.performance_set(case=case, performance="full", on=today(at), by=by, at=at)
    case_step(case=case, step=Step.FINISH, by=by, words=Words(result="双方和好，沟已疏通"), at=at + timedelta(hours=2))


def _roster(village: Unit, by: User, now: datetime) -> None:
    """This month from tomorrow on, and the next one, published."""
    shift_kinds_default(village=village, by=by)
    month = Period.of(Kind.MONTH, today(now))
    for one in (month, month.next()):
        if shifts_generate(village=village, month=one, by=by, at=now):
            shifts_publish(village=village, month=one, by=by, at=now)


def _morning(now: datetime, days: int) -> datetime:
    """Nine o'clock so many days before."""
    return datetime.combine(today(now) - timedelta(days=days), time(9), SHANGHAI)
