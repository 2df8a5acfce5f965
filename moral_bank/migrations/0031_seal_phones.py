"""Telephone numbers are sealed (governance/sealed.py)."""

from django.db import migrations

from governance.sealed import Seal, SealedField


class Migration(migrations.Migration):
    dependencies = [("moral_bank", "0030_job_tries")]

    operations = [
        Seal("supplier", "phone", SealedField("联系电话", max_length=20, blank=True)),
        Seal("historicalsupplier", "phone", SealedField("联系电话", max_length=20, blank=True)),
    ]
