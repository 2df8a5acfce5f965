"""What shops, stock and redemptions never do, in the databases' words.

A move is the only thing that changes stock, as an entry is the only thing that changes a balance. A redemption ends in three
steps of one transaction, each of which the next one looks for: goods back, entry reversed, state changed.
"""

from governance.guards import Guard, aborting, changed, insert_only, raising, refuse
from moral_bank.ledger.guards import TOWNSHIP_OF_ACCOUNT

STOCK = "库存只能由出入库改变"
FUND = "资金不足，不能支出"
REDEEMED = "兑换的支取须先退回货物才能冲正"
INSERT_ONLY = {
    "moral_bank_move": "出入库只增不改",
    "moral_bank_fundmove": "资金台账只增不改，请登记更正",
    "moral_bank_stocktake": "盘点只增不改",
    "moral_bank_stockcount": "盘点只增不改",
}

MOVED = "(SELECT COALESCE(SUM(m.quantity), 0) FROM moral_bank_move m WHERE m.redemption_id = {redemption})"
MOVED_OF_LOT = (
    "(SELECT COALESCE(SUM(m.quantity), 0) FROM moral_bank_move m"
    " WHERE m.redemption_id = NEW.redemption_id AND m.lot_id = NEW.lot_id)"
)
REVERSED = "EXISTS (SELECT 1 FROM moral_bank_entry e WHERE e.reverses_id = {entry})"
FROZEN = (
    "shop_id", "account_id", "township_id", "item_id", "quantity", "points", "code", "row_key", '"on"', "paper", "held_by_id",
    "held_at", "expires_at", "entry_id",
)  # fmt: skip
OF_LOT = ("item_id", "unit_cents", "donated", "received_on")
HANDED = ("handed_by_id", "handed_at", "collector")

