"""Triggers, which `migrate` puts up itself since decision 17 (docs/decisions/0017-guards.md)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("moral_bank", "0001_initial")]
