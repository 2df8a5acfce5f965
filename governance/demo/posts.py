"""Who holds which duty, and the demo's accounts: all share one printed password."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from random import Random

from django.contrib.auth.hashers import make_password
from pypinyin import lazy_pinyin

from governance.accounts.duties import CONSENT_DUTIES, VILLAGE_DUTIES, YARD_DUTIES, Duty, Guard
from governance.accounts.models import User
from governance.demo.households import Home
from governance.demo.loading import create
from governance.demo.people import REFERENCE
from governance.demo.sources import TOWNSHIP, villages
from villages.models import Consent, Post, Resident, Unit

PASSWORD = "Xiangzhi-2026"
ELECTED, APPOINTED, TERM_END = date(2025, 11, 20), date(2025, 12, 1), date(2028, 11, 30)
FILLED = 0.85
BAYI, MAAN = "511923102201", "511923102202"
YARD = f"{BAYI}001001"


@dataclass(frozen=True)
class Login:
    """An account that the command prints: login name, duty or guard, code of the unit ("" for 三员)."""

    username: str
    duty: str
    unit: str = ""
    name: str = ""


LOGINS = (
    Login("zhenban", Duty.STAFF, TOWNSHIP, "何静"),
    Login("lingdao", Duty.LEADER, TOWNSHIP, "杨志刚"),
    Login("ducha", Duty.SUPERVISOR, TOWNSHIP, "周敏"),
    Login("ducha2", Duty.SUPERVISOR, TOWNSHIP, "吴建平"),
    Login("ducha3", Duty.SUPERVISOR, TOWNSHIP, "郑秀兰"),
    Login("bayi-shuji", Duty.SECRETARY, BAYI),
    Login("bayi-ganbu", Duty.CADRE, BAYI),
    Login("bayi-jiandu", Duty.OVERSEER, BAYI),
    Login("bayi-zuzhang", Duty.GROUP_HEAD, f"{BAYI}001"),
    Login("bayi-yuanzhang", Duty.YARD_HEAD, YARD),
    Login("bayi-xuanchuan", Duty.PUBLICIST, YARD),
    Login("bayi-tiaojie", Duty.MEDIATOR, YARD),
    Login("bayi-huanwei", Duty.SANITATION, YARD),
    Login("bayi-xinxi", Duty.INFORMANT, YARD),
    Login("bayi-ertong", Duty.CHILD_DIRECTOR, BAYI),
    Login("bayi-zhiyuan", Duty.VOLUNTEER, BAYI),
    Login("maan-ganbu", Duty.CADRE, MAAN),
    Login("xitong", Guard.SYSTEM, name="系统管理员"),
    Login("anquan", Guard.SECURITY, name="安全管理员"),
    Login("shenji", Guard.AUDIT, name="审计员"),
)
VILLAGE_SEATS = {Duty.SECRETARY: 1, Duty.CADRE: 3, Duty.OVERSEER: 2}
SERVICE_SEATS = {Duty.CHILD_DIRECTOR: 1, Duty.VOLUNTEER: 8}


def load_posts(rng: Random, units: dict[str, Unit], homes: list[Home]) -> dict[str, User]:
    """Posts and accounts; returns the accounts by login name."""
    posts = [*_village_posts(rng, homes), *_group_posts(rng, homes), *_yard_posts(rng, homes), *_service_posts(rng, homes)]
    logins = {(login.duty, login.unit): login for login in LOGINS if not login.name}
    secrets = make_password(PASSWORD)
    users: dict[str, User] = {}
    for post in posts:
        login = logins.pop((post.kind, post.unit.code), None) or _village_login(post)
        if login and post.resident and login.username not in users:
            users[login.username] = _user(login, post.resident.name, post.resident.phone, secrets)
            post.user = users[login.username]
    for login in LOGINS:
        if login.name:
            users[login.username] = _user(login, login.name, "", secrets)
    User.objects.bulk_create(users.values())
    for login in LOGINS:
        if login.name and login.unit:
            posts.append(_post(login.duty, units[login.unit], user=users[login.username]))
    _open_to_residents(posts)
    create(posts)
    agreed = {post.resident.pk for post in posts if post.resident and post.consented_on}
    Consent.objects.bulk_create(Consent(resident_id=pk, purpose="name", given_on=APPOINTED, how="signed") for pk in sorted(agreed))
    return users


def _open_to_residents(posts: list[Post]) -> None:
    """Village offices have a telephone; of those of 一长四员 who are asked every other one agrees to be named."""
    for number, post in enumerate(posts):
        if post.kind in VILLAGE_DUTIES:
            post.phone = f"1540002{number:04d}"
        elif post.kind in CONSENT_DUTIES and number % 2:
            post.phone, post.consented_on = f"1540002{number:04d}", APPOINTED


def _spelt(village: Unit) -> str:
    return "".join(lazy_pinyin(village.short_name.removesuffix("社区").removesuffix("村")))


def secretary_login(village: Unit) -> str:
    return f"{_spelt(village)}-shuji"


def overseer_login(village: Unit) -> str:
    return f"{_spelt(village)}-jiandu"


def _village_login(post: Post) -> Login | None:
    """Every village's secretary has an account, who posts the demo's year, and one overseer, who looks at what is disclosed."""
    names = {Duty.SECRETARY: secretary_login, Duty.OVERSEER: overseer_login}
    name = names.get(Duty(post.kind))
    return Login(name(post.unit), post.kind, post.unit.code) if name else None


def _user(login: Login, name: str, phone: str, password: str) -> User:
    """The demo's accounts need not change their password; real ones must (`User.must_change_password`)."""
    guard = login.duty if login.duty in Guard.values else ""
    return User(
        username=login.username, name=name, phone=phone, guard=guard, password=password, must_change_password=False
    )


