"""Seats on the desk: looked up in the register, or named as they stand on a list; left with a day and a reason."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.councils.bodies.forms import LeaveForm, SeatForm, SeatsForm
from governance.councils.bodies.membership import terms_over
from governance.councils.bodies.services import seat_add, seat_end, seats_add
from governance.councils.models import Body, Seat
from governance.frame.act import act, form_page, sent
from governance.frame.filters import words_asked
from governance.frame.lists import To
from governance.frame.pinyin import name_q
from governance.periods import today
from governance.reading import key_asked, key_sent
from villages.models import Resident
from villages.scope import get_visible_or_404

SHOWN = 20


@never_cache
@duty_required(Action.COUNCIL_EDIT)
def seat_create(request: UserRequest, pk: int) -> HttpResponse:
    body = _body(request, pk)
    people = _people(request, body)
    key = key_sent(request, "resident") or key_asked(request, "resident")
    resident = people.filter(pk=key).first() if key else None
    form = SeatForm(**sent(request), body=body)
    if resident and act(request, form, seat_add, _seated, body=body, resident=resident, by=request.user):
        return redirect("councils:body-detail", pk=pk)
    asked = words_asked(request)
    found = people.filter(name_q(asked.words, name="name", key="name_pinyin")) if asked.words else people.none()
    context = {
        "title": "登记成员",
        "button": "登记",
        "up": To(body.name, "councils:body-detail", (pk,)),
        "body": body,
        "resident": resident,
        "query": asked.typed,
        "people": found.order_by("name_pinyin", "pk")[:SHOWN],
    }
    return form_page(request, form, "councils/bodies/seat_form.html", **context)


def _seated(seat: Seat) -> str:
    return f"{seat.resident.name}已登记为{seat.get_role_display()}。"


@never_cache
@duty_required(Action.COUNCIL_EDIT)
def seat_load(request: UserRequest, pk: int) -> HttpResponse:
    """All members of a body at once, from its list of names."""
    body = _body(request, pk)
    form = SeatsForm(**sent(request), people=_people(request, body), over=len(terms_over(body, today())))
    if act(request, form, seats_add, lambda seats: f"已登记 {len(seats)} 名成员。", body=body, by=request.user):
        return redirect("councils:body-detail", pk=pk)
    hint = "名单上的人都登记为成员；已是成员的不重复登记，会长（主任）另行登记。"
    return form_page(
        request, form, title="按名单登记成员", button="登记", hint=hint, up=To(body.name, "councils:body-detail", (pk,))
    )


@require_POST
@duty_required(Action.COUNCIL_EDIT)
def seat_leave(request: UserRequest, pk: int) -> HttpResponse:
    seats = Seat.objects.select_related("resident", "body")
    seat = get_visible_or_404(seats, request.user, Action.COUNCIL_EDIT, pk=pk)
    form = LeaveForm(request.POST)
    if not act(request, form, seat_end, f"{seat.resident.name}已离任。", seat=seat, by=request.user):
        messages.error(request, form.reasons)
    return redirect("councils:body-detail", pk=seat.body_id)


def _body(request: UserRequest, pk: int) -> Body:
    return get_visible_or_404(Body.objects.select_related("unit", "village"), request.user, Action.COUNCIL_EDIT, pk=pk)


def _people(request: UserRequest, body: Body) -> QuerySet[Resident]:
    """The residents of the body's village, as far as the user sees them."""
    people = Resident.objects.visible_to(request.user).present().filter(household__village=body.village_id)
    return people.select_related("household__unit")
