"""Telephone numbers are sealed (governance/sealed.py)."""

from django.db import migrations

from governance.sealed import Seal, SealedField


class Migration(migrations.Migration):
    dependencies = [("villages", "0019_calendar_of_township")]

    operations = [
        Seal("resident", "phone", SealedField("联系电话", max_length=20, blank=True)),
        Seal("historicalresident", "phone", SealedField("联系电话", max_length=20, blank=True)),
    ]
