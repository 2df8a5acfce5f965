"""No grant beyond the cover, and what passbooks never do, in the databases' words."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("moral_bank", "0006_market_rules")]
    operations = []
