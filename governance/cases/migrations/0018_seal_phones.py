"""Telephone numbers are sealed (governance/sealed.py)."""

from django.db import migrations

from governance.sealed import Seal, SealedField


class Migration(migrations.Migration):
    dependencies = [("cases", "0017_sent_written")]

    operations = [
        Seal("errand", "phone", SealedField("联系电话", max_length=20)),
        Seal("historicalerrand", "phone", SealedField("联系电话", max_length=20)),
        Seal("party", "phone", SealedField("联系电话", max_length=20, blank=True)),
    ]
