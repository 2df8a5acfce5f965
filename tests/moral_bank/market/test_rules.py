"""Around the shop's code by SQL: what must never happen is refused by the database itself, each by one rule of its own."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from moral_bank.market.services import redemption_cancel, redemption_hand
from moral_bank.market.stock import CountLine, ShopDetails, item_save, on_shelf, shop_open, stock_take, supplier_save
from moral_bank.models import Redemption
from tests.builders import make_account, make_household, make_village
from tests.moral_bank.market.house import NOW, TODAY, MarketHouse
from tests.worlds import module_world


class Ground:
    """A shop with a held, a handed and a cancelled redemption of soap, a stock-take of two lots, and a shop next door."""

    def __init__(self) -> None:
        self.house = house = MarketHouse()
        held, done, cancelled = house.hold(), house.hold(), house.hold()
        redemption_hand(redemption=done, code=done.code, collector="王小明", by=house.second, at=NOW)
        redemption_cancel(redemption=cancelled, reason="不要了", by=house.clerk, at=NOW)
        self.held, self.done, self.cancelled = held.pk, done.pk, cancelled.pk
        self.code = held.code
        self.held_entry, self.done_entry, self.cancelled_entry = held.entry_id, done.entry_id, cancelled.entry_id
        self.soap, self.oil, self.early, self.late, self.pot = (
            row.pk for row in (house.soap, house.oil, house.early, house.late, house.pot)
        )
        self.shop, self.account, self.village = house.shop.pk, house.account.pk, house.village.pk
        self.by, self.other, self.clerk = house.staff.pk, house.second.pk, house.clerk.pk
        self._next_door()
        self._take()
        supplier_save(village=house.village, name="供销社", by=house.clerk)

    def _next_door(self) -> None:
        village = make_village(self.house.township, "马头村委会", "511923102202")
        details = ShopDetails("马头村道德超市")
        shop = shop_open(village=village, details=details, fund_cents=100, by=self.house.staff, at=NOW)
        self.next_shop = shop.pk
        self.next_item = item_save(shop=shop, name="香皂", unit="块", points=5, by=self.house.staff).pk
        self.next_account = make_account(make_household(village, "李四")).pk
        self.third = make_village(self.house.township, "三台村委会", "511923102203").pk

    def _take(self) -> None:
        shelf = {lot.pk: lot for lot in on_shelf(self.house.shop)}
        lines = [CountLine(shelf[self.early], 39, 38, "破损"), CountLine(shelf[self.pot], 1, 1)]
        take = stock_take(
            shop=self.house.shop, lines=lines, witness=self.house.second, on=TODAY, by=self.house.clerk, at=NOW
        )
        self.take = take.pk


MOVE = (
    "INSERT INTO moral_bank_move (lot_id, item_id, kind, quantity, redemption_id, stock_take_id, reason, source_key, by_id, at, "
    "township_id) SELECT {{lot}}, {item}, '{kind}', {quantity}, {redemption}, {take}, '{reason}', '{key}', {{by}}, "
    "'2026-04-02 04:00:00+00:00', township_id FROM moral_bank_account WHERE id = {{account}}"
)
ENTRY = (
    "INSERT INTO moral_bank_entry (account_id, township_id, village_id, head, veto, memo, score, points, occurred_on, month, "
    "source_key, posted_by_id, posted_at, reverses_id) SELECT {account}, township_id, village_id, '', veto, 'x', 0, {points}, "
    "occurred_on, month, '{key}', posted_by_id, posted_at, {reverses} FROM moral_bank_entry WHERE id = {{held_entry}}"
)
REDEMPTION = (
    "INSERT INTO moral_bank_redemption (shop_id, account_id, item_id, quantity, points, state, code, row_key, \"on\", paper, "
    "held_by_id, held_at, expires_at, handed_by_id, handed_at, collector, reason, entry_id, township_id) SELECT {shop}, {account}, {item}, "
    "{quantity}, {points}, '{state}', '{code}', '00000000-0000-4000-8000-000000000001', \"on\", '', held_by_id, held_at, "
    "expires_at, {handed_by}, {handed_at}, '{collector}', '', {entry}, township_id FROM moral_bank_redemption WHERE id = {{held}}"
)
TAKE = (
    "INSERT INTO moral_bank_stocktake (shop_id, \"on\", by_id, witness, witness_account_id, at) SELECT {shop}, \"on\", by_id, 'new', "
    "witness_account_id, at FROM moral_bank_stocktake WHERE id = {{take}}"
)
NEW_TAKE = "(SELECT id FROM moral_bank_stocktake WHERE witness = 'new')"
COUNT = (
    "INSERT INTO moral_bank_stockcount (stock_take_id, lot_id, expected, counted, reason) "
    "VALUES ({take}, {{late}}, {expected}, {counted}, '{reason}')"
)
FUND = (
    "INSERT INTO moral_bank_fundmove (shop_id, kind, cents, \"on\", memo, source_key, by_id, at) VALUES ({{shop}}, '{kind}', "
    "{cents}, '2026-04-02', 'x', '{key}', {{by}}, '2026-04-02 04:00:00+00:00')"
)


def move(lot: str = "early", **said: object) -> str:
    values = {"item": "{soap}", "kind": "scrapped", "quantity": -1, "redemption": "NULL", "take": "NULL", "reason": "坏"}
    return MOVE.format(**{**values, "key": f"around:{said.get('kind', '')}:{lot}", **said}).replace("{lot}", f"{{{lot}}}")


def entry(**said: object) -> str:
    return ENTRY.format(**{"account": "account_id", "points": -5, "key": "around", "reverses": "NULL", **said})


def redemption(**said: object) -> str:
    values = {
        "shop": "{shop}", "account": "{account}", "item": "{soap}", "quantity": 1, "points": 5, "state": "held",
        "code": "x", "handed_by": "NULL", "handed_at": "NULL", "collector": "",
        "entry": "(SELECT id FROM moral_bank_entry WHERE source_key = 'around')",
    }  # fmt: skip
    return REDEMPTION.format(**{**values, **said})


def count(**said: object) -> str:
    return COUNT.format(**{"take": "{take}", "expected": 60, "counted": 60, "reason": "", **said})


def fund(kind: str, cents: int, key: str = "around") -> str:
    return FUND.format(kind=kind, cents=cents, key=key)


def lay(**said: object) -> str:
    return "UPDATE moral_bank_redemption SET {} WHERE id = {{{}}}".format(
        ", ".join(f"{name} = {value}" for name, value in said.items() if name != "row"), said["row"]
    )


BACK = move(kind="returned", quantity=1, redemption="{held}", reason="")
BACK_DONE = move(kind="returned", quantity=1, redemption="{done}", reason="")
REVERSE = entry(points=5, reverses="{held_entry}")
REVERSE_DONE = entry(points=5, reverses="{done_entry}")
HANDED = {"state": "'done'", "handed_by_id": "{other}", "handed_at": "held_at", "collector": "'王小明'"}
ENDED = {"state": "'cancelled'", "reason": "'不要了'", "ended_at": "held_at"}
REFUNDED = {**ENDED, "state": "'refunded'"}
SPENT = entry()
INSERT_ONLY = {
    f"{verb} {table}": (statement,)
    for table in ("move", "fundmove", "stocktake", "stockcount")
    for verb, statement in (
        ("change", f"UPDATE moral_bank_{table} SET id = id"),
        ("delete", f"DELETE FROM moral_bank_{table}"),
    )
}
# Only the last statement of each must be refused.
AROUND: dict[str, tuple[str, ...]] = {
    **INSERT_ONLY,
    "oversell a lot": (move(quantity=-38),),
    "stock of an article from nowhere": ("UPDATE moral_bank_item SET stock = stock + 1 WHERE id = {soap}",),
    "stock of a lot from nowhere": ("UPDATE moral_bank_lot SET stock = stock + 1 WHERE id = {early}",),
    "an article that begins with stock": (
        "INSERT INTO moral_bank_item (shop_id, name, unit, points, stock, is_active) "
        "SELECT shop_id, 'x', unit, points, 5, is_active FROM moral_bank_item WHERE id = {soap}",
    ),
    "a lot that begins with stock": (
        "INSERT INTO moral_bank_lot (item_id, number, received_on, unit_cents, donated, stock, received_by_id) "
        "SELECT item_id, number, received_on, unit_cents, donated, 5, received_by_id FROM moral_bank_lot "
        "WHERE id = {early}",
    ),
    "move another article's lot": (move(item="{oil}"),),
    "take more than was redeemed": (move(kind="held", redemption="{held}", reason=""),),
    "take for a redemption of something else": (BACK, move("pot", item="{oil}", kind="held", redemption="{held}")),
    "take once more after hand-over": (BACK_DONE, move(kind="held", redemption="{done}", reason="")),
    "give back more than was taken": (BACK, move("late", kind="returned", quantity=1, redemption="{held}", reason="")),
    "give back into a redemption that is over": (move(kind="returned", quantity=1, redemption="{cancelled}", reason=""),),
    "a difference that nobody counted": (move("late", kind="counted", take="{take}"),),
    "another difference than was counted": (
        TAKE.format(shop="{shop}"),
        count(take=NEW_TAKE, counted=59, reason="x"),
        move("late", kind="counted", quantity=-2, take=NEW_TAKE),
    ),
    "the same difference twice": (move(kind="counted", take="{take}"),),
    "another figure than the books'": (count(expected=61, counted=61),),
    "count a lot of another shop": (TAKE.format(shop="{next_shop}"), count(take=NEW_TAKE)),
    "count a lot twice": (count(), count()),
    "a difference without a reason in the count": (count(counted=59),),
    "another price of a lot": ("UPDATE moral_bank_lot SET unit_cents = 1 WHERE id = {early}",),
    "a lot of another article": ("UPDATE moral_bank_lot SET item_id = {oil} WHERE id = {early}",),
    "move an article to another shop": ("UPDATE moral_bank_item SET shop_id = {next_shop} WHERE id = {oil}",),
    "move a shop to another village": ("UPDATE moral_bank_shop SET village_id = {third} WHERE id = {shop}",),
    "begin as handed over": (
        SPENT, redemption(state="done", handed_by="{other}", handed_at="held_at", collector="王小明"),
    ),
    "redeem by another's entry": (entry(points=-10), redemption()),
    "redeem for another household": (SPENT, redemption(account="{next_account}", shop="{next_shop}", item="{next_item}")),
    "redeem by an entry that was reversed": (
        SPENT, entry(points=5, key="back", reverses="(SELECT id FROM moral_bank_entry WHERE source_key = 'around')"), redemption(),
    ),
    "redeem by an entry of another redemption": (BACK, redemption(entry="{held_entry}")),
    "redeem below the price": (entry(points=-4), redemption(points=4)),
    "redeem from another shop's shelf": (SPENT, redemption(item="{next_item}")),
    "redeem in another village": (SPENT, redemption(shop="{next_shop}", item="{next_item}")),
    "the same code twice": (SPENT, redemption(code="{code}")),
    "change the code with the hand-over": (lay(row="held", **HANDED, code="'x'"),),
    "change the collector with the refund": (
        BACK_DONE, REVERSE_DONE, lay(row="done", **REFUNDED, collector="'张三'"),
    ),
    "change a held redemption": (lay(row="held", paper="'x'"),),
    "hold again what was cancelled": (lay(row="cancelled", state="'held'", reason="''", ended_at="NULL"),),
    "hand over what is paid back": (BACK, REVERSE, lay(row="held", **HANDED)),
    "hand over without goods": (
        SPENT, redemption(code="y"), lay(row="held", **HANDED).replace("id = {held}", "code = 'y'"),
    ),
    "cancel without paying back": (BACK, lay(row="held", **ENDED)),
    "refund without paying back": (BACK_DONE, lay(row="done", **REFUNDED)),
    "delete a redemption": (SPENT, redemption(code="y"), "DELETE FROM moral_bank_redemption WHERE code = 'y'"),
    "pay back while the goods are out": (REVERSE,),
    "hand over to oneself": (lay(row="held", **{**HANDED, "handed_by_id": "{clerk}"}),),
    "hand over to nobody": (lay(row="held", **{**HANDED, "collector": "''"}),),
    "cancel without a reason": (BACK, REVERSE, lay(row="held", **{**ENDED, "reason": "''"})),
    "pay what is not there": (fund("out", -100_000_00),),
    "a grant that takes": (fund("grant", -1),),
    "a payment that brings": (fund("out", 1),),
    "scrap into the stock": (move(quantity=1),),
    "take for nobody": (move(kind="held"),),
    "a difference of no stock-take": (move(kind="counted"),),
    "a move twice": (move(), move("late", key="around::early")),
    "a payment twice": (fund("grant", 1, "shop:{shop}"),),
    "a line of a paper list twice": (
        SPENT, redemption(), entry(key="again"),
        redemption(code="y", entry="(SELECT id FROM moral_bank_entry WHERE source_key = 'again')"),
    ),
    "a second shop": (
        "INSERT INTO moral_bank_shop (village_id, name, place, hours, cents_per_point, hold_days, is_open) "
        "SELECT village_id, name, place, hours, cents_per_point, hold_days, is_open FROM moral_bank_shop WHERE id = {shop}",
    ),
    "scrap without a reason": (move(reason=""),),
    "a price of nothing": ("UPDATE moral_bank_item SET points = 0 WHERE id = {soap}",),
    "a rate of nothing": ("UPDATE moral_bank_shop SET cents_per_point = 0",),
    "an article twice": ("UPDATE moral_bank_item SET name = '香皂' WHERE id = {oil}",),
    "a supplier twice": (
        "INSERT INTO moral_bank_supplier (village_id, name, contact, phone, is_active) "
        "SELECT village_id, name, contact, phone, is_active FROM moral_bank_supplier",
    ),
}  # fmt: skip
# The same words where nothing forbids them.
ALLOWED: dict[str, tuple[str, ...]] = {
    "scrap": (move(quantity=-37),),
    "hand over": (lay(row="held", **HANDED),),
    "cancel": (BACK, REVERSE, lay(row="held", **ENDED)),
    "refund": (BACK_DONE, REVERSE_DONE, lay(row="done", **REFUNDED)),
    "redeem": (SPENT, redemption(), move(kind="held", redemption="(SELECT id FROM moral_bank_redemption WHERE code = 'x')")),
    "count": (count(),),
    "count a difference": (
        TAKE.format(shop="{shop}"),
        count(take=NEW_TAKE, counted=59, reason="x"),
        move("late", kind="counted", quantity=-1, take=NEW_TAKE),
    ),
    "pay": (fund("out", -1),),
}


def refused(ground: Ground, statements: tuple[str, ...]) -> bool:
    """Whether the last statement is refused; the others must pass. Nothing stays."""
    *before, last = (statement.format(**vars(ground)) for statement in statements)
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in before:
            cursor.execute(statement)
        try:
            with transaction.atomic():
                cursor.execute(last)
                connection.check_constraints()
            return False
        except IntegrityError:
            return True
        finally:
            transaction.set_rollback(True)


pytestmark = pytest.mark.django_db
ground = module_world(Ground)


@pytest.mark.parametrize("statements", AROUND.values(), ids=AROUND.keys())
def test_it_refuses_sql_around_the_shop(ground: Ground, statements: tuple[str, ...]) -> None:
    assert refused(ground, statements)


def test_it_lets_the_same_words_pass_where_nothing_forbids_them(ground: Ground) -> None:
    assert {name: refused(ground, statements) for name, statements in ALLOWED.items()} == dict.fromkeys(ALLOWED, False)
    assert Redemption.objects.count() == 3


def test_it_oversells_no_article_even_where_its_lots_would_allow_it(ground: Ground) -> None:
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE moral_bank_item DISABLE TRIGGER moral_bank_item_stock")
    assert refused(ground, ("UPDATE moral_bank_item SET stock = -1 WHERE id = {soap}",))


@pytest.mark.parametrize("table", ["move", "fundmove", "stocktake", "stockcount"])
def test_it_refuses_to_truncate(ground: Ground, table: str) -> None:
    name = f"moral_bank_{table}"
    connection.check_constraints()
    assert refused(ground, (f"TRUNCATE {name} CASCADE",))
