"""What must never happen to a card in force, in the databases' words (docs/decisions/0011-inspections.md)."""

from governance.guards import refuse, shut

ADOPTED = "已启用的检查表不能改动，请复制为新版本"


def _adopted(row: str) -> str:
    return f"EXISTS (SELECT 1 FROM inspections_checklist c WHERE c.id = {row}.checklist_id AND c.state = 'adopted')"


def _item_adopted(row: str) -> str:
    return (
        "EXISTS (SELECT 1 FROM inspections_checklistsection s JOIN inspections_checklist c ON c.id = s.checklist_id "
        f"WHERE s.id = {row}.section_id AND c.state = 'adopted')"
    )


GUARDS = [
    refuse("inspections_card_update", "UPDATE", "inspections_checklist", "OLD.state = 'adopted'", ADOPTED),
    refuse("inspections_card_delete", "DELETE", "inspections_checklist", "OLD.state = 'adopted'", ADOPTED),
    *shut("inspections_card_section", "inspections_checklistsection", _adopted, ADOPTED),
    *shut("inspections_card_plate", "inspections_platedeed", _adopted, ADOPTED),
    *shut("inspections_card_item", "inspections_checklistitem", _item_adopted, ADOPTED),
]
