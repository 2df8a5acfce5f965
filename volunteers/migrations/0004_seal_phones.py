"""Telephone numbers are sealed (governance/sealed.py)."""

from django.db import migrations

from governance.sealed import Seal, SealedField


class Migration(migrations.Migration):
    dependencies = [("volunteers", "0003_care_import")]

    operations = [
        Seal("volunteer", "phone", SealedField("联系电话", max_length=20, blank=True)),
        Seal("historicalvolunteer", "phone", SealedField("联系电话", max_length=20, blank=True)),
        Seal("serviceorder", "phone", SealedField("联系电话", max_length=20, blank=True)),
        Seal("serviceorder", "caller_phone", SealedField("代点人电话", max_length=20, blank=True)),
    ]
