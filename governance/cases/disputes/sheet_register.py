"""What the portal knows of the rows of an old 矛盾纠纷台账: categories, mediators, residents, and what is there already."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from governance.accounts.models import User
from governance.cases.engine.flow import Kind
from governance.cases.errors import CaseError
from governance.cases.models import Case, Category
from governance.frame.imports.payload import NEW, NONE, SAME, PreviewRow
from governance.sheets.cells import CLEAN, LOOK, REFUSE
from governance.sheets.dispute_words import AGREED, FAILED
from governance.sheets.disputes import row_key
from governance.sheets.rows import RowResult
from villages.models import Post, Resident, Unit

OTHER = "jiufen"


class Register:
    """Read in a fixed number of statements."""

    def __init__(self, township: Unit, rows: Sequence[RowResult], by: User, on: date) -> None:
        self.township = township
        villages = Unit.objects.villages().on(on).filter(parent=township)
        self.villages = {village.code: village for village in villages}
        found = Category.objects.filter(township=township, kind=Kind.DISPUTE).select_related("office", "service")
        self.categories = {category.code: category for category in found}
        if OTHER not in self.categories:
            raise CaseError("还没有事项类别，请先在“更多—开通进度”里采用默认。", "category")
        posts = Post.objects.current(on).filter(unit__path__startswith=township.path)
        self.posts: dict[tuple[str, str], Post] = {}
        for post in posts.select_related("unit", "user", "resident"):
            self.posts.setdefault((post.unit.code[:12], post.holder_name), post)
        cases = Case.objects.filter(township=township).order_by()
        self.there = dict(cases.exclude(import_key="").values_list("import_key", "dispute__outcome"))
        self.seen: dict[str, RowResult] = {}
        numbers = {str(row.values["old_number"]) for row in rows if row.values["old_number"]}
        seen = Case.objects.visible_to(by).filter(township=township, kind=Kind.DISPUTE, number__in=numbers).order_by()
        self.numbered = dict(seen.values_list("number", "text"))
        names = {name for row in rows for name in _names(row)}
        people = Resident.objects.present().filter(household__village__in=villages, name__in=names)
        self.residents: dict[tuple[str, str], list[Resident]] = {}
        for resident in people.select_related("household__village"):
            self.residents.setdefault((resident.household.village.code, resident.name), []).append(resident)

    def judge(self, item: PreviewRow) -> None:
        """What the register adds: unknown category or mediator to look at, kin refused, rows that are there already."""
        row, item.outcome = item.row, NONE
        if row.verdict == REFUSE:
            return
        category, responsible, post = row.values["category"], row.values["responsible"], self.mediator(row)
        if self.category(category).code == OTHER and category not in (None, "其他矛盾纠纷", "其他"):
            row.flag("category", LOOK, f"没有“{category}”这个类别，将归入“其他矛盾纠纷”")
        if self._is_anothers_number(row):
            row.flag("old_number", LOOK, f"系统里的 {row.values['old_number']} 是另一件事项，请核对")
        if responsible and post is None:
            row.flag("responsible", LOOK, f"本村没有任职的“{responsible}”，导入后请确定调解员")
        if post is not None and (kin := self._kin(row, post)):
            row.flag("responsible", REFUSE, f"{responsible}与当事人{kin}同户或就是当事人，应当回避，不能做调解员")
        item.outcome = SAME if self._is_repeated(row) or self.is_there(row) else NEW

    def _is_repeated(self, row: RowResult) -> bool:
        """Whether an earlier row says the same, which is said; and so is a result that the portal does not have."""
        key = row_key(row)
        if self.there.get(key) == "" and row.values["result"] in (AGREED, FAILED):
            row.flag("result", CLEAN, f"系统里这件还没有结果，导入不改动已有的事项；如果已经{row.values['result']}，请在事项里办结")
        first = self.seen.setdefault(key, row)
        if first is row:
            return False
        whole = all(first.values[name] == row.values[name] for name in ("text", "result", "old_number", "ended_on"))
        words = "，只记一次" if whole else "，只是编号、结果、化解日期或后面的文字不同，不另记一件，请核对"
        row.flag("", CLEAN if whole else LOOK, f"与{first.sheet}第 {first.row_number} 行相同{words}")
        return True

    def category(self, name: Any) -> Category:
        """By name, also by its beginning (邻里 for 邻里纠纷); else the township's other disputes."""
        said = str(name or "").removesuffix("纠纷")
        alike = [one for one in self.categories.values() if said and one.name.startswith(said)]
        return alike[0] if alike else self.categories[OTHER]

    def mediator(self, row: RowResult) -> Post | None:
        return self.posts.get((str(row.values["village_code"]), str(row.values["responsible"])))

    def parties(self, row: RowResult) -> list[tuple[str, Resident | None]]:
        """Each name with the resident of that village, where there is just one of that name."""
        found = [(name, self.residents.get((str(row.values["village_code"]), name), [])) for name in _names(row)]
        return [(name, people[0] if len(people) == 1 else None) for name, people in found]

    def is_there(self, row: RowResult) -> bool:
        """By what an earlier import wrote, or by the portal's own number, as in a ledger that it printed."""
        own = self.numbered.get(str(row.values["old_number"]))
        return row_key(row) in self.there or (own is not None and own == row.values["text"])

    def _is_anothers_number(self, row: RowResult) -> bool:
        return self.numbered.get(str(row.values["old_number"]), row.values["text"]) != row.values["text"]

    def _kin(self, row: RowResult, post: Post) -> str:
        """The party from whom the mediator must stand back, or ''."""
        own = post.resident.household_id if post.resident else None
        return next((name for name, one in self.parties(row) if one is not None and one.household_id == own), "")


def _names(row: RowResult) -> list[str]:
    return str(row.values["parties"] or "").split("、")
