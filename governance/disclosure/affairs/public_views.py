"""三务公开 for residents, without log-in: by village, by item, what was shown before, one list with its questions, and a feed."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed

from governance.accounts.duties import Action
from governance.accounts.log import client_ip
from governance.accounts.models import User
from governance.disclosure.affairs.models import Affair, AffairKind, AffairQuerySet, AffairQuestion
from governance.disclosure.affairs.questions import question_ask
from governance.disclosure.forms import QuestionForm
from governance.frame.act import act
from governance.frame.paging import page_of
from governance.frame.public import public_page
from governance.frame.slowing import tried
from governance.generics import Feed
from governance.periods import today
from villages.models import Unit
from villages.units.lineage import villages_before

QUESTIONS_PER_HOUR, HOUR = 10, 3600
FEED_LENGTH = 30
SLOW = "一小时内提出的质询太多，请稍后再试，或到村便民服务点问。"


def _light(rows: QuerySet[Affair]) -> QuerySet[Affair]:
    return rows.defer("rows", "columns").select_related("turn__kind", "turn__village")


def _village(code: str) -> Unit:
    return get_object_or_404(Unit.objects.villages().on(today()).select_related("parent"), code=code)


def _of_village(village: Unit) -> AffairQuerySet:
    """Its lists and those of the villages merged into it."""
    keys = [village.pk, *villages_before(today()).get(village.pk, ())]
    return Affair.objects.public().filter(turn__village__in=keys)


@public_page
def affairs(request: HttpRequest) -> HttpResponse:
    """Where to look: by village, with how many lists hang, and by item."""
    counts = dict(Affair.objects.current().order_by().values_list("turn__village").annotate(Count("pk")))
    before = villages_before(today())
    villages = Unit.objects.villages().on(today()).select_related("parent").order_by("path")
    places = [(one, sum(counts.get(pk, 0) for pk in (one.pk, *before.get(one.pk, ())))) for one in villages]
    kinds = AffairKind.objects.filter(is_active=True).select_related("township").order_by("township__path", "section", "position", "pk")
    return render(request, "disclosure/affairs/public_all.html", {"places": places, "sections": _sections(kinds)})


def _sections(kinds: QuerySet[AffairKind]) -> list[tuple[str, list[AffairKind]]]:
    order = {section: place for place, section in enumerate(AffairKind.Section)}
    rows = sorted(kinds, key=lambda kind: order[AffairKind.Section(kind.section)])
    return [(AffairKind.Section(section).label, list(its)) for section, its in groupby(rows, key=lambda kind: kind.section)]


@public_page
def village_affairs(request: HttpRequest, code: str) -> HttpResponse:
    """What hangs in a village now, by 党务, 村务, 财务."""
    village = _village(code)
    rows = _light(_of_village(village).current()).order_by("turn__kind__position", "-published_at", "-pk")
    order = {section.value: place for place, section in enumerate(AffairKind.Section)}
    listed = sorted(rows, key=lambda affair: order[affair.turn.kind.section])
    sections = [
        (AffairKind.Section(section).label, list(its)) for section, its in groupby(listed, key=lambda affair: affair.turn.kind.section)
    ]
    return render(request, "disclosure/affairs/public_village.html", {"village": village, "sections": sections})


@public_page
def affair_archive(request: HttpRequest, code: str) -> HttpResponse:
    """All that a village has shown, corrected and withdrawn versions among it, latest first."""
    village = _village(code)
    page = page_of(request, _light(_of_village(village)).order_by("-published_at", "-pk"))
    return render(request, "disclosure/affairs/public_archive.html", {"village": village, "page": page})


@public_page
def affair_item(request: HttpRequest, pk: int) -> HttpResponse:
    """One item of the catalogue, and what hangs of it in all villages."""
    kind = get_object_or_404(AffairKind.objects.filter(is_active=True).select_related("township"), pk=pk)
    rows = _light(Affair.objects.current().filter(turn__kind=kind)).order_by("turn__village__path", "-published_at", "-pk")
    return render(request, "disclosure/affairs/public_item.html", {"kind": kind, "page": page_of(request, rows)})


@public_page
def affair(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _public(pk), QuestionForm())


@public_page
def question(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a question; a plain look at this address leads to the list."""
    affair = _public(pk)
    if request.method != "POST":
        return redirect("public:affair", pk=pk)
    form = QuestionForm(request.POST)
    if form.is_valid() and tried(f"questions:{client_ip(request)}", HOUR) > QUESTIONS_PER_HOUR:
        form.add_error(None, SLOW)
        return _page(request, affair, form, 429)
    if act(request, form, question_ask, _thanks, affair=affair, by=_scribe(request, affair)):
        return redirect(reverse("public:affair", args=[pk]) + "#top")
    return _page(request, affair, form, 422)


def _thanks(asked: AffairQuestion) -> str:
    if asked.answered_at is not None:
        return f"这条质询已经答复，受理编号 {asked.number}。请凭受理编号和电话后四位“查进度”。"
    day = f"{asked.answer_by:%Y年%-m月%-d日}"
    return f"已收到您的质询，受理编号 {asked.number}，最迟 {day} 答复。请记下受理编号，凭它和电话后四位随时可以“查进度”。"


def _public(pk: int) -> Affair:
    return get_object_or_404(Affair.objects.public().select_related("turn__kind", "turn__village__parent", "replaces"), pk=pk)


def _page(request: HttpRequest, affair: Affair, form: QuestionForm, status: int = 200) -> HttpResponse:
    others = Affair.objects.public().filter(turn=affair.turn_id).exclude(pk=affair.pk).defer("rows", "columns")
    asked = affair.questions.order_by().aggregate(all=Count("pk"), answered=Count("answered_at"))
    context = {"affair": affair, "versions": others.order_by("-version"), "asked": asked, "form": form}
    return render(request, "disclosure/affairs/public_affair.html", context, status=status)


def _scribe(request: HttpRequest, affair: Affair) -> User | None:
    """The cadre who writes a question down for somebody (代录), None for a visitor."""
    user = request.user
    return user if isinstance(user, User) and user.may(Action.AFFAIR_VIEW, affair.turn.village.path) else None


class VillageFeed(Feed):
    """Title and link of what hangs in a village, and nothing of its content: what is withdrawn must not live on in readers."""

    feed_type = Atom1Feed

    def get_object(self, request: HttpRequest, code: str) -> Unit:
        return _village(code)

    def title(self, village: Unit) -> str:
        return f"{village}事务公开"

    def link(self, village: Unit) -> str:
        return reverse("public:village-affairs", args=[village.code])

    def items(self, village: Unit) -> QuerySet[Affair]:
        return _light(_of_village(village).current()).order_by("-published_at", "-pk")[:FEED_LENGTH]

    def item_title(self, item: Affair) -> str:
        return item.title

    def item_description(self, item: Affair) -> Any:
        return None

    def item_link(self, item: Affair) -> str:
        return reverse("public:affair", args=[item.pk])

    def item_updateddate(self, item: Affair) -> datetime | None:
        return item.published_at


affair_feed = public_page(VillageFeed())
