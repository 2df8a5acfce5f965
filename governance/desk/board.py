"""The board for residents: what they come for, villages with their running notices, and the stars that stand after the notice."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import groupby

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse_lazy

from governance.accounts.duties import VILLAGE_DUTIES
from governance.cases.models import Shift
from governance.cases.shifts.forms import day_text
from governance.disclosure.counting import counted
from governance.disclosure.models import Notice
from governance.frame.public import public_page
from governance.periods import Kind, today
from moral_bank.models import Closing
from villages.models import Post, Unit
from villages.posts.naming import NAMED_IN_PUBLIC
from villages.units.lineage import villages_before

SHIFT_DAYS = 14
# (what residents come for, what they find there, address)
TASKS = (
    ("查进度", "代办和异议办到哪一步", reverse_lazy("public:receipt")),
    ("办事指南", "能代办什么，要带什么", reverse_lazy("public:service-list")),
    ("看公示", "正在公示的名单和事项", reverse_lazy("public:running")),
    ("看公开", "党务、村务、财务", reverse_lazy("public:affairs")),
    ("小微权力清单", "村里办事归谁管、怎么办", reverse_lazy("public:powers")),
    ("公约和制度", "居民公约、村规民约和现行制度", reverse_lazy("public:covenants")),
    ("活动日历", "演出、宣讲、培训、义诊", reverse_lazy("public:activities")),
    ("找值班", "今天谁值班，电话多少", reverse_lazy("public:duty")),
    ("提异议", "对公示的内容有不同意见", reverse_lazy("public:running")),
    ("反映问题", "路灯、水电、环境、纠纷等", reverse_lazy("public:turn-to", args=["report"])),
    ("申请更正我的信息", "姓名、人口、电话登记错了", reverse_lazy("public:turn-to", args=["correct"])),
)


@public_page
def board(request: HttpRequest) -> HttpResponse:
    """All villages by township with how many notices run today, those of the villages merged into it among them."""
    day = today()
    running = dict(Notice.objects.public(day).order_by().values_list("unit").annotate(Count("pk")))
    before = villages_before(day)
    villages = Unit.objects.villages().on(day).select_related("parent").order_by("path")
    townships = [
        (town, [(one, sum(running.get(pk, 0) for pk in (one.pk, *before.get(one.pk, ())))) for one in rows])
        for town, rows in groupby(villages, key=lambda village: village.parent)
    ]
    return render(request, "desk/board.html", {"townships": townships, "tasks": TASKS})


@public_page
def running(request: HttpRequest) -> HttpResponse:
    """All notices of today by unit, to be read and objected to."""
    rows = Notice.objects.public(today()).defer("rows").select_related("unit").order_by("unit__path", "closes_on", "pk")
    places = [(unit, list(notices)) for unit, notices in groupby(rows, key=lambda notice: notice.unit)]
    return render(request, "desk/running.html", {"places": places})


@public_page
def turn_to(request: HttpRequest, about: str) -> HttpResponse:
    """反映问题 and 申请更正: whoever takes it first answers for it (首问负责), so this says whom to speak to and what to bring."""
    villages = Unit.objects.villages().on(today()).select_related("parent").order_by("path")
    return render(request, "desk/turn_to.html", {"about": about, "villages": villages})


@public_page
def village(request: HttpRequest, code: str) -> HttpResponse:
    """The village's notices in their window, with those of villages merged into it, and how many stars the last locked quarter gave
    in each settlement."""
    village = get_object_or_404(Unit.objects.villages().on(today()).select_related("parent"), code=code)
    locked = Closing.objects.filter(village=village, kind=Kind.QUARTER, state=Closing.State.LOCKED)
    quarter = locked.select_related("notice").order_by("-start").first()
    columns, stars = counted(quarter.notice.columns, quarter.notice.rows) if quarter and quarter.notice else ([], [])
    units = [village.pk, *villages_before(today()).get(village.pk, ())]
    context = {
        "village": village,
        "notices": Notice.objects.public(today()).filter(unit__in=units).order_by("closes_on", "id"),
        "quarter": quarter,
        "columns": columns,
        "stars": [list(zip(columns, row, strict=True)) for row in stars],
    }
    return render(request, "desk/village.html", context)


@public_page
def people(request: HttpRequest, code: str) -> HttpResponse:
    """Whom to turn to in a village: who sits when, 两委 and 监委 by office, of 一长四员 who agreed in writing."""
    village = get_object_or_404(Unit.objects.villages().on(today()), code=code)
    posts = Post.objects.current(today()).filter(NAMED_IN_PUBLIC, unit__path__startswith=village.path)
    posts = posts.select_related("unit", "user", "resident").order_by("unit__path", "kind", "pk")
    context = {
        "village": village,
        "shifts": _shifts(today() + timedelta(days=SHIFT_DAYS), village=village),
        "officials": [post for duty in VILLAGE_DUTIES for post in posts if post.kind == duty],
        "villagers": [post for post in posts if post.kind not in VILLAGE_DUTIES],
    }
    return render(request, "desk/people.html", context)


@public_page
def duty(request: HttpRequest) -> HttpResponse:
    """Who sits today, in all villages."""
    shifts = _shifts(today())
    return render(request, "desk/duty.html", {"shifts": sorted(shifts, key=lambda row: row[0].village.path), "day": day_text(today())})


def _shifts(until: date, **where: Unit) -> list[tuple[Shift, str]]:
    """Published turns from today on, with their day in words; the phone is the post's own."""
    rows = Shift.objects.published().filter(day__range=(today(), until), **where)
    rows = rows.select_related("kind", "village", "post__user", "post__resident").order_by("day", "kind__starts", "pk")
    return [(shift, day_text(shift.day)) for shift in rows]
