"""What must never happen to a card in force, in the databases' words (docs/decisions/0011-inspections.md)."""

from django.db import migrations

from governance.engines import refuse

ADOPTED = "已启用的检查表不能改动，请复制为新版本"


def _adopted(row: str) -> str:
    return f"EXISTS (SELECT 1 FROM inspections_checklist c WHERE c.id = {row}.checklist_id AND c.state = 'adopted')"


def _item_adopted(row: str) -> str:
    return (
        "EXISTS (SELECT 1 FROM inspections_checklistsection s JOIN inspections_checklist c ON c.id = s.checklist_id "
        f"WHERE s.id = {row}.section_id AND c.state = 'adopted')"
    )


def _frozen(table: str, name: str, condition: str) -> list[object]:
    """Neither added to, changed, taken from nor moved into from a draft; `condition` has {row} for NEW or OLD."""
    old, new = condition.format(row="OLD"), condition.format(row="NEW")
    return [
        refuse(f"inspections_{name}_{event.lower()}", event, table, refused, ADOPTED)
        for event, refused in (("INSERT", new), ("UPDATE", f"({old} OR {new})"), ("DELETE", old))
    ]


class Migration(migrations.Migration):
    dependencies = [("inspections", "0001_initial")]
    operations = [
        refuse("inspections_card_update", "UPDATE", "inspections_checklist", "OLD.state = 'adopted'", ADOPTED),
        refuse("inspections_card_delete", "DELETE", "inspections_checklist", "OLD.state = 'adopted'", ADOPTED),
        *_frozen("inspections_checklistsection", "card_section", _adopted("{row}")),
        *_frozen("inspections_platedeed", "card_plate", _adopted("{row}")),
        *_frozen("inspections_checklistitem", "card_item", _item_adopted("{row}")),
    ]
