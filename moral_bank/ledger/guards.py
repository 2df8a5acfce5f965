"""The ledger's own rules, in the databases' words (docs/decisions/0002-ledger.md)."""

from governance.guards import Guard, aborting, insert_only, raising, refuse
from villages.guards import TOWNSHIP_OF_HOUSEHOLD

LOCKED = "该期间已锁定，不能再记账或改动"
BALANCE = "余额只能由记账改变"
ACCOUNT_TOWNSHIP = "账户的乡镇须是户所在的乡镇"
ENTRY_TOWNSHIP = "记录的乡镇须是账户的乡镇"
REVERSAL = "冲正须与原记录同户、同类、数额相反"

# A poster holds the month's lock shared, whoever locks a closing of that month holds it alone: no entry slips in between.
MONTH_KEY = "(extract(year FROM {column})::int * 12 + extract(month FROM {column})::int)"
LOCK_MONTHS = f"""PERFORM pg_advisory_xact_lock_shared(7201, months.key)
       FROM (SELECT DISTINCT {MONTH_KEY.format(column="month")} AS key FROM fresh ORDER BY 1) months;"""
# A statement's new entries, together.
ENTRIES = "AFTER INSERT ON moral_bank_entry REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT"

_POST = f"""
DECLARE
    several boolean;
    locked boolean;
    unfit boolean;
BEGIN
    {LOCK_MONTHS}
    SELECT count(*) > 1,
           bool_or(EXISTS (SELECT 1 FROM moral_bank_closing c
                            WHERE c.village_id = f.village_id AND c.kind = 'month' AND c.start = f.month
                              AND c.state = 'locked')
                OR EXISTS (SELECT 1 FROM moral_bank_closing c JOIN moral_bank_rating r ON r.closing_id = c.id
                            WHERE r.account_id = f.account_id AND c.kind = 'month' AND c.start = f.month
                              AND c.state = 'locked')),
           bool_or(f.reverses_id IS NOT NULL
               AND NOT EXISTS (SELECT 1 FROM moral_bank_entry o
                                WHERE o.id = f.reverses_id AND o.account_id = f.account_id AND o.points = -f.points
                                  AND o.score = -f.score AND o.head = f.head AND o.reverses_id IS NULL))
      INTO several, locked, unfit
      FROM fresh f;
    IF locked THEN
        {raising(LOCKED, "entry_month_open")}
    END IF;
    IF unfit THEN
        {raising(REVERSAL, "entry_reversal_fits")}
    END IF;
    IF several THEN
        PERFORM 1 FROM moral_bank_account WHERE id IN (SELECT account_id FROM fresh) ORDER BY id FOR UPDATE;
    END IF;
    UPDATE moral_bank_account a SET balance = a.balance + d.points
      FROM (SELECT account_id, sum(points) AS points FROM fresh GROUP BY account_id) d
     WHERE a.id = d.account_id AND d.points <> 0;
    RETURN NULL;
END """
_BALANCE = f"""
BEGIN
    IF pg_trigger_depth() < 2 THEN
        {raising(BALANCE)}
    END IF;
    RETURN NEW;
END """
_MONTH_LOCKED = (
    "EXISTS (SELECT 1 FROM moral_bank_closing c WHERE c.village_id = NEW.village_id AND c.kind = 'month'"
    " AND c.start = NEW.month AND c.state = 'locked')"
    " OR EXISTS (SELECT 1 FROM moral_bank_rating r JOIN moral_bank_closing c ON c.id = r.closing_id"
    " WHERE r.account_id = NEW.account_id AND c.kind = 'month' AND c.start = NEW.month AND c.state = 'locked')"
)
_UNFIT = (
    "NEW.reverses_id IS NOT NULL AND EXISTS (SELECT 1 FROM moral_bank_entry o WHERE o.id = NEW.reverses_id"
    " AND (o.account_id <> NEW.account_id OR o.points <> -NEW.points OR o.score <> -NEW.score"
    " OR o.head <> NEW.head OR o.reverses_id IS NOT NULL))"
)
_UNLIKE_ENTRIES = "NEW.balance <> (SELECT COALESCE(SUM(points), 0) FROM moral_bank_entry WHERE account_id = NEW.id)"

TOWNSHIP_OF_ACCOUNT = (
    "NEW.township_id IS DISTINCT FROM (SELECT a.township_id FROM moral_bank_account a WHERE a.id = NEW.account_id)"
)
# Many entries come in one statement: PostgreSQL compares them all at once.
_ELSEWHERE = f"""
BEGIN
    IF EXISTS (SELECT 1 FROM fresh f JOIN moral_bank_account a ON a.id = f.account_id WHERE a.township_id <> f.township_id) THEN
        {raising(ENTRY_TOWNSHIP, "entry_of_township")}
    END IF;
    RETURN NULL;
END """

GUARDS = [
    refuse("account_of_township", "INSERT", "moral_bank_account", TOWNSHIP_OF_HOUSEHOLD, ACCOUNT_TOWNSHIP),
    refuse(
        "account_keeps_township", "UPDATE OF household_id, township_id", "moral_bank_account", TOWNSHIP_OF_HOUSEHOLD, ACCOUNT_TOWNSHIP
    ),
    Guard(
        "entry_of_township",
        ENTRIES,
        aborting("INSERT", "moral_bank_entry", TOWNSHIP_OF_ACCOUNT, ENTRY_TOWNSHIP),
        _ELSEWHERE,
    ),
    *insert_only("moral_bank_entry", "台账记录只增不改，请用冲正"),
    Guard("moral_bank_entry_month_open", sqlite=aborting("INSERT", "moral_bank_entry", _MONTH_LOCKED, LOCKED)),
    Guard("moral_bank_entry_reversal_fits", sqlite=aborting("INSERT", "moral_bank_entry", _UNFIT, REVERSAL)),
    Guard(
        "moral_bank_account_balance",
        "BEFORE UPDATE OF balance ON moral_bank_account FOR EACH ROW WHEN (NEW.balance <> OLD.balance)",
        aborting("UPDATE OF balance", "moral_bank_account", _UNLIKE_ENTRIES, BALANCE),
        _BALANCE,
    ),
    Guard(
        "moral_bank_account_opening",
        "BEFORE INSERT ON moral_bank_account FOR EACH ROW WHEN (NEW.balance <> 0)",
        aborting("INSERT", "moral_bank_account", "NEW.balance <> 0", BALANCE),
        _BALANCE,
        function="moral_bank_account_balance",
    ),
    Guard(
        "moral_bank_entry_post",
        ENTRIES,
        "AFTER INSERT ON moral_bank_entry WHEN NEW.points <> 0 BEGIN "
        "UPDATE moral_bank_account SET balance = balance + NEW.points WHERE id = NEW.account_id; END",
        _POST,
    ),
]
