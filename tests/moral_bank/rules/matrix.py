"""The part of the matrix that belongs to rule sets, their comparison, trial runs and the public page of the rules: its URLs,
and one object of each kind in the house's township."""

from __future__ import annotations

from datetime import date
from typing import Any

from governance.accounts.duties import Action
from moral_bank.rules.services import rule_set_copy
from moral_bank.rules.sheet_import import RULE_IMPORT
from tests.matrix import Page

# A township's rules are seen by all its villages and by no other township.
_SEEN, _OWN = (200, 404), (("pk", "rule_set"),)

PAGES: dict[str, Page] = {
    "moral_bank:rule-list": Page(Action.RULE_VIEW),
    "moral_bank:rule-detail": Page(Action.RULE_VIEW, answers=_SEEN, arguments=_OWN),
    "moral_bank:rule-export": Page(Action.EXPORT, answers=_SEEN, arguments=_OWN),
    "moral_bank:rule-compare": Page(Action.RULE_VIEW, answers=_SEEN, arguments=_OWN),
    "moral_bank:rule-compare-export": Page(Action.EXPORT, answers=_SEEN, arguments=(("pk", "rule_draft"),)),
    "moral_bank:rule-copy": Page(Action.RULE_EDIT, "rule_set"),
    "moral_bank:rule-edit": Page(Action.RULE_EDIT, "rule_draft"),
    "moral_bank:rule-adopt": Page(Action.RULE_EDIT, "rule_draft"),
    "moral_bank:deed-create": Page(Action.RULE_EDIT, "rule_draft"),
    "moral_bank:deed-edit": Page(Action.RULE_EDIT, "rule_deed"),
    "moral_bank:deed-remove": Page(Action.RULE_EDIT, "rule_deed", "post", (302,)),
    "moral_bank:rule-import": Page(Action.RULE_EDIT, "rule_draft"),
    "moral_bank:rule-import-detail": Page(Action.RULE_EDIT, "rule_import"),
    "moral_bank:rule-import-rejects": Page(Action.RULE_EDIT, "rule_import"),
    "moral_bank:rule-trial": Page(Action.RULE_EDIT, "rule_draft"),
    "moral_bank:rule-trial-export": Page(Action.RULE_EDIT, "rule_draft", answers=(200, 302)),
    "public:rules": Page("public", arguments=(("code", "rule_code"),)),
}


def build(house: Any) -> None:
    """A draft with a deed and an import that has a row to hand back."""
    staff = house.cast["staff"]
    house.rule_code = house.village.code
    house.rule_draft = rule_set_copy(rule_set=house.rule_set, valid_from=date(2030, 1, 1), by=staff)
    house.rule_deed = house.rule_draft.deeds.get(code="S1")
    sheet = "事项,分值\n独一无二的好事,加5分\n独一无二的坏事,降B级\n".encode()
    house.rule_import = RULE_IMPORT.read(file=sheet, filename="独一无二.csv", rule_set=house.rule_draft, by=staff)
