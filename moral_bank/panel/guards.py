"""What panels, judgements and votes never do, in the databases' words (plan §三.4; docs/decisions/0012-moral-bank.md)."""

from governance.guards import changed, insert_only, refuse

KEPT = "评议记录只增不改"
MEMBER = "评议小组成员的村和居民不能改，请退出后另行登记"
PRESENT = "到会的须是本村评议小组成员，评议之后不能再添"
ABSENT = "只有到会成员才能表决"
TWICE = "一人只能表决一次"
KIN = "与申报户同户的成员须回避"
CLOSED = "这条申报不在评议中，不能再表决"
ROUND = "只评议已核实的申报，申诉成立后才能再评议一次"

UPHELD = "EXISTS (SELECT 1 FROM moral_bank_appeal a WHERE a.claim_id = {claim} AND a.state = 'upheld')"
CURRENT_ROUND = f"(CASE WHEN {UPHELD} THEN 2 ELSE 1 END)"  # in brackets, since plpgsql ends a condition at THEN

GUARDS = [
    *insert_only("moral_bank_sitting", KEPT),
    *insert_only("moral_bank_sitting_members", KEPT),
    *insert_only("moral_bank_judgement", KEPT),
    *insert_only("moral_bank_vote", KEPT),
    refuse(
        "panel_member_same", "UPDATE", "moral_bank_panelmember", changed("village_id", "resident_id", "appointed_on"), MEMBER
    ),
    refuse(
        "sitting_of_own_panel",
        "INSERT",
        "moral_bank_sitting_members",
        "NOT EXISTS (SELECT 1 FROM moral_bank_sitting s JOIN moral_bank_panelmember m ON m.village_id = s.village_id"
        " WHERE s.id = NEW.sitting_id AND m.id = NEW.panelmember_id)"
        " OR EXISTS (SELECT 1 FROM moral_bank_judgement j WHERE j.sitting_id = NEW.sitting_id)",
        PRESENT,
    ),
    refuse(
        "vote_of_present",
        "INSERT",
        "moral_bank_vote",
        "NOT EXISTS (SELECT 1 FROM moral_bank_judgement j JOIN moral_bank_sitting_members p ON p.sitting_id = j.sitting_id"
        " WHERE j.id = NEW.judgement_id AND p.panelmember_id = NEW.member_id)",
        ABSENT,
    ),
    refuse(
        "vote_once_per_person",
        "INSERT",
        "moral_bank_vote",
        "EXISTS (SELECT 1 FROM moral_bank_vote v JOIN moral_bank_panelmember m ON m.id = v.member_id"
        " JOIN moral_bank_panelmember n ON n.resident_id = m.resident_id"
        " WHERE v.judgement_id = NEW.judgement_id AND n.id = NEW.member_id)",
        TWICE,
    ),
    refuse(
        "vote_of_kin",
        "INSERT",
        "moral_bank_vote",
        "NEW.choice <> 'recused' AND EXISTS (SELECT 1 FROM moral_bank_judgement j"
        " JOIN moral_bank_claim c ON c.id = j.claim_id JOIN moral_bank_account a ON a.id = c.account_id"
        " JOIN villages_resident r ON r.household_id = a.household_id"
        " JOIN moral_bank_panelmember m ON m.resident_id = r.id"
        " WHERE j.id = NEW.judgement_id AND m.id = NEW.member_id)",
        KIN,
    ),
    refuse(
        "vote_in_time",
        "INSERT",
        "moral_bank_vote",
        "NOT EXISTS (SELECT 1 FROM moral_bank_judgement j JOIN moral_bank_claim c ON c.id = j.claim_id"
        " WHERE j.id = NEW.judgement_id AND c.state = 'verified'"
        f" AND j.round = {CURRENT_ROUND.format(claim='c.id')})",
        CLOSED,
    ),
    refuse(
        "judgement_in_time",
        "INSERT",
        "moral_bank_judgement",
        f"NEW.round <> {CURRENT_ROUND.format(claim='NEW.claim_id')}"
        " OR NOT EXISTS (SELECT 1 FROM moral_bank_claim c WHERE c.id = NEW.claim_id AND c.state = 'verified')",
        ROUND,
    ),
]
