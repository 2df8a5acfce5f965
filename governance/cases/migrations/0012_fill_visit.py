"""A visit's township is its village's."""

from django.db import migrations

TOWNSHIP = "UPDATE {} SET township_id = (SELECT v.parent_id FROM villages_unit v WHERE v.id = village_id)"


def fill(apps, editor):
    if editor.connection.vendor == "postgresql":
        editor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks of keys still to come cannot be altered
    for table in ("cases_visit", "cases_historicalvisit"):
        editor.execute(TOWNSHIP.format(table))


class Migration(migrations.Migration):
    dependencies = [("cases", "0011_widen_visit")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
