"""What must never happen to an order, in the databases' words: its history changed, its re-check by somebody of the village."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("inspections", "0003_round_rules")]
    operations = []
