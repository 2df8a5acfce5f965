"""What the lists are measured on: rows of every ledger in proportion to households, laid in blocks or interleaved.

Written by INSERT … SELECT past guards and keys; a row is as true as its list needs it.
"""

from __future__ import annotations

from typing import Any

from django.db import connection, models
from django.db.models.fields import NOT_PROVIDED

from bench_closing import BY_HAND, INTO

LAYOUTS = {"in blocks": "a.township_id, h.village_id, a.id", "interleaved": "hashint8(a.id), a.id"}
HOMES = """
CREATE TEMP TABLE home AS
SELECT row_number() OVER (ORDER BY {order}) AS n, a.id AS account_id, a.township_id, h.id AS household_id, h.village_id,
       h.unit_id, h.head_name, r.id AS resident_id
  FROM moral_bank_account a
  JOIN villages_household h ON h.id = a.household_id
  JOIN villages_resident r ON r.household_id = h.id"""
ENTRIES = """
INSERT INTO moral_bank_entry (account_id, township_id, village_id, deed_id, head, veto, memo, score, points, occurred_on, month,
                              source_key, posted_by_id, posted_at)
SELECT e.account_id, e.township_id, e.village_id, e.deed_id, e.head, e.veto, e.memo, e.score, e.points, e.occurred_on, e.month,
       e.source_key, e.posted_by_id, e.posted_at
  FROM laid e JOIN home ON home.account_id = e.account_id ORDER BY {order}"""
HEADS = """
INSERT INTO villages_resident (household_id, name, name_pinyin, sex, id_cipher, id_hash, id_tail_hash, phone, relation, status, note)
SELECT id, head_name, head_pinyin, 'M', '', '', '', '', '户主', 'present', '' FROM villages_household"""
UNCHECKED = """
DO $$ DECLARE found record; BEGIN
    FOR found IN SELECT conrelid::regclass AS held_by, conname FROM pg_constraint
                  WHERE contype = 'c' AND connamespace = 'public'::regnamespace LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', found.held_by, found.conname);
    END LOOP;
END $$"""
TOWN = "(SELECT id AS township_id FROM villages_unit WHERE level = 'township') t"
VILLAGE = "(SELECT id AS village_id, parent_id AS township_id FROM villages_unit WHERE level = 'village') v"
TIME = "timestamptz '2026-03-01' + n * interval '7 seconds'"


def _sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _literal(value: Any) -> str:
    return "''" if value == b"" else f"'{value}'"


def _default(field: models.Field[Any, Any], by: int) -> str | None:
    """What a column without an expression holds; None where it stays NULL."""
    if field.null:
        return None
    if field.is_relation:
        return str(by)
    if field.default is not NOT_PROVIDED:
        return _literal(field.get_default())
    if isinstance(field, models.CharField | models.TextField | models.BinaryField):
        return "''"
    return {"DateTimeField": "now()", "DateField": "date '2026-03-05'"}.get(field.get_internal_type(), "1")


def _fill(model: str, source: str, order: str = "1", /, **columns: str) -> None:
    """Rows of a model from a source; columns that are not named get their default, `by` where they name a user."""
    from django.apps import apps

    from governance.accounts.models import User

    table, by = apps.get_model(model), User.objects.order_by("pk").values_list("pk", flat=True)[0]
    for field in table._meta.concrete_fields:
        if not field.primary_key and field.column not in columns and (value := _default(field, by)) is not None:
            columns[field.column] = value
    names = ", ".join(f'"{column}"' for column in columns)
    _sql(f"INSERT INTO {table._meta.db_table} ({names}) SELECT {', '.join(columns.values())} FROM {source} ORDER BY {order}")


def users() -> dict[str, Any]:
    """One user of each kind of reach, in the county's first village; every village has a cadre, as a real one does."""
    from governance.accounts.models import User
    from villages.models import Post, Unit

    county = Unit.objects.get(level="county")
    township = Unit.objects.filter(level="township").order_by("path")[0]
    village = Unit.objects.filter(level="village").order_by("path")[0]
    group = Unit.objects.filter(level="group", parent=village).order_by("path")[0]
    cast = {"county": ("leader", county), "township": ("staff", township), "village": ("cadre", village), "group": ("group_head", group)}
    found = {}
    for role, (duty, unit) in cast.items():
        found[role] = User.objects.create(username=role, name=role, must_change_password=False)
        Post.objects.create(kind=duty, unit=unit, user=found[role], appointed_on="2026-01-01")
    _sql(HEADS)
    homes = "villages_resident r JOIN villages_household h ON h.id = household_id"
    holders = f"(SELECT village_id, min(r.id) AS id FROM {homes} GROUP BY 1, h.id % 7) r"
    _fill("villages.Post", holders, kind="'cadre'", unit_id="r.village_id", resident_id="r.id")
    return found


