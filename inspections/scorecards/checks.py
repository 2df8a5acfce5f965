"""What a card must add up to before it is used; each refusal names the figures (plan §四(三)). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from inspections.scorecards.scoring import HUNDRED, ZERO, Card, Item, Kind, Section, Sort, pool_points, pools


def figure(value: Decimal) -> str:
    """A figure without idle zeros: 10, 0.5."""
    return f"{value.normalize():f}"


def card_faults(card: Card, full: Decimal) -> list[str]:
    """Everything that is wrong with a card of `full` marks, in plain Chinese; empty where it may be used."""
    faults = [fault for section in card.sections for fault in _section_faults(section)]
    if not any(section.sort == Sort.NORMAL for section in card.sections):
        faults.append("检查表里还没有计分的项目。")
    elif card.full != full:
        parts = [section.points for section in card.sections if section.sort == Sort.NORMAL]
        faults.append(f"各项目分值之和须为 {figure(full)}，现为 {_sum(parts)}。")
    if not card.good > card.fair > card.passing > 0:
        faults.append("等次分数线须从好到一般依次降低，且大于 0。")
    return faults


def _sum(parts: Sequence[Decimal]) -> str:
    """6 + 4 = 10; a single figure and none at all stand alone."""
    total = figure(sum(parts, ZERO))
    return f"{' + '.join(map(figure, parts))} = {total}" if len(parts) > 1 else total


def _section_faults(section: Section) -> list[str]:
    if not section.items:
        return [f"“{section.name}”下面没有内容。"]
    faults = [f"“{section.name}”“{item.name}”：{fault}" for item in section.items for fault in _item_faults(item, section)]
    faults += [f"“{section.name}”“{item.name}”：{fault}" for item, fault in _exclusive_faults(section)]
    return faults + _points_faults(section)


def _points_faults(section: Section) -> list[str]:
    """Whether the points of a section are what its sort asks for; the figures, where they are not."""
    if section.sort == Sort.BONUS:
        return [] if section.points > 0 else [f"“{section.name}”须写明加分上限。"]
    if section.sort == Sort.VETO:
        return [f"“{section.name}”是一票否决，标准分须为 0，现为 {figure(section.points)}。"] if section.points else []
    parts = [pool_points(section, pool) for pool in pools(section)]
    if sum(parts, ZERO) != section.points:
        return [f"“{section.name}”标准分 {figure(section.points)}，各条之和 {_sum(parts)}，两者须相等。"]
    if parts and section.points <= 0:
        return [f"“{section.name}”标准分须大于 0。"]
    return []


def _exclusive_faults(section: Section) -> list[tuple[Item, str]]:
    """Of two lines only the heavier counts where both draw on the same points; else the mark would do nothing."""
    together = [pool for pool in pools(section) if section.sort == Sort.NORMAL]
    fits = {item.key for pool in together for item in pool[1:]}
    reason = "“与上一条只扣重的一条”只用于和上一条共用分值的扣分内容。"
    return [(item, reason) for item in section.items if item.exclusive and item.key not in fits]


def _item_faults(item: Item, section: Section) -> list[str]:
    fits = {
        Sort.NORMAL: (Kind.EACH, Kind.WHOLE, Kind.BAND, Kind.NOTE),
        Sort.BONUS: (Kind.BONUS,),
        Sort.VETO: (Kind.VETO,),
    }[section.sort]
    if item.kind not in fits:
        return ["计分办法与所在项目的类别不符。"]
    if item.indicator and item.kind in (Kind.NOTE, Kind.BONUS, Kind.VETO):
        return ["实测指标只用于扣分的内容，不能用来加分、否决或只作记录。"]
    if item.points is not None and item.points <= 0 and item.kind != Kind.NOTE:
        return ["标准分须大于 0。"]
    if item.kind in (Kind.EACH, Kind.BONUS) and item.per_case <= 0:
        return ["请写明每处（次、户）扣或加多少分。"]
    if item.kind == Kind.BAND:
        return _band_faults(item, section)
    if item.kind == Kind.NOTE and item.points:
        return ["只记录的内容不占分值。"]
    return []


def _band_faults(item: Item, section: Section) -> list[str]:
    """Bands descend strictly in both numbers and reach the pool's points; so a better figure never earns less."""
    if not item.bands:
        return ["请写明分档（如 95%得10分，90%得8分）。"]
    pairs = zip(item.bands, item.bands[1:], strict=False)
    if any(upper.least <= lower.least or upper.points <= lower.points for upper, lower in pairs):
        return ["分档须从高到低，比例和得分都依次降低。"]
    points = next(pool_points(section, pool) for pool in pools(section) if item in pool)
    if item.bands[0].points != points or item.bands[-1].points < 0:
        return [f"最高一档须得满 {figure(points)} 分，最低一档不少于 0 分。"]
    if item.bands[0].least > HUNDRED or item.bands[-1].least < 0:
        return ["分档的比例须在 0 到 100% 之间。"]
    return []
