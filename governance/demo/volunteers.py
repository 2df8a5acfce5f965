"""Volunteers with their teams, sixty orders in every state, people in care with their visits since January."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from governance.accounts.duties import Duty
from governance.accounts.models import User
from governance.demo.households import Home
from governance.demo.loading import create, morning
from governance.demo.posts import BAYI, secretary_login
from governance.demo.rulebook import FIRST_DAY
from governance.demo.sources import TOWNSHIP
from governance.periods import today, years_later
from villages.models import Consent, Post, Unit
from volunteers.models import CareRecord, Project, ServiceMember, ServiceOrder, ServiceTeam, Volunteer
from volunteers.orders import services as orders
from volunteers.orders.services import Ask
from volunteers.people.setting_up import stars_set_up
from volunteers.projects.setting_up import projects_set_up

MOST_ORDERS, OLDEST_DAYS = 60, 40
HOMES_AN_ORDER = 20
WISHES = 3  # services that each volunteer is willing to do
NEEDS = {
    "linli": "老人一个人在家，想有人去看看",
    "weixiu": "厨房灯不亮，水龙头滴水",
    "daiban": "请代买米和油，腿脚不方便",
    "lifa": "老人行动不便，想上门理个发",
    "peizhen": "要去县医院复查，没人陪",
    "huanjing": "院坝排水沟堵了，想请人帮着清一清",
    "zhuxue": "孩子作业没人辅导",
    "yingji": "停水两天了，家里有卧床的老人",
}


@dataclass(frozen=True)
class _Order:
    """One order on its way: of whom, by whom, and when."""

    home: Home
    project: Project
    by: User
    at: datetime
    far: int  # how far it goes: 0 asked … 5 judged


def load_volunteers(rng: Random, units: dict[str, Unit], homes: list[Home], users: dict[str, User], now: datetime) -> None:
    township, clerk = units[TOWNSHIP], users["zhenban"]
    projects_set_up(township=township)
    stars_set_up(township=township)
    volunteers = _volunteers(rng, township, clerk)
    _load_orders(rng, homes, users, volunteers, now)


def _volunteers(rng: Random, township: Unit, clerk: User) -> dict[int, list[Volunteer]]:
    """Village id → its volunteers, who hold their posts already."""
    posts = Post.objects.filter(kind=Duty.VOLUNTEER).select_related("resident", "user", "unit").order_by("unit__code", "pk")
    rows = create(_volunteer(rng, post, township) for post in posts)
    signed = {"purpose": Consent.Purpose.VOLUNTEER, "given_on": FIRST_DAY, "how": Consent.How.SIGNED, "by": clerk}
    Consent.objects.bulk_create([Consent(resident=row.resident, **signed) for row in rows], batch_size=2000)
    projects = [project for project in Project.objects.filter(township=township) if not project.is_emergency]
    wishes = Volunteer.projects.through
    wishes.objects.bulk_create(
        [wishes(volunteer=row, project=project) for row in rows for project in rng.sample(projects, WISHES)], batch_size=2000
    )
    found: dict[int, list[Volunteer]] = {}
    for row in rows:
        found.setdefault(row.village_id, []).append(row)
    for its in found.values():
        _teams(its, clerk)
    return found


def _volunteer(rng: Random, post: Post, township: Unit) -> Volunteer:
    person = post.resident
    assert person is not None and person.birth_date is not None
    return Volunteer(
        township=township,
        village=post.unit,
        resident=person,
        user=post.user,
        name=person.name,
        name_pinyin=person.name_pinyin,
        phone=person.phone,
        adult_on=years_later(person.birth_date, 18),
        is_party_member=rng.random() < 0.4,
        state=Volunteer.State.ACTIVE,
        joined_on=FIRST_DAY,
    )


def _teams(volunteers: list[Volunteer], clerk: User) -> None:
    """Two a village: the first half looks after neighbours, the second comes in emergencies."""
    half = len(volunteers) // 2
    kinds = ((ServiceTeam.Kind.NEIGHBOUR, "邻里守望队", volunteers[:half]), (ServiceTeam.Kind.EMERGENCY, "十分钟应急队", volunteers[half:]))
    for kind, name, members in kinds:
        if members:
            [team] = create([ServiceTeam(village=members[0].village, name=name, kind=kind)], clerk)
            ServiceMember.objects.bulk_create([ServiceMember(team=team, volunteer=one, since=FIRST_DAY) for one in members])
            team.leader = members[0]
            team.save(update_fields=["leader"])


def _load_orders(
    rng: Random, homes: list[Home], users: dict[str, User], volunteers: dict[int, list[Volunteer]], now: datetime
) -> None:
    """The older, the farther; half of them in 八一村."""
    projects = {project.code: project for project in Project.objects.select_related("township").filter(code__in=NEEDS)}
    bayi, rest = ([home for home in homes if (home.village.code == BAYI) == here] for here in (True, False))
    in_care = set(CareRecord.objects.values_list("resident__household", flat=True))
    count = min(MOST_ORDERS, len(homes) // HOMES_AN_ORDER)
    for number in range(count):
        home = rng.choice(bayi if number % 2 else rest)
        by = users.get("bayi-ganbu" if home.village.code == BAYI else secretary_login(home.village))
        days = 1 + number * (OLDEST_DAYS - 1) // count
        at = morning(today(now) - timedelta(days=days)) + timedelta(minutes=rng.randrange(120))
        if by is None or home.village.pk not in volunteers or today(at) < FIRST_DAY:
            continue
        code = rng.choice([code for code in NEEDS if code != "linli" or home.household.pk in in_care])
        _run(rng, _Order(home, projects[code], by, at, min(days - 1, 5)))


def _run(rng: Random, one: _Order) -> None:
    """As far as it goes, by whoever acts for the village."""
    person = one.home.residents[0]
    in_public = one.far == 0 and one.project.is_public and rng.random() < 0.5
    ask = Ask(
        project=one.project, unit=one.home.settlement, name=person.name, phone=person.phone or "15400009999", text=NEEDS[one.project.code],
        household=one.home.household,
    )  # fmt: skip
    order = orders.order_ask(ask=ask, by=None if in_public else one.by, at=one.at)
    kin = set(one.by.posts.values_list("resident__household", flat=True))  # whose service they could not judge
    able = [candidate.volunteer for candidate in orders.people_for(order, one.at) if candidate.fits]
    fit = [volunteer for volunteer in able if volunteer.resident and volunteer.resident.household_id not in kin]
    if one.far == 0 or len(fit) < order.people:
        return
    orders.order_offer(order=order, volunteers=fit[: order.people], by=one.by, at=one.at + timedelta(minutes=2))
    if one.far > 1:
        _serve(rng, one, order, fit[: order.people])


def _serve(rng: Random, one: _Order, order: ServiceOrder, people: list[Volunteer]) -> None:
    by, at = one.by, one.at
    runs = [orders.offer_accept(order=order, volunteer=volunteer, by=by, at=at + timedelta(minutes=5)) for volunteer in people]
    if order.is_emergency:
        orders.order_contact(order=order, happened_at=at + timedelta(minutes=6), by=by, at=at + timedelta(minutes=8))
    if one.far == 2:
        return
    there, back = at + timedelta(minutes=40), at + timedelta(hours=2)
    for run in runs:
        orders.run_set_out(run=run, by=by, at=at + timedelta(minutes=20))
        orders.run_arrive(run=run, happened_at=there, by=by, at=there)
        if one.far > 3:
            orders.run_finish(run=run, by=by, at=back)
    if one.far > 4 and rng.random() < 0.8:
        rating = "unsatisfied" if rng.random() < 0.08 else "satisfied"
        words = {"satisfied": "来得快，做得好", "unsatisfied": "来晚了"}[rating]
        orders.judge_by_phone(order=order, rating=rating, words=words, by=by, at=back + timedelta(hours=6))
