"""What shops, stock and redemptions never do, in the databases' words."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("moral_bank", "0005_cap_rules")]
    operations = []
