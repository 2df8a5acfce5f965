"""点单: asked for by phone, in person, on the public page, or out of a visit; called back, put to another time, cancelled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.cases.models import Visit
from governance.frame.saving import save_by
from governance.periods import today
from villages.models import Household, Resident, Unit
from villages.numbers.services import numbers_take
from villages.units.lineage import village_of
from volunteers.care.models import CareRecord
from volunteers.orders.clocks import climb_set, dues_set
from volunteers.orders.errors import OrderError
from volunteers.orders.fitting import candidates
from volunteers.orders.models import Run, ServiceOrder, Source
from volunteers.orders.notices import dispatchers_of, on_call_of, tell, tell_asked, tell_volunteers
from volunteers.orders.offering import offers_make
from volunteers.orders.order_flow import State, Step
from volunteers.orders.steps import offers_close, order_move, order_take, step_write, words_of, work_of
from volunteers.people.models import Volunteer
from volunteers.projects.models import Project


@dataclass(frozen=True)
class Ask:
    """What is asked for. `name`, `phone`, `place` are of the one served, `caller` and `caller_phone` of who asks for them (代点);
    `people` None is the project's minimum, `asked_at` None is now."""

    project: Project
    unit: Unit
    name: str
    text: str
    phone: str = ""
    place: str = ""
    people: int | None = None
    wanted_at: datetime | None = None
    caller: str = ""
    caller_phone: str = ""
    source: str = Source.PHONE
    household: Household | None = None
    resident: Resident | None = None
    visit: Visit | None = None
    asked_at: datetime | None = None


def order_ask(*, ask: Ask, by: User | None, at: datetime | None = None) -> ServiceOrder:
    """A new order with its number and limits; `by` None is the public page, whose orders are called back first."""
    now = at or timezone.now()
    village = _check(ask, by, now)
    project, household = ask.project, ask.household or (ask.resident.household if ask.resident is not None else None)
    with transaction.atomic():
        order = ServiceOrder(
            township=project.township,
            village=village,
            unit=ask.unit,
            number=numbers_take(project.township, f"ZY{today(now).year}-")[0],
            project=project,
            source=Source.PUBLIC if by is None else ask.source,
            name=ask.name.strip(),
            phone=ask.phone.strip(),
            place=ask.place.strip(),
            caller=ask.caller.strip(),
            caller_phone=ask.caller_phone.strip(),
            household=household,
            resident=ask.resident,
            visit=ask.visit,
            text=ask.text.strip(),
            wanted_at=ask.wanted_at,
            people=project.minimum if ask.people is None else ask.people,
            is_emergency=project.is_emergency,
            state=(State.CALLBACK if by is None else State.ASKED).value,
            asked_at=ask.asked_at or now,
            logged_at=now,
            logged_by=by,
        )
        dues_set(order)
        climb_set(order)
        save_by(order, by, OrderError)
        step_write(order, Step.ASK, by=by, at=now, happened_at=order.asked_at, source="")
        tell_asked(order, now)
        if order.is_emergency:
            _offer_to_those_on_call(order, now)
    return order


def _offer_to_those_on_call(order: ServiceOrder, now: datetime) -> None:
    """The volunteers on call are asked at once: nobody has to send an emergency out to them."""
    posts = on_call_of(order.village, now)
    mine = Q(resident__in=[post.resident_id for post in posts]) | Q(user__in=[post.user_id for post in posts])
    people = Volunteer.objects.active().filter(mine, township=order.township_id)
    fit = [one.volunteer for one in candidates(order, people, now) if not one.refusal]
    if fit:
        source = order.state
        offers_make(order, fit, now)
        step_write(order, Step.OFFER, by=None, at=now, source=source, note=f"派给值守的 {len(fit)} 人")


def order_call_back(*, order: ServiceOrder, note: str, by: User, at: datetime | None = None) -> ServiceOrder:
    """回电核实: what was asked for on the public page is real, and may be sent out."""
    now, note = at or timezone.now(), words_of(note, "请写明回电核实的情况。")
    with transaction.atomic():
        row = order_take(order, Step.CALL_BACK, by)
        source, row.state, row.called_back_at = row.state, State.ASKED.value, now
        row.save()
        step_write(row, Step.CALL_BACK, by=by, at=now, source=source, note=note)
    return row


def order_retime(
    *, order: ServiceOrder, wanted_at: datetime, by: User, note: str = "", at: datetime | None = None
) -> ServiceOrder:
    """Another time: open offers are taken back, those who declined may be asked anew, those who have the order are told."""
    now = at or timezone.now()
    if wanted_at < now:
        raise OrderError("希望的时间不能早于现在。", "date", field="wanted_at")
    with transaction.atomic():
        row = order_take(order, Step.RETIME, by)
        work = work_of(row)
        if work.done and not work.running:
            raise OrderError("已有人完成这一单，还要人的请另点一单。", "state")
        if row.wanted_at == wanted_at:
            raise OrderError("时间没有变。", "date", field="wanted_at")
        source, row.wanted_at = row.state, wanted_at
        offers_close(row, now)
        if row.state == State.CALLBACK:
            row.save(update_fields=["wanted_at"])
        else:
            order_move(row, now)
        step_write(row, Step.RETIME, by=by, at=now, source=source, note=note.strip())
        runners = Volunteer.objects.filter(runs__in=row.runs.filter(ended_at=None)).select_related("user")
        tell_volunteers(row, runners, "服务时间有变", now, key=f"retime:{now.timestamp()}")
    return row


