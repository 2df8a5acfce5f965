"""Telephone numbers are sealed (governance/sealed.py)."""

from django.db import migrations

from governance.sealed import Seal, SealedField


class Migration(migrations.Migration):
    dependencies = [("inspections", "0017_job_tries")]

    operations = [
        Seal("front", "phone", SealedField("联系电话", max_length=20, blank=True)),
    ]
