"""What appeals never do, in the databases' words (mission M23; docs/decisions/0012-moral-bank.md)."""

from governance.guards import changed, refuse
from moral_bank.ledger.guards import TOWNSHIP_OF_ACCOUNT

START = "申诉须针对本户退回的申报，或扣分、一票否决且没有冲正的记录"
FINAL = "申诉答复后不能再改，申诉的内容不能改"
OWN = "申诉须由没有经办过的人答复"
DELETED = "申诉不能删除"

ABOUT_CLAIM = """EXISTS (SELECT 1 FROM moral_bank_claim c
                          WHERE c.id = NEW.claim_id AND c.account_id = NEW.account_id AND c.state = 'rejected')"""
ABOUT_ENTRY = """EXISTS (SELECT 1 FROM moral_bank_entry e
                          WHERE e.id = NEW.entry_id AND e.account_id = NEW.account_id AND e.reverses_id IS NULL
                            AND e.head <> '' AND (e.score < 0 OR e.veto)
                            AND NOT EXISTS (SELECT 1 FROM moral_bank_entry r WHERE r.reverses_id = e.id))"""
HAND = """NEW.answered_by_id IS NOT NULL AND (
    EXISTS (SELECT 1 FROM moral_bank_claim c
             WHERE (c.id = NEW.claim_id OR c.entry_id = NEW.entry_id)
               AND (NEW.answered_by_id = c.declared_by_id OR NEW.answered_by_id = c.decided_by_id
                    OR EXISTS (SELECT 1 FROM moral_bank_judgement j JOIN moral_bank_sitting s ON s.id = j.sitting_id
                                WHERE j.claim_id = c.id AND s.recorded_by_id = NEW.answered_by_id)
                    OR EXISTS (SELECT 1 FROM moral_bank_historicalclaim h
                                WHERE h.id = c.id AND h.state = 'rejected' AND h.history_user_id = NEW.answered_by_id)))
    OR EXISTS (SELECT 1 FROM moral_bank_entry e WHERE e.id = NEW.entry_id AND e.posted_by_id = NEW.answered_by_id
                  AND NOT EXISTS (SELECT 1 FROM moral_bank_claim c WHERE c.entry_id = e.id)))"""
CHANGED = changed("account_id", "township_id", "claim_id", "entry_id", "name", "text", "received_by_id", "received_at")


GUARDS = [
    refuse(
        "appeal_starts",
        "INSERT",
        "moral_bank_appeal",
        f"NEW.state <> 'open' OR NOT ({ABOUT_CLAIM} OR {ABOUT_ENTRY})",
        START,
    ),
    refuse("appeal_final", "UPDATE", "moral_bank_appeal", f"OLD.state <> 'open' OR {CHANGED}", FINAL),
    refuse("appeal_by_others", "UPDATE OF answered_by_id", "moral_bank_appeal", HAND, OWN),
    refuse("appeal_of_township", "INSERT", "moral_bank_appeal", TOWNSHIP_OF_ACCOUNT, "申诉的乡镇须是账户的乡镇"),
    refuse("appeal_kept", "DELETE", "moral_bank_appeal", "OLD.id IS NOT NULL", DELETED),
]
