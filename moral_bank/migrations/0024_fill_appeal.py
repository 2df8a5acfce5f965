"""Answered appeals are frozen by a trigger, which SQLite has not while it migrates; PostgreSQL's are off for the one statement."""

from django.db import migrations

TOWNSHIP = "UPDATE moral_bank_appeal SET township_id = (SELECT a.township_id FROM moral_bank_account a WHERE a.id = account_id)"
TRIGGERS = "ALTER TABLE moral_bank_appeal {} TRIGGER USER"


def fill(apps, editor):
    if editor.connection.vendor != "postgresql":
        return editor.execute(TOWNSHIP)
    editor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks of keys still to come cannot be altered
    for statement in (TRIGGERS.format("DISABLE"), TOWNSHIP, TRIGGERS.format("ENABLE")):
        editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("moral_bank", "0023_widen_appeal")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
