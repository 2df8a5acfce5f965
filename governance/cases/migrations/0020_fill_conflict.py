"""What was sent twice is sealed; what tells two forms apart needs the key."""

from django.db import migrations

from governance.sealed import key_digests, seal_whole


class Migration(migrations.Migration):
    dependencies = [("cases", "0019_widen_conflict")]

    operations = [
        seal_whole("cases", "conflict", "payload", "sealed"),
        key_digests("cases", "conflict"),
        key_digests("cases", "sent"),
    ]
