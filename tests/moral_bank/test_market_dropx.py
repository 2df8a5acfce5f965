import pytest
from django.db import connection, transaction
from tests.moral_bank.test_market_rules import AROUND, Ground, refused
TABLES = ["move","fundmove","stocktake","stockcount","item","lot","shop","redemption","supplier","entry"]
def test_drop(db):
    ground = Ground(); connection.check_constraints()
    with connection.cursor() as c:
        c.execute("SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal AND tgrelid::regclass::text = ANY(%s)", [["moral_bank_"+t for t in TABLES]])
        guards = [("TRIGGER", n, t) for n, t in c.fetchall() if not n.endswith("_truncate") and (t != "moral_bank_entry" or "redeemed" in n)]
        c.execute("SELECT conname, conrelid::regclass::text FROM pg_constraint WHERE contype IN ('c') AND conrelid::regclass::text = ANY(%s) AND conname NOT LIKE '%%_check'", [["moral_bank_"+t for t in TABLES if t!="entry"]])
        guards += [("CONSTRAINT", n, t) for n, t in c.fetchall()]
        c.execute("SELECT indexrelid::regclass::text, indrelid::regclass::text FROM pg_index WHERE indisunique AND NOT indisprimary AND indrelid::regclass::text = ANY(%s)", [["moral_bank_"+t for t in TABLES if t!="entry"]])
        guards += [("INDEX", n, t) for n, t in c.fetchall()]
    for kind, name, table in guards:
        with transaction.atomic():
            with connection.cursor() as c:
                if kind == "TRIGGER": c.execute(f"ALTER TABLE {table} DISABLE TRIGGER {name}")
                elif kind == "CONSTRAINT": c.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
                else:
                    try:
                        with transaction.atomic(): c.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
                    except Exception: c.execute(f"DROP INDEX {name}")
            passed = []
            for label, statements in AROUND.items():
                try:
                    if not refused(ground, statements): passed.append(label)
                except Exception as e: passed.append(f"{label}!{type(e).__name__}")
            print("OK  " if passed else "NONE", kind, name, passed)
            transaction.set_rollback(True)
