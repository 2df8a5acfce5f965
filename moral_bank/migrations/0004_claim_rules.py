"""What claims, panels and votes never do, in the databases' words."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("moral_bank", "0003_whole")]
    operations = []
