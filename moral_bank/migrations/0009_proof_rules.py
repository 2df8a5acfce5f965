"""The chain is insert-only."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("moral_bank", "0008_award_rules")]
    operations = []
