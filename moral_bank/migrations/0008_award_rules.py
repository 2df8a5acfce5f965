"""What nominations and honours never do, in the databases' words."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("moral_bank", "0007_cover_rules")]
    operations = []
