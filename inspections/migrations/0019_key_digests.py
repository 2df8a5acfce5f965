"""What tells two forms apart needs the key."""

from django.db import migrations

from governance.sealed import key_digests


class Migration(migrations.Migration):
    dependencies = [("inspections", "0018_seal_phones")]

    operations = [
        key_digests("inspections", "sheet"),
    ]