REFUSALS = (
    # name, event, table, condition, message
    (
        "moral_bank_move_of_lot", "INSERT", "moral_bank_move",
        "NOT EXISTS (SELECT 1 FROM moral_bank_lot l WHERE l.id = NEW.lot_id AND l.item_id = NEW.item_id)",
        "出入库的物品须与批次一致",
    ),
    (
        "moral_bank_move_of_township", "INSERT", "moral_bank_move",
        "NEW.township_id IS DISTINCT FROM (SELECT v.parent_id FROM moral_bank_item i JOIN moral_bank_shop s ON s.id = i.shop_id"
        " JOIN villages_unit v ON v.id = s.village_id WHERE i.id = NEW.item_id)",
        "出入库的乡镇须是超市的乡镇",
    ),
    ("moral_bank_redemption_of_township", "INSERT", "moral_bank_redemption", TOWNSHIP_OF_ACCOUNT, "兑换的乡镇须是账户的乡镇"),
    (
        "moral_bank_move_of_redemption", "INSERT", "moral_bank_move",
        "NEW.redemption_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM moral_bank_redemption r"
        " WHERE r.id = NEW.redemption_id AND r.item_id = NEW.item_id AND ("
        f"(NEW.kind = 'held' AND r.state = 'held' AND r.quantity + NEW.quantity + {MOVED.format(redemption='r.id')} >= 0)"
        f" OR (NEW.kind = 'returned' AND r.state IN ('held', 'done') AND NEW.quantity + {MOVED_OF_LOT} <= 0)))",
        "出入库须与兑换的物品、数量和状态一致",
    ),
    (
        "moral_bank_move_of_count", "INSERT", "moral_bank_move",
        "NEW.stock_take_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM moral_bank_stockcount c"
        " WHERE c.stock_take_id = NEW.stock_take_id AND c.lot_id = NEW.lot_id AND c.counted - c.expected = NEW.quantity)",
        "盘点差异须与盘点一致",
    ),
    (
        "moral_bank_stockcount_of_lot", "INSERT", "moral_bank_stockcount",
        "NOT EXISTS (SELECT 1 FROM moral_bank_lot l JOIN moral_bank_item i ON i.id = l.item_id"
        " JOIN moral_bank_stocktake t ON t.id = NEW.stock_take_id AND t.shop_id = i.shop_id"
        " WHERE l.id = NEW.lot_id AND NEW.expected = l.stock - (SELECT COALESCE(SUM(m.quantity), 0) FROM moral_bank_move m"
        " JOIN moral_bank_redemption r ON r.id = m.redemption_id WHERE m.lot_id = l.id AND r.state = 'held'))",
        "账面数量须与批次一致",
    ),
    (
        "moral_bank_stocktake_witness", "INSERT", "moral_bank_stocktake",
        "(NEW.witness_account_id IS NULL) = (NEW.witness_resident_id IS NULL) OR NEW.witness_account_id = NEW.by_id"
        " OR EXISTS (SELECT 1 FROM villages_post p WHERE p.user_id = NEW.by_id AND p.resident_id = NEW.witness_resident_id)",
        "监盘人须是名册或账号里的另一个人",
    ),
    (
        "moral_bank_lot_frozen", f"UPDATE OF {', '.join(OF_LOT)}", "moral_bank_lot", changed(*OF_LOT),
        "进货记录不能改动",
    ),
    ("moral_bank_item_of_shop", "UPDATE OF shop_id", "moral_bank_item", changed("shop_id"), "物品不能换到别的超市"),
    ("moral_bank_shop_of_village", "UPDATE OF village_id", "moral_bank_shop", changed("village_id"), "超市不能换到别的村"),
    (
        "moral_bank_redemption_begins", "INSERT", "moral_bank_redemption", "NEW.state <> 'held'",
        "兑换从待领取开始",
    ),
    (
        "moral_bank_redemption_paid", "INSERT", "moral_bank_redemption",
        "NOT EXISTS (SELECT 1 FROM moral_bank_entry e WHERE e.id = NEW.entry_id AND e.account_id = NEW.account_id"
        " AND e.points = -NEW.points AND e.head = '' AND e.reverses_id IS NULL)"
        f" OR {REVERSED.format(entry='NEW.entry_id')}",
        "兑换须有同户、同数额的支取记录",
    ),
    (
        "moral_bank_redemption_priced", "INSERT", "moral_bank_redemption",
        "NOT EXISTS (SELECT 1 FROM moral_bank_item i WHERE i.id = NEW.item_id AND i.shop_id = NEW.shop_id"
        " AND i.points * NEW.quantity = NEW.points)",
        "兑换积分须等于物品的积分乘数量",
    ),
    (
        "moral_bank_redemption_at_home", "INSERT", "moral_bank_redemption",
        "NOT EXISTS (SELECT 1 FROM moral_bank_account a JOIN villages_household h ON h.id = a.household_id"
        " JOIN moral_bank_shop s ON s.village_id = h.village_id WHERE a.id = NEW.account_id AND s.id = NEW.shop_id)",
        "这一户不属于这个超市所在的村",
    ),
    (
        "moral_bank_redemption_frozen", "UPDATE", "moral_bank_redemption",
        f"{changed(*FROZEN)} OR (OLD.state = 'done' AND ({changed(*HANDED)}))",
        "兑换登记不能改动",
    ),
    (
        "moral_bank_redemption_steps", "UPDATE", "moral_bank_redemption",
        "NOT ((OLD.state = 'held' AND NEW.state IN ('done', 'cancelled', 'expired'))"
        " OR (OLD.state = 'done' AND NEW.state = 'refunded'))",
        "兑换不能这样改变状态",
    ),
    (
        "moral_bank_redemption_settled", "UPDATE", "moral_bank_redemption",
        f"(NEW.state = 'done' AND ({REVERSED.format(entry='OLD.entry_id')}"
        f" OR {MOVED.format(redemption='OLD.id')} <> -OLD.quantity))"
        " OR (NEW.state IN ('cancelled', 'expired', 'refunded') AND"
        f" (NOT {REVERSED.format(entry='OLD.entry_id')} OR {MOVED.format(redemption='OLD.id')} <> 0))",
        "货物和积分须与兑换的状态一致",
    ),
    ("moral_bank_redemption_kept", "DELETE", "moral_bank_redemption", "1 = 1", "兑换登记不能删除"),
)  # fmt: skip