def order_cancel(*, order: ServiceOrder, reason: str, by: User, at: datetime | None = None) -> ServiceOrder:
    """Cancelled by either side; what somebody has finished stays done and is judged."""
    now = at or timezone.now()
    with transaction.atomic():
        row = order_take(order, Step.CANCEL, by)
        return order_stop(row, Step.CANCEL, Run.Outcome.CANCELLED, State.CANCELLED, words_of(reason, "取消须写明原因。"), by, now)


def order_stop(
    order: ServiceOrder, step: Step, outcome: Run.Outcome, stopped: State, reason: str, by: User, now: datetime
) -> ServiceOrder:
    """End all that is open of a locked order and tell those who had it."""
    source = order.state
    open_runs = order.runs.filter(ended_at=None)
    runners = list(Volunteer.objects.filter(runs__in=open_runs).select_related("user"))
    open_runs.update(ended_at=now, outcome=outcome, reason=reason)
    offers_close(order, now)
    order_move(order, now, stopped=stopped)
    step_write(order, step, by=by, at=now, source=source, note=reason)
    tell_volunteers(order, runners, f"订单已{outcome.label}", now, key=f"stop:{step}")
    tell(order, dispatchers_of(order.village, now), f"订单已{outcome.label}", now, key=f"stop:{step}")
    return order


def _check(ask: Ask, by: User | None, now: datetime) -> Unit:
    """The village of the place. Raises OrderError for what cannot be taken."""
    village, project = village_of(ask.unit), ask.project
    if village is None or not ask.unit.stands_on(today(now)):
        raise OrderError("请选本村（社区）现有的地方。", "place", field="unit")
    if by is not None and not by.may(Action.SERVICE_LOG, ask.unit.path):
        raise OrderError("这个地方不在您可以登记的范围内。", "scope", field="unit")
    if project.township_id != village.parent_id or not project.is_active:
        raise OrderError("请选本乡镇正在使用的服务项目。", "project", field="project")
    if by is None and (project.is_emergency or not project.is_public):
        raise OrderError("这项服务不能在公开页面点单；有急事请拨打 110、119、120 或值班电话。", "project", field="project")
    if by is not None and ask.source == Source.PUBLIC:
        raise OrderError("请选点单的方式。", "need", field="source")
    if not ask.text.strip():
        raise OrderError("请写明需要什么。", "need", field="text")
    if not ask.name.strip():
        raise OrderError("请写明服务对象的姓名。", "need", field="name")
    if not (ask.phone.strip() or ask.caller_phone.strip() or ask.place.strip()):
        raise OrderError("请写明联系电话或具体位置，好让志愿者找到人。", "need", field="phone")
    _check_rows(ask, village)
    _check_figures(ask, now)
    _check_asker(ask, by)
    return village


def _check_rows(ask: Ask, village: Unit) -> None:
    places = [ask.household, ask.resident.household if ask.resident is not None else None, ask.visit]
    if any(row.village_id != village.pk for row in places if row is not None):
        raise OrderError("户、居民或走访记录不在这个村（社区）。", "place", field="unit")


def _check_figures(ask: Ask, now: datetime) -> None:
    if ask.people is not None and ask.people < ask.project.minimum:
        raise OrderError(f"“{ask.project.name}”至少要 {ask.project.minimum} 人。", "people", field="people")
    if ask.asked_at is not None and ask.asked_at > now:
        raise OrderError("点单时间不能晚于现在。", "date", field="asked_at")
    if ask.wanted_at is not None and ask.wanted_at < (ask.asked_at or now):
        raise OrderError("希望的时间不能早于点单时间。", "date", field="wanted_at")


def _check_asker(ask: Ask, by: User | None) -> None:
    """Services for people in difficulty are for those in the care ledger; the public page's are checked by the call back. Whom the
    asker does not see there is refused like those who are not in it."""
    if by is None or ask.project.asker == Project.Asker.ALL:
        return
    records = CareRecord.objects.visible_to(by).current()
    if ask.resident is not None:
        records = records.filter(resident=ask.resident)
    elif ask.household is not None:
        records = records.filter(resident__household=ask.household)
    else:
        records = records.none()
    if not records.exists():
        raise OrderError("这项服务只为特殊困难群体台账里的人，请先从名册选户或居民。", "project", field="project")
