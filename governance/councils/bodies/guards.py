"""What bodies and their seats never do, in the databases' words."""

from governance.guards import changed, refuse

PLACE = "组织的所在单位和类别不能改，请撤销后另行设立"
NEIGHBOUR = "成员须是本村（社区）的居民"
SAME = "成员的组织、居民和任职日期不能改，请办理离任后另行登记"

GUARDS = [
    refuse("body_same", "UPDATE", "councils_body", changed("unit_id", "village_id", "kind", "founded_on"), PLACE),
    refuse(
        "seat_of_village",
        "INSERT",
        "councils_seat",
        "NOT EXISTS (SELECT 1 FROM councils_body b JOIN villages_household h ON h.village_id = b.village_id"
        " JOIN villages_resident r ON r.household_id = h.id WHERE b.id = NEW.body_id AND r.id = NEW.resident_id)",
        NEIGHBOUR,
    ),
    refuse("seat_same", "UPDATE", "councils_seat", changed("body_id", "resident_id", "since"), SAME),
]
