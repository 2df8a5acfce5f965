"""What a township needs of units, people and days."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef
from django.urls import NoReverseMatch, reverse

from governance.accounts.duties import VILLAGE_DUTIES, YARD_DUTIES, Action, Duty
from governance.accounts.models import User
from governance.frame.lists import To
from governance.frame.needs import Need, Step
from governance.periods import today
from villages.calendar.services import work_calendar
from villages.models import Household, Post, Unit

VILLAGE_CODE = 12


def villages_needs(user: User, township: Unit) -> list[Need]:
    day = today()
    below = Unit.objects.visible_to(user).on(day).within(township).order_by()
    villages = set(below.villages().values_list("code", flat=True))
    yards = _villages_of(below.filter(level=Unit.Level.SETTLEMENT).values_list("code", flat=True)) & villages
    homes = Household.objects.visible_to(user).filter(ended_on=None, village=OuterRef("pk")).order_by()
    housed = set(below.villages().filter(Exists(homes)).values_list("code", flat=True))
    posts = Post.objects.visible_to(user, Action.POST_VIEW).current(day).filter(unit__path__startswith=township.path).order_by()
    held = list(posts.values_list("kind", "unit__code", "user_id"))
    busy = _villages_of(code for kind, code, account in held if kind in VILLAGE_DUTIES and account) & villages
    led = _villages_of(code for kind, code, _ in held if kind in YARD_DUTIES) & villages
    leaders = sum(kind == Duty.LEADER and bool(account) for kind, _, account in held)
    every = max(len(villages), 1)
    units = To("查看单位", "admin:villages_unit_changelist")
    posts_all = To("任职", "admin:villages_post_changelist")
    return [
        Need("villages", Step.UNITS, "村（社区）", len(villages), links=(*_built("unit-load", "导入单位"), units)),
        Need("yards", Step.UNITS, "有聚居点（院落）的村", len(yards), every, (*_built("unit-places", "补组和聚居点"), units)),
        Need("register", Step.REGISTER, "有住户的村", len(housed), every, (To("导入名册", "admin:villages_rosterimport_add"),)),
        Need(
            "cadres", Step.PEOPLE, "村干部有账号的村", len(busy), every, (To("待授予的职务", "villages:proposal-list"), posts_all),
            hint="账号由系统管理员按表建，职务在这里授予",
        ),
        Need("leaders", Step.PEOPLE, "镇领导", leaders, links=(), hint="系统管理员建账号，安全管理员授予职务"),
        Need(
            "officers", Step.OFFICERS, "有一长四员的村", len(led), every,
            (To("导入一长四员", "villages:officer-import"), To("职务空缺", "villages:vacancy-list")),
        ),
        Need(
            "calendar", Step.DEFAULTS, f"{day.year}年节假日", int(_has_year(township, day.year)),
            links=(To("节假日与调休", "admin:villages_calendarday_changelist"),),
        ),
    ]  # fmt: skip


def _villages_of(codes: Iterable[str]) -> set[str]:
    return {code[:VILLAGE_CODE] for code in codes}


def _has_year(township: Unit, year: int) -> bool:
    return any(day.year == year for day in work_calendar(township.pk).off)


def _built(name: str, label: str) -> tuple[To, ...]:
    """A link to a page that not every house has."""
    try:
        reverse(f"villages:{name}")
    except NoReverseMatch:
        return ()
    return (To(label, f"villages:{name}"),)
