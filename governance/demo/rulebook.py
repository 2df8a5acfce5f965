"""道德银行积分细则 of a township: the shipped rules, adopted for 2026; and a draft of the version after it."""

from __future__ import annotations

from datetime import UTC, date, datetime

from governance.accounts.models import User
from moral_bank.rules.models import Deed, Head, RuleSet
from moral_bank.rules.services import deed_remove, deed_save, draft_edit, rule_set_copy
from moral_bank.rules.setting_up import rules_set_up
from villages.models import Unit

FIRST_DAY = date(2026, 1, 1)


def load_rules(township: Unit, by: User | None, valid_from: date = FIRST_DAY) -> dict[str, Deed]:
    """Version 1, adopted; returns its deeds by code. `valid_from` is the first day of a month."""
    rules_set_up(township=township, by=by, valid_from=valid_from)
    rule_set = RuleSet.objects.get(township=township)
    rule_set.state, rule_set.adopted_by = RuleSet.State.ADOPTED, by
    rule_set.adopted_at = datetime(2025, 12, 25, 2, tzinfo=UTC)
    rule_set.meeting_on, rule_set.meeting_body = date(2025, 12, 24), "镇人大主席团会议"
    rule_set.meeting_note = "审议通过《道德银行积分细则》第1版，自2026年1月1日起施行。"
    rule_set.save()
    return {deed.code: deed for deed in Deed.objects.filter(rule_set=rule_set).select_related("rule_set").order_by("pk")}


def load_draft(township: Unit, by: User) -> None:
    """Version 2 as a draft, with caps and other lines, to be compared and tried on the months that are locked."""
    rule_set = RuleSet.objects.get(township=township, version=1)
    draft = rule_set_copy(rule_set=rule_set, valid_from=date(2027, 1, 1), by=by)
    values = {"three_star": 68, "cap_month": 30, "year_floor": 70}
    draft_edit(rule_set=draft, values=values, heads={Head.SERVICE: (6, 20), Head.CIVILITY: (11, 20)}, by=by)
    for code, caps in (("S01", {"cap_month": 20}), ("W01", {"cap_quarter": 15}), ("C01", {"cap_year": 40})):
        deed_save(rule_set=draft, deed=draft.deeds.get(code=code), values=caps, by=by)
    deed_remove(deed=draft.deeds.get(code="P07"), by=by)