def _post(kind: str, unit: Unit, resident: Resident | None = None, user: User | None = None) -> Post:
    elected = ELECTED if resident else None
    return Post(
        kind=kind,
        unit=unit,
        resident=resident,
        user=user,
        elected_on=elected,
        appointed_on=APPOINTED,
        term_end=TERM_END if resident else None,
    )


def _fit(homes: list[Home]) -> list[Resident]:
    """Residents of an age to hold a duty."""
    return [
        resident
        for home in homes
        for resident in home.residents
        if resident.status == Resident.Status.PRESENT
        and resident.birth_date
        and 25 <= REFERENCE.year - resident.birth_date.year <= 68
    ]


def _village_posts(rng: Random, homes: list[Home]) -> Iterator[Post]:
    for division in villages():
        its = [home for home in homes if home.village.code == division.code]
        seats = [duty for duty in VILLAGE_DUTIES for _ in range(VILLAGE_SEATS[duty])]
        fit = _fit(its)
        for duty, resident in zip(seats, rng.sample(fit, min(len(fit), len(seats))), strict=False):
            yield _post(duty, its[0].village, resident)


def _service_posts(rng: Random, homes: list[Home]) -> Iterator[Post]:
    """儿童主任 and 志愿者 of each village."""
    seats = [duty for duty, count in SERVICE_SEATS.items() for _ in range(count)]
    for division in villages():
        its = [home for home in homes if home.village.code == division.code]
        fit = _fit(its)
        for duty, resident in zip(seats, rng.sample(fit, min(len(fit), len(seats))), strict=False):
            yield _post(duty, its[0].village, resident)


def _group_posts(rng: Random, homes: list[Home]) -> Iterator[Post]:
    groups: dict[str, list[Home]] = {}
    for home in homes:
        groups.setdefault(home.settlement.code[:15], []).append(home)
    for code, its in groups.items():
        fit, group = _fit(its), its[0].settlement.parent
        if fit and group and (code == f"{BAYI}001" or rng.random() < FILLED):
            yield _post(Duty.GROUP_HEAD, group, rng.choice(fit))


def _yard_posts(rng: Random, homes: list[Home]) -> Iterator[Post]:
    """一长四员 of each settlement, one person for each post, some of them vacant."""
    yards: dict[Unit, list[Home]] = {}
    for home in homes:
        yards.setdefault(home.settlement, []).append(home)
    for yard, its in yards.items():
        fit = _fit(its)
        rng.shuffle(fit)
        for duty, resident in zip(YARD_DUTIES, fit, strict=False):
            if yard.code == YARD or rng.random() < FILLED:
                yield _post(duty, yard, resident)
