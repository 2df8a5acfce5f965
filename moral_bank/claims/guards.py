"""What claims never do, in the databases' words (plan §三.4; docs/decisions/0012-moral-bank.md)."""

from governance.guards import changed, refuse
from moral_bank.ledger.guards import TOWNSHIP_OF_ACCOUNT
from moral_bank.panel.guards import CURRENT_ROUND, UPHELD

START = "申报须经核实和评议，不能直接登记为待入账或已入账"
DECIDED = "申报须有人核实；只有评过的志愿服务订单不用"
STEP = "申报不能这样改变状态"
VOTES = "申报须有三人以上表决、半数以上同意才能通过，分值不超过评议分值"
LATE = "该月已锁定，申报不能再记入这个月"
FROZEN = "评议通过的申报不能再改动"
POSTED = "入账须与申报的户、事项、评分和日期一致"
TOWNSHIP = "申报的乡镇须是账户的乡镇"
DELETED = "申报不能删除"
LEFT = "还有评议通过的申报没有入账，不能锁定"

JUDGED = f"""EXISTS (
    SELECT 1 FROM moral_bank_judgement j
     WHERE j.claim_id = NEW.id AND j.approved AND j.round = {CURRENT_ROUND.format(claim="NEW.id")}
       AND (NEW.score = j.score OR (NEW.score > 0 AND NEW.score < j.score))
       AND (SELECT COUNT(*) FROM moral_bank_vote v WHERE v.judgement_id = j.id AND v.choice <> 'recused') >= 3
       AND 2 * (SELECT COUNT(*) FROM moral_bank_vote v WHERE v.judgement_id = j.id AND v.choice = 'yes')
           > (SELECT COUNT(*) FROM moral_bank_vote v WHERE v.judgement_id = j.id AND v.choice <> 'recused'))"""
LOCKED = """NEW.state = 'approved' AND OLD.state <> 'approved' AND (
    EXISTS (SELECT 1 FROM moral_bank_account a JOIN villages_household h ON h.id = a.household_id
              JOIN moral_bank_closing c ON c.village_id = h.village_id
             WHERE a.id = NEW.account_id AND c.kind = 'month' AND c.state = 'locked' AND c.start = {month})
    OR EXISTS (SELECT 1 FROM moral_bank_rating r JOIN moral_bank_closing c ON c.id = r.closing_id
                WHERE r.account_id = NEW.account_id AND c.kind = 'month' AND c.state = 'locked' AND c.start = {month}))"""
# The first day of the month that a claim counts in.
MONTH = {
    "postgresql": {"month": "date_trunc('month', NEW.counts_on)::date"},
    "sqlite": {"month": "date(NEW.counts_on, 'start of month')"},
}
STEPS = f"""(OLD.state = 'declared' AND NEW.state IN ('verified', 'rejected', 'withdrawn'))
    OR (OLD.state = 'verified' AND NEW.state IN ('approved', 'rejected', 'withdrawn'))
    OR (OLD.state = 'approved' AND NEW.state IN ('posted', 'rejected'))
    OR (OLD.state = 'rejected' AND NEW.state = 'verified' AND {UPHELD.format(claim="NEW.id")}
        AND NOT EXISTS (SELECT 1 FROM moral_bank_judgement j WHERE j.claim_id = NEW.id AND j.round = 2))"""


GUARDS = [
    refuse("claim_of_township", "INSERT", "moral_bank_claim", TOWNSHIP_OF_ACCOUNT, TOWNSHIP),
    refuse("claim_keeps_township", "UPDATE OF township_id, account_id", "moral_bank_claim", TOWNSHIP_OF_ACCOUNT, TOWNSHIP),
    refuse("claim_starts", "INSERT", "moral_bank_claim", "NEW.state IN ('approved', 'posted')", START),
    refuse(
        "claim_brought",
        "INSERT",
        "moral_bank_claim",
        "NEW.state = 'verified' AND NEW.source NOT IN ('service', 'meeting') AND NEW.decided_by_id IS NULL",
        DECIDED,
    ),
    refuse(
        "claim_decided",
        "UPDATE",
        "moral_bank_claim",
        "NEW.source IS DISTINCT FROM OLD.source OR (OLD.state = 'declared' AND NEW.state = 'verified' AND NEW.decided_by_id IS NULL)",
        DECIDED,
    ),
    refuse("claim_steps", "UPDATE OF state", "moral_bank_claim", f"NEW.state <> OLD.state AND NOT ({STEPS})", STEP),
    refuse(
        "claim_judged",
        "UPDATE OF state",
        "moral_bank_claim",
        f"NEW.state = 'approved' AND OLD.state <> 'approved' AND NOT {JUDGED}",
        VOTES,
    ),
    refuse("claim_month_open", "UPDATE OF state", "moral_bank_claim", LOCKED, LATE, MONTH),
    refuse(
        "claim_frozen",
        "UPDATE",
        "moral_bank_claim",
        "OLD.state IN ('approved', 'posted') AND ("
        + changed("account_id", "deed_id", "occurred_on", "counts_on", "quantity", "score")
        + " OR (OLD.state = 'posted' AND (NEW.entry_id <> OLD.entry_id"
        " OR COALESCE(NEW.closing_id, 0) <> COALESCE(OLD.closing_id, 0))))",
        FROZEN,
    ),
    refuse(
        "claim_posted",
        "UPDATE OF state",
        "moral_bank_claim",
        "NEW.state = 'posted' AND NOT EXISTS (SELECT 1 FROM moral_bank_entry e WHERE e.id = NEW.entry_id"
        " AND e.account_id = NEW.account_id AND e.deed_id = NEW.deed_id AND e.score = NEW.score"
        " AND e.occurred_on = NEW.counts_on AND e.reverses_id IS NULL)",
        POSTED,
    ),
    refuse("claim_kept", "DELETE", "moral_bank_claim", "OLD.id IS NOT NULL", DELETED),
    refuse(
        "closing_leaves_no_claim",
        "UPDATE OF state",
        "moral_bank_closing",
        "NEW.state = 'locked' AND OLD.state <> 'locked' AND EXISTS (SELECT 1 FROM moral_bank_claim c"
        " WHERE c.closing_id = NEW.id AND c.state = 'approved')",
        LEFT,
    ),
]
