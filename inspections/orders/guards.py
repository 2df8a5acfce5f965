"""What must never happen to an order, in the databases' words: its history changed, its re-check by somebody of the village
or by who reported it, a closed one opened again, a record of 问责 rewritten (plan §四(三); docs/decisions/0011-inspections.md)."""

from governance.guards import changed, insert_only, refuse
from inspections.rounds.guards import CONFLICT

CLOSED = "已销号的整改不能再改动"
ISSUED = "整改通知签发后，编号、单位、问题和要求不能改动"
KIN = "复核人本人或亲属在这个村任职，或已登记回避，不能复核这个村的整改"
REPORTER = "报告整改的人不能复核"
ON_ORDER = "已写进整改通知的问题不能改动"
FOUND = "登记的问题只能写进整改通知，不能改写"
OTHER_VILLAGE = "整改通知只能写本村的问题"
LOCKED = "这次督查已锁定，不能再登记这次督查的问题"
DECIDED = "已答复的延期不能改动"
EXTENDER = "批准人本人或亲属在这个村任职，或已登记回避，不能批准这个村的延期"
ISSUER = "签发人不能代村里签收、报告整改或申请延期"
STEPS = "整改的办理记录不能改动"
BLAMES = "约谈与问责记录不能改动，请另记一条"


def _differs(columns: tuple[str, ...], nullable: tuple[str, ...] = ()) -> str:
    plain = [f"NEW.{name} <> OLD.{name}" for name in columns]
    return " OR ".join(plain + [f"COALESCE(NEW.{name}, 0) <> COALESCE(OLD.{name}, 0)" for name in nullable])


_REWRITTEN = "NEW.misses < OLD.misses OR " + _differs(
    ("township_id", "village_id", "kind", "number", "found_on", "requirement", "issued_by_id", "issued_at", "sign_due_on"),
    ("card_id",),
)
_CHECKED_BY_KIN = "NEW.checked_by_id IS NOT NULL AND " + CONFLICT.format(user="NEW.checked_by_id", village="NEW.village_id")
_CHECKED_BY_REPORTER = (
    "EXISTS (SELECT 1 FROM inspections_orderstep s "
    "WHERE s.order_id = NEW.id AND s.step = 'report' AND s.by_id = NEW.checked_by_id)"
)
# What is handed over by one person is taken by another: the issuer neither signs nor reports.
_FIXED_BY_ISSUER = "NEW.signed_by_id = NEW.issued_by_id OR NEW.reported_by_id = NEW.issued_by_id"
_FIXED_BY_ISSUER_LATER = (
    f"(NEW.signed_by_id = NEW.issued_by_id AND ({changed('signed_by_id')})) "
    f"OR (NEW.reported_by_id = NEW.issued_by_id AND ({changed('reported_by_id')}))"
)
_ASKED_BY_ISSUER = (
    "EXISTS (SELECT 1 FROM inspections_order x WHERE x.id = NEW.order_id AND x.issued_by_id = NEW.asked_by_id)"
)
_EXTENDED_BY_KIN = (
    "NEW.decided_by_id IS NOT NULL AND EXISTS (SELECT 1 FROM inspections_order x WHERE x.id = NEW.order_id AND "
    + CONFLICT.format(user="NEW.decided_by_id", village="x.village_id")
    + ")"
)
_OF_OTHER_VILLAGE = (
    "EXISTS (SELECT 1 FROM inspections_order x WHERE x.id = NEW.order_id AND x.village_id <> NEW.village_id)"
)
_ON_LOCKED_CARD = (
    "EXISTS (SELECT 1 FROM inspections_scorecard c JOIN inspections_round r ON r.id = c.round_id "
    "WHERE c.id = NEW.card_id AND r.state = 'locked')"
)
_FINDING_REWRITTEN = _differs(("village_id", "text", "found_by_id", "found_at"), ("card_id", "item_id"))

_ORDER, _FINDING, _EXTENSION = "inspections_order", "inspections_finding", "inspections_orderextension"


GUARDS = [
    *insert_only("inspections_orderstep", STEPS),
    *insert_only("inspections_blame", BLAMES),
    refuse("inspections_order_closed", "UPDATE", _ORDER, "OLD.state = 'closed'", CLOSED),
    refuse("inspections_order_issued", "UPDATE", _ORDER, _REWRITTEN, ISSUED),
    refuse("inspections_order_kept", "DELETE", _ORDER, "1 = 1", ISSUED),
    refuse("inspections_order_check_not_kin", "INSERT", _ORDER, _CHECKED_BY_KIN, KIN),
    refuse("inspections_order_check_not_kin_later", "UPDATE OF checked_by_id", _ORDER, _CHECKED_BY_KIN, KIN),
    refuse("inspections_check_other", "UPDATE OF checked_by_id", _ORDER, _CHECKED_BY_REPORTER, REPORTER),
    refuse("inspections_order_fixed_by_other", "INSERT", _ORDER, _FIXED_BY_ISSUER, ISSUER),
    refuse("inspections_order_fixed_by_other_later", "UPDATE", _ORDER, _FIXED_BY_ISSUER_LATER, ISSUER),
    refuse("inspections_extension_asked_by_other", "INSERT", _EXTENSION, _ASKED_BY_ISSUER, ISSUER),
    refuse("inspections_extension_not_kin", "UPDATE OF decided_by_id", _EXTENSION, _EXTENDED_BY_KIN, EXTENDER),
    refuse("inspections_extension_decided", "UPDATE", _EXTENSION, "OLD.state <> 'asked'", DECIDED),
    refuse("inspections_extension_kept", "DELETE", _EXTENSION, "1 = 1", DECIDED),
    refuse("inspections_finding_late", "INSERT", _FINDING, _ON_LOCKED_CARD, LOCKED),
    refuse("inspections_finding_village", "INSERT", _FINDING, _OF_OTHER_VILLAGE, OTHER_VILLAGE),
    refuse("inspections_finding_village_later", "UPDATE", _FINDING, _OF_OTHER_VILLAGE, OTHER_VILLAGE),
    refuse("inspections_finding_on_order", "UPDATE", _FINDING, "OLD.order_id IS NOT NULL", ON_ORDER),
    refuse("inspections_finding_rewritten", "UPDATE", _FINDING, _FINDING_REWRITTEN, FOUND),
    refuse("inspections_finding_kept", "DELETE", _FINDING, "OLD.order_id IS NOT NULL", ON_ORDER),
]
