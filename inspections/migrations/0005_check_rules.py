"""What must never happen in 户月评 and 门前三包, in the databases' words: judging the own household or kin."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("inspections", "0004_order_rules")]
    operations = []
