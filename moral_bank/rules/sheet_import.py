"""Published rules on their way into a draft: read, every row judged, the good ones written (plan §三.1; mission M22)."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from simple_history.utils import bulk_create_with_history

from governance.accounts.models import User
from governance.frame.imports.flow import Outcome, SheetFlow
from governance.frame.imports.payload import NEW, SAME, PreviewRow
from governance.sheets.cells import CLEAN, LOOK, REFUSE
from governance.sheets.reader import read_workbook
from governance.sheets.rows import ReadSheets, RowResult
from governance.sheets.rules import RULE_FIELDS, RuleLine, read_rules, rule_line
from moral_bank.models import BankImport
from moral_bank.rules.models import Deed, RuleSet
from moral_bank.rules.services import RuleError, draft_take

LETTERS = {"law": "L", "service": "S", "sanitation": "W", "participation": "P", "civility": "C"}
_NUMBER = re.compile(r"([A-Z])(\d+)")


class Codes:
    """The codes that are free for a draft: deeds are compared and tried by code, so none goes to another deed that ever
    counted in the township."""

    def __init__(self, draft: RuleSet) -> None:
        adopted = Deed.objects.filter(rule_set__township=draft.township_id, rule_set__state=RuleSet.State.ADOPTED)
        self.taken = set(draft.deeds.values_list("code", flat=True))
        self.names = defaultdict[str, set[str]](set)
        for code, name in adopted.values_list("code", "name"):
            self.names[code].add(" ".join(name.split()))
        self.last = Counter[str]()
        for code in (*self.taken, *self.names):
            if match := _NUMBER.fullmatch(code):
                self.last[match[1]] = max(self.last[match[1]], int(match[2]))

    def take(self, line: RuleLine) -> str:
        """The code that the line brings along if it is free or was this deed's own, else the next number of its head."""
        code, letter = line.code, LETTERS[line.head]
        while not code or code in self.taken or self.names[code] - {line.name}:
            self.last[letter] += 1
            code = f"{letter}{self.last[letter]:03d}"
        self.taken.add(code)
        return code


class RuleFlow(SheetFlow[BankImport, Outcome]):
    """`counts` also hold deeds `new` in the draft and those that are the `same`."""

    model, outcome, error, fields = BankImport, Outcome, RuleError, RULE_FIELDS
    committed_words = "已写入 {new} 条，已有 {same} 条，没有写入 {left_out} 行。"
    discarded_words = "已放弃这次导入。"
    related = "rule_set__township"
    stale_by = "rule_set"
    page = "moral_bank:rule-import-detail"

    def imports(self, by: User) -> QuerySet[BankImport]:
        return super().imports(by).filter(kind=BankImport.Kind.RULES, rule_set__isnull=False)

    def place(self, by: User, about: Mapping[str, Any]) -> dict[str, Any]:
        with transaction.atomic():
            draft = draft_take(about["rule_set"], by)
        return {"kind": BankImport.Kind.RULES, "township": draft.township, "rule_set": draft}

    def parse(self, sheet: BankImport, data: bytes, by: User, on: date, about: Mapping[str, Any]) -> ReadSheets:
        return read_rules(read_workbook(data, sheet.filename, hidden=False), sheet.overrides)

    def compare(
        self, sheet: BankImport, rows: list[PreviewRow], levels: Sequence[str], by: User, on: date
    ) -> RuleSet:
        draft = draft_of(sheet)
        deeds = list(draft.deeds.all())
        standing, names = {content_of(deed): deed.code for deed in deeds}, {deed.name: deed.code for deed in deeds}
        for item in rows:
            if item.row.verdict == REFUSE:
                continue
            line = rule_line(item.row)
            code = standing.get(content_of(line))
            item.outcome = NEW if code is None else SAME
            if code is not None:
                item.row.flag("deed", CLEAN, f"细则里已有（{code}），不重复写入")
            elif line.name in names:
                item.row.flag("deed", LOOK, f"细则里已有同名事项（{names[line.name]}），内容不同：要改请到那一项里改")
        return draft

    def lock(self, sheet: BankImport, by: User) -> None:
        draft_take(draft_of(sheet), by)

    def write(self, plan: RuleSet, rows: list[PreviewRow], by: User) -> dict[str, int]:
        new = _new_deeds(plan, [item.row for item in rows])
        bulk_create_with_history(new, Deed, default_user=by)
        return {"new": len(new), "same": len(rows) - len(new)}


RULE_IMPORT = RuleFlow()


def draft_of(sheet: BankImport) -> RuleSet:
    assert sheet.rule_set is not None, "RuleFlow.imports leaves others out"
    return sheet.rule_set


def content_of(deed: Deed | RuleLine) -> tuple[object, ...]:
    """What a line of rules says, whatever its code: by this an import knows a deed again. Blanks do not matter, as cells are
    read without them."""
    words = (deed.name, deed.unit, deed.category, deed.audience, deed.note, deed.source)
    return (deed.head, deed.score, deed.score_high, *(" ".join(text.split()) for text in words))


def _new_deeds(draft: RuleSet, rows: Iterable[RowResult]) -> list[Deed]:
    """The deeds that the draft does not have yet, in the order of the rows."""
    known = {content_of(deed) for deed in draft.deeds.all()}
    codes, new = Codes(draft), []
    for row in rows:
        line = rule_line(row)
        if content_of(line) not in known:
            known.add(content_of(line))
            new.append(_deed(draft, codes.take(line), line))
    return new


def _deed(draft: RuleSet, code: str, line: RuleLine) -> Deed:
    return Deed(
        rule_set=draft,
        head=line.head,
        code=code,
        name=line.name,
        unit=line.unit,
        score=line.score,
        score_high=line.score_high,
        points=line.points,
        verifier=line.verifier,
        is_veto=line.is_veto,
        by_quantity=line.by_quantity,
        cap_month=line.caps.get("month"),
        cap_quarter=line.caps.get("quarter"),
        cap_year=line.caps.get("year"),
        category=line.category,
        audience=line.audience,
        note=line.note,
        source=line.source,
    )
