"""No grant beyond the cover, and what passbooks, proxies and dated expiry never do, in the databases' words."""

from governance.guards import Guard, aborting, changed, raising, refuse
from moral_bank.ledger.guards import ENTRIES, TOWNSHIP_OF_ACCOUNT

COVER = "超市的资金和库存已不够兑换待兑付的积分，暂停发放"
PASSBOOK = "存折只能作废一次，不能改动或删除"
PROXY = "代领人只能登记和取消，不能改动或删除"
EXPIRY = "已公示的积分到期安排不能改动，办结或取消后不再变"
ANNOUNCED = "积分到期须至少提前 30 天公示"
EARLY = "到期日过后才能办理积分到期"
SETTLED = "到期日不能早于得分截至日次月的最后一天"

# After `moral_bank_entry_post` by name, so that balances are moved already. The shops are locked before the sums are read
# anew: two grants of one village wait for each other. NO KEY UPDATE, so that nobody who points at a shop by foreign key waits.
_COVER = f"""
DECLARE
    shops bigint[];
    beyond boolean;
BEGIN
    PERFORM 1 FROM moral_bank_shop LIMIT 1;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    SELECT array_agg(DISTINCT s.id) INTO shops
      FROM fresh f
      JOIN moral_bank_account a ON a.id = f.account_id
      JOIN villages_household h ON h.id = a.household_id
      JOIN moral_bank_shop s ON s.village_id = h.village_id
     WHERE f.points > 0 AND f.head <> '';
    IF shops IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM 1 FROM moral_bank_shop WHERE id = ANY(shops) ORDER BY id FOR NO KEY UPDATE;
    SELECT bool_or(s.cents_per_point
                   * (SELECT coalesce(sum(a.balance), 0) FROM villages_household h
                        JOIN moral_bank_account a ON a.household_id = h.id WHERE h.village_id = s.village_id)
                   > (SELECT coalesce(sum(m.cents), 0) FROM moral_bank_fundmove m WHERE m.shop_id = s.id)
                   + (SELECT coalesce(sum(l.stock::bigint * l.unit_cents), 0) FROM moral_bank_item i
                        JOIN moral_bank_lot l ON l.item_id = i.id WHERE i.shop_id = s.id))
      INTO beyond
      FROM moral_bank_shop s WHERE s.id = ANY(shops);
    IF beyond THEN
        {raising(COVER, "entry_within_cover")}
    END IF;
    RETURN NULL;
END """

# Row by row and before the row: the balance does not hold NEW.points yet.
_BEYOND_COVER = """NEW.points > 0 AND NEW.head <> '' AND EXISTS (
    SELECT 1 FROM moral_bank_account own
      JOIN villages_household home ON home.id = own.household_id
      JOIN moral_bank_shop s ON s.village_id = home.village_id
     WHERE own.id = NEW.account_id
       AND s.cents_per_point
           * (NEW.points + (SELECT coalesce(sum(a.balance), 0) FROM villages_household h
                JOIN moral_bank_account a ON a.household_id = h.id WHERE h.village_id = s.village_id))
           > (SELECT coalesce(sum(m.cents), 0) FROM moral_bank_fundmove m WHERE m.shop_id = s.id)
           + (SELECT coalesce(sum(l.stock * l.unit_cents), 0) FROM moral_bank_item i
                JOIN moral_bank_lot l ON l.item_id = i.id WHERE i.shop_id = s.id))
"""

# Days of the township, from instants in UTC.
DAYS = {
    "postgresql": {
        "announced": "(NEW.decided_at AT TIME ZONE 'Asia/Shanghai')::date + 30",
        "done": "(NEW.done_at AT TIME ZONE 'Asia/Shanghai')::date",
        "settled": "(date_trunc('month', NEW.earned_until) + interval '2 months' - interval '1 day')::date",
    },
    "sqlite": {
        "announced": "coalesce(date(NEW.decided_at, '+8 hours', '+30 days'), '9999-12-31')",
        "done": "coalesce(date(NEW.done_at, '+8 hours'), '')",
        "settled": "date(NEW.earned_until, 'start of month', '+2 months', '-1 day')",
    },
}


GUARDS = [
    Guard(
        "moral_bank_entry_within_cover",
        ENTRIES,
        aborting("INSERT", "moral_bank_entry", _BEYOND_COVER, COVER),
        _COVER,
    ),
    refuse(
        "passbook_frozen",
        "UPDATE",
        "moral_bank_passbook",
        f"OLD.revoked_at IS NOT NULL OR {changed('account_id', 'township_id', 'nonce', 'token_hash', 'issued_by_id', 'issued_at')}",
        PASSBOOK,
    ),
    refuse("passbook_of_township", "INSERT", "moral_bank_passbook", TOWNSHIP_OF_ACCOUNT, "存折的乡镇须是账户的乡镇"),
    refuse("passbook_kept", "DELETE", "moral_bank_passbook", "OLD.id IS NOT NULL", PASSBOOK),
    refuse(
        "proxy_frozen",
        "UPDATE",
        "moral_bank_proxy",
        f"OLD.ended_on IS NOT NULL OR {changed('account_id', 'name', 'relation', 'consent', 'added_by_id', 'added_on')}",
        PROXY,
    ),
    refuse("proxy_kept", "DELETE", "moral_bank_proxy", "OLD.id IS NOT NULL", PROXY),
    refuse(
        "expiry_frozen",
        "UPDATE",
        "moral_bank_expiry",
        "OLD.done_at IS NOT NULL OR OLD.cancelled_at IS NOT NULL OR "
        + changed(
            "township_id", "village_id", "earned_until", "expires_on", "basis", "notice_id", "decided_by_id", "decided_at"
        ),
        EXPIRY,
    ),
    refuse("expiry_kept", "DELETE", "moral_bank_expiry", "OLD.id IS NOT NULL", EXPIRY),
    refuse("expiry_announced", "INSERT", "moral_bank_expiry", "NEW.expires_on < {announced}", ANNOUNCED, DAYS),
    refuse("expiry_settled", "INSERT", "moral_bank_expiry", "NEW.expires_on < {settled}", SETTLED, DAYS),
    refuse(
        "expiry_not_early",
        "UPDATE",
        "moral_bank_expiry",
        "NEW.done_at IS NOT NULL AND {done} <= NEW.expires_on",
        EARLY,
        DAYS,
    ),
]
