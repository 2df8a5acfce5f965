"""Two versions of the rules side by side: what a draft changes (plan §三.1; mission M22). Pure: versions in, changes out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

Value = str | int | bool | None

SETTING_LABELS = {
    "five_star": "五星分数线",
    "four_star": "四星分数线",
    "three_star": "三星分数线",
    "two_star": "二星分数线",
    "cap_month": "每户每月加分上限",
    "cap_quarter": "每户每季加分上限",
    "cap_year": "每户每年加分上限",
    "year_top_percent": "年度评优比例（%）",
    "year_floor": "年度评优最低得分",
    "notice_days": "公示天数",
}
DEED_LABELS = {
    "name": "事项",
    "head": "类别",
    "unit": "计分单位",
    "score": "评分",
    "score_high": "评分上限",
    "points": "积分",
    "verifier": "核实人",
    "is_veto": "一票否决",
    "by_quantity": "按数量计分",
    "cap_month": "每户每月上限",
    "cap_quarter": "每户每季上限",
    "cap_year": "每户每年上限",
    "category": "原类别",
    "audience": "适用对象",
    "note": "上限或说明",
    "source": "出处",
}


@dataclass(frozen=True)
class DeedLine:
    """A deed as far as comparing goes; `values` by the keys of DEED_LABELS."""

    code: str
    values: Mapping[str, Value]

    @property
    def name(self) -> str:
        return str(self.values["name"])


@dataclass(frozen=True)
class Version:
    """A rule set as plain figures: `settings` by the keys of SETTING_LABELS, `heads`: head → (base, maximum)."""

    settings: Mapping[str, int | None]
    heads: Mapping[str, tuple[int, int]]
    deeds: Sequence[DeedLine]


@dataclass(frozen=True)
class Change:
    """One figure: what it is called, what it was and what it becomes."""

    key: str
    label: str
    old: Value
    new: Value


@dataclass(frozen=True)
class DeedChange:
    """A deed that both versions have, by code, with the fields that differ."""

    code: str
    name: str
    changes: Sequence[Change]


@dataclass(frozen=True)
class Comparison:
    """What a new version changes, in the order of the codes."""

    settings: list[Change] = field(default_factory=list)
    heads: list[Change] = field(default_factory=list)
    added: list[DeedLine] = field(default_factory=list)
    removed: list[DeedLine] = field(default_factory=list)
    changed: list[DeedChange] = field(default_factory=list)

    @property
    def count(self) -> int:
        of_the_whole, of_deeds = len(self.settings) + len(self.heads), len(self.added) + len(self.removed)
        return of_the_whole + of_deeds + len(self.changed)


def compare(old: Version, new: Version, head_labels: Mapping[str, str]) -> Comparison:
    """All differences; deeds are matched by code."""
    before, after = _by_code(old.deeds), _by_code(new.deeds)
    both = sorted(before.keys() & after.keys())
    pairs = [DeedChange(code, after[code].name, _deed_changes(before[code], after[code])) for code in both]
    return Comparison(
        settings=[
            Change(key, label, old.settings[key], new.settings[key])
            for key, label in SETTING_LABELS.items()
            if old.settings[key] != new.settings[key]
        ],
        heads=list(_head_changes(old, new, head_labels)),
        added=[after[code] for code in sorted(after.keys() - before.keys())],
        removed=[before[code] for code in sorted(before.keys() - after.keys())],
        changed=[pair for pair in pairs if pair.changes],
    )


def _by_code(deeds: Iterable[DeedLine]) -> dict[str, DeedLine]:
    return {deed.code: deed for deed in deeds}


def _deed_changes(old: DeedLine, new: DeedLine) -> list[Change]:
    return [
        Change(key, label, old.values[key], new.values[key])
        for key, label in DEED_LABELS.items()
        if old.values[key] != new.values[key]
    ]


def _head_changes(old: Version, new: Version, labels: Mapping[str, str]) -> Iterable[Change]:
    """Base and maximum of each head; None where a version does not have it."""
    for head, label in labels.items():
        for place, word in enumerate(("基础分", "满分")):
            was = old.heads[head][place] if head in old.heads else None
            becomes = new.heads[head][place] if head in new.heads else None
            if was != becomes:
                yield Change(f"{head}.{word}", f"{label}{word}", was, becomes)