def lay(layout: str) -> None:
    """All rows anew in this order, their keys rising with it."""
    _sql("SET session_replication_role = replica")
    _sql(UNCHECKED)
    _sql("DROP TABLE IF EXISTS home")
    _sql(HOMES.format(order=LAYOUTS[layout]))
    _sql("CREATE INDEX ON home (n); ANALYZE home")
    _sql("CREATE TEMP TABLE laid AS TABLE moral_bank_entry")
    _clear()
    _sql(ENTRIES.format(order="home.n" if layout == "in blocks" else "hashint8(e.id)"))
    _sql("DROP TABLE laid")
    for part in (_bank, _shops, _panels, _cases, _inspections, _offices):
        part()
    _sql("SET session_replication_role = origin")
    _sql("VACUUM ANALYZE")


def _clear() -> None:
    """What the other layout left; units, people, households, accounts and rules stay."""
    from django.apps import apps

    kept = {"villages", "accounts", "sessions", "contenttypes", "auth", "admin"}
    rules = {"Account", "RuleSet", "RuleHead", "Deed"}
    tables = [
        model._meta.db_table
        for model in apps.get_models()
        if model._meta.app_label in {"moral_bank", "cases", "inspections", "disclosure"} - kept and model.__name__ not in rules
    ]
    _sql(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")


def _bank() -> None:
    _fill("disclosure.Notice", f"{VILLAGE}, generate_series(1, 12) n", unit_id="village_id", kind="'rating'", title="'公示'",
          opens_on="date '2026-03-01' + n", closes_on="date '2026-03-08' + n")  # fmt: skip
    _fill("disclosure.Objection", "disclosure_notice n WHERE n.id % 10 = 0", notice_id="n.id", row_number="1", text="'有异议'",
          number="'YY2026-' || n.id", answer_by="date '2026-04-07'")  # fmt: skip
    months = "(SELECT DISTINCT village_id, month FROM moral_bank_entry) m"
    rules = "(SELECT min(r.id) FROM moral_bank_ruleset r JOIN villages_unit v ON v.parent_id = r.township_id WHERE v.id = village_id)"
    _fill("moral_bank.Closing", months, "month", village_id="village_id", kind="'month'", start="month", state="'computed'",
          computed_at="now()", rule_set_id=rules)  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT start FROM moral_bank_closing ORDER BY 1")
        months_held = [row[0] for row in cursor.fetchall()]
    for month in months_held:
        _sql(INTO.format(table="moral_bank_rating") + BY_HAND.replace("2026-03-01", str(month)))
    _fill("moral_bank.Claim", "moral_bank_entry e WHERE e.id % 2 = 0", "e.id", account_id="e.account_id",
          township_id="e.township_id", deed_id="e.deed_id",
          occurred_on="e.occurred_on", counts_on="e.occurred_on", score="e.score", state="'posted'",
          declared_at="e.posted_at", decided_at="e.posted_at", entry_id="e.id")  # fmt: skip
    _fill("moral_bank.Claim", "moral_bank_entry e WHERE e.id % 50 = 1", "e.id", account_id="e.account_id",
          township_id="e.township_id", deed_id="e.deed_id",
          score="e.score")  # fmt: skip
    _fill("moral_bank.Appeal", "moral_bank_entry e WHERE e.id % 500 = 7", "e.id", account_id="e.account_id", entry_id="e.id",
          township_id="e.township_id", name="'王'", text="'不公'",
          state="CASE WHEN e.id % 10000 < 9500 THEN 'dismissed' ELSE 'open' END")  # fmt: skip
    _fill("moral_bank.Passbook", "home WHERE n % 2 = 0", "n", account_id="account_id", township_id="township_id", nonce="n",
          token_hash="'h' || n", issued_at=TIME)  # fmt: skip
    _fill("moral_bank.Proxy", "home WHERE n % 20 = 0", "n", account_id="account_id", name="head_name")
    _fill("moral_bank.Nomination", "home WHERE n % 100 = 0", "n", account_id="account_id", village_id="village_id",
          half="date '2026-01-01'", source="'score'", nominator="'组'", story="'好'")  # fmt: skip
    _fill("moral_bank.Honour", "home WHERE n % 100 = 0", "n", account_id="account_id", village_id="village_id", kind="'family'",
          period="'2026-H1'", number="'R' || n", granted_on="date '2026-03-05'")  # fmt: skip
    _fill("moral_bank.Reminder", "moral_bank_rating r JOIN moral_bank_account a ON a.id = r.account_id WHERE r.id % 60 = 0",
          rating_id="r.id", township_id="a.township_id")  # fmt: skip
    _fill("moral_bank.CoverDay", f"{VILLAGE}, generate_series(1, 90) n", "n", village_id="village_id", day="date '2026-01-01' + n")
    _fill("moral_bank.Expiry", f"{VILLAGE}, generate_series(1, 1) n", township_id="township_id", village_id="village_id", basis="'x'",
          earned_until="date '2025-01-01' - n", expires_on="date '2026-01-01' + n",
          notice_id="(SELECT min(id) FROM disclosure_notice WHERE unit_id = village_id)")  # fmt: skip
    _fill("moral_bank.Reconciliation", f"{TOWN}, generate_series(1, 90) n", "n", township_id="township_id", day="date '2026-01-01' + n")
    _fill("moral_bank.ChainHead", f"{TOWN}, generate_series(1, 90) n", "n", township_id="township_id", day="date '2026-01-01' + n")


def _shops() -> None:
    _fill("moral_bank.Shop", VILLAGE, village_id="village_id", name="'超市'")
    _fill("moral_bank.Supplier", "moral_bank_shop s", village_id="village_id", name="'供货'")
    _fill("moral_bank.Item", "moral_bank_shop s, generate_series(1, 20) n", shop_id="s.id", name="'物品' || n")
    _fill("moral_bank.Lot", "moral_bank_item i, generate_series(1, 3) n", item_id="i.id", number="n")
    goods = "home JOIN moral_bank_shop s USING (village_id) JOIN moral_bank_item i ON i.shop_id = s.id AND i.name = '物品' || (n % 20 + 1)"
    _fill("moral_bank.Redemption", f"{goods} WHERE n % 3 = 0", "n", shop_id="s.id", account_id="account_id", item_id="i.id",
          state="'held'", code="n % 1000000", township_id="township_id", held_at=TIME, entry_id="n")  # fmt: skip
    _fill("moral_bank.Move", f"{goods} JOIN moral_bank_lot l ON l.item_id = i.id AND l.number = '1' WHERE n % 3 = 0", "n",
          lot_id="l.id", item_id="i.id", township_id="township_id",
          kind="'scrapped'", quantity="-1", source_key="'m' || n", reason="'报损'")  # fmt: skip
    _fill("moral_bank.FundMove", "moral_bank_shop s, generate_series(1, 20) n", "n", shop_id="s.id", kind="'grant'", cents="100",
          source_key="'f' || s.id || ':' || n")  # fmt: skip
    _fill("moral_bank.StockTake", "moral_bank_shop s, generate_series(1, 12) n", "n", shop_id="s.id", witness="'李'")


def _panels() -> None:
    _fill("moral_bank.PanelMember", "home WHERE n % 60 = 0", village_id="village_id", resident_id="resident_id")
    _fill("moral_bank.Sitting", f"{VILLAGE}, generate_series(1, 24) n", "n", village_id="village_id", held_on="date '2026-01-01' + n")
    seat = "(SELECT max(s.id) FROM moral_bank_sitting s JOIN moral_bank_entry e ON e.village_id = s.village_id WHERE e.id = c.entry_id)"
    _fill("moral_bank.Judgement", "moral_bank_claim c WHERE c.id % 8 = 0 AND c.entry_id IS NOT NULL", claim_id="c.id", sitting_id=seat,
          approved="true", score="c.score")  # fmt: skip


def _cases() -> None:
    _fill("cases.Category", TOWN, township_id="township_id", kind="'event'", code="'dian'", name="'电力'", goes_to="'cadre'")
    case = dict(
        township_id="township_id", village_id="village_id", unit_id="unit_id", number="'SJ' || n", urgency="'normal'", text="'电线'",
        category_id="(SELECT id FROM cases_category c WHERE c.township_id = home.township_id)", found_at=TIME, logged_at=TIME,
        round_at=TIME, step_at=TIME, household_id="household_id",
    )  # fmt: skip
    _fill("cases.Case", "home WHERE n % 4 = 0", "n", kind="'event'", state="'filed'", finished_at=TIME, filed_at=TIME, **case)
    for kind, rest in (("event", 1), ("dispute", 2), ("service", 3)):
        open_state = {"kind": f"'{kind}'", "state": "'handling'", "step_due_at": TIME, "case_due_at": TIME}
        _fill("cases.Case", f"home WHERE n % 40 = {rest}", "n", **case, **open_state)
    _fill("cases.CaseStep", "cases_case c", "c.id", case_id="c.id", step="'log'", round="1", at="c.logged_at", target="'found'")
    _fill("cases.Dispute", "cases_case c WHERE kind = 'dispute'", "c.id", case_id="c.id")
    _fill("cases.Errand", "cases_case c WHERE kind = 'service'", "c.id", case_id="c.id", client="'王'")
    _fill("cases.ReturnVisit", "cases_case c WHERE c.id % 3 = 0", "c.id", case_id="c.id", round="1", day="7")
    _fill("cases.Visit", "home WHERE n % 2 = 1", "n", kind="'call'", township_id="township_id", village_id="village_id", unit_id="unit_id",
          household_id="household_id", went_at=TIME, logged_at=TIME, seen="'平安'")  # fmt: skip
    _fill("volunteers.CareNote", "cases_visit v JOIN home USING (household_id) WHERE v.id % 10 = 0", "v.id", visit_id="v.id",
          resident_id="resident_id", condition="'well'")  # fmt: skip
    _fill("cases.ShiftKind", VILLAGE, village_id="village_id", name="'白班'", starts="time '09:00'", ends="time '17:00'")
    _fill("cases.Shift", "cases_shiftkind k, generate_series(0, 90) n", "n", village_id="village_id", kind_id="k.id",
          day="current_date - 30 + n", published_at="now()",
          post_id="(SELECT max(id) FROM villages_post p WHERE p.unit_id = village_id)")  # fmt: skip


def _inspections() -> None:
    _fill("inspections.Checklist", f"{TOWN}, unnest(array['round', 'household', 'front']) use", township_id="township_id", use="use",
          name="'检查表'", state="'adopted'", adopted_at="now()")  # fmt: skip
    card = "(SELECT c.id FROM inspections_checklist c WHERE c.township_id = {0}.township_id AND c.use = '{1}')"
    _fill("inspections.HouseholdCheck", "home, generate_series(1, 3) m", "m, n", household_id="household_id", township_id="township_id",
          month="make_date(2026, m, 1)",
          checklist_id=card.format("home", "household"), score="90", plate="'clean'", at=TIME)  # fmt: skip
    _fill("inspections.Front", "home WHERE n % 15 = 0", "n", kind="'household'", village_id="village_id", unit_id="unit_id",
          household_id="household_id", name="head_name", person="head_name", place="'门前'", plate_number="'M' || n")  # fmt: skip
    _fill("inspections.FrontPatrol", "inspections_front f JOIN home USING (household_id), generate_series(1, 3) m", "m, f.id",
          front_id="f.id", checklist_id=card.format("home", "front"), score="90", state="'fine'", at=TIME)  # fmt: skip
    quarter = dict(quarter="make_date(2025, q * 3 - 2, 1)", name="'督查'", checklist_id=card.format("t", "round"), seed="'1'")
    _fill("inspections.Round", f"{TOWN}, generate_series(1, 4) q", "q", township_id="township_id", state="'scoring'", **quarter)
    _fill("inspections.Scorecard", "inspections_round r JOIN villages_unit v ON v.parent_id = r.township_id", "r.id", round_id="r.id",
          village_id="v.id")  # fmt: skip
    _fill("inspections.Order", f"{VILLAGE}, generate_series(1, 12) n", "n", township_id="township_id", village_id="village_id",
          kind="'rectify'", number="'D' || village_id || ':' || n", requirement="'改'")  # fmt: skip
    _fill("inspections.Finding", "inspections_order o, generate_series(1, 4) n", "o.id", village_id="village_id", text="'乱堆'",
          order_id="CASE WHEN n > 1 THEN o.id END")  # fmt: skip
    _fill("inspections.Blame", "inspections_order o WHERE o.id % 10 = 0", "o.id", village_id="village_id", kind="'talk'", person="'王'",
          facts="'逾期'")  # fmt: skip
    _fill("inspections.Review", f"{TOWN}, generate_series(2021, 2025) y", "y", township_id="township_id", year="y")
    _fill("inspections.Statement", "inspections_review r JOIN villages_unit v ON v.parent_id = r.township_id", review_id="r.id",
          village_id="v.id")  # fmt: skip


def _offices() -> None:
    from governance.accounts.models import User

    if not User.objects.filter(username="bench-log").exists():
        _fill("accounts.User", "generate_series(1, 2000) n", username="CASE n WHEN 1 THEN 'bench-log' ELSE 'u' || n END", password="'!'")
        _fill("accounts.Message", "accounts_user u, generate_series(1, 50) n", user_id="u.id", text="'消息'", key="'k' || n", link="'/'")
        _fill("accounts.AccessLog", "generate_series(1, 300000) n", kind="'login'")
