"""The sheet of one township: who may bring it in, and that one is written after the other (missions M01, M13, M22, M27, M28, M39)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar, TypeVar, cast

from governance.accounts.models import User
from governance.frame.imports.flow import Outcome, SheetFlow
from governance.frame.imports.models import SheetImport
from villages.models import Unit

_M = TypeVar("_M", bound=SheetImport)
_O = TypeVar("_O", bound=Outcome)


class TownshipFlow(SheetFlow[_M, _O]):
    """`ledger`: what the sheet is called. It belongs to the `township` that it is uploaded for, by whoever may do there what the
    model's `view_action` says."""

    ledger: ClassVar[str]

    def place(self, by: User, about: Mapping[str, Any]) -> dict[str, Any]:
        township, model = about["township"], cast("Any", self.model)
        if township.level != Unit.Level.TOWNSHIP or not by.may(model.view_action, township.path):
            raise self.error(f"您不能为这个乡镇导入{self.ledger}。", "scope")
        return {"township": township}

    def lock(self, sheet: _M, by: User) -> None:
        Unit.objects.select_for_update().get(pk=cast("Any", sheet).township_id)

    def villages(self, sheet: _M, on: date) -> list[tuple[str, str]]:
        """Code and name of each village that the township has on a day."""
        township = cast("Any", sheet).township
        return list(Unit.objects.villages().on(on).filter(parent=township).values_list("code", "name"))
