"""Lists of passbooks, of the money behind the points and of expiry: what they ask, what they show of a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import django_filters
from django.db.models import QuerySet
from django.urls import reverse

from governance.accounts.duties import Action
from governance.frame.columns import Col, Tag, day_of
from governance.frame.filters import PartFilter, WordsFilter
from governance.frame.lists import Listing, To
from moral_bank.models import Expiry, Passbook, Shop
from moral_bank.passbooks.cover import LEVELS, VILLAGES, Cover, covers_of
from villages.filters import InVillages, of_household

HOME = "account__household__"
STATE = Expiry.State
OPEN = {"done_at": None, "cancelled_at": None}


class PassbookFilter(InVillages):
    place = f"{HOME}village"
    state = PartFilter(
        "状态",
        {
            "": ("有效", lambda rows: rows.filter(revoked_at=None)),
            "revoked": ("已作废", lambda rows: rows.exclude(revoked_at=None)),
            "all": ("全部", lambda rows: rows),
        },
    )
    q = WordsFilter("户主姓名、拼音或户号", *of_household(HOME))


class CoverFilter(InVillages):
    level = django_filters.ChoiceFilter(label="状态", choices=list(LEVELS.items()), empty_label="全部状态", method="at_level")

    def at_level(self, shops: QuerySet[Shop], name: str, level: str) -> QuerySet[Shop]:
        covers = covers_of(shop.village for shop in shops.select_related("village"))
        return shops.filter(village__in=[village for village, cover in covers.items() if cover.level == level])


class ExpiryFilter(InVillages):
    state = PartFilter(
        "状态",
        {
            "": ("全部状态", lambda rows: rows),
            "waiting": ("公示中", lambda rows: rows.filter(**OPEN, notice__withdrawn_at=None)),
            "withdrawn": ("公示已撤回", lambda rows: rows.filter(**OPEN).exclude(notice__withdrawn_at=None)),
            "done": ("已办结", lambda rows: rows.exclude(done_at=None)),
            "cancelled": ("已取消", lambda rows: rows.exclude(cancelled_at=None)),
        },
    )


class ShopCover(NamedTuple):
    """A village with its shop, and what stands behind its points today."""

    village: Any
    cover: Cover


def _place(passbook: Passbook) -> str:
    home = passbook.account.household
    return str(home.village) if home.unit_id == home.village_id else f"{home.village} {home.unit}"


def _passbook_tags(passbook: Passbook) -> list[Tag]:
    return [Tag("已作废", "late") if passbook.revoked_at else Tag("有效", "good")]


def _revoked(passbook: Passbook) -> str:
    return f"{day_of('revoked_at')(passbook)} {passbook.reason}" if passbook.revoked_at else ""


def _expiry_tags(expiry: Expiry) -> list[Tag]:
    state = expiry.state
    tone = {STATE.WAITING: "waiting", STATE.DONE: ""}.get(state, "late")
    return [Tag(f"{state.label}，不执行" if state == STATE.WITHDRAWN else str(state.label), tone)]


def _expiry_reason(expiry: Expiry) -> str:
    ended = expiry.state in (STATE.CANCELLED, STATE.WITHDRAWN)
    return expiry.reason or expiry.notice.withdrawn_reason if ended else ""


def _covers(filters: CoverFilter, shops: Sequence[Shop]) -> list[ShopCover]:
    covers = covers_of(shop.village for shop in shops)
    return [ShopCover(shop.village, covers[shop.village_id]) for shop in shops]


def _yuan(label: str, name: str) -> Col:
    return Col(label, lambda row: f"{row.cover.yuan[name]:.2f}", num=True)


PASSBOOKS = Listing(
    "积分存折",
    [
        Col("户主", "account.household.head_name", whole=True),
        Col("户号", "account.household.number"),
        Col("住处", _place),
        Col("结余", "account.balance", num=True),
        Col("发放", day_of("issued_at"), hint="issued_by.name"),
        Col("状态", tags=_passbook_tags, hint=_revoked),
        Col(
            "",
            lambda passbook: "" if passbook.revoked_at else "打印",
            href=lambda passbook: "" if passbook.revoked_at else reverse("moral_bank:passbook-print", args=[passbook.pk]),
        ),
    ],
    PassbookFilter,
    href=lambda passbook: reverse("moral_bank:household-passbook", args=[passbook.account.household_id]),
    order=("-issued_at", "-pk"),
    unit="本",
    actions=(To("选一户发放", "villages:household-list", first=False),),
    exports=(To("导出登记", "moral_bank:passbook-export", needs=(Action.EXPORT,)),),
    empty="还没有发放存折。打开一户，在“积分存折”里发放和打印。",
    steps=(To("去选一户", "villages:household-list"),),
    none_found="没有符合条件的存折。",
)

COVERS = Listing(
    "资金覆盖",
    [
        Col("村（社区）", "village", whole=True),
        Col("覆盖比例", cell="moral_bank/passbooks/_cover.html"),
        Col("待兑付积分", "cover.balance", num=True),
        _yuan("每分（元）", "rate"),
        _yuan("折合（元）", "liability"),
        _yuan("资金（元）", "fund"),
        _yuan("库存（元）", "goods"),
        Col("待入账积分", "cover.pending_points", num=True, tags=lambda row: [Tag("不够", "late")] if row.cover.pending_over else []),
    ],
    CoverFilter,
    href=lambda row: reverse("moral_bank:cover-detail", args=[row.village.pk]),
    per_page=VILLAGES,
    order=("village__path",),
    shown=_covers,
    hint="待兑付的积分折成钱，占超市资金和库存的比例。80% 起预警；发放后会超过 100% 的积分停发，兑换照常。没有道德超市的村不受限制。",
    unit="个村（社区）",
    exports=(To("导出", "moral_bank:cover-export", needs=(Action.EXPORT,)),),
    empty="您的范围内还没有道德超市，发放积分不受资金限制。",
    steps=(To("开设道德超市后，这里每天显示资金和库存够不够。", ""),),
    none_found="没有符合条件的村（社区）。",
)

EXPIRIES = Listing(
    "积分到期",
    [
        Col("村（社区）", "village", whole=True, strong=True),
        Col("哪些积分", lambda expiry: f"{expiry.earned_until} 以前得到的"),
        Col("到期日", "expires_on", sort="expires_on"),
        Col("依据", "basis"),
        Col("登记", day_of("decided_at"), hint="decided_by.name"),
        Col("状态", tags=_expiry_tags, hint=_expiry_reason),
        Col(
            "",
            lambda expiry: "取消" if expiry.is_open else "",
            href=lambda expiry: reverse("moral_bank:expiry-cancel", args=[expiry.pk]) if expiry.is_open else "",
            needs=Action.RULE_EDIT,
        ),
    ],
    ExpiryFilter,
    order=("-expires_on", "village__path"),
    hint="积分默认长期有效，逐年结转。只有会议决定并提前 30 天公示的，才会到期。",
    actions=(To("登记到期安排", "moral_bank:expiry-create", needs=(Action.RULE_EDIT,)),),
    exports=(To("导出", "moral_bank:expiry-export", needs=(Action.EXPORT,)),),
    empty="没有到期安排，积分长期有效。",
    none_found="没有符合条件的到期安排。",
)