# The item before the lot: the one order in which everybody locks them (moral_bank/market/stock.py).
MOVE_STOCK = (
    "UPDATE moral_bank_item SET stock = stock + NEW.quantity WHERE id = NEW.item_id; "
    "UPDATE moral_bank_lot SET stock = stock + NEW.quantity WHERE id = NEW.lot_id;"
)
GOODS_OUT = (
    "EXISTS (SELECT 1 FROM moral_bank_redemption r"
    f" WHERE r.entry_id = NEW.reverses_id AND {MOVED.format(redemption='r.id')} <> 0)"
)

_STOCK = f"""
BEGIN
    IF pg_trigger_depth() < 2 THEN
        {raising(STOCK, "moral_bank_stock_guard")}
    END IF;
    RETURN NEW;
END """
_FUND = f"""
BEGIN
    PERFORM 1 FROM moral_bank_shop WHERE id = NEW.shop_id FOR NO KEY UPDATE;
    IF NEW.cents + (SELECT COALESCE(SUM(cents), 0) FROM moral_bank_fundmove WHERE shop_id = NEW.shop_id) < 0 THEN
        {raising(FUND, "moral_bank_fund_guard")}
    END IF;
    RETURN NEW;
END """
_REDEEMED = f"""
BEGIN
    IF {GOODS_OUT} THEN
        {raising(REDEEMED, "moral_bank_entry_redeemed")}
    END IF;
    RETURN NEW;
END """
_SPENT = (
    "NEW.cents < 0 AND NEW.cents + "
    "(SELECT COALESCE(SUM(cents), 0) FROM moral_bank_fundmove WHERE shop_id = NEW.shop_id) < 0"
)


def _stock(table: str, key: str) -> list[Guard]:
    """Stock begins at nothing and follows the moves."""
    moved = f"NEW.stock <> (SELECT COALESCE(SUM(quantity), 0) FROM moral_bank_move WHERE {key} = NEW.id)"
    return [
        Guard(
            f"{table}_{name}",
            f"BEFORE {event} ON {table} FOR EACH ROW WHEN ({postgresql})",
            aborting(event, table, sqlite, STOCK),
            _STOCK,
            function="moral_bank_stock_guard",
        )
        for name, event, postgresql, sqlite in (
            ("stock", "UPDATE OF stock", "NEW.stock <> OLD.stock", moved),
            ("empty", "INSERT", "NEW.stock <> 0", "NEW.stock <> 0"),
        )
    ]


GUARDS = [
    *(guard for table, message in INSERT_ONLY.items() for guard in insert_only(table, message)),
    *(refuse(*rule) for rule in REFUSALS),
    Guard(
        "moral_bank_move_stock",
        "AFTER INSERT ON moral_bank_move FOR EACH ROW",
        f"AFTER INSERT ON moral_bank_move BEGIN {MOVE_STOCK} END",
        f" BEGIN {MOVE_STOCK} RETURN NULL; END ",
    ),
    *_stock("moral_bank_item", "item_id"),
    *_stock("moral_bank_lot", "lot_id"),
    Guard(
        "moral_bank_fund_guard",
        "BEFORE INSERT ON moral_bank_fundmove FOR EACH ROW WHEN (NEW.cents < 0)",
        aborting("INSERT", "moral_bank_fundmove", _SPENT, FUND),
        _FUND,
    ),
    Guard(
        "moral_bank_entry_redeemed",
        "BEFORE INSERT ON moral_bank_entry FOR EACH ROW WHEN (NEW.reverses_id IS NOT NULL)",
        aborting("INSERT", "moral_bank_entry", f"NEW.reverses_id IS NOT NULL AND {GOODS_OUT}", REDEEMED),
        _REDEEMED,
    ),
]
