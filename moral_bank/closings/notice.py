"""The masked list by which a closing is put before the village (公示; plan §三.1 依法公开, §三.4)."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from decimal import Decimal

from django.db.models import BigIntegerField, Q, Value

from governance.disclosure.models import Notice
from governance.periods import Kind
from governance.privacy import mask_name
from moral_bank.models import Claim, Closing, Entry

KINDS = {
    Kind.MONTH: (Notice.Kind.RATING, "评分"),
    Kind.QUARTER: (Notice.Kind.STAR, "星级"),
    Kind.YEAR: (Notice.Kind.HONOUR, "年度评优"),
}
NONE = "无"
STARS = {5: "五星", 4: "四星", 3: "三星", 2: "二星", 0: "不评星"}

_LONG = re.compile(r"\d{8,}")


def title_of(closing: Closing) -> str:
    """八一村2026年3月道德积分评分公示."""
    return f"{closing.village}{closing.period.label}道德积分{KINDS[Kind(closing.kind)][1]}公示"


def reason_of(closing: Closing) -> str:
    return f"按照《{closing.rule_set}》，现将{closing.period.label}结果予以公示。公示无异议后锁定。"


def channel_of(closing: Closing) -> str:
    return f"可在本页提出异议，也可向{closing.village}或{closing.village.parent}反映。"


def columns_of(kind: str) -> list[str]:
    columns = ["序号", "户号", "户主", "组（院）", "得分", "名次"]
    columns.append("加减分事项" if kind == Kind.MONTH else "星级")
    if kind == Kind.YEAR:
        columns.append("年度评优")
    return columns


def rows_of(closing: Closing) -> list[list[str]]:
    """One row for each rated household, best first; the 组（院） is where it lived when the period ended. A month's rows end
    with what was added, by deed, and what was taken, as one figure: no free text, and nobody's misdeed in public."""
    last = closing.period.end - timedelta(days=1)
    place = "account__household__placements"
    found = closing.ratings.filter(
        Q(**{f"{place}__valid_to": None}) | Q(**{f"{place}__valid_to__gt": last}),
        **{f"{place}__valid_from__lte": last, f"{place}__village": closing.village_id},
    ).order_by("rank", "account__household__number_key", "id")
    fields = ("account__household__number", "account__household__head_name", f"{place}__unit__name")
    figures = ("score", "rank", "stars", "honoured")
    deeds = _deeds(closing) if closing.kind == Kind.MONTH else None
    return [
        [str(position), public_number(number), mask_name(head) or "*", unit]
        + results_of(closing.kind, *results)
        + ([] if deeds is None else ["；".join(deeds.get(account, ())) or NONE])
        for position, (account, number, head, unit, *results) in enumerate(
            found.values_list("account", *fields, *figures), start=1
        )
    ]


def _deeds(closing: Closing) -> dict[int, list[str]]:
    """Account id → 参加志愿服务 +5 of what the ledger holds and of each claim that the month will post, then 冲正 +5, 扣分 −10.
    """
    posted = Entry.objects.filter(month=closing.start, account__in=closing.ratings.order_by().values("account"))
    posted = posted.exclude(head="").moving()
    claims = Claim.objects.filter(closing=closing, state=Claim.State.APPROVED).annotate(reverses=Value(None, BigIntegerField()))
    found: dict[int, list[str]] = {}
    sums: Counter[tuple[int, str]] = Counter()
    for rows in (posted.order_by("occurred_on", "pk"), claims.order_by("counts_on", "pk")):
        for account, name, score, reverses in rows.values_list("account", "deed__name", "score", "reverses"):
            if score < 0 or reverses:
                sums[account, "冲正" if reverses else "扣分"] += score
            else:
                found.setdefault(account, []).append(f"{name} {score:+d}")
    for (account, word), score in sorted(sums.items()):
        found.setdefault(account, []).append(f"{word} {score:+d}")
    return found


def results_of(kind: str, score: Decimal, rank: int, stars: int | None, honoured: bool) -> list[str]:
    """The cells of a rating, from 得分 on."""
    if kind == Kind.MONTH:
        return [f"{score:.0f}", str(rank)]
    cells = [f"{score:.2f}", str(rank), STARS[stars or 0]]
    return [*cells, "是" if honoured else ""] if kind == Kind.YEAR else cells


def public_number(number: str) -> str:
    """A household number, of long ones (they could be ID numbers) only the last four digits."""
    return _LONG.sub(lambda digits: f"…{digits[0][-4:]}", number)
