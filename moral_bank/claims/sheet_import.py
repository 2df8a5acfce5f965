"""A past 积分台账 on its way in: read, looked at row by row, committed as claims (missions M23, M39; domain.md §12).

What is refused on the pages is refused here too; what comes in is declared, and goes to its officer and the panel like the rest.
An import belongs to who uploaded it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.imports.flow import Outcome, SheetFlow
from governance.frame.imports.payload import SAME, PreviewRow
from governance.sheets.cells import REFUSE
from governance.sheets.claims import CLAIM_FIELDS, read_claims
from governance.sheets.rows import ReadSheets
from moral_bank.claims.services import ClaimError, Declaration, claims_declare
from moral_bank.claims.sheet_rows import Register
from moral_bank.models import BankImport, Claim, Entry
from villages.models import Household, Unit


def villages_declared(user: User) -> QuerySet[Unit]:
    """The villages in which `user` may declare for some household."""
    homes = Household.objects.visible_to(user, Action.CLAIM_DECLARE).filter(ended_on=None).order_by()
    return Unit.objects.villages().filter(pk__in=homes.values("village")).select_related("parent")


def imports_of(user: User) -> QuerySet[BankImport]:
    """The user's own imports of past ledgers, latest first."""
    return BankImport.objects.filter(kind=BankImport.Kind.CLAIMS, uploaded_by=user).order_by("-pk")


class ClaimFlow(SheetFlow[BankImport, Outcome]):
    """A ledger of one village or of all in which its uploader declares. `counts` also hold claims `new` and `same`."""

    model, outcome, error, fields = BankImport, Outcome, ClaimError, CLAIM_FIELDS
    own = (Claim, Entry)
    page = "moral_bank:claim-import-detail"
    committed_words = "新申报 {new} 条，已有 {same} 条，未导入 {left_out} 行。"
    related = "township__parent"

    def imports(self, by: User) -> QuerySet[BankImport]:
        return imports_of(by)

    def place(self, by: User, about: Mapping[str, Any]) -> dict[str, Any]:
        villages = _villages(by, about)
        towns = {one.parent_id for one in villages}
        if len(towns) != 1:
            raise ClaimError("请选是哪个村（社区）的台账。" if towns else "您不能为这个村（社区）申报。", "scope")
        return {"kind": BankImport.Kind.CLAIMS, "township": villages[0].parent}

    def parse(self, sheet: BankImport, data: bytes, by: User, on: date, about: Mapping[str, Any]) -> ReadSheets:
        villages = [(one.code, one.name) for one in _villages(by, about)]
        return read_claims(data, sheet.filename, villages, on, sheet.overrides, towns=sheet.township.own_names)

    def compare(
        self, sheet: BankImport, rows: list[PreviewRow], levels: Sequence[str], by: User, on: date
    ) -> dict[int, list[Declaration]]:
        """The declarations that are to be made, by the ids of the rows that are not refused."""
        villages = list(villages_declared(by).filter(parent=sheet.township))
        register = Register([item.row for item in rows], villages, by, on)
        judged = ((item, register.judge(item)) for item in rows)
        return {id(item): declared for item, declared in judged if declared is not None}

    def takes(self, item: PreviewRow, levels: Sequence[str]) -> bool:
        """Also what is there already, whatever else is to be looked at in it."""
        return super().takes(item, levels) or (item.outcome == SAME and item.row.verdict != REFUSE)

    def write(self, plan: dict[int, list[Declaration]], rows: list[PreviewRow], by: User) -> dict[str, int]:
        fresh = [(item, declaration) for item in rows for declaration in plan[id(item)]]
        made = claims_declare(declarations=[declaration for _, declaration in fresh], by=by)
        for (item, _), found in zip(fresh, made, strict=True):
            if isinstance(found, ClaimError):
                item.row.flag("deed", REFUSE, found.message)
        same = sum(item.outcome == SAME for item in rows)
        return {"new": sum(isinstance(found, Claim) for found in made), "same": same}


CLAIM_IMPORT = ClaimFlow()


def _villages(by: User, about: Mapping[str, Any]) -> list[Unit]:
    """The village that was chosen, or all in which `by` declares."""
    village = about.get("village")
    return [one for one in villages_declared(by) if village is None or one.pk == village.pk]
