"""What must never happen in a review, in the databases' words: votes or results changed after it is settled."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("inspections", "0005_check_rules")]
    operations = []
