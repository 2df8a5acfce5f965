"""These rows are frozen by triggers, which SQLite has not while it migrates; PostgreSQL's are off for the one statement."""

from django.db import migrations

ACCOUNT = "SELECT a.township_id FROM moral_bank_account a WHERE a.id = {table}.account_id"
SHOP = (
    "SELECT v.parent_id FROM moral_bank_item i JOIN moral_bank_shop s ON s.id = i.shop_id"
    " JOIN villages_unit v ON v.id = s.village_id WHERE i.id = {table}.item_id"
)
RATING = (
    "SELECT a.township_id FROM moral_bank_rating r JOIN moral_bank_account a ON a.id = r.account_id WHERE r.id = {table}.rating_id"
)
TOWNSHIPS = {
    "moral_bank_move": SHOP,
    "moral_bank_passbook": ACCOUNT,
    "moral_bank_redemption": ACCOUNT,
    "moral_bank_reminder": RATING,
}


def fill(apps, editor):
    for table, township in TOWNSHIPS.items():
        update = f"UPDATE {table} SET township_id = ({township.format(table=table)})"
        if editor.connection.vendor == "postgresql":
            editor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks of keys still to come cannot be altered
            update = f"ALTER TABLE {table} DISABLE TRIGGER USER; {update}; ALTER TABLE {table} ENABLE TRIGGER USER"
        editor.execute(update)


class Migration(migrations.Migration):
    dependencies = [("moral_bank", "0018_widen_townships")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
