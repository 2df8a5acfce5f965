"""Lists of volunteers, teams, hours, stars and certificates: what they ask and what they show of a row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import django_filters
from django.db.models import Q
from django.utils import timezone

from governance.accounts.duties import Action
from governance.frame.columns import Col, Tag, day_of
from governance.frame.filters import PageFilter, PartFilter, PeriodFilter, WordsFilter
from governance.frame.lists import Listing, To
from governance.frame.pinyin import name_q
from governance.privacy import mask_phone
from villages.filters import InVillages
from volunteers.models import Certificate, Hours, Project, ServiceTeam, StarRule, Volunteer
from volunteers.people.certificates import SHOWN_DAYS
from volunteers.people.stars import hours_text, stars_of

State = Volunteer.State
TONES = {State.APPLIED: "waiting", State.ACTIVE: "good", State.PAUSED: "near", State.LEFT: ""}
NEW_VOLUNTEER = To("登记志愿者", "volunteers:volunteer-register", needs=(Action.VOLUNTEER_EDIT,))
NEW_TEAM = To("新建服务队", "volunteers:team-create", needs=(Action.VOLUNTEER_EDIT,))


def _in_state(state: str) -> Callable[[Any], Any]:
    return lambda rows: rows.filter(state=state)


def _projects(request: Any) -> Any:
    return Project.objects.visible_to(request.user)


def _teams(request: Any) -> Any:
    return ServiceTeam.objects.visible_to(request.user).select_related("village")


class VolunteerFilter(InVillages):
    """All but those who have left, unless it asks for them."""

    team = django_filters.ModelChoiceFilter(
        label="服务队", queryset=_teams, field_name="memberships__team", empty_label="全部服务队"
    )
    state = PartFilter(
        "状态",
        {
            "": ("没有退出的", lambda rows: rows.registered()),
            **{value: (label, _in_state(value)) for value, label in State.choices},
        },
    )
    project = django_filters.ModelChoiceFilter(label="愿做的服务", queryset=_projects, field_name="projects", empty_label="全部服务")
    party = PartFilter(
        "政治面貌",
        {"": ("全部", lambda rows: rows), "yes": ("党员", lambda rows: rows.filter(is_party_member=True))},
    )
    q = WordsFilter("姓名或拼音", lambda words: name_q(words, name="name", key="name_pinyin"))


def roles(volunteer: Volunteer) -> list[str]:
    """What they are beside: Party member, 网格员 or 联户长."""
    found = ["党员"] if volunteer.is_party_member else []
    if volunteer.overlay is not None:
        found.append("网格员" if volunteer.overlay.kind == "grid" else "联户长")
    return found


def _role_tags(volunteer: Volunteer) -> list[Tag]:
    return [Tag(word, "info") for word in roles(volunteer)]


def _team_names(volunteer: Volunteer) -> str:
    return "、".join(member.team.name for member in volunteer.memberships.all())


def _total(row: Any) -> str:
    return hours_text(row.minutes)


def _masked_phone(volunteer: Volunteer) -> str:
    return mask_phone(volunteer.phone)


def _state_tags(volunteer: Volunteer) -> list[Tag]:
    return [Tag(volunteer.get_state_display(), TONES[State(volunteer.state)])]


VOLUNTEERS = Listing(
    "志愿者",
    [
        Col("姓名", "name", whole=True, tags=_role_tags),
        Col("村（社区）", "village", sort="village__path"),
        Col("服务队", _team_names),
        Col("联系电话", _masked_phone),
        Col("状态", tags=_state_tags, hint="reason"),
        Col("加入日期", "joined_on", sort="joined_on"),
        Col("累计时长", _total, num=True),
    ],
    VolunteerFilter,
    order=("village__path", "name_pinyin", "pk"),
    href="volunteers:volunteer-detail",
    unit="人",
    actions=(NEW_VOLUNTEER, To("服务队", "volunteers:team-list", first=False), To("服务时长", "volunteers:hours-list", first=False)),
    exports=(To("导出志愿者名册", "volunteers:volunteer-export", needs=(Action.EXPORT,)),),
    empty="还没有登记志愿者。",
    steps=(NEW_VOLUNTEER, To("请村干部登记志愿者。", "")),
    none_found="没有符合的志愿者。",
    live=True,
)


class TeamFilter(InVillages):
    kind = django_filters.ChoiceFilter(label="类别", choices=ServiceTeam.Kind.choices, empty_label="全部类别")
    state = PartFilter(
        "状态",
        {"": ("启用的", lambda rows: rows.filter(is_active=True)), "off": ("停用的", lambda rows: rows.filter(is_active=False))},
    )


TEAMS = Listing(
    "服务队",
    [
        Col("名称", "name", whole=True),
        Col("村（社区）", "village", sort="village__path"),
        Col("类别", "get_kind_display"),
        Col("队长", "leader.name"),
        Col("队员", "people", num=True),
    ],
    TeamFilter,
    order=("village__path", "kind", "name"),
    href="volunteers:team-detail",
    parent=To("志愿者", "volunteers:volunteer-list"),
    unit="支",
    actions=(NEW_TEAM,),
    empty="还没有服务队。",
    steps=(NEW_TEAM, To("请村干部新建服务队。", "")),
    none_found="没有符合的服务队。",
)


class HoursFilter(InVillages):
    month = PeriodFilter("月份", "served_on")
    project = django_filters.ModelChoiceFilter(label="服务项目", queryset=_projects, field_name="order__project", empty_label="全部项目")
    q = WordsFilter(
        "姓名或服务内容", lambda words: Q(service__contains=words) | name_q(words, name="volunteer__name", key="volunteer__name_pinyin")
    )


def _hours_tags(hours: Hours) -> list[Tag | None]:
    return [
        Tag("冲正", "late") if hours.reverses_id else None,
        Tag("原台账") if hours.row_key and not hours.reverses_id else None,
    ]


def _hours(hours: Hours) -> str:
    return hours_text(hours.minutes)


HOURS = Listing(
    "服务时长",
    [
        Col("志愿者", "volunteer.name", whole=True),
        Col("村（社区）", "village", sort="village__path"),
        Col("服务日期", "served_on", sort="served_on"),
        Col("服务内容", "service", tags=_hours_tags),
        Col("时长", _hours, num=True),
        Col("订单", "order.number", phone=False),
        Col("说明", "reason"),
    ],
    HoursFilter,
    order=("-served_on", "-pk"),
    parent=To("志愿者", "volunteers:volunteer-list"),
    hint="一次服务一行，只增不改。写错的，点单的在订单里更正，原台账的在志愿者的页面里冲正后另记。",
    exports=(To("导出志愿服务时长台账", "volunteers:hours-export", needs=(Action.EXPORT,)),),
    empty="还没有服务时长。",
    steps=(To("完成点单后自动记入，原来的台账由镇工作人员在管理后台导入。", ""),),
    capped=True,
)


class MyHoursFilter(PageFilter):
    year = django_filters.NumberFilter(label="年份", field_name="served_on__year")
    service = django_filters.CharFilter(label="服务", max_length=100)


MY_HOURS = Listing(
    "我的志愿服务",
    [
        Col("服务日期", "served_on", sort="served_on"),
        Col("服务内容", "service", tags=_hours_tags),
        Col("时长", _hours, num=True),
        Col("说明", "reason"),
    ],
    MyHoursFilter,
    order=("-served_on", "-pk"),
    empty="还没有服务时长。",
    steps=(To("完成点单后自动记入。", ""),),
)


class StarFilter(InVillages):
    q = WordsFilter("姓名或拼音", lambda words: name_q(words, name="name", key="name_pinyin"))


def _with_stars(filters: Any, rows: Sequence[Any]) -> Sequence[Any]:
    """Each row with `stars`, by the rules that its township has turned on."""
    rules = StarRule.objects.filter(is_active=True, township__in={row.township_id for row in rows})
    by_town: dict[int, list[tuple[int, int]]] = {}
    for town, *rule in rules.values_list("township_id", "stars", "hours"):
        by_town.setdefault(town, []).append((rule[0], rule[1]))
    for row in rows:
        row.stars = stars_of(row.minutes, by_town.get(row.township_id, ()))
    return rows


STARS = Listing(
    "星级建议",
    [
        Col("姓名", "name", whole=True, tags=_role_tags),
        Col("村（社区）", "village", sort="village__path"),
        Col("累计时长", _total, num=True),
        Col("建议星级", lambda row: f"{row.stars} 星"),
    ],
    StarFilter,
    order=("village__path", "name_pinyin", "pk"),
    href="volunteers:volunteer-detail",
    parent=To("志愿者", "volunteers:volunteer-list"),
    hint="按累计时长提出的建议，不自动评定，也不排名。标准由镇工作人员在管理后台启用。",
    unit="人",
    shown=_with_stars,
    empty="没有达到星级时长的志愿者，或者镇里还没有启用星级标准。",
)


class CertificateFilter(InVillages):
    place = "volunteer__village"
    q = WordsFilter(
        "姓名或编号", "number__icontains", lambda words: name_q(words, name="volunteer__name", key="volunteer__name_pinyin")
    )


def certificate_tags(certificate: Certificate) -> list[Tag]:
    shown = timezone.now() - certificate.issued_at < timedelta(days=SHOWN_DAYS)
    return [Tag("公示中", "info")] if shown else []


def _certified(certificate: Certificate) -> str:
    return hours_text(certificate.minutes)


CERTIFICATES = Listing(
    "志愿服务记录证明",
    [
        Col("编号", "number", whole=True, tags=certificate_tags),
        Col("志愿者", "name"),
        Col("出具单位", "issuer", phone=False),
        Col("自", "since"),
        Col("至", "until"),
        Col("时长", _certified, num=True),
        Col("出具日期", day_of("issued_at"), sort="issued_at", hint="issued_by.name"),
    ],
    CertificateFilter,
    href="volunteers:certificate-print",
    parent=To("志愿者", "volunteers:volunteer-list"),
    hint=f"出具后在志愿者中公示 {SHOWN_DAYS} 天。在志愿者的页面里出具。",
    unit="份",
    empty="还没有出具证明。",
)
